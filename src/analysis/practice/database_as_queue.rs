//! Databases as queues: a worker polls a table for what to do.

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Interaction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "database-as-queue",
        title: "Database as queue",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Polling costs the store most when there is nothing to do, two workers take the same row, and the table \
              of tasks is the one that locks when the store is busy with users.",
        detected: "A worker that consumes from no queue or stream calls a store, and somebody else calls that store \
              too.",
        fix: "Put a queue between who has work and who does it.",
        false_alarm: "The work is a nightly job and not triggered by what others write.",
        source: "Database-as-IPC, a named anti-pattern; Hohpe and Woolf, Enterprise Integration Patterns: polling \
              consumer (2003)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for worker in facts.design.components.iter().filter(|c| c.kind == Kind::Worker) {
        // Whoever is called or subscribed to something is told what to do.
        let is_told = facts.links_to(&worker.id).iter().any(|l| {
            matches!(l.interaction, Interaction::Subscribe | Interaction::Call | Interaction::Publish)
        });
        let fetches = facts
            .links_from(&worker.id)
            .iter()
            .any(|l| facts.component(&l.to).is_some_and(|c| c.kind.is_messaging()));
        if is_told || fetches {
            continue;
        }
        for link in facts.links_from(&worker.id).iter().filter(|l| l.interaction == Interaction::Call) {
            let Some(store) = facts.component(&link.to).filter(|c| c.kind.is_store()) else { continue };
            let feeder = facts
                .links_to(&store.id)
                .iter()
                .filter(|l| l.interaction == Interaction::Call && l.from != worker.id)
                .filter_map(|l| facts.component(&l.from))
                .find(|c| c.kind != Kind::Worker);
            let Some(feeder) = feeder else { continue };
            let text = format!(
                "{} finds its work by asking {}, where {} leaves it",
                facts.name(worker),
                facts.name(store),
                facts.name(feeder)
            );
            let way = [&feeder.id, &store.id, &worker.id].map(ElementId::from).to_vec();
            out.push(facts.about_link(RULE.card, Severity::Warning, link, text).witness(way));
        }
    }
}
