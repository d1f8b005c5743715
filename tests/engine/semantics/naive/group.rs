//! Rules 24 to 35: replica groups, and which of their replicas answers a caller.

use std::cell::Cell;

use linchpin::design::{
    Chain, Consensus, Consistency, Failover, Interaction, Kind, Merge, OnBackupLoss, Op, PrimaryBackup,
    Quorum, QuorumCoordinator, ReadFrom, Replication, Sync,
};

use super::place::{Actor, Place};

/// A replica group over all its shards.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Components, the source's first.
    pub members: Vec<usize>,
    pub mode: Replication,
    /// A `heartbeat` link between two members.
    pub heartbeat: bool,
}

/// Rule 24: the groups of all replicated components.
pub fn groups(place: &Place) -> Vec<Group> {
    let design = place.design;
    let replicated = |c: usize| place.component(c).kind.is_replicated();
    let mut sets: Vec<(Vec<usize>, Option<Replication>)> =
        (0..design.components.len()).filter(|c| replicated(*c)).map(|c| (vec![c], None)).collect();
    for link in design.links.iter().filter(|l| l.interaction == Interaction::Replicate) {
        let (from, to) = (place.component_index(link.from.as_str()), place.component_index(link.to.as_str()));
        if !replicated(from) || !replicated(to) {
            continue;
        }
        // "a `replicate` link joins two components into one group, the source's replicas first"
        let a =
            sets.iter().position(|s| s.0.contains(&from)).expect("every replicated component is in a set");
        let b = sets.iter().position(|s| s.0.contains(&to)).expect("every replicated component is in a set");
        if a != b {
            let (members, mode) = sets[b].clone();
            sets[a].0.extend(members);
            sets[a].1 = sets[a].1.take().or(mode);
            sets.remove(b);
        }
        // "Where several links join one group, the first that states a mode gives it"
        let joined = sets.iter_mut().find(|s| s.0.contains(&from)).expect("just joined");
        if joined.1.is_none() {
            joined.1.clone_from(&link.replication);
        }
    }
    sets.into_iter()
        .map(|(members, stated)| {
            let c = place.component(members[0]);
            let mode = if members.len() > 1 {
                // "with the link's mode (else that of the first member that states one, else primary-backup, asynchronous,
                // manual)"
                let of_member = members.iter().find_map(|m| place.component(*m).replication.clone());
                stated.or(of_member).unwrap_or(Replication::PrimaryBackup(PrimaryBackup::default()))
            } else if let Some(mode) = &c.replication {
                mode.clone()
            } else if c.replicas <= 1 {
                // "Defaults: one replica, none; coordinators with more, consensus; peers, quorum with
                // n = min(3, replicas); everything else, primary-backup asynchronous manual."
                Replication::None
            } else if c.kind == Kind::Coordinator {
                Replication::Consensus(Consensus::default())
            } else if c.kind == Kind::Peer {
                Replication::Quorum(Quorum { n: c.replicas.min(3), ..Quorum::default() })
            } else {
                Replication::PrimaryBackup(PrimaryBackup::default())
            };
            let heartbeat = design.links.iter().any(|l| {
                l.interaction == Interaction::Heartbeat
                    && l.from != l.to
                    && members.contains(&place.component_index(l.from.as_str()))
                    && members.contains(&place.component_index(l.to.as_str()))
            });
            Group { members, mode, heartbeat }
        })
        .collect()
}

/// What an operation asks of a group.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub op: Op,
    pub from: ReadFrom,
    pub required: Option<Consistency>,
}

/// One shard of a group as one caller meets it.
pub struct Meeting<'a, 'd> {
    pub place: &'a Place<'d>,
    pub group: &'a Group,
    /// The replicas of the shard, in group order.
    pub replicas: Vec<usize>,
    /// Rule 31: the key class of a quorum group whose n is below the replicas.
    pub ring: usize,
    pub caller: Actor,
    /// The link that the caller uses.
    pub link: usize,
    pub unstable: &'a Cell<bool>,
}

