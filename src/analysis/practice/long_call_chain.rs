//! Long synchronous chains: a request that waits for a row of services, each of which waits for the next.

use crate::analysis::facts::computes;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::ElementId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "long-call-chain",
        title: "Long synchronous chain",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The times of a chain add up and its availabilities multiply: six services of 99.9 % make 99.4 %. The \
              user waits for the slowest of all of them, and every further link makes it worse.",
        detected: "On one path of a drawn journey more than five components that compute are called one behind \
              another. What stands behind a queue is not counted, nor are balancers, firewalls, caches and stores.",
        fix: "Answer from what is at hand and let the rest follow behind a queue; or merge services that always \
              change together.",
        false_alarm: "Each of them is a thin layer of the same program.",
        source: "Newman, Building Microservices, chapter 4: call chains (O'Reilly 2021); Nygard, Release It!, \
              chapter 4: cascading failures",
    },
    check,
};

/// More than this many in a row is too long.
const CHAIN_MAX: usize = 5;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for route in facts.drawn_routes() {
        let Some((hop, length)) = longest(facts, route) else { continue };
        if length <= CHAIN_MAX {
            continue;
        }
        let text = format!(
            "{} waits for {length} components one behind another, the last of them {}",
            route.title,
            facts.name(facts.target_of(&route.hops[hop]))
        );
        let way = facts.way(route, hop);
        let subjects = way.iter().filter(|e| facts.component(e.as_str()).is_some_and(|c| computes(c.kind)));
        let subjects: Vec<ElementId> = subjects.cloned().collect();
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects, text)
                .named([route.journey.as_str()])
                .journeys([route.journey.clone()])
                .witness(way),
        );
    }
}

/// The hop at the end of the longest chain for which the user waits, and how many components compute on it.
pub(super) fn longest(facts: &Facts<'_>, route: &Route) -> Option<(usize, usize)> {
    let length = |hop: usize| {
        let path = route.path_to(hop);
        path.iter().filter(|h| computes(facts.target_of(&route.hops[**h]).kind)).count()
    };
    (0..route.hops.len())
        .filter(|h| !facts.is_in_effect(route, *h) && !route.hops[*h].standing)
        .map(|h| (h, length(h)))
        // Of equals the first.
        .max_by_key(|(h, length)| (*length, std::cmp::Reverse(*h)))
}
