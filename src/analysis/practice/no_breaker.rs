//! No circuit breaker towards what others run.

use std::collections::BTreeMap;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Breaker, Interaction, Kind, Need};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-breaker",
        title: "No circuit breaker",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "When a third party is down for an hour, every request still waits for its timeout first, and the \
              workers that wait are missing for everything else. A breaker answers at once and asks again later.",
        detected: "In a drawn journey users wait for a call to an external system, and the link states no breaker. \
              It is a warning where the journey fails with it, a note where the need is optional.",
        fix: "State a breaker on the link, and what is answered while it is open.",
        false_alarm: "The client library of the third party has one.",
        source: "Nygard, Release It!, chapter 5: circuit breaker (Pragmatic Bookshelf 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut open: BTreeMap<usize, Severity> = BTreeMap::new();
    for route in facts.drawn_routes() {
        let slots = route.root.iter().chain(route.hops.iter().flat_map(|h| &h.slots));
        for (slot, hop) in slots.flat_map(|s| s.hops.iter().map(move |h| (s, *h))) {
            let step = &route.hops[hop];
            let link = facts.link_of(step);
            let leaves =
                facts.target_of(step).kind == Kind::ExternalSystem && link.interaction == Interaction::Call;
            if leaves && link.policy.breaker.is_none() && !facts.is_in_effect(route, hop) {
                let severity = if slot.need == Need::Optional { Severity::Info } else { Severity::Warning };
                let known = open.entry(step.link).or_insert(severity);
                *known = severity.max(*known);
            }
        }
    }
    for (link, severity) in open {
        let link = &facts.design.links[link];
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let text = format!("{} goes on asking {} however long it is down", facts.name(from), facts.name(to));
        let broken = Change::link(link, |l| l.policy.breaker = Some(Breaker::default()));
        out.push(
            facts.about_link(RULE.card, severity, link, text).fix("State a circuit breaker", vec![broken]),
        );
    }
}