impl Meeting<'_, '_> {
    /// Up, and reachable both ways for the caller.
    pub fn reach(&self, replica: usize) -> bool {
        self.place.reaches(self.link, &self.caller, replica)
    }

    /// The replica that answers, if the group serves.
    pub fn serves(&self, ask: Ask) -> Option<usize> {
        match ask.op {
            Op::Read => self.read(ask),
            // Rule 34: "`publish` is a write."
            Op::Write | Op::Publish => self.write(),
            // Rule 34: "A `call` on a store needs a write and a read from the leader."
            _ => {
                let writer = self.write();
                let reader = self.read(Ask { op: Op::Read, from: ReadFrom::Leader, ..ask });
                reader.and(writer)
            }
        }
    }

    pub fn write(&self) -> Option<usize> {
        match &self.group.mode {
            Replication::None => self.first(),
            Replication::PrimaryBackup(pb) => self.primary_backup(pb, true),
            Replication::Chain(chain) => self.chain(chain, true),
            Replication::Consensus(_) => self.consensus(),
            Replication::Quorum(q) => self.quorum(q, self.quorum_sizes(q).2),
            Replication::MultiPrimary(_) => self.any(),
        }
    }

    /// Rule 33.
    fn read(&self, ask: Ask) -> Option<usize> {
        let gives = |level: Option<Consistency>| match ask.required {
            None => true,
            Some(wanted) => level.is_some_and(|l| follows(l, wanted)),
        };
        let leader = matches!(ask.from, ReadFrom::Leader | ReadFrom::Quorum);
        match &self.group.mode {
            Replication::Quorum(q) if leader => {
                // "a read `from: leader` gives everything, but on quorum groups only with R + W > N"
                // "A leader read on a quorum group with R + W ≤ N gives `eventual`."
                let (n, r, w) = self.quorum_sizes(q);
                let level = if r + w > n { Consistency::Linearizable } else { Consistency::Eventual };
                if gives(Some(level)) { self.quorum(q, r) } else { None }
            }
            // "a single replica of a quorum group and a multi-primary replica `eventual` (CRDT: `causal` and what
            // follows from it)"; "on multi-primary groups only what a replica gives"
            Replication::Quorum(q) => {
                if gives(Some(Consistency::Eventual)) {
                    // "of a quorum group a home of the key (`sloppy`: any)"
                    self.homes(q).into_iter().find(|r| self.reach(*r))
                } else {
                    None
                }
            }
            Replication::MultiPrimary(m) => {
                let level = if m.merge == Merge::Crdt { Consistency::Causal } else { Consistency::Eventual };
                if gives(Some(level)) { self.any() } else { None }
            }
            // Rule 25: the first replica alone has the data.
            Replication::None => self.first(),
            // "On groups that are not quorum groups `quorum` is as `leader`."
            _ if leader => self.read_leader(),
            mode => {
                let backup = match mode {
                    // "consensus followers besides these `sequential`"
                    Replication::Consensus(_) => gives(Some(Consistency::Sequential)),
                    // "Backups of primary-backup and chain replicas give `monotonic_writes`, `writes_follow_reads`,
                    // `eventual`"
                    _ => {
                        gives(Some(Consistency::MonotonicWrites))
                            || gives(Some(Consistency::WritesFollowReads))
                    }
                };
                // "The replica that answers reads from the leader gives everything whichever way it is asked."
                if backup { self.any() } else { self.read_leader() }
            }
        }
    }

    /// A read at full strength.
    pub fn read_leader(&self) -> Option<usize> {
        match &self.group.mode {
            Replication::None => self.first(),
            Replication::PrimaryBackup(pb) => self.primary_backup(pb, false),
            Replication::Chain(chain) => self.chain(chain, false),
            Replication::Consensus(_) => self.consensus(),
            Replication::Quorum(q) => self.quorum(q, self.quorum_sizes(q).1),
            Replication::MultiPrimary(_) => self.any(),
        }
    }

