//! Cold starts: the first request after a pause takes longer than was promised.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "cold-start",
        title: "Cold start too slow",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A function that has idled is started by the user who comes next. If that takes longer than the user \
              waits, rare journeys fail most of the time, and tests that run in a row never see it.",
        detected: "Users wait for a function in a drawn journey, and its cold start is longer than the 99th \
              percentile that the journey promises, or than half of its deadline.",
        fix: "Keep one instance warm, make it start faster, or make a service of it.",
        false_alarm: "The function is asked so often that it never idles.",
        source: "Wang et al., Peeking Behind the Curtains of Serverless Platforms (USENIX ATC 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        let Some(journey) = facts.drawn(route) else { continue };
        for (i, hop) in route.hops.iter().enumerate() {
            let c = facts.target_of(hop);
            if c.kind != Kind::Function || facts.is_in_effect(route, i) {
                continue;
            }
            let cold = c.function.clone().unwrap_or_default().cold_start();
            let promised = journey.objective.as_ref().and_then(|o| o.p99).filter(|p| cold > *p);
            let late = journey.deadline.filter(|d| 2.0 * cold.get() > d.get());
            let text = match (promised, late) {
                (Some(p99), _) => {
                    format!("{} takes {cold} to start, and {} promises {p99}", facts.name(c), route.title)
                }
                (None, Some(deadline)) => {
                    format!("{} takes {cold} to start, and {} waits {deadline}", facts.name(c), route.title)
                }
                (None, None) => continue,
            };
            if !said.insert(c.id.as_str()) {
                continue;
            }
            let service = Change::component(c, |c| {
                c.kind = Kind::Service;
                c.function = None;
            });
            out.push(
                facts
                    .about(RULE.card, Severity::Warning, c, text)
                    .witness(facts.way(route, i))
                    .fix("Make it a service that is always there", vec![service]),
            );
        }
    }
}
