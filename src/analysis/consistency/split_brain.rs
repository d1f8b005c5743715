//! Split brain: two primaries at once, each sure that it is the only one.

use super::{named, view};
use crate::analysis::facts::listed;
use crate::analysis::{Change, Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Group;
use crate::design::{
    Component, ComponentId, ElementId, Failover, Interaction, Kind, Link, PrimaryBackup, Replication,
};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "split-brain",
        title: "Split brain",
        family: RuleFamily::Consistency,
        severity: Severity::Error,
        why: "While the zones cannot reach each other, both sides acknowledge writes to the same data; when they meet \
              again, one side's writes are thrown away after users were told that they are safe.",
        detected: "A store, queue or coordinator fails over automatically without voters, its replicas stand in more than \
                   one leaf zone, and some partition between these lets two sides write. A heartbeat that fences the old \
                   primary is left alone.",
        fix: "Name voters in an odd number of zones, so that only the side with a majority of them promotes.",
        false_alarm: "Something that is not drawn decides who may be primary.",
        source: "Brewer, CAP Twelve Years Later (IEEE Computer 45(2), 2012); Kleppmann, DDIA, chapter 8",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for group in &facts.deployment.groups {
        let Replication::PrimaryBackup(pb) = &group.mode else { continue };
        if pb.failover != Failover::Automatic || !pb.voters.is_empty() || is_fenced(facts, group) {
            continue;
        }
        let seen = view(&facts.deployment, group);
        let Some(split) = seen.partitions.iter().find(|p| p.is_split) else { continue };
        let members: Vec<&Component> = group.members.iter().map(|m| &facts.design.components[*m]).collect();
        let text = format!(
            "while {} cannot reach each other, each side of {} promotes a primary and acknowledges writes",
            named(split),
            listed(members.iter().map(|c| c.title()), 2),
        );
        let mut finding = Finding::new(
            RULE.card.id,
            Severity::Error,
            members.iter().map(|c| ElementId::from(&c.id)).collect(),
            text,
        )
        .journeys(facts.journeys_through(&members[0].id))
        .witness(facts.way_to(&members[0].id));
        if let Some(cuts) = &split.cuts {
            finding = finding.experiment(Experiment { cut: cuts.clone(), ..Experiment::default() });
        }
        let (title, changes) = voting(facts, group, pb, &members);
        out.push(finding.fix(title, changes));
    }
}

fn is_fenced(facts: &Facts<'_>, group: &Group) -> bool {
    let inside = |id: &ComponentId| facts.index(id).is_some_and(|i| group.members.contains(&i));
    facts.design.links.iter().any(|l| {
        l.interaction == Interaction::Heartbeat
            && inside(&l.from)
            && inside(&l.to)
            && l.heartbeat.is_some_and(|h| h.fenced)
    })
}

/// Voters: those of a coordinator that is there, else the replicas themselves if they are three or more, else a new
/// coordinator.
fn voting(
    facts: &Facts<'_>,
    group: &Group,
    pb: &PrimaryBackup,
    members: &[&Component],
) -> (String, Vec<Change>) {
    let coordinator = facts.design.components.iter().find(|c| c.kind == Kind::Coordinator && c.replicas > 2);
    let mut changes = Vec::new();
    let (title, voters) = if let Some(c) = coordinator {
        (format!("Let {} vote on the primary", c.title()), vec![c.id.clone()])
    } else if group.shards.first().is_some_and(|s| s.len() > 2) {
        ("Let the replicas vote on the primary".to_owned(), members.iter().map(|c| c.id.clone()).collect())
    } else {
        let id = ComponentId::new(facts.design.mint_id("voters"));
        let mut new = Component::new(id.clone(), Kind::Coordinator);
        new.name = "Voters".to_owned();
        new.replicas = 3;
        // One in each zone of the replicas, and the third in another zone if there is one.
        let mut zones: Vec<_> = members.iter().flat_map(|c| c.zones.iter().cloned()).collect();
        zones.dedup();
        let leaves = facts.deployment.zones.iter().enumerate().filter(|(i, z)| z.is_leaf(*i));
        let other = leaves.map(|(_, z)| &z.id).find(|id| {
            !zones.iter().any(|z| {
                facts
                    .deployment
                    .zones
                    .iter()
                    .any(|p| p.id == *z && p.leaves.iter().any(|l| facts.deployment.zones[*l].id == **id))
            })
        });
        zones.extend(other.cloned());
        new.zones = zones;
        let near = members.first().map(|c| c.id.clone());
        changes.push(Change::AddComponent { component: Box::new(new), near });
        ("Add three voters and let them choose the primary".to_owned(), vec![id])
    };
    let mode = Some(Replication::PrimaryBackup(PrimaryBackup { voters, ..pb.clone() }));
    let drawn = facts.design.links.iter().find(|l| {
        l.replication.is_some()
            && members.iter().any(|c| c.id == l.from)
            && members.iter().any(|c| c.id == l.to)
    });
    changes.push(match drawn.filter(|_| members.len() > 1) {
        Some(link) => Change::ReplaceLink(Box::new(Link { replication: mode, ..link.clone() })),
        None => {
            let with_mode = members.iter().find(|c| c.replication.is_some()).unwrap_or(&members[0]);
            Change::ReplaceComponent(Box::new(Component { replication: mode, ..(*with_mode).clone() }))
        }
    });
    (title, changes)
}
