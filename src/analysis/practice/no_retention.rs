//! Streams that keep everything: a log that only ever grows.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Interaction, Kind, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-retention",
        title: "Stream without retention",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "A stream keeps what has been read as well as what has not. Where nobody says for how long, either the \
              disk fills up or a default throws away what a consumer that was down for a day has not read yet.",
        detected: "A stream that somebody publishes to states neither how long records are kept nor how many it \
              holds.",
        fix: "State the retention: longer than the longest outage of a consumer that you want to survive.",
        false_alarm: "The stream is compacted by key, and the keys are few.",
        source: "Kreps, The Log (2013); Nygard, Release It!, chapter 5: steady state (Pragmatic Bookshelf 2018)",
    },
    check,
};

const WEEK: Millis = Millis(7.0 * 86_400_000.0);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind == Kind::Stream) {
        let is_fed = facts.links_to(&c.id).iter().any(|l| l.interaction == Interaction::Publish);
        let is_bounded = c.queue.as_ref().is_some_and(|q| q.bound > 0);
        let ends = c.data.as_ref().is_some_and(|d| d.retention.is_some() || d.archived);
        // What states its growth is spoken of by its date of exhaustion.
        let grows = c.data.as_ref().is_some_and(|d| d.growth.is_some());
        if !is_fed || is_bounded || ends || grows {
            continue;
        }
        let text = format!("nobody has said how long {} keeps what has been read", facts.name(c));
        let kept = Change::component(c, |c| c.data.get_or_insert_default().retention = Some(WEEK));
        out.push(facts.about(RULE.card, Severity::Info, c, text).fix("Keep records for 7 days", vec![kept]));
    }
}
