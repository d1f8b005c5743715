//! One more instance, or copies whose majority leads: against the loss of single instances.

use super::change::{Draft, Remedy};
use super::spread::other_leaves;
use crate::analysis::consistency::voting;
use crate::analysis::failure::spof_instance::uncapital;
use crate::analysis::{Change, Facts};
use crate::design::{Component, Failover, Kind, PrimaryBackup, Quorum, Replication, Sync};

/// What keeps a component served while one of its instances is gone; or one more than now, where it is half of a pair.
pub(super) fn copies(facts: &Facts<'_>, component: &str, is_paired: bool) -> Vec<Draft> {
    let (Some(c), Some(index)) = (facts.component(component), facts.index(component)) else {
        return Vec::new();
    };
    // What others run is as it is.
    if c.kind == Kind::ExternalSystem {
        return Vec::new();
    }
    let Some(group) = facts.deployment.group_of[index].map(|g| &facts.deployment.groups[g]) else {
        return replicas(facts, index);
    };
    // A majority bears one loss more for every two copies.
    let least = if is_paired { (c.replicas + 2) | 1 } else { 3 };
    match &group.mode {
        Replication::None => vec![majority(facts, index, least)],
        Replication::PrimaryBackup(pb) => {
            let members: Vec<&Component> =
                group.members.iter().map(|m| &facts.design.components[*m]).collect();
            let automatic = PrimaryBackup { failover: Failover::Automatic, ..pb.clone() };
            let (title, changes) = voting(facts, group, &automatic, &members);
            let mut drafts = vec![Draft::new(
                Remedy::Quorum,
                format!("Promote automatically: {}", uncapital(&title)),
                changes,
            )];
            if members.len() == 1 {
                drafts.push(majority(facts, index, least));
            }
            drafts
        }
        Replication::Consensus(_) | Replication::Quorum(_) => vec![majority(facts, index, least)],
        Replication::Chain(_) | Replication::MultiPrimary(_) => replicas(facts, index),
    }
}

/// One more, in another zone where there is one; and one more where the others are.
fn replicas(facts: &Facts<'_>, index: usize) -> Vec<Draft> {
    let c = &facts.design.components[index];
    let replicas = c.replicas.max(c.min_healthy) + 1;
    let plain = Component { replicas, ..c.clone() };
    let mut drafts = Vec::new();
    let leaves = &facts.deployment.components[index].leaves;
    if leaves.len() == 1
        && let Some(other) = other_leaves(facts, leaves[0], &|leaf| leaf == leaves[0]).first()
    {
        let mut spread = plain.clone();
        spread.zones.push(facts.deployment.zones[*other].id.clone());
        let zone = &facts.deployment.zones[*other].id;
        drafts.push(Draft::new(
            Remedy::Replica,
            format!("Run {replicas} instances of {}, one of them in {zone}", c.title()),
            vec![Change::ReplaceComponent(Box::new(spread))],
        ));
    }
    drafts.push(Draft::new(
        Remedy::Replica,
        format!("Run {replicas} instances of {}", c.title()),
        vec![Change::ReplaceComponent(Box::new(plain))],
    ));
    drafts
}

/// So many copies at least, the first three each in its own zone where there are three.
fn majority(facts: &Facts<'_>, index: usize, least: u32) -> Draft {
    let c = &facts.design.components[index];
    let mut copied = Component { replicas: c.replicas.max(least), ..c.clone() };
    let leaves = &facts.deployment.components[index].leaves;
    if let [only] = leaves[..] {
        let others = other_leaves(facts, only, &|leaf| leaf == only);
        // Two zones are no better than one: whichever holds two of three decides.
        if let [a, b, ..] = others[..] {
            copied.zones.extend([a, b].map(|z| facts.deployment.zones[z].id.clone()));
        }
    }
    set_majority(facts, index, &mut copied);
    let title = format!("Keep {} copies of {} whose majority leads", copied.replicas, c.title());
    Draft::new(Remedy::Quorum, title, vec![Change::ReplaceComponent(Box::new(copied))])
}

/// Lets the copies of a component choose who leads by a majority, if they do not yet.
pub(super) fn set_majority(facts: &Facts<'_>, index: usize, copied: &mut Component) {
    let mode = facts.deployment.group_of[index].map(|g| &facts.deployment.groups[g].mode);
    match mode {
        Some(Replication::None) | None if copied.kind == Kind::Coordinator => copied.replication = None,
        Some(Replication::None) if copied.kind == Kind::Peer => {
            copied.replication = Some(Replication::Quorum(Quorum { n: 3, ..Quorum::default() }));
        }
        Some(Replication::None) => {
            copied.replication = Some(Replication::PrimaryBackup(PrimaryBackup {
                sync: Sync::SemiSync(1),
                failover: Failover::Automatic,
                voters: vec![copied.id.clone()],
                ..PrimaryBackup::default()
            }));
        }
        Some(Replication::PrimaryBackup(pb)) if pb.voters.is_empty() || pb.failover == Failover::Manual => {
            let sync = if pb.sync == Sync::Async { Sync::SemiSync(1) } else { pb.sync };
            copied.replication = Some(Replication::PrimaryBackup(PrimaryBackup {
                sync,
                failover: Failover::Automatic,
                voters: vec![copied.id.clone()],
                ..pb.clone()
            }));
        }
        Some(Replication::Quorum(q)) if q.n > 0 && q.n < 3 => {
            copied.replication = Some(Replication::Quorum(Quorum { n: 3, ..q.clone() }));
        }
        _ => {}
    }
}
