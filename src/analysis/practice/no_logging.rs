//! No logging: nothing collects what the parts say.

use super::no_monitoring::unwatched;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-logging",
        title: "No logging",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "When an instance is gone so are its logs, and with them the reason why it went.",
        detected: "Nothing that serves requests is joined to a logging component, or, which is a note, some of what keeps \
                   data is not. Designs with fewer than three serving components are left alone.",
        fix: "Draw a logging component and telemetry links from what serves requests to it.",
        false_alarm: "The platform collects standard output by itself and is not part of the drawing.",
        source: "Nygard, Release It!, chapter 8 (Pragmatic Bookshelf 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    out.extend(unwatched(facts, Kind::Logging, RULE.card.id, "logs", "No logging"));
}
