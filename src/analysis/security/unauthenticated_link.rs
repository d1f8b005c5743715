//! Unauthenticated callers: whoever can reach it may use it.

use super::{is_outside, keeps_data, trust_of};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Authentication, Sensitivity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unauthenticated-link",
        title: "Caller need not say who it is",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "One program that is broken into, one wrong firewall rule, and everything that answers without asking \
              who calls is open. The network is not a proof of identity.",
        detected: "A link states that its caller does not prove who it is, and its target keeps data, or its ends \
              stand in zones of different trust. With confidential data it is an error. Links that say nothing are \
              left alone.",
        fix: "Let the caller present a secret, a token or a certificate.",
        false_alarm: "What is answered is for everybody.",
        source: "CWE-306 missing authentication for critical function; OWASP API2:2023 broken authentication",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in facts.design.links.iter().filter(|l| l.authentication == Authentication::None) {
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let confidential = to.security.sensitivity >= Sensitivity::Confidential;
        let crosses = !is_outside(facts, from) && trust_of(facts, from) != trust_of(facts, to);
        let is_public = to.security.sensitivity == Sensitivity::Public;
        let reason = match (confidential, keeps_data(to), crosses) {
            (true, ..) => "which keeps what is confidential",
            (_, true, _) if !is_public => "which keeps data",
            (.., true) if !is_public => "which is trusted differently",
            _ => continue,
        };
        let severity = if confidential { Severity::Error } else { Severity::Warning };
        let text = format!("{} need not say who it is to {}, {reason}", facts.name(from), facts.name(to));
        let how = if keeps_data(to) { Authentication::Secret } else { Authentication::Token };
        let named = Change::link(link, |l| l.authentication = how);
        let what = if how == Authentication::Secret { "a secret" } else { "a token" };
        out.push(
            facts.about_link(RULE.card, severity, link, text).fix(format!("Ask for {what}"), vec![named]),
        );
    }
}
