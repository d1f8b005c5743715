//! Trust jumps: a request that goes from outside straight to what is most closely guarded.

use super::{carries, is_outside, trust_of};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Kind, Trust};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "trust-jump",
        title: "From outside into the restricted zone",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "Zones of trust are layers: what comes from outside is read and checked in one before it reaches the \
              next. A link past a layer takes its protection away for whatever is behind.",
        detected: "A link that carries requests leads from users outside, the internet or a perimeter zone into a \
              restricted zone.",
        fix: "Lead it through something in a private zone that checks what is asked for.",
        false_alarm: "The zone is restricted for another reason than its data.",
        source: "NIST SP 800-41, section 2: network layouts; Threagile: wrong trust boundary",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in facts.design.links.iter().filter(|l| carries(l)) {
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        // A name service or CDN that stands nowhere is where its users are.
        let is_public =
            matches!(from.kind, Kind::Dns | Kind::Cdn) && trust_of(facts, from) == Trust::Inherited;
        let low = is_outside(facts, from)
            || is_public
            || matches!(trust_of(facts, from), Trust::Internet | Trust::Perimeter);
        if !low || trust_of(facts, to) != Trust::Restricted {
            continue;
        }
        let text = format!(
            "{} leads from outside straight to {}, in a restricted zone",
            facts.name(from),
            facts.name(to)
        );
        out.push(facts.about_link(RULE.card, Severity::Error, link, text));
    }
}
