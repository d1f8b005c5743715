//! Where load piles up: how a store's keys fall on its shards, computed key by key.
//!
//! [`balance`] places every key of the distribution by the strategy that the live nodes use and adds up what each shard
//! draws. Peak over mean is what a shard needs in machines; the hottest key sets a floor to it that no strategy can get
//! under, because one key has one place.
//!
//! Never: what fails, and which journey asks.

pub mod cross_shard_write;
pub mod hash_modulo;
pub mod hot_key;
pub mod shard_imbalance;

use crate::deploy::{KeyPlacement, key_weights};
use crate::design::{KeyDistribution, Sharding, Strategy};

/// Peak over mean above which a split counts as uneven.
pub const PEAK_OVER_MEAN_MAX: f64 = 1.5;

/// Keys beyond this many are not told apart: the shape is kept, the number is lowered.
const KEYS_MAX: u32 = 100_000;

/// How evenly a sharding spreads the requests of its key distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Share of the requests that each shard draws; they add to 1.
    pub shares: Vec<f64>,
    /// Share of the distinct keys that each shard holds; they add to 1.
    pub key_shares: Vec<f64>,
    /// The largest share over the mean share.
    pub peak_over_mean: f64,
    /// Coefficient of variation: standard deviation over mean.
    pub variation: f64,
    /// Gini coefficient: 0 is even, 1 - 1/shards is all on one.
    pub gini: f64,
    /// The shard with the largest share, from 0.
    pub hottest: usize,
    /// Share of the hottest key alone.
    pub hottest_key: f64,
    /// What peak over mean cannot get under, whatever the strategy: the hottest key's share times the shards, and 1.
    pub floor: f64,
}

/// Places every key and adds up what each shard draws. O(keys x cost of placing one); at most 100 000 keys.
pub fn balance(sharding: &Sharding) -> Balance {
    let count = sharding.keys.count().clamp(1, KEYS_MAX);
    let sharding = Sharding { keys: KeyDistribution { count, ..sharding.keys.clone() }, ..sharding.clone() };
    let shards = sharding.shards.max(1) as usize;
    let placement = KeyPlacement::new(&sharding);
    let mut shares = vec![0.0; shards];
    let mut key_shares = vec![0.0; shards];
    let mut hottest_key = 0.0_f64;
    for (key, weight) in (0_u32..).zip(key_weights(&sharding)) {
        // Split points that do not fit the shards are a problem of the design, not a reason to stop.
        let shard = (placement.shard_of(key) as usize).min(shards - 1);
        shares[shard] += weight;
        key_shares[shard] += 1.0 / f64::from(count);
        hottest_key = hottest_key.max(weight);
    }
    let hottest = (0..shards).max_by(|a, b| shares[*a].total_cmp(&shares[*b]).then(b.cmp(a))).unwrap_or(0);
    Balance {
        peak_over_mean: shares[hottest] * shards as f64,
        variation: variation(&shares),
        gini: gini(&shares),
        hottest,
        hottest_key,
        floor: (hottest_key * shards as f64).max(1.0),
        shares,
        key_shares,
    }
}

/// What each strategy would make of the same keys and shards, the present one first.
pub fn compare(sharding: &Sharding) -> Vec<(Strategy, Balance)> {
    let mut strategies = vec![sharding.strategy.clone()];
    for other in [
        Strategy::Hash,
        Strategy::ConsistentHash { virtual_nodes: 128 },
        Strategy::Rendezvous,
        Strategy::Jump,
        Strategy::Range { splits: even_splits(sharding) },
    ] {
        if !strategies.iter().any(|s| std::mem::discriminant(s) == std::mem::discriminant(&other)) {
            strategies.push(other);
        }
    }
    strategies
        .into_iter()
        .map(|strategy| {
            let balance = balance(&Sharding { strategy: strategy.clone(), ..sharding.clone() });
            (strategy, balance)
        })
        .collect()
}

/// The plain name of a strategy.
pub fn strategy_name(strategy: &Strategy) -> &'static str {
    match strategy {
        Strategy::Hash => "hash modulo shards",
        Strategy::ConsistentHash { .. } => "consistent hash",
        Strategy::Rendezvous => "rendezvous hash",
        Strategy::Jump => "jump hash",
        Strategy::Range { .. } => "ranges",
        Strategy::Directory => "directory",
    }
}

/// Split points that give every range about the same share of the requests.
///
/// Points fall between keys and are strictly ascending, so that a key which draws more than a fair share has a range
/// of its own.
pub fn even_splits(sharding: &Sharding) -> Vec<f64> {
    let count = sharding.keys.count().clamp(1, KEYS_MAX);
    let shards = (sharding.shards.max(1)).min(count) as usize;
    let keys = KeyDistribution { count, ..sharding.keys.clone() };
    let weights = key_weights(&Sharding { keys, ..sharding.clone() });
    let mut splits = Vec::new();
    let (mut sum, mut key) = (0.0, 0_usize);
    for s in 1..shards {
        let aim = s as f64 / shards as f64;
        // Keys must be left for the ranges that follow.
        let last = weights.len() - (shards - s);
        let first = key;
        while key < last && (key == first || sum + weights[key] / 2.0 < aim) {
            sum += weights[key];
            key += 1;
        }
        splits.push(key as f64 / f64::from(count));
    }
    splits
}

/// Population standard deviation over mean.
pub fn variation(loads: &[f64]) -> f64 {
    let n = loads.len().max(1) as f64;
    let mean = loads.iter().sum::<f64>() / n;
    if mean <= 0.0 {
        return 0.0;
    }
    (loads.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt() / mean
}

/// Gini coefficient of non-negative loads.
pub fn gini(loads: &[f64]) -> f64 {
    let mut sorted = loads.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let weighted: f64 = (1_u32..).zip(&sorted).map(|(i, x)| (2.0 * f64::from(i) - n - 1.0) * x).sum();
    weighted / (n * total)
}
