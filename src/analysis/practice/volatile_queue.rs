//! Volatile queues: what was acknowledged is gone with the process.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Interaction;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "volatile-queue",
        title: "Queue forgets in a crash",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The publisher was told that the message is safe. A restart of the queue loses every order, mail and \
              payment that nobody had taken yet.",
        detected: "A queue or stream that somebody publishes to says that its messages do not survive a crash.",
        fix: "Make the queue durable.",
        false_alarm: "The messages are worthless after a second, such as presence or metrics.",
        source: "Hohpe and Woolf, Enterprise Integration Patterns: guaranteed delivery (Addison-Wesley 2003)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind.is_messaging()) {
        let is_fed = facts.links_to(&c.id).iter().any(|l| l.interaction == Interaction::Publish);
        if !is_fed || c.queue.as_ref().is_none_or(|q| q.durable()) {
            continue;
        }
        let text = format!("{} acknowledges messages and forgets them in a crash", facts.name(c));
        let kept = Change::component(c, |c| c.queue.get_or_insert_default().durable = Some(true));
        out.push(facts.about(RULE.card, Severity::Warning, c, text).fix("Keep messages on disk", vec![kept]));
    }
}
