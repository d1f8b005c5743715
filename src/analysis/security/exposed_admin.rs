//! Exposed administration: the door of the operators is on the street.

use super::ways_in;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::ElementId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "exposed-admin",
        title: "Administration on the internet",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "Whoever guesses one password, or finds the one page without a check, owns everything. Administrative \
              entries are the first that scanners look for.",
        detected: "A component is marked as an administrative entry, and it faces the internet or users outside \
              reach it through nothing but DNS, CDN, firewalls and balancers.",
        fix: "Put it into a private zone that is reached by a VPN or a jump host, and take it off the internet.",
        false_alarm: "Users outside are operators with certificates; then place them in a private zone.",
        source: "OWASP Top 10, A01:2021 broken access control; CWE-749 exposed dangerous method",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    if !facts.design.components.iter().any(|c| c.security.admin) {
        return;
    }
    let ways = ways_in(facts);
    for c in facts.design.components.iter().filter(|c| c.security.admin) {
        let id = ElementId::from(&c.id);
        let way = ways.iter().find(|w| w.elements.contains(&id)).map(|w| w.elements.clone());
        if way.is_none() && !c.security.internet_facing {
            continue;
        }
        let is_marked_only = way.is_none();
        let text = format!("{} is for operators, and anybody on the internet reaches it", facts.name(c));
        let mut finding =
            facts.about(RULE.card, Severity::Error, c, text).witness(way.unwrap_or_else(|| vec![id]));
        if is_marked_only {
            let closed = Change::component(c, |c| c.security.internet_facing = false);
            finding = finding.fix("Take it off the internet", vec![closed]);
        }
        out.push(finding);
    }
}
