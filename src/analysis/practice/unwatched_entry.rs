//! Unwatched entries: machines are watched, and requests are not.

use crate::analysis::facts::{computes, listed};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{Component, ElementId, Interaction, Kind, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "unwatched-entry",
        title: "Nobody sees what users feel",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Disks and processors may all be green while every second request fails. Only what answers users knows \
              how many there were, how long they took and how many failed.",
        detected: "A monitoring component is drawn and joined to something, and of a drawn journey no component that \
              computes and for which users wait is joined to it.",
        fix: "Join what answers users to the monitoring, and alert on their requests: rate, errors, duration.",
        false_alarm: "A probe from outside makes the same requests as users, and is not drawn.",
        source: "Beyer et al., Site Reliability Engineering, chapter 6: the four golden signals (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let is_monitoring = |id: &str| facts.component(id).is_some_and(|c| c.kind == Kind::Monitoring);
    let is_watched = |c: &Component| {
        facts.links_from(&c.id).iter().any(|l| is_monitoring(l.to.as_str()))
            || facts.links_to(&c.id).iter().any(|l| is_monitoring(l.from.as_str()))
    };
    let monitoring = facts.of_kind(Kind::Monitoring).first();
    // Where nothing is joined at all, that is the finding.
    let Some(monitoring) = monitoring.filter(|_| facts.design.components.iter().any(is_watched)) else {
        return;
    };
    let answers = |r: &Route| -> Vec<usize> {
        let hops = 0..r.hops.len();
        hops.filter(|h| computes(facts.target_of(&r.hops[*h]).kind) && !facts.is_in_effect(r, *h)).collect()
    };
    let blind: Vec<(&Route, usize)> = facts
        .drawn_routes()
        .filter_map(|r| {
            let hops = answers(r);
            let sees = hops.iter().any(|h| is_watched(facts.target_of(&r.hops[*h])));
            hops.first().filter(|_| !sees).map(|first| (r, *first))
        })
        .collect();
    let Some((route, hop)) = blind.first() else { return };
    let mut entries: Vec<&Component> = blind.iter().map(|(r, h)| facts.target_of(&r.hops[*h])).collect();
    entries.sort_by_key(|c| facts.index(&c.id));
    entries.dedup_by_key(|c| &c.id);
    let text = format!(
        "nobody sees how users fare in {}: nothing that answers them is joined to {}",
        listed(blind.iter().map(|(r, _)| r.title.as_str()), 3),
        facts.name(monitoring)
    );
    let changes = entries
        .iter()
        .map(|c| {
            let id = facts.mint_id(&format!("{}-{}", c.id, monitoring.id));
            let link = Link::new(id, c.id.clone(), monitoring.id.clone());
            Change::AddLink(Box::new(Link { interaction: Interaction::Telemetry, ..link }))
        })
        .collect();
    out.push(
        Finding::new(
            RULE.card.id,
            Severity::Warning,
            entries.iter().map(|c| ElementId::from(&c.id)).collect(),
            text,
        )
        .named([])
        .journeys(blind.iter().map(|(r, _)| r.journey.clone()))
        .witness(facts.way(route, *hop))
        .fix("Watch what answers users", changes),
    );
}
