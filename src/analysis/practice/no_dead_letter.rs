//! No dead-letter limit: a message that cannot be worked on comes back for ever.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::stands_in_slot;
use crate::design::{Component, Interaction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-dead-letter",
        title: "No dead-letter limit",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "One malformed message makes its consumer fail, comes back, and makes it fail again; behind it the \
              queue grows, and the same error is logged a thousand times a minute.",
        detected: "A queue states no limit of deliveries, and a consumer of it calls or writes to something, so that \
              working on a message can fail. Consumers that need nothing are left alone.",
        fix: "State after how many deliveries a message is set aside, and look at what has been set aside.",
        false_alarm: "The consumer itself sets aside what it cannot work on.",
        source: "Hohpe and Woolf, Enterprise Integration Patterns: dead letter channel (Addison-Wesley 2003)",
    },
    check,
};

const DELIVERIES: u32 = 5;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind == Kind::Queue) {
        if c.queue.as_ref().is_some_and(|q| q.deliveries_max > 0) {
            continue;
        }
        let needs = |w: &&Component| facts.links_from(&w.id).iter().any(|l| stands_in_slot(facts.design, l));
        let consumer = facts
            .links_from(&c.id)
            .iter()
            .filter(|l| l.interaction == Interaction::Subscribe)
            .filter_map(|l| facts.component(&l.to))
            .find(needs);
        let Some(consumer) = consumer else { continue };
        let text = format!(
            "a message of {} that {} cannot work on comes back for ever",
            facts.name(c),
            facts.name(consumer)
        );
        let limited = Change::component(c, |c| c.queue.get_or_insert_default().deliveries_max = DELIVERIES);
        out.push(
            facts
                .about(RULE.card, Severity::Info, c, text)
                .fix(format!("Set a message aside after {DELIVERIES} deliveries"), vec![limited]),
        );
    }
}
