//! Early redelivery: a message comes again before its consumer can be done with it.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Interaction, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "early-redelivery",
        title: "Redelivered while still at work",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The queue takes a slow consumer for a dead one and hands the message to another. Each message is then \
              worked on twice or more, which makes the consumers slower still.",
        detected: "The median time that a consumer states for its work is at or above the time after which its queue \
              delivers an unacknowledged message again; above half of it, it is a note.",
        fix: "Wait longer before delivering again, or do less for each message.",
        false_alarm: "The consumer extends its lease while it works.",
        source: "Amazon SQS developer guide: visibility timeout; Helland, Idempotence Is Not a Medical Condition \
              (ACM Queue 2012)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind.is_messaging()) {
        let again = c.queue.clone().unwrap_or_default().redeliver_after();
        let consumers = facts
            .links_from(&c.id)
            .iter()
            .filter(|l| l.interaction == Interaction::Subscribe)
            .filter_map(|l| facts.component(&l.to));
        let slowest = consumers
            .filter_map(|w| Some((w, w.service.time?)))
            .max_by(|(_, a), (_, b)| a.get().total_cmp(&b.get()));
        let Some((consumer, time)) = slowest.filter(|(_, t)| 2.0 * t.get() > again.get()) else { continue };
        let is_late = time >= again;
        let text = format!(
            "{} needs {time} for a message of {}, which {} after {again}",
            facts.name(consumer),
            facts.name(c),
            if is_late { "comes again" } else { "comes again for every slow one" }
        );
        let longer = Millis(5.0 * time.get());
        let severity = if is_late { Severity::Warning } else { Severity::Info };
        let patient =
            Change::component(c, |c| c.queue.get_or_insert_default().redeliver_after = Some(longer));
        out.push(
            facts
                .about(RULE.card, severity, c, text)
                .fix(format!("Deliver again after {longer}"), vec![patient]),
        );
    }
}
