//! What a partition costs: for each replicated store and each way in which its zones can fall apart, who can still
//! read and write on each side, and what the answers are then worth.
//!
//! Source: Gilbert and Lynch (SIGACT News 33(2), 2002) for what is impossible, Abadi (IEEE Computer 45(2), 2012) for
//! PACELC, the consistency map of jepsen.io for which model implies which.
//!
//! Never: which user is served in the end; retries and other ways round are asked of `impact`.

pub mod conflicting_writes;
pub mod even_voters;
pub mod lossy_failover;
pub mod partition_cost;
pub mod split_brain;
pub mod stale_cache_read;
pub mod unmet_consistency;

mod partition;
mod side;
mod voters;

pub use side::Ability;

use std::fmt;

use super::Facts;
use crate::deploy::{Deployment, Group};
use crate::design::{ComponentId, Consistency, Replication, Sync, ZoneId};
use partition::{Partition, partitions};
use side::{ability, both_sides_write, sizes, strength};
pub(super) use voters::voting;

/// What partitions do to one replica group.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreView {
    /// The members, the source of a drawn replication first.
    pub members: Vec<ComponentId>,
    /// What the mode gives while nothing is broken.
    pub strength: Consistency,
    /// Its PACELC class.
    pub pacelc: Pacelc,
    /// Every partition between its zones, the plainest first; empty where all replicas share a place.
    pub partitions: Vec<PartitionView>,
}

/// One partition of the zones of a replica group.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionView {
    /// The sides.
    pub sides: Vec<SideView>,
    /// Whether two sides acknowledge writes to the same keys.
    pub is_split: bool,
    /// What answers at full strength are worth during it, and after it has healed.
    pub model: Consistency,
    /// How `what-if` is told of it, where zones can say it.
    pub cuts: Option<Vec<String>>,
}

/// One side of a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct SideView {
    /// The zones that it is; empty is outside of every zone.
    pub zones: Vec<ZoneId>,
    /// What it can do.
    pub ability: Ability,
}

/// The class of Abadi: under Partition availability or consistency, Else latency or consistency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacelc {
    /// Every side that has a replica goes on writing.
    pub available: bool,
    /// An acknowledgement does not wait for another replica.
    pub fast: bool,
}

impl fmt::Display for Pacelc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p = if self.available { "PA" } else { "PC" };
        let e = if self.fast { "EL" } else { "EC" };
        write!(f, "{p}/{e}")
    }
}

/// What partitions do to every replicated store, in the order of the groups.
pub fn views(facts: &Facts<'_>) -> Vec<StoreView> {
    facts
        .deployment
        .groups
        .iter()
        .filter(|g| g.shards.iter().any(|s| s.len() > 1))
        .map(|g| view(&facts.deployment, g))
        .collect()
}

fn view(deployment: &Deployment, group: &Group) -> StoreView {
    let seen: Vec<PartitionView> =
        partitions(deployment, group).iter().map(|p| partition_view(deployment, group, p)).collect();
    let every_side_writes =
        |p: &PartitionView| p.sides.iter().all(|s| s.ability.replicas == 0 || s.ability.write >= 1.0);
    StoreView {
        members: group.members.iter().map(|m| deployment.components[*m].id.clone()).collect(),
        strength: strength(group),
        pacelc: Pacelc {
            available: !seen.is_empty() && seen.iter().filter(|p| p.sides.len() == 2).all(every_side_writes),
            fast: is_fast(group),
        },
        partitions: seen,
    }
}

fn partition_view(deployment: &Deployment, group: &Group, partition: &Partition) -> PartitionView {
    let sides: Vec<SideView> = partition
        .blocks
        .iter()
        .zip(&partition.covers)
        .map(|(block, cover)| SideView {
            zones: cover.clone(),
            ability: ability(deployment, group, &|i| block.contains(&deployment.instances[i].zone)),
        })
        .collect();
    // Two sides that together write more than every key once write some key twice.
    let is_split = sides.iter().map(|s| s.ability.write).sum::<f64>() > 1.0 + 1e-9;
    let model = match &group.mode {
        Replication::MultiPrimary(m) if is_split => both_sides_write(m.merge),
        _ if is_split => Consistency::Eventual,
        _ => strength(group),
    };
    PartitionView { sides, is_split, model, cuts: partition.cuts() }
}

/// Whether an acknowledgement waits for no other replica.
fn is_fast(group: &Group) -> bool {
    match &group.mode {
        Replication::None | Replication::MultiPrimary(_) => true,
        Replication::PrimaryBackup(pb) => pb.sync == Sync::Async,
        Replication::Chain(_) | Replication::Consensus(_) => false,
        Replication::Quorum(q) => {
            let (n, r, w) = sizes(q, group.homes(0).len());
            q.sloppy || r + w <= n
        }
    }
}

/// The sides of a partition in words: `eu-west and us-east`.
fn named(facts: &Facts<'_>, view: &PartitionView) -> String {
    let name = |s: &SideView| {
        if s.zones.is_empty() {
            "what stands outside".to_owned()
        } else {
            s.zones.iter().map(|z| facts.zone_name(z.as_str())).collect::<Vec<_>>().join(" with ")
        }
    };
    let names: Vec<String> = view.sides.iter().map(name).collect();
    super::facts::listed(names.iter().map(String::as_str), 5)
}

/// The plain name of a model.
pub fn model_name(model: Consistency) -> &'static str {
    match model {
        Consistency::Linearizable => "linearizable",
        Consistency::Sequential => "sequential",
        Consistency::Causal => "causal",
        Consistency::ReadYourWrites => "read your writes",
        Consistency::MonotonicReads => "monotonic reads",
        Consistency::MonotonicWrites => "monotonic writes",
        Consistency::WritesFollowReads => "writes follow reads",
        Consistency::Eventual => "eventual",
    }
}
