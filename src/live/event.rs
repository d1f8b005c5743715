//! What happens to a live cluster, and how it stands: what window and command line are told.
//!
//! Never: how it is drawn or printed.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::fault::Fault;
use super::wire::{
    InstanceId, Level, LoadReport, MaybeLink, NodeMetrics, NodeState, RunId, Traffic, UpstreamCounts,
};

/// Something that has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum ClusterEvent {
    /// Every node is ready.
    Ready(Readiness),
    /// A node's life.
    Node {
        /// Which.
        instance: InstanceId,
        /// Where it is.
        state: NodeState,
        /// How it ended, if it did.
        note: String,
        /// When.
        at_us: u64,
    },
    /// A node has become something else, such as the primary.
    Role {
        /// Which.
        instance: InstanceId,
        /// What.
        role: String,
        /// In which term.
        term: u64,
    },
    /// What a client reports of its load.
    Load {
        /// Which client.
        instance: InstanceId,
        /// What is new.
        report: LoadReport,
    },
    /// A node's counters.
    Metrics {
        /// Which.
        instance: InstanceId,
        /// Since it started.
        metrics: NodeMetrics,
    },
    /// What has passed between instances: totals since the start, of what has changed.
    Traffic {
        /// When.
        at_us: u64,
        /// By caller, target and link.
        ways: Vec<Traffic>,
    },
    /// A line of a log.
    Log {
        /// Whose; `None` is the run's own.
        instance: Option<InstanceId>,
        /// How much it matters.
        level: Level,
        /// When.
        at_us: u64,
        /// What.
        text: String,
    },
    /// A fault begins, ends, or cannot be made.
    Fault {
        /// Which.
        id: FaultId,
        /// What.
        fault: Fault,
        /// How.
        what: FaultChange,
        /// From when on.
        at_us: u64,
    },
    /// The cluster cannot go on, and has ended.
    Failed {
        /// Why.
        why: String,
    },
    /// The cluster has ended as it was told to.
    Stopped,
}

/// The number of a fault within a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u64);

/// What has become of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultChange {
    /// It holds.
    Applied,
    /// It is over.
    Healed,
    /// It could not be made, or not be undone.
    Failed(String),
}

/// How a start went.
#[derive(Clone, Debug, PartialEq)]
pub struct Readiness {
    /// Processes of instances.
    pub nodes: usize,
    /// From the call to the readiness of the last node, in milliseconds.
    pub ready_ms: f64,
    /// Where the fabric listens.
    pub fabric: SocketAddr,
}

/// Where a cluster is in its life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not every node has been ready yet.
    #[default]
    Starting,
    /// Every node has been ready.
    Running,
    /// It could not go on.
    Failed(String),
    /// It has ended.
    Stopped,
}

/// How a cluster stands.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The run.
    pub run: RunId,
    /// Where it is in its life.
    pub phase: Phase,
    /// How the start went, once it has gone well.
    pub ready: Option<Readiness>,
    /// Every instance.
    pub nodes: BTreeMap<InstanceId, NodeView>,
    /// What has passed, by caller, target and link.
    pub traffic: BTreeMap<(InstanceId, InstanceId, MaybeLink), Traffic>,
    /// The faults that hold.
    pub faults: BTreeMap<FaultId, Fault>,
}

/// How a node stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeView {
    /// Where it is in its life; `None` before its first start.
    pub state: Option<NodeState>,
    /// Its process.
    pub pid: Option<u32>,
    /// Where it listens; `curl` may try.
    pub address: Option<SocketAddr>,
    /// Since when it is in this state.
    pub since_us: u64,
    /// How it ended, or why it refused to be.
    pub note: String,
    /// What it is: `primary`, `backup`…; empty where there is nothing to say.
    pub role: String,
    /// In which term.
    pub term: u64,
    /// Its latest counters, since its last start.
    pub metrics: NodeMetrics,
    /// The counters of the processes that it was before.
    pub before: BTreeMap<InstanceId, UpstreamCounts>,
}

impl NodeView {
    /// Whether a process exists.
    pub fn is_alive(&self) -> bool {
        self.state.is_some_and(NodeState::is_alive)
    }

    /// Requests by upstream over all its processes.
    pub fn upstreams(&self) -> BTreeMap<InstanceId, UpstreamCounts> {
        let mut sum = self.before.clone();
        for (upstream, counts) in &self.metrics.upstreams {
            let of_it = sum.entry(upstream.clone()).or_default();
            of_it.requests += counts.requests;
            of_it.errors += counts.errors;
        }
        sum
    }
}
