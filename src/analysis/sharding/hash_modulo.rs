//! Hash modulo shards: one more shard, and nearly every key has to move.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Strategy;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "hash-modulo",
        title: "Moves everything when it grows",
        family: RuleFamily::Sharding,
        severity: Severity::Info,
        why: "With hash modulo n a key stays where it was only if both remainders agree. Growing from four to five \
              moves four keys of five: a store copies itself, and a cache is empty in the moment in which it was too \
              small.",
        detected: "A store or cache of several shards places keys by a hash modulo the number of shards.",
        fix: "Place keys by a ring, by rendezvous or by jump hash: one more shard then moves one key in n + 1.",
        false_alarm: "The number of shards is many times the number of machines and never changes; then shards move, \
              not keys.",
        source: "Karger et al., Consistent Hashing and Random Trees (STOC 1997); Lamping and Veach (2014)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        let Some(sharding) = c.sharding.as_ref().filter(|s| s.shards > 1 && s.strategy == Strategy::Hash)
        else {
            continue;
        };
        let n = sharding.shards;
        let text =
            format!("growing {} from {n} to {} shards moves {n} of {} keys", facts.name(c), n + 1, n + 1);
        let ring = Change::component(c, |c| {
            if let Some(sharding) = &mut c.sharding {
                sharding.strategy = Strategy::Rendezvous;
            }
        });
        out.push(
            facts
                .about(RULE.card, Severity::Info, c, text)
                .fix(format!("Place keys by rendezvous: 1 of {} moves", n + 1), vec![ring]),
        );
    }
}
