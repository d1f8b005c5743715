//! Writes to all shards: one request that must be done everywhere or nowhere.

use std::collections::BTreeSet;

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Keys, Op};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "cross-shard-write",
        title: "Write to all shards",
        family: RuleFamily::Sharding,
        severity: Severity::Warning,
        why: "Each shard can fail alone, so that a write to all of them needs an agreement between them (two-phase \
              commit), during which it holds locks everywhere; the more shards, the more often one of them is \
              missing.",
        detected: "A step of a drawn journey writes keys on all shards of a store of two or more shards.",
        fix: "Choose a sharding key that keeps what is written together on one shard, or write shard by shard \
              through a queue.",
        false_alarm: "It is a rare job of the operator.",
        source: "Helland, Life beyond Distributed Transactions (CIDR 2007); Gray, Notes on Data Base Operating \
              Systems (1978)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.drawn_routes() {
        for (i, hop) in route.hops.iter().enumerate() {
            let store = facts.target_of(hop);
            let writes = matches!(hop.op, Op::Write | Op::Call) && hop.keys == Keys::All;
            if !writes || !store.kind.is_store() || store.shards() < 2 {
                continue;
            }
            if !said.insert((route.journey.as_str(), store.id.as_str())) {
                continue;
            }
            let text = format!(
                "{} writes to all {} shards of {} at once: all of them must be there and agree",
                route.title,
                store.shards(),
                facts.name(store)
            );
            out.push(
                Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&store.id)], text)
                    .named([store.id.as_str(), route.journey.as_str()])
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i)),
            );
        }
    }
}
