//! Strong reads through a cache: an answer that is as old as its entry.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Consistency, ElementId, Journey, Kind, LinkId, Op, Step};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "stale-cache-read",
        title: "Strong read through a cache",
        family: RuleFamily::Consistency,
        severity: Severity::Warning,
        why: "The journey asks to see the last write, and a cache answers with what it has. Until the entry runs out \
              a user may not see what he has just saved, and two users see different things.",
        detected: "A step of a drawn journey reads a cache or CDN, and it or its journey asks for more than eventual \
              answers.",
        fix: "Say at the step that the cache may answer with something older, or read past it.",
        false_alarm: "Every write also replaces or removes the entry, in the same moment for everybody.",
        source: "Nishtala et al., Scaling Memcache at Facebook (NSDI 2013): stale sets and leases",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        let Some(journey) = facts.drawn(route) else { continue };
        for (i, hop) in route.hops.iter().enumerate() {
            let cache = facts.target_of(hop);
            let link = facts.link_of(hop);
            let is_cache = matches!(cache.kind, Kind::Cache | Kind::Cdn);
            let is_strong = hop.consistency.is_some_and(|c| c < Consistency::Eventual);
            if !is_cache || hop.op != Op::Read || !is_strong || !said.insert((&route.journey, &link.id)) {
                continue;
            }
            let ttl = cache.cache.clone().unwrap_or_default().ttl();
            let text = format!(
                "{} asks for the last write, and {} answers with what may be {ttl} old",
                route.title,
                facts.name(cache)
            );
            let mut finding =
                Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&cache.id)], text)
                    .named([route.journey.as_str(), link.id.as_str()])
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i));
            let mut mended = Journey::clone(journey);
            if weaken(&mut mended.steps, &link.id) {
                finding = finding.fix(
                    "Let the cache answer with something older",
                    vec![Change::ReplaceJourney(Box::new(mended))],
                );
            }
            out.push(finding);
        }
    }
}

/// Steps along a link need be no more than eventual; whether there are any.
fn weaken(steps: &mut [Step], link: &LinkId) -> bool {
    let mut found = false;
    for step in steps {
        if step.link == *link {
            step.consistency = Some(Consistency::Eventual);
            found = true;
        }
        found |= weaken(&mut step.then, link);
    }
    found
}
