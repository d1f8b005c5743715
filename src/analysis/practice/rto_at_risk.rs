//! Recovery times: how long it takes to be back against how long it may take.

use std::collections::BTreeMap;

use crate::analysis::facts::listed;
use crate::analysis::recovery::{Failure, FailureClass};
use crate::analysis::{Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::ElementId;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "rto-at-risk",
        title: "Back later than was promised",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A promise of minutes cannot rest on a person who has to wake up, log in and decide. What recovers by \
              itself takes its detection time; what does not takes a person.",
        detected: "A drawn journey states a recovery time objective. Each instance, zone and cause is lost alone; the time \
              until the journey is served as before is added up from detection, decision and cached answers where \
              something takes over, and from restart, repair or a person where nothing does (30 minutes where nothing is \
              stated). What takes longer than the objective is said: components one by one, places and causes together.",
        fix: "Let voters choose a new primary by themselves, detect earlier, start again by itself, or promise less.",
        false_alarm: "A person is always awake and practised; then state the time to repair.",
        source: "ISO 22301, recovery time objective; AWS Resilience Hub: estimated workload RTO",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for of in facts.promised() {
        let Some(rto) = of.rto else { continue };
        let late: Vec<&Failure> = of.failures.iter().filter(|f| f.back.total() > rto).collect();
        // Of each component the instance that takes longest.
        let mut worst: BTreeMap<&str, &Failure> = BTreeMap::new();
        for failure in late.iter().filter(|f| f.class == FailureClass::Instance) {
            let whole = failure.element.as_str().split('/').next().unwrap_or_default();
            let known = worst.entry(whole).or_insert(failure);
            if failure.back.total() > known.back.total() {
                *known = failure;
            }
        }
        for c in &facts.design.components {
            let Some(failure) = worst.get(c.id.as_str()) else { continue };
            let takes = failure.back.total();
            let text = format!(
                "{} is to be back within {rto}; when {} fails it takes {}",
                of.title,
                facts.element_name(failure.element.as_str()),
                failure.back.told()
            );
            let found = facts
                .about(RULE.card, Severity::Warning, c, text)
                .named([c.id.as_str(), of.journey.as_str()])
                .titled(format!("{}: gone {takes} with {}", of.title, facts.name(c)))
                .journeys([of.journey.clone()]);
            // What comes back by itself is served again before a person could look.
            out.push(if failure.needs_repair {
                found.experiment(Experiment::down(failure.element.clone()))
            } else {
                found
            });
        }
        let mut places: Vec<&Failure> =
            late.iter().copied().filter(|f| f.class != FailureClass::Instance).collect();
        // A zone that goes silent takes its callers' time besides; it is one place all the same.
        for silent in of.felt_silent().filter(|f| f.back.total() > rto) {
            match places.iter_mut().find(|f| f.element == silent.element) {
                Some(known) if silent.back.total() > known.back.total() => *known = silent,
                Some(_) => {}
                None => places.push(silent),
            }
        }
        let longest = places.iter().copied().max_by(|a, b| {
            // Among equals the first.
            a.back.total().get().total_cmp(&b.back.total().get()).then(std::cmp::Ordering::Greater)
        });
        let Some(longest) = longest else { continue };
        let names: Vec<String> = places.iter().map(|f| facts.element_name(f.element.as_str())).collect();
        let names = listed(names.iter().map(String::as_str), 4);
        let takes = longest.back.total();
        let text = format!(
            "{} is to be back within {rto}, and nothing takes over from {names}: up to {}",
            of.title,
            longest.back.told()
        );
        let subjects: Vec<ElementId> = places.iter().map(|f| f.element.clone()).collect();
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects.clone(), text)
                .named([of.journey.as_str()])
                .titled(format!("{}: gone {takes} with {names}", of.title))
                .journeys([of.journey.clone()])
                .witness(subjects)
                .experiment(Experiment::down(longest.element.clone())),
        );
    }
}
