//! Monitoring beside what it watches: the zone goes dark, and so does who would tell.

use std::collections::BTreeSet;

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Kind, ZoneKind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "monitor-in-same-zone",
        title: "Monitoring fails with what it watches",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The alert that a zone is down is sent by a program in that zone. Nobody is woken, and afterwards there \
              is no record of how it began.",
        detected: "One zone narrower than a region holds every instance of every monitoring component and all of \
              something that is watched. In a design with a single such zone it is a note.",
        fix: "Put the monitoring into another zone, or a second one that watches the first.",
        false_alarm: "Somebody outside notices when the monitoring falls silent (a dead man's switch).",
        source: "Beyer et al., Site Reliability Engineering, chapter 10: practical alerting (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let components = &facts.design.components;
    let monitors: Vec<usize> =
        (0..components.len()).filter(|c| components[*c].kind == Kind::Monitoring).collect();
    let Some(first) = monitors.first().map(|m| &components[*m]) else { return };
    let watched: BTreeSet<usize> = facts
        .design
        .links
        .iter()
        .filter_map(|l| {
            let (from, to) = (facts.index(&l.from)?, facts.index(&l.to)?);
            if monitors.contains(&to) { Some(from) } else { monitors.contains(&from).then_some(to) }
        })
        .filter(|c| components[*c].kind != Kind::Client && !components[*c].kind.is_insight())
        .collect();
    let narrow: Vec<usize> = (0..facts.deployment.zones.len())
        .filter(|z| facts.design.zones[*z].kind != ZoneKind::Region)
        .collect();
    // Of nested zones the widest is the one to leave.
    let shared = narrow.iter().find_map(|z| {
        let all = monitors.iter().all(|m| facts.stands_wholly_in(*m, *z));
        let inside: Vec<&Component> =
            watched.iter().filter(|w| facts.stands_wholly_in(**w, *z)).map(|w| &components[*w]).collect();
        (all && !inside.is_empty()).then_some((*z, inside))
    });
    let Some((zone, inside)) = shared else { return };
    let elsewhere = facts.deployment.zones.iter().enumerate().find(|(i, z)| {
        let holds_watched = || watched.iter().any(|w| facts.stands_wholly_in(*w, *i));
        z.is_leaf(*i) && !z.chain.contains(&zone) && !holds_watched()
    });
    let is_only = narrow.iter().all(|z| facts.deployment.zones[*z].chain.contains(&zone));
    let place = &facts.design.zones[zone].id;
    let text = format!(
        "when {} goes, {} goes with {}, and nobody is told",
        facts.zone_name(place.as_str()),
        facts.name(first),
        listed(inside.iter().map(|c| facts.name(c)), 3)
    );
    let subjects: Vec<ElementId> = monitors.iter().map(|m| ElementId::from(&components[*m].id)).collect();
    let witness = std::iter::once(ElementId::from(place))
        .chain(inside.iter().map(|c| ElementId::from(&c.id)))
        .collect();
    let severity = if is_only { Severity::Info } else { Severity::Warning };
    let mut finding = Finding::new(RULE.card.id, severity, subjects, text).witness(witness);
    if let Some((_, other)) = elsewhere {
        let moved =
            monitors.iter().map(|m| Change::component(&components[*m], |c| c.zones = vec![other.id.clone()]));
        finding = finding.fix(format!("Watch from {}", facts.zone_name(other.id.as_str())), moved.collect());
    }
    out.push(finding);
}
