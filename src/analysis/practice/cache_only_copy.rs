//! Caches as the only copy: what is written there is nowhere else.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ComponentId, Interaction, Kind, Op};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "cache-only-copy",
        title: "Cache as the only copy",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "A cache forgets: when it is full, when an entry is old, and when it restarts. Whoever writes to it was \
              told that the data is safe.",
        detected: "In a drawn journey something is written to a cache that stands before no store, and its caller \
              writes to no store either.",
        fix: "Write to a store and let the cache follow; or, if it truly keeps what it is given, draw it as a \
              key-value store.",
        false_alarm: "What is written can be thrown away at any time, such as a rate counter.",
        source: "Kleppmann, Designing Data-Intensive Applications, chapter 1: derived data (O'Reilly 2017)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        for (i, hop) in route.hops.iter().enumerate() {
            let cache = facts.target_of(hop);
            if cache.kind != Kind::Cache || hop.op != Op::Write {
                continue;
            }
            let beside = facts.caller_of(hop).is_some_and(|c| reaches_store(facts, &c.id));
            if beside || reaches_store(facts, &cache.id) || !said.insert(cache.id.as_str()) {
                continue;
            }
            let text = format!(
                "{} writes to {}, and what is written there is nowhere else",
                route.title,
                facts.name(cache)
            );
            let store = Change::component(cache, |c| {
                c.kind = Kind::KeyValueStore;
                c.cache = None;
            });
            out.push(
                facts
                    .about(RULE.card, Severity::Error, cache, text)
                    .witness(facts.way(route, i))
                    .fix("Keep it in a key-value store", vec![store]),
            );
        }
    }
}

/// Whether a component calls something that keeps data, or hands it to a queue.
fn reaches_store(facts: &Facts<'_>, id: &ComponentId) -> bool {
    facts.links_from(id).iter().any(|l| {
        let keeps = |c: &crate::design::Component| {
            c.kind.is_store() || c.kind.is_messaging() || c.kind == Kind::ExternalSystem
        };
        let leads = matches!(l.interaction, Interaction::Call | Interaction::Publish | Interaction::Bypass);
        leads && facts.component(&l.to).is_some_and(keeps)
    })
}
