//! Unencrypted links: what travels in the clear where others listen.

use super::{is_outside, trust_of};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Link, Sensitivity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unencrypted-link",
        title: "Unencrypted link across a trust boundary",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "Whoever sits on the way reads passwords and data, and can change both.",
        detected: "A link says that it is not encrypted, and its ends stand in zones of different trust, or users outside \
                   are at one end, or confidential data is at its target. Links that say nothing are left alone.",
        fix: "Encrypt the link.",
        false_alarm: "The network below encrypts, as a VPN or a mesh does; then the link can say so.",
        source: "CWE-319; OWASP Top 10, A02:2021 cryptographic failures",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in facts.design.links.iter().filter(|l| l.tls == Some(false)) {
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let outside = is_outside(facts, from) || is_outside(facts, to);
        let crosses = trust_of(facts, from) != trust_of(facts, to);
        let confidential = to.security.sensitivity >= Sensitivity::Confidential;
        let reason = match (outside, crosses, confidential) {
            (true, ..) => "over the open internet",
            (_, true, _) => "between zones of different trust",
            (.., true) => "although what it reaches is confidential",
            _ => continue,
        };
        let encrypted = Link { tls: Some(true), ..link.clone() };
        out.push(
            Finding::new(
                RULE.card.id,
                Severity::Error,
                vec![ElementId::from(&link.id)],
                format!("{} talks to {} in the clear {reason}", facts.name(from), facts.name(to)),
            )
            .witness(vec![ElementId::from(&from.id), ElementId::from(&link.id), ElementId::from(&to.id)])
            .fix("Encrypt the link", vec![Change::ReplaceLink(Box::new(encrypted))]),
        );
    }
}
