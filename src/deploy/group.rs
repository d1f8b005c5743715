//! Replica groups: which instances keep copies of the same data, and how.

use std::collections::BTreeMap;

use super::Placed;
use crate::design::{
    Component, Consistency, Design, Failover, Interaction, Merge, PrimaryBackup, Replication,
};

/// Instances that keep copies of the same data, shard by shard.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Indices of the member components; the source of a drawn replication first.
    pub members: Vec<usize>,
    /// The mode in force.
    pub mode: Replication,
    /// Instance indices of each shard, the fresh primary first.
    pub shards: Vec<Vec<usize>>,
    /// Indices of the drawn `replicate` links between members.
    pub replicate_links: Vec<usize>,
    /// Copies of each key where that is fewer than the replicas of a shard (ring placement), else 0.
    pub ring_n: u32,
}

impl Group {
    /// How many places a key can have within its shard: the replicas of a shard where keys lie on a ring, else 1.
    pub fn ring_places(&self) -> usize {
        if self.ring_n > 0 { self.shards.first().map_or(1, |s| s.len().max(1)) } else { 1 }
    }

    /// How many key classes the group tells apart: its shards times the places on their rings. Class
    /// `shard * ring_places() + place`.
    pub fn classes(&self) -> usize {
        self.shards.len() * self.ring_places()
    }

    /// The replicas that are home to a key class.
    pub fn homes(&self, class: usize) -> Vec<usize> {
        let replicas = self.replicas(class);
        if self.ring_n == 0 {
            return replicas.to_vec();
        }
        let place = class % self.ring_places();
        (0..self.ring_n as usize)
            .filter_map(|k| replicas.get((place + k) % replicas.len()))
            .copied()
            .collect()
    }

    /// The replicas that may hold a copy of a key class: its homes, and where a quorum is sloppy any of the shard.
    pub fn holding(&self, class: usize) -> Vec<usize> {
        match &self.mode {
            Replication::Quorum(q) if q.sloppy => self.replicas(class).to_vec(),
            _ => self.homes(class),
        }
    }

    /// The replicas that a caller may reach for a key class: the shard's, which is the whole ring.
    pub fn replicas(&self, class: usize) -> &[usize] {
        self.shards.get(class / self.ring_places()).map_or(&[], Vec::as_slice)
    }
}

