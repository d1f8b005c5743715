//! No timeout: nobody on the way says how long is too long.

use crate::analysis::facts::{counted, listed};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, Interaction, Journey, Link, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-timeout",
        title: "No timeout",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A caller without a timeout waits for ever for a target that has gone silent; its threads fill up, and \
              the silence of one part becomes the silence of all.",
        detected: "A journey states no deadline and some of its calls state no timeout, so that the 2 s that are assumed \
                   here are nobody's decision. With a deadline the timeouts are derived so that all tries fit.",
        fix: "State the journey's deadline; timeouts then follow from it.",
        false_alarm: "The libraries in use have sane timeouts by default and somebody has checked which.",
        source: "Nygard, Release It!, chapter 5: timeouts (Pragmatic Bookshelf 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for route in facts.routes() {
        let drawn = facts.drawn(route);
        if drawn.is_some_and(|j| j.deadline.is_some()) {
            continue;
        }
        let mut open: Vec<&Link> = Vec::new();
        for (i, hop) in route.hops.iter().enumerate() {
            let link = facts.link_of(hop);
            let waits =
                matches!(link.interaction, Interaction::Call | Interaction::Publish | Interaction::Resolve);
            let first = !open.iter().any(|l| l.id == link.id);
            if waits && first && link.policy.timeout.is_none() && !facts.is_in_effect(route, i) {
                open.push(link);
            }
        }
        if open.is_empty() {
            continue;
        }
        let names: Vec<String> = open.iter().map(|l| facts.link_name(l)).collect();
        let text = format!(
            "{} has no deadline, and {} on its way {} no timeout: {}",
            route.title,
            counted(open.len(), "link"),
            if open.len() == 1 { "has" } else { "have" },
            listed(names.iter().map(String::as_str), 3),
        );
        let deadline = Some(Millis(2000.0));
        let change = match drawn {
            Some(journey) => Change::ReplaceJourney(Box::new(Journey { deadline, ..journey.clone() })),
            None => {
                let client = &facts.design.components[route.client];
                let id = facts.mint_id(&format!("{} journey", client.id));
                Change::AddJourney(Box::new(Journey { deadline, ..Journey::new(id, client.id.clone()) }))
            }
        };
        // What nobody has drawn yet, nobody has forgotten to bound.
        let severity = if drawn.is_some() { Severity::Warning } else { Severity::Info };
        let subjects: Vec<ElementId> = open.iter().map(|l| ElementId::from(&l.id)).collect();
        out.push(
            Finding::new(RULE.card.id, severity, subjects.clone(), text)
                .named([route.journey.as_str()])
                .journeys([route.journey.clone()])
                .witness(subjects)
                .fix("Give the journey a deadline of 2 s", vec![change]),
        );
    }
}
