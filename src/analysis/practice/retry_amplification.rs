//! Retries at several layers multiply: one request of a user becomes dozens at the target that fails.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{ElementId, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "retry-amplification",
        title: "Retries multiply",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Three tries at each of three layers are 27 requests where one was asked. An outage that would end by \
              itself is kept alive by the retries that it causes, even after what triggered it is gone.",
        detected: "On one path of a drawn journey two or more links state several tries each, and the product is \
              nine or more. Unstated tries are not counted.",
        fix: "Retry at one layer only, the one next to the target, and let the others pass the failure on.",
        false_alarm: "A retry budget or a breaker cuts the retries off; both are then in the libraries and not in \
              the drawing.",
        source: "Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021); Google SRE book, chapter \
              22: retry amplification",
    },
    check,
};

/// From this many requests for one on it is worth saying.
const FACTOR_MIN: u32 = 9;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for route in facts.drawn_routes() {
        let worst = (0..route.hops.len())
            .map(|hop| (hop, retrying(facts, route, hop)))
            .filter(|(_, links)| links.len() > 1)
            .map(|(hop, links)| {
                (hop, links.iter().fold(1_u32, |n, l| n.saturating_mul(l.policy.tries)), links)
            })
            // Of equals the first, which is the one nearest to the user.
            .max_by_key(|(hop, factor, _)| (*factor, std::cmp::Reverse(*hop)));
        let Some((hop, factor, links)) = worst.filter(|(_, factor, _)| *factor >= FACTOR_MIN) else {
            continue;
        };
        let product = links.iter().map(|l| l.policy.tries.to_string()).collect::<Vec<_>>().join(" x ");
        let text = format!(
            "when {} fails, one request of {} becomes {factor}: {product} tries",
            facts.name(facts.target_of(&route.hops[hop])),
            route.title
        );
        let once = links[..links.len() - 1].iter().map(|l| Change::link(l, |l| l.policy.tries = 1)).collect();
        out.push(
            Finding::new(
                RULE.card.id,
                Severity::Warning,
                links.iter().map(|l| ElementId::from(&l.id)).collect(),
                text,
            )
            .named([route.journey.as_str()])
            .journeys([route.journey.clone()])
            .witness(facts.way(route, hop))
            .fix("Retry only next to the target", once),
        );
    }
}

/// The links on the way to a hop that state more than one try.
fn retrying<'a>(facts: &Facts<'a>, route: &Route, hop: usize) -> Vec<&'a Link> {
    route
        .path_to(hop)
        .into_iter()
        .map(|h| facts.link_of(&route.hops[h]))
        .filter(|l| l.policy.tries > 1)
        .collect()
}
