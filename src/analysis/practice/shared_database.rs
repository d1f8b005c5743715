//! Shared databases: several services keep their data in one store.

use std::collections::BTreeSet;

use crate::analysis::facts::{computes, listed};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Interaction, Kind, Op};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "shared-database",
        title: "Shared database",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A change of the schema for one of them breaks the others, a slow query of one slows all, and nobody \
              can say who owns a table. What looks like services is one program in several processes.",
        detected: "In drawn journeys two or more components with different owners write to one store, or three or \
              more components that compute call it. Components that state the same owner count as one.",
        fix: "Give each service its own store, and let the others ask it or follow its events.",
        false_alarm: "The services are parts of one program that is released together; say so by the same owner.",
        source: "Newman, Building Microservices, chapter 2: common coupling (O'Reilly 2021)",
    },
    check,
};

/// From this many callers on nobody owns it any more.
const CALLERS_MIN: usize = 3;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (index, store) in facts.design.components.iter().enumerate() {
        // Who fills a warehouse or keeps files in an object store shares no schema.
        if !store.kind.is_store() || matches!(store.kind, Kind::Warehouse | Kind::ObjectStore) {
            continue;
        }
        let callers: Vec<&Component> = facts
            .links_to(&store.id)
            .iter()
            .filter(|l| l.interaction == Interaction::Call)
            .filter_map(|l| facts.component(&l.from))
            .filter(|c| computes(c.kind) || c.kind == Kind::Worker)
            .collect();
        let writers: BTreeSet<&str> = facts
            .visits(index)
            .filter(|(r, h)| {
                matches!(h.op, Op::Write | Op::Call) && facts.drawn(&facts.routes()[*r]).is_some()
            })
            .filter_map(|(_, h)| facts.caller_of(h))
            .map(|c| c.id.as_str())
            .collect();
        let writing: Vec<&Component> =
            callers.iter().copied().filter(|c| writers.contains(c.id.as_str())).collect();
        let (who, what) = if owners(&callers) >= CALLERS_MIN {
            (&callers, "share")
        } else if owners(&writing) > 1 {
            (&writing, "write to")
        } else {
            continue;
        };
        let mut names: Vec<&str> = who.iter().map(|c| facts.name(c)).collect();
        names.dedup();
        let text =
            format!("{} {what} {}: none of them can change it alone", listed(names, 4), facts.name(store));
        let witness =
            who.iter().map(|c| ElementId::from(&c.id)).chain([ElementId::from(&store.id)]).collect();
        // A sketch may still find stores of their own for them.
        let severity = if facts.design.journeys.is_empty() { Severity::Info } else { Severity::Warning };
        out.push(facts.about(RULE.card, severity, store, text).witness(witness));
    }
}

/// How many different hands these are in: those who state the same owner are one.
fn owners(callers: &[&Component]) -> usize {
    let hand =
        |c: &&Component| if c.owner.is_empty() { (false, c.id.to_string()) } else { (true, c.owner.clone()) };
    callers.iter().map(hand).collect::<BTreeSet<_>>().len()
}