/// The groups of a design, and for each component its group.
///
/// Every store, queue, stream, coordinator and peer is in exactly one group; `replicate` and `heartbeat` links between
/// such components join theirs.
pub(super) fn groups(design: &Design, placed: &[Placed]) -> (Vec<Group>, Vec<Option<usize>>) {
    let index: BTreeMap<&str, usize> =
        design.components.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let joins = |i: Interaction| matches!(i, Interaction::Replicate | Interaction::Heartbeat);
    let ends = |link: &crate::design::Link| {
        let from = *index.get(link.from.as_str())?;
        let to = *index.get(link.to.as_str())?;
        (design.components[from].kind.is_replicated() && design.components[to].kind.is_replicated())
            .then_some((from, to))
    };

    // Sources before targets: a component is placed when the first member that leads to it is.
    let mut group_of: Vec<Option<usize>> = vec![None; design.components.len()];
    let mut members: Vec<Vec<usize>> = Vec::new();
    let joining: Vec<(usize, usize, usize)> = design
        .links
        .iter()
        .enumerate()
        .filter(|(_, l)| joins(l.interaction))
        .filter_map(|(i, l)| ends(l).map(|(from, to)| (i, from, to)))
        .collect();
    let copies = |l: usize| design.links[l].interaction == Interaction::Replicate;
    let is_target = |c: usize| joining.iter().any(|(l, _, to)| *to == c && copies(*l));
    let mut order: Vec<usize> = (0..design.components.len()).collect();
    order.sort_by_cached_key(|c| is_target(*c));
    for start in order {
        if !design.components[start].kind.is_replicated() || group_of[start].is_some() {
            continue;
        }
        let group = members.len();
        let mut found = vec![start];
        group_of[start] = Some(group);
        let mut at = 0;
        while at < found.len() {
            for &(_, from, to) in &joining {
                let other = if from == found[at] {
                    to
                } else if to == found[at] {
                    from
                } else {
                    continue;
                };
                if group_of[other].is_none() {
                    group_of[other] = Some(group);
                    found.push(other);
                }
            }
            at += 1;
        }
        members.push(found);
    }

    let groups = members
        .into_iter()
        .map(|members| {
            let within =
                joining.iter().filter(|(_, from, to)| members.contains(from) && members.contains(to));
            let links: Vec<usize> = within.map(|(l, ..)| *l).collect();
            let drawn = links.iter().find_map(|l| design.links[*l].replication.clone());
            let mut mode = if members.len() == 1 {
                design.components[members[0]].replication()
            } else {
                drawn
                    .or_else(|| members.iter().find_map(|m| design.components[*m].replication.clone()))
                    .unwrap_or_else(|| Replication::PrimaryBackup(PrimaryBackup::default()))
            };
            if links.iter().any(|l| design.links[*l].interaction == Interaction::Heartbeat)
                && let Replication::PrimaryBackup(pb) = &mut mode
            {
                pb.failover = Failover::Automatic;
            }
            let shard_count = design.components[members[0]].shards();
            let shards = (0..shard_count as usize)
                .map(|s| {
                    members
                        .iter()
                        .flat_map(|m| shard_instances(&design.components[*m], &placed[*m], s))
                        .collect()
                })
                .collect::<Vec<Vec<usize>>>();
            let ring_n = match &mode {
                Replication::Quorum(q) if q.n > 0 && (q.n as usize) < shards[0].len() => q.n,
                _ => 0,
            };
            let replicate_links = links.into_iter().filter(|l| copies(*l)).collect();
            Group { members, mode, shards, replicate_links, ring_n }
        })
        .collect();
    (groups, group_of)
}

fn shard_instances(component: &Component, placed: &Placed, shard: usize) -> Vec<usize> {
    let shards = component.shards() as usize;
    let replicas = component.replicas as usize;
    if shard >= shards {
        return Vec::new();
    }
    (0..replicas).map(|r| placed.instances.start + shard * replicas + r).collect()
}

/// Whether every history that keeps `strong` also keeps `weak` (the map of jepsen.io, per key).
pub fn implies(strong: Consistency, weak: Consistency) -> bool {
    use Consistency::*;
    let below: &[Consistency] = match strong {
        Linearizable => return true,
        Sequential => &[
            Sequential,
            Causal,
            ReadYourWrites,
            MonotonicReads,
            MonotonicWrites,
            WritesFollowReads,
            Eventual,
        ],
        Causal => &[Causal, ReadYourWrites, MonotonicReads, MonotonicWrites, WritesFollowReads, Eventual],
        ReadYourWrites => &[ReadYourWrites, Eventual],
        MonotonicReads => &[MonotonicReads, Eventual],
        MonotonicWrites => &[MonotonicWrites, Eventual],
        WritesFollowReads => &[WritesFollowReads, Eventual],
        Eventual => &[Eventual],
    };
    below.contains(&weak)
}

/// Whether one replica, other than the leader, can answer a read at the wanted consistency.
///
/// A backup or a chain replica gives a prefix of the history; a consensus follower gives it in an order that all
/// followers share; a single replica of a quorum or of several primaries promises no more than to converge, unless its
/// type merges by itself.
pub fn replica_gives(mode: &Replication, wanted: Consistency) -> bool {
    use Consistency::*;
    match mode {
        Replication::None => true,
        Replication::PrimaryBackup(_) | Replication::Chain(_) => {
            matches!(wanted, MonotonicWrites | WritesFollowReads | Eventual)
        }
        Replication::Consensus(_) => implies(Sequential, wanted),
        Replication::Quorum(_) => wanted == Eventual,
        Replication::MultiPrimary(mp) => match mp.merge {
            Merge::Crdt => implies(Causal, wanted),
            Merge::LastWriteWins | Merge::VectorClocks | Merge::Application => wanted == Eventual,
        },
    }
}
