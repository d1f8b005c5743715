//! A queue that nobody reads: what is published is never done.

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Interaction};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-consumer",
        title: "Queue without a consumer",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The publisher is told that all is well, and the work behind the queue is never done.",
        detected: "A queue or stream has a publish link into it and no subscribe link out of it, and nobody calls it to \
                   fetch.",
        fix: "Draw a subscribe link from the queue to its consumer.",
        false_alarm: "Another system consumes, and it is not drawn; an external system says so.",
        source: "Hohpe and Woolf, Enterprise Integration Patterns: point-to-point channel (Addison-Wesley 2003)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind.is_messaging()) {
        let is_fed = facts.links_to(&c.id).iter().any(|l| l.interaction == Interaction::Publish);
        let is_fetched = facts.links_to(&c.id).iter().any(|l| l.interaction == Interaction::Call);
        let leads_on = facts.links_from(&c.id).iter().any(|l| {
            matches!(l.interaction, Interaction::Subscribe | Interaction::Call | Interaction::Replicate)
        });
        if is_fed && !is_fetched && !leads_on {
            out.push(
                Finding::new(
                    RULE.card.id,
                    Severity::Warning,
                    vec![ElementId::from(&c.id)],
                    format!("nobody takes what is published to {}", facts.name(c)),
                )
                .journeys(facts.journeys_through(&c.id))
                .witness(facts.way_to(&c.id)),
            );
        }
    }
}
