//! What the supervisor tells a node, and what a node says.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{InstanceId, LoadReport, NodeMetrics, RunId};

/// The first line on a node's standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeStart {
    /// The run: goes into every preamble and every HTTP header.
    pub run: RunId,
    /// Who this node is.
    pub instance: InstanceId,
    /// The address to bind (port 0) and to dial from. Always loopback.
    pub bind: IpAddr,
    /// Where the fabric listens: the only address of anybody else that a node ever learns.
    pub fabric: SocketAddr,
    /// A folder of its own, which exists and stays over restarts.
    pub dir: PathBuf,
    /// How often it has been started before in this run.
    #[serde(default)]
    pub restarts: u32,
    /// Fixes what the node does by chance.
    #[serde(default)]
    pub seed: u64,
    /// What the node is to be; only the node reads it.
    pub spec: serde_json::Value,
}

/// An order to a node: a further line on its standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ToNode {
    /// Finish what is under way, say what has not been said, and exit within a second.
    Stop,
    /// As after a power cut: throw away all that no fsync has made durable, and exit at once, in one go.
    PowerLoss,
    /// What the disk does from now on. Replaces what was said before; the default is a healthy disk.
    Disk(DiskFault),
    /// What the node's clock shows from now on. Replaces what was said before; the default is a right clock.
    Clock(ClockFault),
    /// An operator makes this replica the primary (manual failover).
    Promote,
    /// Back to what was drawn, between two proofs: caches emptied, breakers closed, ejected targets taken back, drawn
    /// roles.
    Reset,
    /// To a client.
    Load(LoadOrder),
    /// Sends a [`FromNode::Metrics`] now, and every so often.
    Report {
        /// Between two snapshots, in milliseconds.
        every_ms: u64,
    },
}

/// What a disk does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiskFault {
    /// Says yes to fsync and makes nothing durable, so that a power loss takes everything since.
    pub drop_unsynced: bool,
    /// Fails every write for lack of space.
    pub full: bool,
    /// Added to every write and fsync, in milliseconds.
    pub delay_ms: f64,
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockFault {
    /// Ahead of the right time by this many milliseconds (negative: behind).
    pub offset_ms: f64,
    /// Gains this many microseconds a second from now on.
    pub drift_ppm: f64,
}

/// What a client does with its load. A client begins switched off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadOrder {
    /// Whether requests are sent.
    pub on: bool,
    /// Times the drawn rate.
    #[serde(default = "one")]
    pub rate_factor: f64,
    /// Whether no two operations touch the same keys, so that nothing is answered from what an earlier one left in a
    /// cache: the settled reading, in which hits do not count (semantics rule 21).
    #[serde(default)]
    pub fresh_keys: bool,
}

fn one() -> f64 {
    1.0
}

impl Default for LoadOrder {
    fn default() -> Self {
        Self { on: true, rate_factor: 1.0, fresh_keys: false }
    }
}

/// What a node says: one line on its standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromNode {
    /// It is bound and serves. Must come within the ready time-out of the launch.
    Ready {
        /// The port at its address.
        port: u16,
    },
    /// It cannot be what it is told to be, and exits: a mode that is drawn but does not run yet, a disk that fails.
    Refused {
        /// One clear sentence.
        why: String,
    },
    /// A line of its log.
    Log {
        /// How much it matters.
        level: Level,
        /// When.
        at_us: u64,
        /// What.
        text: String,
    },
    /// A snapshot of its counters.
    Metrics(NodeMetrics),
    /// From a client.
    Load(LoadReport),
    /// It has become something else: `primary`, `backup`, `active`, `standby`, `leader`…
    Role {
        /// What it is now.
        role: String,
        /// In which term or epoch; 0 where there is none.
        #[serde(default)]
        term: u64,
    },
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Of use to who looks for it.
    Debug,
    /// Worth knowing.
    #[default]
    Info,
    /// Not as it should be.
    Warn,
    /// Wrong.
    Error,
}
