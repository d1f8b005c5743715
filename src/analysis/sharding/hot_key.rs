//! Hot keys: one key draws more than a shard should, and no strategy can split it.

use super::PEAK_OVER_MEAN_MAX;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::ElementId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "hot-key",
        title: "Hot key",
        family: RuleFamily::Sharding,
        severity: Severity::Warning,
        why: "A key has one place. When it alone draws more than a shard's fair share, more shards and better hashes \
              change nothing: its shard is the limit of the store.",
        detected: "The share of the hottest key of the stated distribution, times the number of shards, is above 1.5.",
        fix: "Split the key itself (a suffix that writers choose and readers gather), cache it, or use fewer shards.",
        false_alarm: "The hottest key is only read, and a cache in front takes the reads.",
        source: "Lower bound p1 x shards of any placement; DeCandia et al., Dynamo (SOSP 2007), section 6.2",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (id, now) in &facts.balances {
        let Some(c) = facts.component(id) else { continue };
        let Some(sharding) = &c.sharding else { continue };
        if now.floor <= PEAK_OVER_MEAN_MAX {
            continue;
        }
        let text = format!(
            "one key of {} draws {:.0} % of its requests: {:.1} times the fair share of one of {} shards, however they are split",
            facts.name(c),
            100.0 * now.hottest_key,
            now.floor,
            sharding.shards,
        );
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&c.id)], text)
                .journeys(facts.journeys_through(&c.id))
                .witness(facts.way_to(&c.id)),
        );
    }
}
