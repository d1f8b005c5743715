//! Unguarded ways out: whatever runs inside can send anything to anybody.

use super::trust_of;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Interaction, Kind, Trust};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unguarded-egress",
        title: "Unguarded way out",
        family: RuleFamily::Security,
        severity: Severity::Info,
        why: "Data leaves by the way out, and a program that was broken into calls home by it. A single guarded way \
              out knows which third parties there are and notices a new one.",
        detected: "A component in a zone that states private or restricted trust calls an external system that \
              stands in no zone of the same trust, without a firewall or gateway between.",
        fix: "Lead calls to third parties through an egress gateway that lets only known ones pass.",
        false_alarm: "The platform lets only named addresses pass.",
        source: "OWASP Top 10, A10:2021 server-side request forgery; NIST SP 800-41, section 4: egress filtering",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in &facts.design.links {
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let sends = matches!(link.interaction, Interaction::Call | Interaction::Publish);
        let guarded = matches!(from.kind, Kind::Firewall | Kind::Gateway | Kind::Client);
        let inside = matches!(trust_of(facts, from), Trust::Private | Trust::Restricted);
        if !sends
            || to.kind != Kind::ExternalSystem
            || guarded
            || !inside
            || trust_of(facts, to) == trust_of(facts, from)
        {
            continue;
        }
        let text = format!(
            "{} talks to {} with nothing between that knows what may leave",
            facts.name(from),
            facts.name(to)
        );
        out.push(facts.about_link(RULE.card, Severity::Info, link, text));
    }
}
