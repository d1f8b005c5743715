//! Retries without a pause: a target that stumbles is asked again at once, by everybody.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Millis;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "retry-without-backoff",
        title: "Retry without backoff",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A target that is overloaded gets several times the requests in the moment in which it can stand them \
              least, and goes down for good. Pauses that are all alike bring everybody back together.",
        detected: "A link states three or more tries and no pause between them; with a pause that neither grows nor \
              is spread by chance it is a note. The default of two tries at distinct targets is left alone.",
        fix: "State a backoff, and let it be jittered.",
        false_alarm: "The tries go to many distinct targets that do not fail together.",
        source: "Brooker, Exponential Backoff and Jitter (AWS Architecture Blog 2015); Google SRE book, chapter 22: \
              retries",
    },
    check,
};

/// From this many tries on the pause matters.
const TRIES_MIN: u32 = 3;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for link in facts.design.links.iter().filter(|l| l.policy.tries >= TRIES_MIN) {
        let (Some(from), Some(to)) = (facts.component(&link.from), facts.component(&link.to)) else {
            continue;
        };
        let pauses = link.policy.backoff().get() > 0.0;
        if pauses && link.policy.jittered {
            continue;
        }
        let how = if pauses { "after pauses that are the same for everybody" } else { "without a pause" };
        let text =
            format!("{} asks {} up to {} times {how}", facts.name(from), facts.name(to), link.policy.tries);
        let backoff = link.policy.backoff.filter(|b| b.get() > 0.0).unwrap_or(Millis(50.0));
        let mended = Change::link(link, |l| {
            l.policy.backoff = Some(backoff);
            l.policy.jittered = true;
        });
        let severity = if pauses { Severity::Info } else { Severity::Warning };
        out.push(
            facts
                .about_link(RULE.card, severity, link, text)
                .fix(format!("Pause from {backoff} on, growing and jittered"), vec![mended]),
        );
    }
}