    /// Rule 25: "the first replica, reachable both ways".
    fn first(&self) -> Option<usize> {
        self.replicas.first().copied().filter(|r| self.reach(*r))
    }

    /// Rule 32: "any replica up and reachable both ways".
    fn any(&self) -> Option<usize> {
        self.replicas.iter().copied().find(|r| self.reach(*r))
    }

    /// Rules 26 to 28.
    fn primary_backup(&self, pb: &PrimaryBackup, write: bool) -> Option<usize> {
        let primary = *self.replicas.first()?;
        let by_primary =
            || (self.reach(primary) && (!write || self.backups_hold(pb, primary))).then_some(primary);
        // Rule 24: "A `heartbeat` link between two members makes the failover automatic."
        let automatic = pb.failover == Failover::Automatic || self.group.heartbeat;
        // Rules 27 and 28: "At once: only the primary, as in 26."
        if !automatic || !self.place.settled() {
            return by_primary();
        }
        if pb.voters.is_empty() {
            // Rule 28: "the present primary where it is reachable; else, for a caller that does not reach it, any
            // backup that is up, does not reach the primary (or it is down), and is reachable both ways."
            if self.reach(primary) {
                return by_primary();
            }
            let promoted = |b: &usize| !self.place.replica_reach(*b, primary) && self.reach(*b);
            return self.replicas[1..].iter().copied().find(promoted);
        }
        // Rule 27: "all instances of the named components, of the group's own components those of the shard"
        let mut voters = Vec::new();
        for voter in &pb.voters {
            let c = self.place.component_index(voter.as_str());
            let own = self.group.members.contains(&c);
            voters
                .extend(self.place.instances_of(c).into_iter().filter(|i| !own || self.replicas.contains(i)));
        }
        let holds = |r: usize| {
            self.place.up(r)
                && 2 * voters.iter().filter(|v| self.place.replica_reach(r, **v)).count() > voters.len()
        };
        // "the leader is the present primary if it is up and in two-way reach of a majority of the voters"
        if holds(primary) {
            return self.reach(primary).then_some(primary);
        }
        // "else any replica of which that holds"
        let leaders: Vec<usize> = self.replicas.iter().copied().filter(|r| holds(*r)).collect();
        self.one_of(&leaders, |l| self.reach(l))
    }

    /// Rule 26: "with `sync` all, with `semi_sync(k)` any k, up and in two-way reach of the primary, if
    /// `on_backup_loss` is `block` (with `async_after` only at once)."
    fn backups_hold(&self, pb: &PrimaryBackup, primary: usize) -> bool {
        let backups = &self.replicas[1..];
        let held = backups.iter().filter(|b| self.place.replica_reach(primary, **b)).count();
        if matches!(pb.on_backup_loss, OnBackupLoss::AsyncAfter(_)) && self.place.settled() {
            return true;
        }
        match pb.sync {
            Sync::Async => true,
            // "(all, if there are fewer)"
            Sync::SemiSync(k) => held >= (k as usize).min(backups.len()),
            Sync::Sync => held == backups.len(),
        }
    }

    /// Rule 29.
    fn chain(&self, chain: &Chain, write: bool) -> Option<usize> {
        let mut whole = self.replicas.clone();
        if let (Some(coordinator), true) = (&chain.coordinator, self.place.settled()) {
            // "the replicas that are up and in two-way reach of a majority of its instances form the chain"
            let judges = self.place.instances_of(self.place.component_index(coordinator.as_str()));
            let holds = |r: &usize| {
                self.place.up(*r)
                    && 2 * judges.iter().filter(|j| self.place.replica_reach(*r, **j)).count() > judges.len()
            };
            let formed: Vec<usize> = self.replicas.iter().copied().filter(holds).collect();
            // "At once, or where no replica reaches a majority of the coordinator's instances, the chain is as drawn."
            if !formed.is_empty() {
                whole = formed;
            }
        }
        if !write {
            return whole.last().copied().filter(|r| self.reach(*r));
        }
        // "a write needs every replica up, neighbors in two-way reach, and the head reachable"
        let linked = whole.windows(2).all(|w| self.place.replica_reach(w[0], w[1]));
        let up = whole.iter().all(|r| self.place.up(*r));
        whole.first().copied().filter(|r| linked && up && self.reach(*r))
    }

