//! Lossy failovers: what was acknowledged is thrown away by the backup that takes over.

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Group, Route};
use crate::design::{Consistency, ElementId, Failover, Op, PrimaryBackup, Replication, Sync};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "lossy-failover",
        title: "Failover loses acknowledged writes",
        family: RuleFamily::Consistency,
        severity: Severity::Warning,
        why: "The primary says that a write is done before any backup has it. When it dies in that moment, the \
              backup that takes over has never heard of the write, and the user who saw a confirmation has no order.",
        detected: "A store fails over by itself, acknowledges before any backup has the write, and a drawn journey \
              writes to it and asks for linearizable answers. Stores that are only read are left alone.",
        fix: "Acknowledge after one backup has it (semi-sync), or ask for less.",
        false_alarm: "The last second of writes can be done again from elsewhere.",
        source: "Kleppmann, Designing Data-Intensive Applications, chapter 5: leader failure (O'Reilly 2017)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for group in &facts.deployment.groups {
        let Replication::PrimaryBackup(pb) = &group.mode else { continue };
        let Some(store) = group.members.first().map(|m| &facts.design.components[*m]) else { continue };
        let has_backups = group.shards.iter().any(|s| s.len() > 1);
        if pb.failover != Failover::Automatic
            || pb.sync != Sync::Async
            || !store.kind.is_store()
            || !has_backups
        {
            continue;
        }
        let loses = |r: &&Route| {
            r.hops.iter().any(|h| {
                group.members.contains(&h.target)
                    && matches!(h.op, Op::Write | Op::Call)
                    && h.consistency == Some(Consistency::Linearizable)
            })
        };
        let hit: Vec<&Route> = facts.drawn_routes().filter(loses).collect();
        if hit.is_empty() {
            continue;
        }
        let text = format!(
            "when the primary of {} dies, {} may lose writes that were acknowledged",
            facts.name(store),
            listed(hit.iter().map(|r| r.title.as_str()), 3)
        );
        let mode = Replication::PrimaryBackup(PrimaryBackup { sync: Sync::SemiSync(1), ..pb.clone() });
        let subjects: Vec<ElementId> =
            group.members.iter().map(|m| ElementId::from(&facts.design.components[*m].id)).collect();
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects, text)
                .journeys(hit.iter().map(|r| r.journey.clone()))
                .witness(facts.way_to(&store.id))
                .fix("Acknowledge after one backup has it", vec![stated(facts, group, mode)]),
        );
    }
}

/// The change that gives a group another mode: on the link that states it, or else on the component.
fn stated(facts: &Facts<'_>, group: &Group, mode: Replication) -> Change {
    let mut links = group.replicate_links.iter().map(|l| &facts.design.links[*l]);
    let members = || group.members.iter().map(|m| &facts.design.components[*m]);
    match links.find(|l| l.replication.is_some()) {
        Some(link) => Change::link(link, |l| l.replication = Some(mode)),
        None => {
            let first = &facts.design.components[group.members[0]];
            let c = members().find(|c| c.replication.is_some()).unwrap_or(first);
            Change::component(c, |c| c.replication = Some(mode))
        }
    }
}
