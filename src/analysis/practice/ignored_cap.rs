//! Ignored CAP: data is copied across zones and nobody has said what a partition may cost.

use std::collections::BTreeSet;

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Hop;
use crate::design::{Consistency, ElementId, Journey, JourneyId, Merge, Op, Replication};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "ignored-cap",
        title: "Ignored CAP",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "When the zones cannot reach each other, a store must refuse some requests or answer some of them wrongly. \
              Which of the two is a decision about the business, and it is taken by default where nobody takes it.",
        detected: "The replicas of a store stand in more than one leaf zone, and a journey that reads or writes it states \
                   no consistency, neither for the journey nor for the step.",
        fix: "State on the journey what its reads and writes must keep.",
        false_alarm: "The data never changes, or nobody would notice an old answer; then `eventual` says so.",
        source: "Gilbert and Lynch, Brewer's Conjecture (SIGACT News 33(2), 2002); Brewer, CAP Twelve Years Later (2012)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for group in &facts.deployment.groups {
        let Some(&first) = group.members.first() else { continue };
        let store = &facts.design.components[first];
        if !store.kind.is_store() {
            continue;
        }
        let places: BTreeSet<Option<usize>> =
            group.shards.iter().flatten().map(|i| facts.deployment.instances[*i].zone).collect();
        if places.len() < 2 {
            continue;
        }
        let mut silent: Vec<(JourneyId, String)> = Vec::new();
        let mut changes = Vec::new();
        let leaves_open =
            |h: &Hop| matches!(h.op, Op::Read | Op::Write | Op::Call) && h.consistency.is_none();
        let visits = group.members.iter().flat_map(|m| facts.visits(*m));
        let routes: BTreeSet<usize> = visits.filter(|(_, h)| leaves_open(h)).map(|(r, _)| r).collect();
        for route in routes.into_iter().map(|r| &facts.routes()[r]) {
            let Some(journey) = facts.drawn(route) else { continue };
            silent.push((route.journey.clone(), route.title.clone()));
            let consistency = Some(strongest(&group.mode));
            changes.push(Change::ReplaceJourney(Box::new(Journey { consistency, ..journey.clone() })));
        }
        if silent.is_empty() {
            continue;
        }
        let zones = places
            .iter()
            .map(|p| p.map_or("outside", |z| facts.zone_name(facts.design.zones[z].id.as_str())));
        let text = format!(
            "{} is copied across {}, and {} {} not say what a partition between them may cost",
            facts.name(store),
            listed(zones, 3),
            listed(silent.iter().map(|(_, title)| title.as_str()), 3),
            if silent.len() == 1 { "does" } else { "do" },
        );
        let subjects: Vec<ElementId> =
            group.members.iter().map(|m| ElementId::from(&facts.design.components[*m].id)).collect();
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, subjects, text)
                .journeys(silent.iter().map(|(id, _)| id.clone()))
                .witness(facts.way_to(&store.id))
                .fix(format!("Ask for {} reads and writes", word(strongest(&group.mode))), changes),
        );
    }
}

/// The strongest model that a mode gives while nothing is broken.
fn strongest(mode: &Replication) -> Consistency {
    match mode {
        Replication::MultiPrimary(m) if m.merge == Merge::Crdt => Consistency::Causal,
        Replication::MultiPrimary(_) => Consistency::Eventual,
        Replication::Quorum(q) if q.n > 0 && q.r > 0 && q.w > 0 && q.r + q.w <= q.n => Consistency::Eventual,
        _ => Consistency::Linearizable,
    }
}

fn word(consistency: Consistency) -> &'static str {
    match consistency {
        Consistency::Causal => "causal",
        Consistency::Eventual => "eventual",
        _ => "linearizable",
    }
}
