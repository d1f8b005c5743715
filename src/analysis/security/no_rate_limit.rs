//! No rate limit: a guard that lets any number pass.

use super::guards::{self, Guarded};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::PerSecond;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-rate-limit",
        title: "Guarded, but not limited",
        family: RuleFamily::Security,
        severity: Severity::Warning,
        why: "One script with a loop, or one customer with a bug, takes the share of all others. A limit for each \
              caller is the cheapest protection that there is, and the first that is missed.",
        detected: "On a way from users outside to what answers them guards state what they do, and none states a \
              rate limit. Ways without any guard are an open entry, and a firewall that states nothing is left \
              alone.",
        fix: "State a rate limit at the entry.",
        false_alarm: "The limit is kept by callers, as a contract.",
        source: "OWASP API Security Top 10, API4:2023 unrestricted resource consumption",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for Guarded { end, guard, way } in guards::lacking(facts, |f| f.rate_limit.is_some()) {
        let text = format!("{} guards {} and limits nobody", facts.name(guard), facts.name(end));
        let limit =
            PerSecond((end.service.capacity().get() * f64::from(end.replicas.max(1))).round().max(1.0));
        let limited =
            Change::component(guard, |c| c.firewall.get_or_insert_default().rate_limit = Some(limit));
        out.push(
            facts
                .about(RULE.card, Severity::Warning, guard, text)
                .witness(way)
                .fix(format!("Let {limit} pass"), vec![limited]),
        );
    }
}
