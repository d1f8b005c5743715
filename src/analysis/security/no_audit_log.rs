//! No audit log: who looked at what, and who changed it, is not known.

use super::keeps_data;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Sensitivity;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-audit-log",
        title: "No audit log",
        family: RuleFamily::Security,
        severity: Severity::Warning,
        why: "After a leak the first question is whose data it was, and the law gives three days to answer it. \
              Without a record the answer is everybody's.",
        detected: "A component that keeps regulated data or is an administrative entry does not state an audit log; \
              with confidential data it is a note.",
        fix: "Record who did what, where who did it cannot change it.",
        false_alarm: "The engine or the platform records it; then say so.",
        source: "OWASP Top 10, A09:2021 security logging and monitoring failures; PCI DSS requirement 10",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| !c.security.audit_log) {
        let (severity, what) = match c.security.sensitivity {
            _ if c.security.admin => (Severity::Warning, "what operators do at"),
            Sensitivity::Regulated if keeps_data(c) => (Severity::Warning, "who reads regulated data of"),
            Sensitivity::Confidential if keeps_data(c) => (Severity::Info, "who reads confidential data of"),
            _ => continue,
        };
        let text = format!("nobody records {what} {}", facts.name(c));
        let recorded = Change::component(c, |c| c.security.audit_log = true);
        out.push(facts.about(RULE.card, severity, c, text).fix("Record who does what", vec![recorded]));
    }
}
