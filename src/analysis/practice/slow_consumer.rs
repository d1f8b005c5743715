//! Slow consumers: more is published than is ever worked on.

use crate::analysis::facts::stated_capacity;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, Interaction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "slow-consumer",
        title: "Consumers too slow",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "A queue evens out peaks, not averages. If more comes in than goes out, the backlog grows until the \
              queue is full or its messages are too old to be of use, and no restart helps.",
        detected: "The drawn journeys publish more to a queue each second than its consumers together take by their \
              stated time or capacity (of a stream, than one of its consumers takes); above 80 % of it, it is a \
              warning.",
        fix: "Add consumers, or make the work of each message cheaper.",
        false_alarm: "The stated rate is a peak of minutes, and the queue is long enough for it.",
        source: "Little, A Proof for the Queuing Formula L = λW (1961); Nygard, Release It!, chapter 5: back \
              pressure",
    },
    check,
};

/// Above this share of what consumers take, a short stop is never caught up with.
const SHARE_MAX: f64 = 0.8;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let rates = facts.rates();
    for (index, c) in facts.design.components.iter().enumerate().filter(|(_, c)| c.kind.is_messaging()) {
        let consumers: Vec<&Component> = facts
            .links_from(&c.id)
            .iter()
            .filter(|l| l.interaction == Interaction::Subscribe)
            .filter_map(|l| facts.component(&l.to))
            .collect();
        let takes: Option<Vec<f64>> =
            consumers.iter().map(|w| Some(stated_capacity(w)? * f64::from(w.replicas.max(1)))).collect();
        let Some(takes) = takes.filter(|t| !t.is_empty()) else { continue };
        let slowest = (0..takes.len()).min_by(|a, b| takes[*a].total_cmp(&takes[*b])).unwrap_or(0);
        // The messages of a queue are shared out; each consumer of a stream reads all of them.
        let (most, who) = if c.kind == Kind::Queue {
            (takes.iter().sum::<f64>(), consumers[0])
        } else {
            (takes[slowest], consumers[slowest])
        };
        if rates[index] <= SHARE_MAX * most {
            continue;
        }
        let severity = if rates[index] > most { Severity::Error } else { Severity::Warning };
        let text = format!(
            "{} gets {:.1} messages a second and its consumers take {most:.1}: {}",
            facts.name(c),
            rates[index],
            if severity == Severity::Error {
                "the backlog grows without end"
            } else {
                "a backlog is hardly ever worked off"
            }
        );
        let each = most
            / f64::from(
                if c.kind == Kind::Queue { consumers.iter().map(|w| w.replicas).sum() } else { who.replicas }
                    .max(1),
            );
        let more = ((rates[index] - 0.6 * most) / (0.6 * each)).ceil().clamp(1.0, 1000.0) as u32;
        let grown = Change::component(who, |w| w.replicas = w.replicas.saturating_add(more));
        out.push(facts.about(RULE.card, severity, c, text).fix(
            format!("Run {} instances of {}", who.replicas.saturating_add(more), facts.name(who)),
            vec![grown],
        ));
    }
}
