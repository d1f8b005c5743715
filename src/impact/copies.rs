//! Replica groups in a world: who can read and write a key, by the table of the replication modes.

use super::world::{Conditions, Endpoint};
use crate::deploy::{Group, replica_gives};
use crate::design::{
    Consistency, Failover, Merge, OnBackupLoss, PrimaryBackup, Quorum, QuorumCoordinator, ReadFrom,
    Replication, Sync,
};

/// What a caller wants of a key.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// A read must be answered.
    pub read: bool,
    /// A write must be acknowledged.
    pub write: bool,
    /// Which replicas may answer the read.
    pub from: ReadFrom,
    /// What the answer must keep.
    pub consistency: Option<Consistency>,
}

/// What a caller gets of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The operation succeeds.
    pub served: bool,
    /// A partition that is not transitive leaves the leader open; not scored.
    pub unstable: bool,
}

/// A caller's view of a group: the world, and the link that it calls along.
pub struct View<'a> {
    /// The world.
    pub conditions: &'a Conditions<'a>,
    /// The group.
    pub group: &'a Group,
    /// Whether failovers have not happened yet.
    pub at_once: bool,
}

impl View<'_> {
    /// Whether a caller reaches a replica both ways.
    pub fn reaches(&self, caller: Endpoint, replica: usize) -> bool {
        self.conditions.is_up(replica) && self.conditions.passes_both(caller, Endpoint::Instance(replica))
    }

    /// Whether two members of the group (or a member and a voter) are up and hear each other.
    fn linked(&self, a: usize, b: usize) -> bool {
        let c = self.conditions;
        if a == b {
            return c.is_up(a);
        }
        let deployment = c.deployment();
        let (ca, cb) = (deployment.instances[a].component, deployment.instances[b].component);
        let drawn = self.group.replicate_links.iter().filter(|l| {
            let link = &deployment.design.links[**l];
            let (from, to) = (&deployment.components[ca].id, &deployment.components[cb].id);
            (link.from == *from && link.to == *to) || (link.from == *to && link.to == *from)
        });
        let mut drawn = drawn.peekable();
        let wire = drawn.peek().is_none() || drawn.any(|l| c.link_is_up(*l));
        wire && c.is_up(a) && c.is_up(b) && c.passes_both(Endpoint::Instance(a), Endpoint::Instance(b))
    }

    /// What the caller gets of a key class. O(replicas squared).
    pub fn give(&self, caller: Endpoint, class: usize, wanted: Wanted) -> Given {
        let write =
            if wanted.write { self.write(caller, class) } else { Given { served: true, unstable: false } };
        let read = if wanted.read {
            self.read(caller, class, wanted)
        } else {
            Given { served: true, unstable: false }
        };
        Given { served: write.served && read.served, unstable: write.unstable || read.unstable }
    }

    /// The replica that serves writes of a class for a caller, where there is one such.
    pub fn serving_replica(&self, caller: Endpoint, class: usize) -> Option<usize> {
        let replicas = self.group.replicas(class);
        match &self.group.mode {
            Replication::PrimaryBackup(pb) if pb.failover == Failover::Automatic && !self.at_once => {
                let leaders = self.leaders(pb, replicas, caller);
                leaders.into_iter().find(|r| self.reaches(caller, *r))
            }
            Replication::None | Replication::PrimaryBackup(_) => {
                replicas.first().copied().filter(|r| self.reaches(caller, *r))
            }
            Replication::Chain(chain) => {
                let re_formed = chain.coordinator.as_ref().map(|c| self.chain_members(c.as_str(), replicas));
                let head = re_formed.as_deref().unwrap_or(replicas).first().copied();
                head.filter(|r| self.reaches(caller, *r))
            }
            Replication::Consensus(_) => replicas.iter().copied().find(|r| self.has_majority(*r, replicas)),
            Replication::Quorum(_) | Replication::MultiPrimary(_) => {
                replicas.iter().copied().find(|r| self.reaches(caller, *r))
            }
        }
    }

    /// The replica that answers a caller, from which the group makes its own calls: the leader, or the first reached.
    pub fn answering_replica(&self, caller: Endpoint, class: usize) -> Option<usize> {
        let reached = || self.group.replicas(class).iter().copied().find(|r| self.reaches(caller, *r));
        self.serving_replica(caller, class).or_else(reached)
    }

    fn write(&self, caller: Endpoint, class: usize) -> Given {
        let replicas = self.group.replicas(class);
        let Some(&first) = replicas.first() else { return Given::default() };
        match &self.group.mode {
            Replication::None => plain(self.reaches(caller, first)),
            Replication::PrimaryBackup(pb) => self.primary_backup(pb, caller, replicas, true),
            Replication::Chain(chain) => match &chain.coordinator {
                None => {
                    plain(self.reaches(caller, first) && replicas.windows(2).all(|w| self.linked(w[0], w[1])))
                }
                Some(id) => {
                    let members = self.chain_members(id.as_str(), replicas);
                    plain(
                        members.first().is_some_and(|head| self.reaches(caller, *head))
                            && members.windows(2).all(|w| self.linked(w[0], w[1])),
                    )
                }
            },
            Replication::Consensus(_) => self.consensus(caller, replicas),
            Replication::Quorum(q) => plain(self.quorum(q, caller, class, true)),
            Replication::MultiPrimary(_) => plain(replicas.iter().any(|r| self.reaches(caller, *r))),
        }
    }

    fn read(&self, caller: Endpoint, class: usize, wanted: Wanted) -> Given {
        let replicas = self.group.replicas(class);
        if replicas.is_empty() {
            return Given::default();
        }
        if matches!(wanted.from, ReadFrom::Any | ReadFrom::Nearest) {
            // A quorum has no leader to fall back on: a single replica answers for itself.
            let leader = match &self.group.mode {
                Replication::Quorum(_) => Given::default(),
                _ => self.read_leader(caller, class, wanted.consistency),
            };
            let replica = wanted.consistency.is_none_or(|c| replica_gives(&self.group.mode, c))
                && self.group.holding(class).iter().any(|r| self.reaches(caller, *r));
            return Given { served: leader.served || replica, unstable: leader.unstable && !replica };
        }
        self.read_leader(caller, class, wanted.consistency)
    }

    /// A read at full strength.
    fn read_leader(&self, caller: Endpoint, class: usize, consistency: Option<Consistency>) -> Given {
        let replicas = self.group.replicas(class);
        let Some(&first) = replicas.first() else { return Given::default() };
        match &self.group.mode {
            Replication::None => plain(self.reaches(caller, first)),
            Replication::PrimaryBackup(pb) => self.primary_backup(pb, caller, replicas, false),
            Replication::Chain(chain) => match &chain.coordinator {
                None => plain(replicas.last().is_some_and(|tail| self.reaches(caller, *tail))),
                Some(id) => {
                    let members = self.chain_members(id.as_str(), replicas);
                    plain(members.last().is_some_and(|tail| self.reaches(caller, *tail)))
                }
            },
            Replication::Consensus(_) => self.consensus(caller, replicas),
            Replication::Quorum(q) => {
                let (n, r, w) = sizes(q, self.group.homes(class).len());
                let strong = r + w > n;
                let enough = strong || consistency.is_none_or(|c| c == Consistency::Eventual);
                plain(enough && self.quorum(q, caller, class, false))
            }
            Replication::MultiPrimary(mp) => {
                let enough = consistency.is_none_or(|c| {
                    c == Consistency::Eventual
                        || (mp.merge == Merge::Crdt && replica_gives(&self.group.mode, c))
                });
                plain(enough && replicas.iter().any(|r| self.reaches(caller, *r)))
            }
        }
    }

    fn primary_backup(&self, pb: &PrimaryBackup, caller: Endpoint, replicas: &[usize], write: bool) -> Given {
        let primary = replicas[0];
        if pb.failover == Failover::Automatic && !self.at_once {
            let leaders = self.leaders(pb, replicas, caller);
            // Voters take lost backups out of the set; without voters the primary goes on insisting.
            if pb.voters.is_empty() && write && leaders == [primary] && !self.backups_suffice(pb, replicas) {
                return Given::default();
            }
            let reached = leaders.iter().filter(|r| self.reaches(caller, **r)).count();
            return Given {
                served: reached > 0,
                unstable: !pb.voters.is_empty() && reached > 0 && reached < leaders.len(),
            };
        }
        let served = self.reaches(caller, primary) && (!write || self.backups_suffice(pb, replicas));
        plain(served)
    }

    /// Whether the primary has the backups that a write waits for.
    fn backups_suffice(&self, pb: &PrimaryBackup, replicas: &[usize]) -> bool {
        let wanted = match pb.sync {
            Sync::Async => 0,
            Sync::SemiSync(k) => (k as usize).min(replicas.len() - 1),
            Sync::Sync => replicas.len() - 1,
        };
        let insists = match pb.on_backup_loss {
            OnBackupLoss::Block => true,
            OnBackupLoss::AsyncAfter(_) => self.at_once,
        };
        !insists || replicas[1..].iter().filter(|b| self.linked(replicas[0], **b)).count() >= wanted
    }

    /// The replicas that can be leader once failovers have happened.
    ///
    /// With voters: the present primary if it keeps a majority, else every replica that has one. Without voters: the
    /// present primary where the caller reaches it, else every backup that has lost it.
    fn leaders(&self, pb: &PrimaryBackup, replicas: &[usize], caller: Endpoint) -> Vec<usize> {
        let primary = replicas[0];
        if pb.voters.is_empty() {
            if self.reaches(caller, primary) {
                return vec![primary];
            }
            return replicas[1..]
                .iter()
                .copied()
                .filter(|b| self.conditions.is_up(*b) && !self.linked(primary, *b))
                .collect();
        }
        let voters = self.voters(pb.voters.iter().map(|v| v.as_str()), replicas);
        if self.has_majority(primary, &voters) {
            return vec![primary];
        }
        replicas[1..].iter().copied().filter(|r| self.has_majority(*r, &voters)).collect()
    }

    /// All instances of the named components; of the group's own, those of the shard.
    fn voters<'b>(&self, components: impl Iterator<Item = &'b str>, replicas: &[usize]) -> Vec<usize> {
        let deployment = self.conditions.deployment();
        let mut all: Vec<usize> = components
            .filter_map(|id| deployment.component_index(id))
            .flat_map(|c| deployment.components[c].instances.clone().map(move |i| (c, i)))
            .filter(|(c, i)| !self.group.members.contains(c) || replicas.contains(i))
            .map(|(_, i)| i)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a replica is up and hears a majority of the voters, itself counted if it is one.
    fn has_majority(&self, replica: usize, voters: &[usize]) -> bool {
        self.conditions.is_up(replica)
            && voters.iter().filter(|v| self.linked(replica, **v)).count() > voters.len() / 2
    }

    fn chain_members(&self, coordinator: &str, replicas: &[usize]) -> Vec<usize> {
        let coordinators = self.voters(std::iter::once(coordinator), replicas);
        let members: Vec<usize> =
            replicas.iter().copied().filter(|r| self.has_majority(*r, &coordinators)).collect();
        // Nobody to re-form it, or no time yet: the chain is as drawn.
        if members.is_empty() || self.at_once { replicas.to_vec() } else { members }
    }

    fn consensus(&self, caller: Endpoint, replicas: &[usize]) -> Given {
        let leaders: Vec<usize> =
            replicas.iter().copied().filter(|r| self.has_majority(*r, replicas)).collect();
        let leaders: Vec<usize> =
            leaders.into_iter().filter(|l| !self.at_once || *l == replicas[0]).collect();
        let via = |leader: usize| {
            self.reaches(caller, leader)
                || replicas.iter().any(|f| self.reaches(caller, *f) && self.linked(*f, leader))
        };
        let reached = leaders.iter().filter(|l| via(**l)).count();
        Given { served: reached > 0, unstable: reached > 0 && reached < leaders.len() }
    }

    fn quorum(&self, q: &Quorum, caller: Endpoint, class: usize, write: bool) -> bool {
        let (_, r, w) = sizes(q, self.group.homes(class).len());
        let wanted = if write { w } else { r };
        let replicas = self.group.replicas(class);
        let answering = self.group.holding(class);
        match q.coordinator {
            QuorumCoordinator::Client => {
                answering.iter().filter(|h| self.reaches(caller, **h)).count() >= wanted
            }
            QuorumCoordinator::Replica => replicas.iter().any(|c| {
                self.reaches(caller, *c)
                    && answering.iter().filter(|h| self.linked(*c, **h)).count() >= wanted
            }),
        }
    }
}

/// N, R and W with defaults filled in: one copy on each home, majorities.
fn sizes(q: &Quorum, homes: usize) -> (usize, usize, usize) {
    let majority = homes / 2 + 1;
    let or_majority = |v: u32| if v == 0 { majority } else { v as usize };
    (homes, or_majority(q.r), or_majority(q.w))
}

fn plain(served: bool) -> Given {
    Given { served, unstable: false }
}
