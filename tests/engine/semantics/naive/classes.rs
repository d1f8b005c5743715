//! Rules 31 and 36: key classes and the shares of requests that they draw.

use std::collections::BTreeMap;

use linchpin::design::{KeyShape, Keys, Replication, Sharding, Strategy};

use super::journey::Node;
use super::{Class, Context, Eval};

impl Eval<'_, '_> {
    /// The splits that a component's keys undergo: each a name and the shares of its parts.
    pub fn splits_of(&self, component: usize) -> Vec<(String, Vec<f64>)> {
        let mut splits = Vec::new();
        let group = self.group_of(component);
        let first = group.map_or(component, |g| g.members[0]);
        let c = self.place.component(first);
        if c.shards() > 1 {
            let sharding = c.sharding.as_ref().expect("it has shards");
            // "Components with the same `key` split alike if their shards, strategy and key distribution are the same
            // too; others are independent."
            let name = if sharding.key.is_empty() {
                format!("of {}", c.id)
            } else {
                format!("by {} {:?}", sharding.key, (sharding.shards, &sharding.strategy, &sharding.keys))
            };
            splits.push((name, shard_shares(sharding)));
        }
        if let Some(group) = group
            && let Replication::Quorum(q) = &group.mode
        {
            // "With n below the replicas of one shard […] there are as many key classes as replicas"
            let replicas: usize =
                group.members.iter().map(|m| self.place.component(*m).replicas as usize).sum();
            if q.n > 0 && (q.n as usize) < replicas {
                splits.push((format!("ring {}", c.id), vec![1.0 / replicas as f64; replicas]));
            }
        }
        splits
    }

    /// Every key class that a journey tells apart, with its share.
    pub fn key_classes(&self, nodes: &[Node]) -> Vec<(Class, f64)> {
        fn visit(eval: &Eval, nodes: &[Node], splits: &mut BTreeMap<String, Vec<f64>>) {
            for node in nodes {
                splits.extend(eval.splits_of(eval.target(node)));
                visit(eval, &node.then, splits);
            }
        }
        let mut splits = BTreeMap::new();
        visit(self, nodes, &mut splits);
        let mut classes = vec![(Class::new(), 1.0)];
        for (name, shares) in splits {
            classes = classes
                .into_iter()
                .flat_map(|(class, share)| {
                    let name = name.clone();
                    shares
                        .iter()
                        .enumerate()
                        .map(move |(part, s)| {
                            let mut class = class.clone();
                            class.insert(name.clone(), part);
                            (class, share * s)
                        })
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        classes
    }

    /// The classes that one step must be served for: its own, or with `keys: all` every one of its target.
    pub fn classes_of_step(&self, cx: &Context, node: &Node) -> Vec<Class> {
        let mut classes = vec![cx.class.clone()];
        let store = self.group_of(self.target(node)).is_some();
        if node.keys == Keys::All || (store && !cx.checking.is_empty()) {
            for (name, shares) in self.splits_of(self.target(node)) {
                classes = classes
                    .into_iter()
                    .flat_map(|class| {
                        let name = name.clone();
                        (0..shares.len())
                            .map(move |part| {
                                let mut class = class.clone();
                                class.insert(name.clone(), part);
                                class
                            })
                            .collect::<Vec<_>>()
                    })
                    .collect();
            }
        }
        classes
    }

    pub fn shard(&self, class: &Class, component: usize) -> usize {
        let splits = self.splits_of(component);
        let own = splits.iter().find(|(name, _)| !name.starts_with("ring "));
        own.and_then(|(name, _)| class.get(name).copied()).unwrap_or(0)
    }

    pub fn ring(&self, class: &Class, component: usize) -> usize {
        let splits = self.splits_of(component);
        let ring = splits.iter().find(|(name, _)| name.starts_with("ring "));
        ring.and_then(|(name, _)| class.get(name).copied()).unwrap_or(0)
    }
}

/// Rule 36: the share of requests that each shard's keys draw.
fn shard_shares(sharding: &Sharding) -> Vec<f64> {
    let shards = sharding.shards as usize;
    let splits = match &sharding.strategy {
        Strategy::Range { splits } if !splits.is_empty() => splits.clone(),
        Strategy::Range { .. } => (1..shards).map(|i| i as f64 / shards as f64).collect(),
        // "Uniform keys under any strategy but `range` with split points draw equal shares, 1 / shards exactly".
        _ if sharding.keys.shape == KeyShape::Uniform => return vec![1.0 / shards as f64; shards],
        strategy => panic!("{:?} keys under {strategy:?} cannot be worked out by hand", sharding.keys.shape),
    };
    if sharding.keys.shape == KeyShape::Uniform {
        // "`range` with split points over uniform keys draws the widths of the ranges"
        let ends: Vec<f64> = std::iter::once(0.0).chain(splits).chain(std::iter::once(1.0)).collect();
        return ends.windows(2).map(|w| w[1] - w[0]).collect();
    }
    // "key i of n, counted from 0, lies at i / n, a split point begins the next range, and the hot keys of `hot_keys` are
    // the first ones"
    let n = sharding.keys.count();
    let weight = |i: u32| match sharding.keys.shape {
        KeyShape::Zipf { exponent } => 1.0 / f64::from(i + 1).powf(exponent),
        KeyShape::HotKeys { keys, share } if i < keys => share / f64::from(keys),
        KeyShape::HotKeys { keys, share } => (1.0 - share) / f64::from(n - keys),
        _ => panic!("{:?} keys cannot be worked out by hand", sharding.keys.shape),
    };
    let total: f64 = (0..n).map(weight).sum();
    let mut shares = vec![0.0; shards];
    for i in 0..n {
        shares[splits.iter().filter(|s| **s <= f64::from(i) / f64::from(n)).count()] += weight(i) / total;
    }
    shares
}
