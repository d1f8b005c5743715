//! No tracing: nobody can follow one request through a row of services.

use super::long_call_chain::longest;
use crate::analysis::facts::computes;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ComponentId, ElementId, Interaction, Kind, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-tracing",
        title: "No tracing",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "Metrics say that something is slow and logs say what each part did; only a trace says which of the \
              parts in a row one slow request spent its time in.",
        detected: "On one path of a drawn journey four or more components that compute are called one behind \
              another, and no tracing component is drawn. Shorter ways are left alone: two logs can be read side by \
              side.",
        fix: "Draw a tracing component and telemetry links from the components on the way to it.",
        false_alarm: "The monitoring in use also collects traces.",
        source: "Sigelman et al., Dapper, a Large-Scale Distributed Systems Tracing Infrastructure (Google 2010)",
    },
    check,
};

/// From this many in a row on one cannot read their logs side by side.
const CHAIN_MIN: usize = 4;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    if !facts.of_kind(Kind::Tracing).is_empty() {
        return;
    }
    let long: Vec<_> = facts
        .drawn_routes()
        .filter_map(|r| longest(facts, r).filter(|(_, n)| *n >= CHAIN_MIN).map(|(hop, n)| (r, hop, n)))
        .collect();
    let Some((route, hop, length)) = long.iter().max_by_key(|(.., n)| *n) else { return };
    let way = facts.way(route, *hop);
    let passed: Vec<&Component> =
        way.iter().filter_map(|e| facts.component(e.as_str())).filter(|c| computes(c.kind)).collect();
    let id = ComponentId::new(facts.mint_id("tracing"));
    let mut tracing = Component::new(id.clone(), Kind::Tracing);
    tracing.name = "Traces".to_owned();
    let near = passed.last().map(|c| c.id.clone());
    let mut changes = vec![Change::AddComponent { component: Box::new(tracing), near }];
    for c in &passed {
        let link = Link::new(facts.mint_id(&format!("{}-{id}", c.id)), c.id.clone(), id.clone());
        changes.push(Change::AddLink(Box::new(Link { interaction: Interaction::Telemetry, ..link })));
    }
    let text = format!("{} passes {length} components in a row and nothing traces it", route.title);
    out.push(
        Finding::new(
            RULE.card.id,
            Severity::Info,
            passed.iter().map(|c| ElementId::from(&c.id)).collect(),
            text,
        )
        .named([])
        .journeys(long.iter().map(|(r, ..)| r.journey.clone()))
        .witness(way)
        .fix("Trace the components on the way", changes),
    );
}
