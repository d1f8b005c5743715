//! Where keys lie: the shard of each key, and the share of requests that each shard draws.
//!
//! Keys are numbered from 0; key i of n stands at i / n of the key space, and a split point begins the next range. The live nodes, the structure function
//! and the balance analysis all place keys by these functions.

use crate::design::{KeyShape, Sharding, Strategy};

/// SplitMix64 (Steele, Lea and Flood 2014): a cheap 64-bit mixer, the hash of every strategy here.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The jump consistent hash of Lamping and Veach (2014). O(ln shards).
pub fn jump(mut key: u64, shards: u32) -> u32 {
    let (mut b, mut j) = (-1_i64, 0_i64);
    while j < i64::from(shards) {
        b = j;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        j = ((b + 1) as f64 * ((1_u64 << 31) as f64 / ((key >> 33) + 1) as f64)) as i64;
    }
    b.max(0) as u32
}

/// Finds the shard of a key.
#[derive(Clone, Debug)]
pub struct KeyPlacement {
    shards: u32,
    keys: u32,
    finder: Finder,
}

#[derive(Clone, Debug)]
enum Finder {
    Modulo,
    /// Points of the ring in ascending order with their shard.
    Ring(Vec<(u64, u32)>),
    Rendezvous,
    Jump,
    Splits(Vec<f64>),
}

impl KeyPlacement {
    /// Prepares the placement of a sharding. O(shards x virtual nodes).
    pub fn new(sharding: &Sharding) -> Self {
        let shards = sharding.shards.max(1);
        let finder = match &sharding.strategy {
            Strategy::Hash | Strategy::Directory => Finder::Modulo,
            Strategy::ConsistentHash { virtual_nodes } => {
                let mut points: Vec<(u64, u32)> = (0..shards)
                    .flat_map(|s| {
                        (0..(*virtual_nodes).clamp(1, 4096))
                            .map(move |v| (mix(mix(u64::from(s) + 1) ^ u64::from(v)), s))
                    })
                    .collect();
                points.sort_unstable();
                Finder::Ring(points)
            }
            Strategy::Rendezvous => Finder::Rendezvous,
            Strategy::Jump => Finder::Jump,
            Strategy::Range { splits } if splits.is_empty() => {
                Finder::Splits((1..shards).map(|i| f64::from(i) / f64::from(shards)).collect())
            }
            Strategy::Range { splits } => Finder::Splits(splits.clone()),
        };
        Self { shards, keys: sharding.keys.count(), finder }
    }

    /// The shard of a key, from 0.
    pub fn shard_of(&self, key: u32) -> u32 {
        let hash = mix(u64::from(key));
        match &self.finder {
            Finder::Modulo => (hash % u64::from(self.shards)) as u32,
            Finder::Ring(points) => {
                let at = points.partition_point(|(p, _)| *p < hash);
                points[at % points.len()].1
            }
            Finder::Rendezvous => {
                (0..self.shards).max_by_key(|s| mix(hash ^ mix(u64::from(*s) + 1))).unwrap_or(0)
            }
            Finder::Jump => jump(hash, self.shards),
            Finder::Splits(splits) => {
                let place = f64::from(key) / f64::from(self.keys);
                splits.partition_point(|s| *s <= place) as u32
            }
        }
    }
}

/// The weight of each key, in key order; they add to 1.
pub fn key_weights(sharding: &Sharding) -> Vec<f64> {
    let count = sharding.keys.count();
    let n = f64::from(count);
    let mut weights: Vec<f64> = match &sharding.keys.shape {
        KeyShape::Uniform => vec![1.0; count as usize],
        KeyShape::Zipf { exponent } => {
            (0..count).map(|i| f64::from(i + 1).powf(-exponent.max(0.0))).collect()
        }
        KeyShape::Normal { deviation } => (0..count)
            .map(|i| {
                let z = ((f64::from(i) + 0.5) / n - 0.5) / deviation.max(1e-6);
                (-0.5 * z * z).exp()
            })
            .collect(),
        KeyShape::HotKeys { keys, share } => {
            let hot = (*keys).clamp(1, count);
            let share = if hot == count { 1.0 } else { share.clamp(0.0, 1.0) };
            (0..count)
                .map(
                    |i| if i < hot { share / f64::from(hot) } else { (1.0 - share) / f64::from(count - hot) },
                )
                .collect()
        }
    };
    let total: f64 = weights.iter().sum();
    if total > 0.0 {
        weights.iter_mut().for_each(|w| *w /= total);
    }
    weights
}

/// The share of requests that falls on each shard.
///
/// Uniform keys under any hashing strategy count as equal shares: what a hash leaves uneven is the business of the
/// balance analysis, not of the meaning of a drawing. O(keys x cost of placing one).
pub fn shard_shares(sharding: &Sharding) -> Vec<f64> {
    let shards = sharding.shards.max(1) as usize;
    if sharding.keys.shape == KeyShape::Uniform {
        return match &sharding.strategy {
            Strategy::Range { splits } if !splits.is_empty() => {
                let mut edges = vec![0.0];
                edges.extend(splits);
                edges.push(1.0);
                edges.windows(2).map(|e| e[1] - e[0]).collect()
            }
            _ => vec![1.0 / shards as f64; shards],
        };
    }
    let placement = KeyPlacement::new(sharding);
    let mut shares = vec![0.0; shards];
    for (key, weight) in key_weights(sharding).into_iter().enumerate() {
        shares[placement.shard_of(key as u32) as usize] += weight;
    }
    shares
}
