//! Shared causes that stop a journey.

use super::{cause_name, finding};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::CauseId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "spof-cause",
        title: "Single point of failure: shared cause",
        family: RuleFamily::Failure,
        severity: Severity::Error,
        why: "Copies protect from independent failures only. An expired certificate, a bad configuration or one power feed \
              takes all of them at the same moment.",
        detected: "All members of a drawn cause are taken away together, failover and detection have their time, and the \
                   journeys are read again. Lost is an error, part a warning.",
        fix: "Break the tie: stage releases and configuration, stagger certificates, feed the copies from two sources.",
        false_alarm: "The members have been shown to fail apart; then the cause does not belong in the drawing.",
        source: "Beta-factor common cause, Fleming (1974); Google SRE book, chapter 33: postmortem triggers",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for loss in &facts.losses().causes {
        let name = cause_name(facts, &CauseId::new(loss.element.as_str()));
        out.push(finding(facts, RULE.card.id, loss, &name, Severity::Error, Severity::Warning));
    }
}
