//! How a store splits its data over shards, and how its keys are asked for.

use serde::{Deserialize, Serialize};

use super::{is_default, is_zero};

/// The sharding of a component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Sharding {
    /// Number of shards; 0 and 1 both mean not sharded.
    pub shards: u32,
    /// How a key finds its shard.
    pub strategy: Strategy,
    /// The key's name; components with the same key split alike, so that one request falls on the same shard of
    /// each. Empty: the component's own key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Which keys are asked for how often.
    #[serde(skip_serializing_if = "is_default")]
    pub keys: KeyDistribution,
}

/// How a key finds its shard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Hash modulo the number of shards.
    #[default]
    Hash,
    /// A ring with that many virtual nodes a shard (Karger et al. 1997).
    ConsistentHash {
        /// Virtual nodes a shard; default 128.
        #[serde(default = "virtual_nodes")]
        virtual_nodes: u32,
    },
    /// Highest random weight (Thaler and Ravishankar 1998).
    Rendezvous,
    /// Jump consistent hash (Lamping and Veach 2014).
    Jump,
    /// Ordered ranges; split points are shares of the key space in ascending order, one fewer than shards.
    Range {
        /// Split points in 0..1; empty means equal ranges.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        splits: Vec<f64>,
    },
    /// A table says where each key is; balanced by hand.
    Directory,
}

fn virtual_nodes() -> u32 {
    128
}

/// Which keys are asked for how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct KeyDistribution {
    /// The shape.
    pub shape: KeyShape,
    /// Number of distinct keys; default 10 000.
    #[serde(skip_serializing_if = "is_zero")]
    pub count: u32,
}

impl Default for KeyDistribution {
    fn default() -> Self {
        Self { shape: KeyShape::Uniform, count: 0 }
    }
}

/// Most keys that are told apart; a file may state any number, and every key is placed.
pub const KEYS_MAX: u32 = 1_000_000;

impl KeyDistribution {
    /// Number of distinct keys; more than [`KEYS_MAX`] are not told apart.
    pub fn count(&self) -> u32 {
        if self.count == 0 { 10_000 } else { self.count.min(KEYS_MAX) }
    }
}

/// The shape of a key distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyShape {
    /// Every key alike.
    #[default]
    Uniform,
    /// The i-th key with weight 1 / i^exponent.
    Zipf {
        /// The exponent; 1 is the classical law.
        exponent: f64,
    },
    /// Bell-shaped over the key space.
    Normal {
        /// Standard deviation as a share of the key space.
        deviation: f64,
    },
    /// Some keys take a fixed share of all requests; the rest is uniform.
    HotKeys {
        /// How many keys are hot.
        keys: u32,
        /// Their share of the requests together, 0..1.
        share: f64,
    },
}
