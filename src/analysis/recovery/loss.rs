//! What is gone of what was acknowledged, if what is lost never comes back.

use std::collections::BTreeSet;

use super::{Basis, FailureClass, Part, Span};
use crate::analysis::Facts;
use crate::deploy::{Group, Hop, Route};
use crate::design::{Component, ComponentId, ElementId, Failover, Millis, Op, Quorum, Replication, Sync};

/// How far an asynchronous copy is assumed to be behind, beside the delay of its link: nothing bounds it.
const LAG: Millis = Millis(1000.0);

/// What may be gone.
#[derive(Clone, Debug, PartialEq)]
pub enum DataLoss {
    /// Everything that was acknowledged is kept elsewhere.
    Nothing,
    /// What was acknowledged within that time before.
    UpTo(Span),
    /// All of it, and why.
    Everything(String),
}

impl DataLoss {
    /// The time before the failure from which on something may be gone, in milliseconds; infinite where all of it is.
    pub fn reach_ms(&self) -> f64 {
        match self {
            DataLoss::Nothing => 0.0,
            DataLoss::UpTo(span) => span.total().get(),
            DataLoss::Everything(_) => f64::INFINITY,
        }
    }

    fn worse(self, other: DataLoss) -> DataLoss {
        if other.reach_ms() > self.reach_ms() { other } else { self }
    }
}

/// The worst of what a journey's writes lose, and whose it is.
pub(super) fn of(
    facts: &Facts<'_>,
    route: &Route,
    element: &ElementId,
    class: FailureClass,
    lost: &BTreeSet<usize>,
) -> (DataLoss, Option<ComponentId>) {
    let mut worst = (DataLoss::Nothing, None);
    for hop in route.hops.iter().filter(|h| changes(h)) {
        let c = facts.target_of(hop);
        let loss = of_target(facts, hop.target, c, element, class, lost);
        if loss.reach_ms() > worst.0.reach_ms() {
            worst = (loss, Some(c.id.clone()));
        }
    }
    worst
}

fn changes(hop: &Hop) -> bool {
    !hop.standing && matches!(hop.op, Op::Write | Op::Call | Op::Publish | Op::Deliver)
}

fn of_target(
    facts: &Facts<'_>,
    target: usize,
    c: &Component,
    element: &ElementId,
    class: FailureClass,
    lost: &BTreeSet<usize>,
) -> DataLoss {
    let hit = facts.deployment.components[target].instances.clone().any(|i| lost.contains(&i));
    let checkpoint = c.data.as_ref().and_then(|d| d.checkpoint).filter(|_| hit);
    let since = checkpoint.map_or(DataLoss::Nothing, |every| {
        let source = format!("components[{}].data.checkpoint", c.id);
        DataLoss::UpTo(Span {
            parts: vec![Part::new("since its last checkpoint", every, source, Basis::Stated)],
        })
    });
    let keeps = c.kind.is_store() || c.kind.is_messaging();
    let group = facts.deployment.group_of[target].map(|g| &facts.deployment.groups[g]).filter(|_| keeps);
    let Some(group) = group else { return since };
    (0..group.classes())
        .map(|class_of_keys| (group.homes(class_of_keys), group.replicas(class_of_keys)))
        .filter(|(homes, _)| homes.iter().any(|i| lost.contains(i)))
        .map(|(homes, _)| of_copies(facts, group, &homes, c, element, class, lost))
        .fold(since, DataLoss::worse)
}

/// What is gone of the keys whose copies these are, the primary first.
fn of_copies(
    facts: &Facts<'_>,
    group: &Group,
    homes: &[usize],
    c: &Component,
    element: &ElementId,
    class: FailureClass,
    lost: &BTreeSet<usize>,
) -> DataLoss {
    let gone = homes.iter().filter(|i| lost.contains(i)).count();
    if gone == homes.len() {
        return from_backup(facts, group, c, element, class);
    }
    let primary_is_lost = homes.first().is_some_and(|i| lost.contains(i));
    let behind = || DataLoss::UpTo(lag(facts, group));
    match &group.mode {
        Replication::PrimaryBackup(pb) if primary_is_lost => match pb.sync {
            Sync::Async => behind(),
            // Whoever promotes without a vote may promote a backup that lacks what another has.
            Sync::SemiSync(_) if pb.failover == Failover::Automatic && pb.voters.is_empty() => behind(),
            Sync::SemiSync(k) if gone > k.max(1) as usize => behind(),
            Sync::SemiSync(_) | Sync::Sync => DataLoss::Nothing,
        },
        // What a majority had agreed on may have been with the others alone.
        Replication::Consensus(_) if gone > homes.len() / 2 => behind(),
        Replication::Quorum(q) if gone >= written(q, homes.len()) => behind(),
        Replication::MultiPrimary(_) => behind(),
        _ => DataLoss::Nothing,
    }
}

/// Copies that must have a write before it is acknowledged.
fn written(quorum: &Quorum, copies: usize) -> usize {
    if quorum.w == 0 { copies / 2 + 1 } else { quorum.w as usize }
}

/// How far the copies may be behind.
fn lag(facts: &Facts<'_>, group: &Group) -> Span {
    let mut parts = vec![Part::new("that copies are behind", LAG, "", Basis::Assumed)];
    let links = group.replicate_links.iter().map(|l| &facts.design.links[*l]);
    let slowest = links
        .filter_map(|l| Some((l, l.network.latency?)))
        .max_by(|(_, a), (_, b)| a.get().total_cmp(&b.get()));
    if let Some((link, latency)) = slowest {
        let source = format!("links[{}].network.latency", link.id);
        parts.push(Part::new("on the way to the copy", latency, source, Basis::Stated));
    }
    Span { parts }
}

/// No copy is left: what the last backup has, unless that is lost with them.
fn from_backup(
    facts: &Facts<'_>,
    group: &Group,
    c: &Component,
    element: &ElementId,
    class: FailureClass,
) -> DataLoss {
    let copies = if group.shards.iter().all(|s| s.len() <= 1) { "one copy" } else { "all its copies there" };
    if c.kind.is_messaging() {
        return DataLoss::Everything(format!("it has {copies}, and nobody backs up what waits"));
    }
    let backups = group.members.iter().filter_map(|m| {
        let member = &facts.design.components[*m];
        Some((member, member.data.as_ref()?.backup.as_ref()?))
    });
    // Backups whose place nobody states are taken to be elsewhere.
    let inside = |zone: &str| {
        let place = facts.deployment.zone_index(zone).map(|z| &facts.deployment.zones[z].chain);
        let failed = facts.deployment.zone_index(element.as_str());
        class == FailureClass::Zone && place.is_some_and(|chain| failed.is_some_and(|z| chain.contains(&z)))
    };
    let mut any = false;
    let mut safe: Option<(&Component, Millis)> = None;
    for (member, backup) in backups {
        any = true;
        let is_safe = !backup.zone.as_ref().is_some_and(|z| inside(z.as_str()));
        if is_safe && safe.is_none_or(|(_, every)| backup.every < every) {
            safe = Some((member, backup.every));
        }
    }
    match safe {
        Some((member, every)) => DataLoss::UpTo(Span {
            parts: vec![Part::new(
                "since its last backup",
                every,
                format!("components[{}].data.backup.every", member.id),
                Basis::Stated,
            )],
        }),
        None if any => DataLoss::Everything("its backups are lost with it".to_owned()),
        None => DataLoss::Everything(format!("it has {copies} and no backup")),
    }
}
