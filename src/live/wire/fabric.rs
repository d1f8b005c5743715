//! What the supervisor tells the fabric, and what the fabric says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{InstanceId, MaybeLink, RunId};
use crate::design::LinkId;

/// The first line on the fabric's standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FabricStart {
    /// The run; preambles of another are refused.
    pub run: RunId,
    /// The address to bind (port 0). Always loopback.
    pub bind: IpAddr,
    /// The drawn networks: rules that always hold, by name.
    #[serde(default)]
    pub rules: BTreeMap<String, Rule>,
}

/// An order to the fabric: a further line on its standard input. Each is answered by [`FromFabric::Done`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ToFabric {
    /// Where an instance listens from now on; `None` means that its process is gone: who calls it is refused.
    Place {
        /// The instance.
        instance: InstanceId,
        /// Its address.
        at: Option<SocketAddr>,
    },
    /// Changes the rules, all at once. Connections that a cut has torn (bytes were dropped) are reset as soon as no rule
    /// cuts them any more.
    Change {
        /// Laid down, each in place of an earlier one of its name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, Rule>,
        /// Taken away.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        clear: Vec<String>,
        /// Comes back in [`FromFabric::Done`].
        seq: u64,
    },
    /// Resets every open connection between two sets, once.
    Reset {
        /// Callers.
        from: Set,
        /// Targets.
        to: Set,
        /// Only connections along this link.
        #[serde(default)]
        link: MaybeLink,
        /// Comes back in [`FromFabric::Done`].
        seq: u64,
    },
    /// Slow motion: every drawn and set delay is multiplied by this.
    Slow {
        /// 1 is real time.
        factor: f64,
        /// Comes back in [`FromFabric::Done`].
        seq: u64,
    },
}

/// Something that happens to bytes that travel from one set of instances to another.
///
/// Rules are directed: on a connection that `a` opened to `b`, the requests travel from `a` to `b` and the answers from
/// `b` to `a`. Where several rules match, delays and losses add up, the lowest speed holds, and one cut is enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Bytes that come from one of these…
    pub from: Set,
    /// …and go to one of these…
    pub to: Set,
    /// …on a connection along this link (`None`: on any, also those that no link carries).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// What happens.
    pub effect: RuleEffect,
}

/// What happens to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleEffect {
    /// They vanish, silently, connection attempts included.
    Cut,
    /// They come later.
    Delay {
        /// By this, in milliseconds…
        latency_ms: f64,
        /// …and up to this more, uniformly. Order is kept.
        #[serde(default)]
        jitter_ms: f64,
    },
    /// This share of packets (0..1) is lost and sent again, as TCP does: felt as delay.
    Loss {
        /// 0..1.
        share: f64,
    },
    /// They pass at this speed at most, each connection for itself.
    Throttle {
        /// Bits a second.
        bits_per_s: f64,
    },
}

/// A set of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Set {
    /// Every instance.
    All,
    /// These.
    Of(BTreeSet<InstanceId>),
    /// All but these.
    AllBut(BTreeSet<InstanceId>),
}

impl Set {
    /// Whether the instance is in it.
    pub fn contains(&self, instance: &str) -> bool {
        match self {
            Set::All => true,
            Set::Of(these) => these.contains(instance),
            Set::AllBut(others) => !others.contains(instance),
        }
    }

    /// The set of one.
    pub fn one(instance: impl Into<InstanceId>) -> Self {
        Set::Of(BTreeSet::from([instance.into()]))
    }
}

impl FromIterator<InstanceId> for Set {
    fn from_iter<I: IntoIterator<Item = InstanceId>>(instances: I) -> Self {
        Set::Of(instances.into_iter().collect())
    }
}

/// What the fabric says: one line on its standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromFabric {
    /// It listens.
    Ready {
        /// Where.
        at: SocketAddr,
    },
    /// The order with this number holds from now on.
    Done {
        /// The number.
        seq: u64,
    },
    /// What has passed, of every way on which something has since the last time.
    Traffic {
        /// When.
        at_us: u64,
        /// Totals since the start.
        ways: Vec<Traffic>,
    },
    /// Something that should not be: a stranger's preamble.
    Log {
        /// What.
        text: String,
    },
}

/// What has passed on the connections that one instance opened to another along one link; all since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// The caller.
    pub from: InstanceId,
    /// The target.
    pub to: InstanceId,
    /// The link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: MaybeLink,
    /// Connections asked for.
    pub asked: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Connections open now.
    pub open: u64,
    /// Bytes that arrived at the target.
    pub forth: u64,
    /// Bytes that arrived at the caller.
    pub back: u64,
    /// Chunks of bytes that arrived at the target: about the number of requests.
    pub sends: u64,
    /// Bytes that a cut has swallowed, both ways.
    pub dropped: u64,
}
