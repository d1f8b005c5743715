//! How a store, queue, stream, coordinator or peer overlay keeps copies of its data.

use serde::{Deserialize, Serialize};

use super::id::ComponentId;
use super::is_default;
use super::units::Millis;

/// The replication mode of a replica group.
///
/// A `replicate` link between two stores makes one group of them and carries the mode; otherwise the replicas of
/// one component (per shard) are the group. Where nothing is stated, one replica means [`Replication::None`] and
/// several mean primary-backup with asynchronous backups and manual failover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Replication {
    /// One copy.
    None,
    /// One primary takes writes and copies them to backups.
    PrimaryBackup(PrimaryBackup),
    /// Chain replication: writes enter at the head, reads are answered by the tail (van Renesse and Schneider 2004).
    Chain(Chain),
    /// A majority of voters agrees on one log.
    Consensus(Consensus),
    /// N, R, W quorums without a leader (Dynamo, SOSP 2007).
    Quorum(Quorum),
    /// Every replica takes writes; conflicts are resolved later.
    MultiPrimary(MultiPrimary),
}

/// When a primary acknowledges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sync {
    /// After its own disk; backups follow later and a failover can lose what they lack.
    #[default]
    Async,
    /// After that many backups have it.
    SemiSync(u32),
    /// After every backup has it.
    Sync,
}

/// Who replaces a lost primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failover {
    /// A person; until then writes stop.
    #[default]
    Manual,
    /// A backup takes over by itself.
    Automatic,
}

/// What a primary does when a backup it waits for is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnBackupLoss {
    /// Waits: writes stop.
    #[default]
    Block,
    /// Goes on alone after that time.
    AsyncAfter(Millis),
}

/// Settings of primary-backup replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct PrimaryBackup {
    /// When a write is acknowledged.
    #[serde(skip_serializing_if = "is_default")]
    pub sync: Sync,
    /// Who replaces the primary.
    #[serde(skip_serializing_if = "is_default")]
    pub failover: Failover,
    /// Components whose instances vote on a failover: the store itself, a coordinator, a witness. Empty: nobody
    /// does, and every side of a partition may promote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub voters: Vec<ComponentId>,
    /// What happens when an insisted-on backup is lost.
    #[serde(skip_serializing_if = "is_default")]
    pub on_backup_loss: OnBackupLoss,
    /// Silence after which a primary counts as lost; default 1 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detect_after: Option<Millis>,
}

impl PrimaryBackup {
    /// Silence after which a primary counts as lost.
    pub fn detect_after(&self) -> Millis {
        self.detect_after.unwrap_or(Millis(1000.0))
    }
}

/// Settings of chain replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Chain {
    /// Re-forms a broken chain while a majority of it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<ComponentId>,
}

/// Settings of consensus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Consensus {
    /// The protocol, as a name for people; both behave alike here.
    #[serde(skip_serializing_if = "is_default")]
    pub protocol: ConsensusProtocol,
    /// Silence after which followers elect; default 1 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election_timeout: Option<Millis>,
}

/// A consensus protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsensusProtocol {
    /// Raft (Ongaro and Ousterhout, ATC 2014).
    #[default]
    Raft,
    /// Multi-Paxos (Lamport 1998).
    Paxos,
}

/// Settings of quorum replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Quorum {
    /// Copies of each key; 0 means one on every replica.
    pub n: u32,
    /// Copies that must answer a read; 0 means a majority of n.
    pub r: u32,
    /// Copies that must acknowledge a write; 0 means a majority of n.
    pub w: u32,
    /// Whether any W nodes may stand in for the W home nodes (hinted handoff).
    #[serde(skip_serializing_if = "is_default")]
    pub sloppy: bool,
    /// Who gathers the answers.
    #[serde(skip_serializing_if = "is_default")]
    pub coordinator: QuorumCoordinator,
}

impl Default for Quorum {
    fn default() -> Self {
        Self { n: 0, r: 0, w: 0, sloppy: false, coordinator: QuorumCoordinator::Replica }
    }
}

/// Who gathers the answers of a quorum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuorumCoordinator {
    /// The replica that the caller reached.
    #[default]
    Replica,
    /// The caller itself.
    Client,
}

/// Settings of multi-primary replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct MultiPrimary {
    /// How concurrent writes are resolved.
    pub merge: Merge,
}

/// How concurrent writes are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// The later clock wins; the other write is lost.
    #[default]
    LastWriteWins,
    /// Both are kept as siblings.
    VectorClocks,
    /// The application decides.
    Application,
    /// A conflict-free replicated data type: nothing is lost.
    Crdt,
}

/// How strong an answer a read or write must be, strongest first.
///
/// The order and the implications are those of the consistency map of jepsen.io.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// Every operation appears to take effect at one instant between call and return.
    Linearizable,
    /// One order for all, each process's own order kept.
    Sequential,
    /// Causes before effects.
    Causal,
    /// A session sees its own writes.
    ReadYourWrites,
    /// A session never sees time go back.
    MonotonicReads,
    /// A session's writes take effect in order.
    MonotonicWrites,
    /// A write follows what its session read.
    WritesFollowReads,
    /// Copies converge when writes stop.
    Eventual,
}
