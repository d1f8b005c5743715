//! What the parent tells the supervisor, and what the supervisor says.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{FromNode, InstanceId, Rule, RunId, ToFabric, ToNode, Traffic};

/// The first line on the supervisor's standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupervisorStart {
    /// The run.
    pub run: RunId,
    /// The program that children run (`PROGRAM node`, `PROGRAM fabric`).
    pub program: PathBuf,
    /// Where the nodes keep their files: one folder each below it. Removed at the end.
    pub dir: PathBuf,
    /// The instances, in the order in which they are started.
    pub instances: Vec<InstancePlan>,
    /// The drawn networks, by name.
    pub rules: BTreeMap<String, Rule>,
    /// How long a node may take until it says that it is ready, in milliseconds.
    pub ready_timeout_ms: u64,
    /// Fixes what nodes do by chance.
    pub seed: u64,
}

/// One instance to start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstancePlan {
    /// Its name.
    pub instance: InstanceId,
    /// What it is to be; only the node reads it.
    pub spec: serde_json::Value,
}

/// An order to the supervisor. Each is answered by [`FromSupervisor::Done`] with the same number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ToSupervisor {
    /// Ends the processes at once (SIGKILL); done when they are gone.
    Kill {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Ends the processes as a power cut would: what no fsync made durable is gone.
    PowerLoss {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Stops the processes where they stand (SIGSTOP).
    Pause {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Lets them go on (SIGCONT).
    Resume {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Starts the processes again, after ending those that run; done when they are ready.
    Restart {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Starts those that do not run, or are about to end; done when all are ready.
    Start {
        /// Which.
        instances: Vec<InstanceId>,
        /// The number.
        seq: u64,
    },
    /// Hands a line to nodes.
    Tell {
        /// Which.
        instances: Vec<InstanceId>,
        /// The line.
        order: ToNode,
        /// The number.
        seq: u64,
    },
    /// Hands an order to the fabric; done when the fabric says so.
    Fabric {
        /// The order; its own number is replaced.
        order: ToFabric,
        /// The number.
        seq: u64,
    },
    /// Ends everything and exits.
    Stop {
        /// The number.
        seq: u64,
    },
}

/// Where a node is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// The process exists and has not yet said that it is ready.
    Starting,
    /// It serves.
    Ready,
    /// Stopped where it stands; its sockets are open and silent.
    Paused,
    /// Ended on request.
    Stopped,
    /// Ended by itself.
    Died,
}

impl NodeState {
    /// The word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            NodeState::Starting => "starting",
            NodeState::Ready => "ready",
            NodeState::Paused => "paused",
            NodeState::Stopped => "stopped",
            NodeState::Died => "died",
        }
    }

    /// Whether a process exists.
    pub fn is_alive(self) -> bool {
        matches!(self, NodeState::Starting | NodeState::Ready | NodeState::Paused)
    }
}

/// What the supervisor says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromSupervisor {
    /// Every node is ready.
    Ready {
        /// From the supervisor's start to the last node's readiness, in milliseconds.
        ready_ms: f64,
        /// Where the fabric listens.
        fabric: SocketAddr,
        /// Where the nodes keep their files.
        dir: PathBuf,
    },
    /// The cluster could not be started; the supervisor has ended everything and exits.
    Failed {
        /// What and why, with the tail of the log of the node to blame.
        why: String,
    },
    /// A node's life.
    Node {
        /// Which.
        instance: InstanceId,
        /// Where it is.
        state: NodeState,
        /// Its process, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pid: Option<u32>,
        /// Where it listens, once ready. For people and tests; nodes go through the fabric.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<SocketAddr>,
        /// When.
        at_us: u64,
        /// How it ended, if it did.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A line that a node said.
    Said {
        /// Which.
        instance: InstanceId,
        /// What.
        line: FromNode,
    },
    /// What has passed through the fabric.
    Traffic {
        /// When.
        at_us: u64,
        /// Totals since the start, of what has changed.
        ways: Vec<Traffic>,
    },
    /// The order with this number holds.
    Done {
        /// The number.
        seq: u64,
        /// From this time on.
        at_us: u64,
        /// Why it does not, if it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Something about the run as a whole that is worth knowing.
    Log {
        /// What.
        text: String,
    },
}
