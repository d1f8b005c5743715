//! Recovery points: what a loss may cost against what the design would lose.

use std::collections::BTreeMap;

use crate::analysis::recovery::{DataLoss, Failure, FailureClass};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Backup, Component, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "rpo-at-risk",
        title: "Loses more than was promised",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "The promise says how much work may be lost; the interval of the backups or checkpoints says how much \
              is lost. If the second is the longer, the promise is broken on the day it is needed.",
        detected: "A drawn journey states a recovery point objective. Each instance, zone and cause is lost alone and for \
              good; what a journey has written is then gone back to the last backup or checkpoint, or as far as \
              asynchronous copies are behind (a second is assumed, and the delay of the link). More than the objective \
              is an error with an instance, a warning with a place or a cause.",
        fix: "Save more often, or acknowledge only what a second copy has.",
        false_alarm: "The journey can be repeated from elsewhere, such as a log of events.",
        source: "ISO 22301, recovery point objective; Google SRE book, chapter 26: data integrity",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for of in facts.promised() {
        let Some(rpo) = of.rpo else { continue };
        let broken = of.failures.iter().filter(|f| f.loss.reach_ms() > rpo.get());
        // Of each component the failure that costs most; among equals the smallest thing that fails.
        let mut worst: BTreeMap<&str, &Failure> = BTreeMap::new();
        for failure in broken {
            let Some(whose) = &failure.loses else { continue };
            let known = worst.entry(whose.as_str()).or_insert(failure);
            if failure.loss.reach_ms() > known.loss.reach_ms() {
                *known = failure;
            }
        }
        for c in &facts.design.components {
            let Some(failure) = worst.get(c.id.as_str()) else { continue };
            let may = if rpo.get() > 0.0 { rpo.to_string() } else { "nothing".to_owned() };
            let (loses, short) = match &failure.loss {
                DataLoss::Nothing => continue,
                DataLoss::UpTo(span) => (format!("up to {}", span.told()), span.total().to_string()),
                DataLoss::Everything(why) => (format!("everything: {why}"), "everything".to_owned()),
            };
            let name = facts.name(c);
            let of_whom = match failure.class {
                FailureClass::Instance => name.to_owned(),
                _ => format!("{}, where {name} is,", facts.element_name(failure.element.as_str())),
            };
            // Of an instance it is a matter of weeks; places are lost more rarely.
            let small = of.failures.iter().any(|f| {
                f.class == FailureClass::Instance
                    && f.loses.as_ref() == Some(&c.id)
                    && f.loss.reach_ms() > rpo.get()
            });
            let severity = if small { Severity::Error } else { Severity::Warning };
            let text = format!("{} may lose {may}, and with {of_whom} it loses {loses}", of.title);
            let mut finding = facts
                .about(RULE.card, severity, c, text)
                .named([c.id.as_str(), of.journey.as_str()])
                .titled(format!("{}: {short} of {name} may be lost", of.title))
                .journeys([of.journey.clone()]);
            if let Some((title, change)) = mend(c, rpo) {
                finding = finding.fix(title, vec![change]);
            }
            out.push(finding);
        }
    }
}

/// What is saved too rarely is saved more often.
fn mend(c: &Component, rpo: Millis) -> Option<(String, Change)> {
    let data = c.data.as_ref().filter(|_| rpo.get() > 0.0)?;
    if data.checkpoint.is_some_and(|every| every > rpo) {
        let often = Change::component(c, |c| c.data.get_or_insert_default().checkpoint = Some(rpo));
        return Some((format!("Write its state every {rpo}"), often));
    }
    let backup = data.backup.as_ref().filter(|b| b.every > rpo)?;
    let backup = Backup { every: rpo, ..backup.clone() };
    let often = Change::component(c, |c| c.data.get_or_insert_default().backup = Some(backup));
    Some((format!("Back it up every {rpo}"), often))
}
