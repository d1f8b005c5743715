//! Data at rest in the clear: a stolen disk or a copied backup is the whole of it.

use super::keeps_data;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Sensitivity;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unencrypted-at-rest",
        title: "Confidential data not encrypted at rest",
        family: RuleFamily::Security,
        severity: Severity::Warning,
        why: "Disks are replaced, snapshots are shared and backups are kept for years. What is encrypted where it \
              lies can be lost without being leaked.",
        detected: "Something that keeps data is marked as confidential or regulated, and not as encrypted at rest.",
        fix: "Encrypt it at rest, with keys that are kept elsewhere.",
        false_alarm: "The platform encrypts every disk; then say so.",
        source: "Threagile: unencrypted asset; CWE-311; GDPR article 32",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| keeps_data(c)) {
        if c.security.sensitivity < Sensitivity::Confidential || c.security.encrypted_at_rest {
            continue;
        }
        let what =
            if c.security.sensitivity == Sensitivity::Regulated { "regulated" } else { "confidential" };
        let text = format!("{} keeps {what} data in the clear", facts.name(c));
        let sealed = Change::component(c, |c| c.security.encrypted_at_rest = true);
        out.push(facts.about(RULE.card, Severity::Warning, c, text).fix("Encrypt it at rest", vec![sealed]));
    }
}
