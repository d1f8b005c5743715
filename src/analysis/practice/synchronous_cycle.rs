//! Synchronous circles: services that call each other and wait.

use super::circle::circles;
use crate::analysis::facts::{computes, listed};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Interaction, Kind, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "synchronous-cycle",
        title: "Synchronous circle",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A request that comes round again holds a worker in every service on the way; under load all workers \
              wait for each other and none is left to answer. No release order satisfies all of them.",
        detected: "Call links between components that compute lead round in a circle. Circles through a queue or \
              stream are left alone: nobody waits there. Peers, which are equal by design, are too.",
        fix: "Turn one of the calls into a message, or move what both need into a third component.",
        false_alarm: "The calls of the circle belong to different journeys that never meet, and each has workers of \
              its own.",
        source: "Newman, Building Microservices, chapter 2: coupling (O'Reilly 2021); Martin, acyclic dependencies \
              principle (1996)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let works = |id: &str| facts.component(id).is_some_and(|c| computes(c.kind) || c.kind == Kind::Worker);
    let calls: Vec<&Link> = facts
        .design
        .links
        .iter()
        .filter(|l| l.interaction == Interaction::Call && l.from != l.to)
        .filter(|l| works(l.from.as_str()) && works(l.to.as_str()))
        .collect();
    let ends = |l: &&Link| Some((facts.index(&l.from)?, facts.index(&l.to)?));
    for circle in circles(calls.iter().filter_map(ends)) {
        let members: Vec<&Component> = circle.iter().map(|c| &facts.design.components[*c]).collect();
        let inside = |l: &&&Link| ends(l).is_some_and(|(a, b)| circle.contains(&a) && circle.contains(&b));
        let text = format!(
            "{} call each other in a circle and wait",
            listed(members.iter().map(|c| facts.name(c)), 4)
        );
        let subjects: Vec<ElementId> = members.iter().map(|c| ElementId::from(&c.id)).collect();
        let journeys = facts.routes().iter().filter(|r| r.hops.iter().any(|h| circle.contains(&h.target)));
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects.clone(), text)
                .journeys(journeys.map(|r| r.journey.clone()))
                .witness(
                    subjects
                        .into_iter()
                        .chain(calls.iter().filter(inside).map(|l| ElementId::from(&l.id)))
                        .collect(),
                ),
        );
    }
}
