//! Unbounded queues: the place where an overload hides until it is too late.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Interaction, Kind, QueueSettings};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unbounded-queue",
        title: "Unbounded queue",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "A queue without a bound turns a slow consumer into hours of backlog: everything is accepted, and what \
              comes out is too old to be of use.",
        detected: "A queue that somebody publishes to states no bound.",
        fix: "State how many messages it holds; publishers are then refused and can say so.",
        false_alarm: "The arrivals are bounded by something else, such as a nightly job.",
        source: "Nygard, Release It!, chapter 5: bounded queues, back pressure (Pragmatic Bookshelf 2018)",
    },
    check,
};

const BOUND: u32 = 100_000;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind == Kind::Queue) {
        let is_fed = facts.links_to(&c.id).iter().any(|l| l.interaction == Interaction::Publish);
        if !is_fed || c.queue.as_ref().is_some_and(|q| q.bound > 0) {
            continue;
        }
        let mut bounded = c.clone();
        bounded.queue = Some(QueueSettings { bound: BOUND, ..c.queue.clone().unwrap_or_default() });
        out.push(
            Finding::new(
                RULE.card.id,
                Severity::Info,
                vec![ElementId::from(&c.id)],
                format!("{} takes messages without end while its consumers are slow or gone", facts.name(c)),
            )
            .journeys(facts.journeys_through(&c.id))
            .witness(facts.way_to(&c.id))
            .fix(format!("Hold at most {BOUND} messages"), vec![Change::ReplaceComponent(Box::new(bounded))]),
        );
    }
}
