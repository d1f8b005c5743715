//! Credentials in the clear: a password or token that anybody on the way can read and use.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Authentication;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "credentials-in-clear",
        title: "Credentials in the clear",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "Whoever listens once has the key for good, and its use looks like that of its owner.",
        detected: "A link states that its caller presents a secret or a token, and that it is not encrypted.",
        fix: "Encrypt the link, and replace what has travelled along it.",
        false_alarm: "The network below encrypts; then the link can say so.",
        source: "CWE-523 unprotected transport of credentials; RFC 6750, section 5.3: bearer tokens need TLS",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in facts.design.links.iter().filter(|l| l.tls == Some(false)) {
        let what = match link.authentication {
            Authentication::Secret => "a secret",
            Authentication::Token => "a token",
            _ => continue,
        };
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let text = format!("{} sends {} {what} in the clear", facts.name(from), facts.name(to));
        let sealed = Change::link(link, |l| l.tls = Some(true));
        out.push(
            facts.about_link(RULE.card, Severity::Error, link, text).fix("Encrypt the link", vec![sealed]),
        );
    }
}
