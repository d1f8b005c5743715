//! No inspection: a guard that counts requests and does not look at them.

use super::guards::{self, Guarded};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-waf",
        title: "Guarded, but not inspected",
        family: RuleFamily::Security,
        severity: Severity::Info,
        why: "A rate limit stops a flood and lets through the one request that empties a table. Known attacks and \
              bad robots are turned away by a layer that knows them, before your own code sees them.",
        detected: "On a way from users outside to what answers them guards state what they do, and none inspects \
              requests or absorbs floods.",
        fix: "Let the entry inspect requests (web application firewall) and absorb floods.",
        false_alarm: "The interface is for machines only, and everything that is not a valid message is refused.",
        source: "OWASP Top 10, A03:2021 injection; NIST SP 800-44",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for Guarded { end, guard, way } in guards::lacking(facts, |f| f.waf || f.ddos) {
        let text = format!(
            "{} counts what goes to {} and looks at nothing of it",
            facts.name(guard),
            facts.name(end)
        );
        let inspecting = Change::component(guard, |c| c.firewall.get_or_insert_default().waf = true);
        out.push(
            facts
                .about(RULE.card, Severity::Info, guard, text)
                .witness(way)
                .fix("Inspect requests", vec![inspecting]),
        );
    }
}
