//! No bulkhead: one slow third party uses up the workers that other journeys need.

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{Interaction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-bulkhead",
        title: "No bulkhead",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "When a third party falls silent, all workers of the caller end up waiting for it, and journeys that \
              have nothing to do with it stop as well.",
        detected: "A component calls an external system without a limit of requests under way, users wait for it in \
              one drawn journey, and another drawn journey through the same component does not need that system.",
        fix: "State the most requests that may be under way along the link, or give the other journeys instances of \
              their own.",
        false_alarm: "The caller waits without holding a worker, and its memory is large enough for all who wait.",
        source: "Nygard, Release It!, chapter 5: bulkheads (Pragmatic Bookshelf 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (index, link) in facts.design.links.iter().enumerate() {
        if link.interaction != Interaction::Call || link.policy.in_flight_max > 0 {
            continue;
        }
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        if to.kind != Kind::ExternalSystem {
            continue;
        }
        let waits =
            |r: &Route| (0..r.hops.len()).any(|h| r.hops[h].link == index && !facts.is_in_effect(r, h));
        let passes = |r: &Route| r.hops.iter().any(|h| facts.target_of(h).id == from.id);
        let users: Vec<&Route> = facts.drawn_routes().filter(|r| passes(r)).collect();
        let others: Vec<&str> = users.iter().filter(|r| !waits(r)).map(|r| r.title.as_str()).collect();
        if others.is_empty() || others.len() == users.len() {
            continue;
        }
        let text = format!(
            "while {} is silent, {} may end up waiting for it with all it has, and {} with it",
            facts.name(to),
            facts.name(from),
            listed(others.iter().copied(), 3)
        );
        // Half of what one instance works on is left for the others.
        let most = (from.service.concurrency() / 2).max(1);
        let limited = Change::link(link, |l| l.policy.in_flight_max = most);
        out.push(
            facts
                .about_link(RULE.card, Severity::Info, link, text)
                .journeys(users.iter().map(|r| r.journey.clone()))
                .fix(format!("Let at most {most} requests be under way"), vec![limited]),
        );
    }
}
