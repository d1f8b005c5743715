//! Which key a request touches in a sharded group, drawn as the design says.
//!
//! A request carries one seed. Each group draws its key from it: components that are sharded alike, by the same `key`, draw the
//! same, others independently (semantics rule 36).

use std::cell::RefCell;
use std::rc::Rc;

use crate::deploy::{KeyPlacement, key_weights, mix, shard_shares};
use crate::design::{KeyShape, Sharding};

/// Keys of the groups that a node calls.
#[derive(Default)]
pub(super) struct KeySpaces(RefCell<Vec<(Sharding, Rc<KeySpace>)>>);

struct KeySpace {
    name_hash: u64,
    /// Keys of each shard (uniform demand), or the cumulated weights of all keys.
    draw: Draw,
    placement: KeyPlacement,
    count: u32,
}

enum Draw {
    /// Every shard has its share of the demand and every key of a shard the same.
    ByShard { shares: Vec<f64>, keys: Vec<Vec<u32>> },
    /// Every key has its own weight.
    ByWeight(Vec<f64>),
}

impl KeySpaces {
    fn space(&self, sharding: &Sharding, shards: usize) -> Rc<KeySpace> {
        if let Some((_, space)) = self.0.borrow().iter().find(|(known, _)| known == sharding) {
            return space.clone();
        }
        let count = sharding.keys.count().clamp(1, 1 << 20);
        let placement = KeyPlacement::new(sharding);
        let draw = if sharding.keys.shape == KeyShape::Uniform {
            let mut keys = vec![Vec::new(); shards.max(1)];
            for key in 0..count {
                let shard = placement.shard_of(key) as usize;
                if let Some(of_shard) = keys.get_mut(shard) {
                    of_shard.push(key);
                }
            }
            Draw::ByShard { shares: shard_shares(sharding), keys }
        } else {
            let add = |sum: &mut f64, weight: f64| {
                *sum += weight;
                Some(*sum)
            };
            Draw::ByWeight(key_weights(sharding).into_iter().scan(0.0, add).collect())
        };
        // The same key split otherwise is another draw; every node must come to the same.
        let name_hash = format!("{sharding:?}").bytes().fold(0_u64, |h, b| mix(h ^ u64::from(b)));
        let space = Rc::new(KeySpace { name_hash, draw, placement, count });
        self.0.borrow_mut().push((sharding.clone(), space.clone()));
        space
    }

    /// The key that a seed draws.
    pub fn key(&self, sharding: &Sharding, shards: usize, seed: u64) -> u32 {
        self.space(sharding, shards).key(seed)
    }

    /// The shard of the key that a seed draws.
    pub fn shard(&self, sharding: &Sharding, shards: usize, seed: u64) -> usize {
        if shards <= 1 {
            return 0;
        }
        let space = self.space(sharding, shards);
        (space.placement.shard_of(space.key(seed)) as usize).min(shards - 1)
    }
}

impl KeySpace {
    fn key(&self, seed: u64) -> u32 {
        let first = mix(seed ^ self.name_hash);
        let unit = |hash: u64| (hash >> 11) as f64 / (1_u64 << 53) as f64;
        match &self.draw {
            Draw::ByWeight(sums) => (sums.partition_point(|s| *s <= unit(first)) as u32).min(self.count - 1),
            Draw::ByShard { shares, keys } => {
                let mut at = unit(first);
                let mut shard = 0;
                for (i, share) in shares.iter().enumerate().take(keys.len()) {
                    shard = i;
                    at -= share;
                    if at < 0.0 {
                        break;
                    }
                }
                // Fewer keys than shards leaves a shard without any.
                let of_shard = &keys[shard];
                let second = mix(first);
                of_shard
                    .get((second % of_shard.len().max(1) as u64) as usize)
                    .copied()
                    .unwrap_or((second % u64::from(self.count)) as u32)
            }
        }
    }
}