    /// Rule 30.
    fn consensus(&self) -> Option<usize> {
        let place = self.place;
        let holds = |l: usize| {
            place.up(l)
                && 2 * self.replicas.iter().filter(|r| place.replica_reach(l, **r)).count()
                    > self.replicas.len()
        };
        // "At once only the first replica may lead."
        let may = if place.settled() { &self.replicas[..] } else { &self.replicas[..1] };
        let leaders: Vec<usize> = may.iter().copied().filter(|l| holds(*l)).collect();
        // "the caller reaches it, or an up replica that reaches it, both ways"
        self.one_of(&leaders, |l| {
            self.reach(l) || self.replicas.iter().any(|r| self.reach(*r) && place.replica_reach(*r, l))
        })
    }

    /// Rule 35: "several leaders are possible and a caller reaches only some of them".
    fn one_of(&self, leaders: &[usize], reached: impl Fn(usize) -> bool) -> Option<usize> {
        let some: Vec<usize> = leaders.iter().copied().filter(|l| reached(*l)).collect();
        if !some.is_empty() && some.len() < leaders.len() {
            self.unstable.set(true);
        }
        some.first().copied()
    }

    /// n, r and w: "r and w of 0 are a majority of n", n of 0 is every replica.
    fn quorum_sizes(&self, q: &Quorum) -> (usize, usize, usize) {
        let n = if q.n == 0 { self.replicas.len() } else { q.n as usize };
        let or_majority = |x: u32| if x == 0 { n / 2 + 1 } else { x as usize };
        (n, or_majority(q.r), or_majority(q.w))
    }

    /// Rule 31: "the homes of key class i are replicas i … i+n−1, around the ring"; "`sloppy`: any W up replicas".
    fn homes(&self, q: &Quorum) -> Vec<usize> {
        let n = self.quorum_sizes(q).0;
        let all = &self.replicas;
        if n < all.len() && !q.sloppy {
            (0..n).map(|k| all[(self.ring + k) % all.len()]).collect()
        } else {
            all.clone()
        }
    }

    /// Rule 31: who gathers `wanted` answers.
    fn quorum(&self, q: &Quorum, wanted: usize) -> Option<usize> {
        let all = &self.replicas;
        let homes = self.homes(q);
        match q.coordinator {
            // "the caller must reach some up replica of the component that itself reaches W (R) up replicas of the
            // key's N homes, itself counted"
            QuorumCoordinator::Replica => all.iter().copied().find(|c| {
                self.reach(*c) && homes.iter().filter(|h| self.place.replica_reach(*c, **h)).count() >= wanted
            }),
            // "with `client` the caller itself"
            QuorumCoordinator::Client => {
                let reached: Vec<usize> = homes.iter().copied().filter(|h| self.reach(*h)).collect();
                if reached.len() >= wanted { reached.first().copied() } else { None }
            }
        }
    }
}

/// Rule 33: "A level gives what follows from it: linearizable everything, sequential all but that, causal the four
/// session guarantees, each of these itself, and all of them eventual."
fn follows(given: Consistency, wanted: Consistency) -> bool {
    use Consistency::{Causal, Eventual, Linearizable, Sequential};
    match given {
        Linearizable => true,
        Sequential => wanted != Linearizable,
        Causal => wanted != Linearizable && wanted != Sequential,
        session => wanted == session || wanted == Eventual,
    }
}
