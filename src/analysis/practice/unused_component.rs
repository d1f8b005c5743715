//! Components that nothing is joined to: forgotten, or not drawn to the end.

use std::collections::BTreeSet;

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Replication;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unused-component",
        title: "Joined to nothing",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "Somebody pays for it and patches it, or does not; and whoever reads the drawing wonders what it is \
              for.",
        detected: "The design has a drawn journey, and a component has no link at all and votes nowhere.",
        fix: "Draw what it is for, or take it out.",
        false_alarm: "It is a remark in the shape of a box; a note says that better.",
        source: "Threagile: unnecessary technical asset; Structurizr inspections: element without relationships",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // While nobody has drawn a journey, the drawing is not finished.
    if facts.drawn_routes().next().is_none() {
        return;
    }
    let mut votes: BTreeSet<&str> = BTreeSet::new();
    for group in &facts.deployment.groups {
        match &group.mode {
            Replication::PrimaryBackup(pb) => votes.extend(pb.voters.iter().map(|v| v.as_str())),
            Replication::Chain(chain) => votes.extend(chain.coordinator.iter().map(|v| v.as_str())),
            _ => {}
        }
    }
    let joined: BTreeSet<&str> =
        facts.design.links.iter().flat_map(|l| [l.from.as_str(), l.to.as_str()]).collect();
    for c in &facts.design.components {
        if joined.contains(c.id.as_str()) || votes.contains(c.id.as_str()) {
            continue;
        }
        out.push(facts.about(
            RULE.card,
            Severity::Info,
            c,
            format!("{} is joined to nothing", facts.name(c)),
        ));
    }
}
