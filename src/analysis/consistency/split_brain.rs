//! Split brain: two primaries at once, each sure that it is the only one.

use super::{named, view, voting};
use crate::analysis::facts::listed;
use crate::analysis::{Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Group;
use crate::design::{Component, ComponentId, ElementId, Failover, Interaction, Replication};

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
            named(facts, split),
            listed(members.iter().map(|c| facts.name(c)), 2),
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
