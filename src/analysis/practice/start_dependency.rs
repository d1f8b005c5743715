//! Needs at start: instances that run, but could not be started again.

use std::collections::BTreeSet;

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::slots_of_all;
use crate::design::{Component, ElementId, Need, When};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "start-dependency",
        title: "Cannot restart alone",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "What is needed only at start is missed by nobody, until a crash, a release or the automatic scaling \
              starts an instance: then that fails, in the middle of another outage.",
        detected: "A slot is felt at start, and all its targets together are one instance.",
        fix: "Give what is needed at start a second instance, or let instances keep what they got from it.",
        false_alarm: "The target comes back faster than any instance is started.",
        source: "Google SRE book, chapter 22: dependencies of startup; Nygard, Release It!, chapter 9",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    // By target: who cannot start without it.
    let mut said: BTreeSet<&str> = BTreeSet::new();
    let slots = slots_of_all(facts.design);
    for (c, of_one) in facts.design.components.iter().zip(&slots) {
        for slot in of_one {
            let targets: Vec<&Component> =
                slot.links.iter().filter_map(|l| facts.component(&facts.design.links[*l].to)).collect();
            let single = match slot.need {
                Need::Optional => None,
                Need::Any if targets.len() > 1 => None,
                _ => targets.iter().find(|t| t.replicas <= 1),
            };
            let Some(target) = single.filter(|t| slot.when == When::AtStart && !said.contains(t.id.as_str()))
            else {
                continue;
            };
            said.insert(target.id.as_str());
            let starters: Vec<&Component> = facts
                .links_to(&target.id)
                .iter()
                .filter_map(|l| facts.component(&l.from))
                .filter(|f| {
                    facts.index(&f.id).is_some_and(|f| {
                        slots[f].iter().any(|s| {
                            s.when == When::AtStart
                                && s.links.iter().any(|l| facts.design.links[*l].to == target.id)
                        })
                    })
                })
                .collect();
            let text = format!(
                "while {} is gone, no instance of {} can be started",
                facts.name(target),
                listed(starters.iter().map(|c| facts.name(c)), 3)
            );
            // A coordinator needs a majority.
            let replicas = if target.kind.is_replicated() { 3 } else { 2 };
            let more = Change::component(target, |c| c.replicas = replicas);
            let witness =
                starters.iter().map(|c| ElementId::from(&c.id)).chain([ElementId::from(&target.id)]);
            out.push(
                facts
                    .about(RULE.card, Severity::Warning, target, text)
                    .journeys(facts.journeys_through(&c.id))
                    .witness(witness.collect())
                    .fix(format!("Run {replicas} instances of {}", facts.name(target)), vec![more]),
            );
        }
    }
}
