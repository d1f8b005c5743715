//! How a caller depends on its targets: slots with their needs, and the detectors that notice bad targets.

use serde::{Deserialize, Serialize};

use super::units::Millis;
use super::{is_default, is_zero};

/// What a slot asks of the links that stand in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Every link must be served.
    #[default]
    All,
    /// One target of any link is enough; the caller picks among the instances of all of them.
    Any,
    /// That many of the links must be served.
    KOf(u32),
    /// Never fails the request; a failure marks it degraded.
    Optional,
}

/// When a need is felt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// By each request that visits the slot.
    #[default]
    EachRequest,
    /// Only to replace a failed primary or lock holder.
    AtFailover,
    /// Only when an instance starts; running instances do without.
    AtStart,
    /// The answer is cached that long: at once it is still there, settled it has run out.
    Every(Millis),
}

/// A named group of a caller's outgoing links with one need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Slot {
    /// Named by [`Link::slot`](super::Link::slot).
    pub name: String,
    /// What the slot asks of its links.
    pub need: Need,
    /// When it is felt.
    #[serde(skip_serializing_if = "is_default")]
    pub when: When,
    /// Of an optional slot: what is given in its place, in words; empty is not stated.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fallback: String,
    /// How many distinct targets a request tries in all; 0 takes the largest `tries` of its links (default 2).
    #[serde(skip_serializing_if = "is_zero")]
    pub tries: u32,
}

/// How a caller of several targets notices that one is bad.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DetectorMode {
    /// Leaves out at once a target that refused or timed out.
    #[default]
    Connect,
    /// Ejects a target after `threshold` failed requests of any sort, errors included.
    Passive,
    /// Asks each target's process every `interval`; ejects after `threshold` misses.
    Shallow,
    /// Asks each target whether its own needs hold, every `interval`; ejects after `threshold` misses.
    Deep,
}

/// A failure detector and its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Detector {
    /// What it looks at.
    pub mode: DetectorMode,
    /// Between active checks; default 250 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Millis>,
    /// Misses or failures until a target is left out; default 2.
    #[serde(skip_serializing_if = "is_zero")]
    pub threshold: u32,
}

impl Detector {
    /// Time between active checks.
    pub fn interval(&self) -> Millis {
        self.interval.unwrap_or(Millis(250.0))
    }

    /// Misses or failures until a target is left out.
    pub fn threshold(&self) -> u32 {
        if self.threshold == 0 { 2 } else { self.threshold }
    }
}
