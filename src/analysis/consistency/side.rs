//! What a group of replicas can do on one side of a partition: the rule table of replication modes.
//!
//! Everything is settled: detection and failover have had their time. Shares are over key classes, as shards and ring
//! homes can lie on different sides.

use super::partition::voters;
use crate::deploy::{Deployment, Group};
use crate::design::{
    Consistency, Failover, Merge, OnBackupLoss, Quorum, QuorumCoordinator, Replication, Sync,
};

/// More key classes than this are judged by the first of them.
const CLASSES_MAX: usize = 256;

/// What one side can do, each as the share of key classes for which it can.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ability {
    /// Replicas on it.
    pub replicas: usize,
    /// Writes.
    pub write: f64,
    /// Reads at full strength.
    pub read: f64,
    /// Reads from some replica, which may be old.
    pub stale: f64,
}

/// What the instances for which `inside` holds can do by themselves.
pub(super) fn ability(deployment: &Deployment, group: &Group, inside: &dyn Fn(usize) -> bool) -> Ability {
    let classes = group.classes().min(CLASSES_MAX);
    let voters = voters(deployment, group);
    let mut sum = Ability::default();
    for class in 0..classes {
        // Of the group's own instances only those of the shard vote on its primary.
        let own = group.replicas(class);
        let votes: Vec<usize> = voters
            .iter()
            .copied()
            .filter(|v| !group.members.contains(&deployment.instances[*v].component) || own.contains(v))
            .collect();
        let (write, read) = of_class(group, class, has_majority(&votes, inside), inside);
        sum.write += f64::from(write);
        sum.read += f64::from(read);
        sum.stale += f64::from(group.homes(class).into_iter().any(inside));
    }
    let n = classes.max(1) as f64;
    let replicas = group.shards.iter().flatten().filter(|i| inside(**i)).count();
    Ability { replicas, write: sum.write / n, read: sum.read / n, stale: sum.stale / n }
}

fn of_class(group: &Group, class: usize, has_votes: bool, inside: &dyn Fn(usize) -> bool) -> (bool, bool) {
    let replicas = group.replicas(class);
    let here = replicas.iter().filter(|i| inside(**i)).count();
    let Some(first) = replicas.first().copied() else { return (false, false) };
    let both = |serves: bool| (serves, serves);
    match &group.mode {
        Replication::None => both(inside(first)),
        Replication::PrimaryBackup(pb) => match pb.failover {
            Failover::Manual => {
                let backups = replicas.len() - 1;
                let here_besides = here.saturating_sub(1);
                let insisted = match (pb.sync, pb.on_backup_loss) {
                    (_, OnBackupLoss::AsyncAfter(_)) | (Sync::Async, _) => 0,
                    (Sync::SemiSync(k), OnBackupLoss::Block) => (k as usize).min(backups),
                    (Sync::Sync, OnBackupLoss::Block) => backups,
                };
                (inside(first) && here_besides >= insisted, inside(first))
            }
            Failover::Automatic if pb.voters.is_empty() => both(here > 0),
            Failover::Automatic => both(here > 0 && has_votes),
        },
        Replication::Chain(chain) => match &chain.coordinator {
            Some(_) => both(here > 0 && has_votes),
            None => (here == replicas.len(), replicas.last().copied().is_some_and(inside)),
        },
        Replication::Consensus(_) => both(has_majority(replicas, inside)),
        Replication::Quorum(q) => {
            let homes = group.homes(class);
            let (_, r, w) = sizes(q, homes.len());
            let home = homes.into_iter().filter(|i| inside(*i)).count();
            let reached = if q.sloppy { here } else { home };
            // A coordinating replica must be on the side too; a coordinating client is wherever it is.
            let coordinated = here > 0 || q.coordinator == QuorumCoordinator::Client;
            (coordinated && reached >= w, coordinated && reached >= r)
        }
        Replication::MultiPrimary(_) => both(here > 0),
    }
}

fn has_majority(all: &[usize], inside: &dyn Fn(usize) -> bool) -> bool {
    !all.is_empty() && all.iter().filter(|i| inside(**i)).count() > all.len() / 2
}

/// N, R and W of a quorum over that many homes, defaults filled in.
pub(super) fn sizes(q: &Quorum, homes: usize) -> (usize, usize, usize) {
    let n = if q.n == 0 { homes } else { (q.n as usize).min(homes.max(1)) };
    let or_majority = |k: u32| if k == 0 { n / 2 + 1 } else { k as usize };
    (n, or_majority(q.r), or_majority(q.w))
}

/// The strongest model that reads from the leader or by quorum keep while nothing is broken.
pub(super) fn strength(group: &Group) -> Consistency {
    match &group.mode {
        Replication::Quorum(q) => {
            let (n, r, w) = sizes(q, group.homes(0).len());
            if r + w > n && !q.sloppy { Consistency::Linearizable } else { Consistency::Eventual }
        }
        Replication::MultiPrimary(m) => both_sides_write(m.merge),
        _ => Consistency::Linearizable,
    }
}

/// What is left of consistency where two sides acknowledge writes to the same keys.
pub(super) fn both_sides_write(merge: Merge) -> Consistency {
    if merge == Merge::Crdt { Consistency::Causal } else { Consistency::Eventual }
}
