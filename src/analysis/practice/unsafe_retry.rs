//! Retries of what must not be done twice.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Journey, LinkId, Op, Step};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unsafe-retry",
        title: "Retry of a write that is not idempotent",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A try that timed out may have been done all the same. The next one then charges the card, books the seat \
              or sends the parcel a second time.",
        detected: "A drawn write or publish goes along a link that states more than one try, and its step does not say \
                   whether doing it twice is as good as once.",
        fix: "Let the write carry an idempotency key and say so on the step, or state one try.",
        false_alarm: "The target recognises duplicates; then the step can say that it is idempotent.",
        source: "Helland, Idempotence Is Not a Medical Condition (ACM Queue 10(4), 2012)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for route in facts.routes() {
        let Some(journey) = facts.drawn(route) else { continue };
        for (i, hop) in route.hops.iter().enumerate() {
            let link = facts.link_of(hop);
            let changes_something = matches!(hop.op, Op::Write | Op::Publish);
            if !changes_something
                || hop.idempotent
                || link.policy.tries < 2
                || states(&journey.steps, &link.id)
            {
                continue;
            }
            if !said.insert((route.journey.as_str(), link.id.as_str())) {
                continue;
            }
            let what = if hop.op == Op::Write { "write to" } else { "message to" };
            let text = format!(
                "{} tries its {what} {} {} times, and a try that timed out may have been done",
                route.title,
                facts.name(facts.target_of(hop)),
                link.policy.tries
            );
            let mut mended = Journey::clone(journey);
            say_idempotent(&mut mended.steps, &link.id);
            out.push(
                Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&link.id)], text)
                    .named([route.journey.as_str(), link.id.as_str()])
                    .journeys([route.journey.clone()])
                    .witness(facts.way(route, i))
                    .fix("Make it idempotent with a key", vec![Change::ReplaceJourney(Box::new(mended))]),
            );
        }
    }
}

/// Whether every drawn step along a link says whether it is idempotent.
fn states(steps: &[Step], link: &LinkId) -> bool {
    steps.iter().all(|s| (s.link != *link || s.idempotent.is_some()) && states(&s.then, link))
}

fn say_idempotent(steps: &mut [Step], link: &LinkId) {
    for step in steps {
        if step.link == *link {
            step.idempotent = Some(true);
        }
        say_idempotent(&mut step.then, link);
    }
}
