//! No logging: nothing collects what the parts say.

use super::no_monitoring::{is_joined, serves, unwatched};
use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Hop, Route};
use crate::design::{Component, ElementId, Interaction, Kind, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-logging",
        title: "No logging",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "When an instance is gone so are its logs, and with them the reason why it went.",
        detected: "Nothing that serves requests is joined to a logging component, or, which is a note, a drawn journey \
                   passes nothing that is. What calls a store logs what it answered. Designs with fewer than three serving \
                   components are left alone.",
        fix: "Draw a logging component and telemetry links from what serves requests to it.",
        false_alarm: "The platform collects standard output by itself and is not part of the drawing.",
        source: "Nygard, Release It!, chapter 8 (Pragmatic Bookshelf 2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    if let Some(finding) = unwatched(facts, Kind::Logging, RULE.card.id, "logs", "No logging")
        .filter(|f| f.severity == Severity::Warning)
    {
        out.push(finding);
        return;
    }
    let Some(logging) = facts.of_kind(Kind::Logging).first() else { return };
    let silent = |r: &&Route| !r.hops.iter().any(|h| is_joined(facts, facts.target_of(h), Kind::Logging));
    let routes: Vec<&Route> = facts.drawn_routes().filter(|r| !r.hops.is_empty()).filter(silent).collect();
    let Some(first) = routes.first() else { return };
    let answers = |h: &&Hop| serves(facts.target_of(h).kind);
    let mut entries: Vec<&Component> =
        routes.iter().filter_map(|r| r.hops.iter().find(answers)).map(|h| facts.target_of(h)).collect();
    entries.sort_by_key(|c| facts.index(&c.id));
    entries.dedup_by_key(|c| &c.id);
    let changes = entries
        .iter()
        .map(|c| {
            let id = facts.mint_id(&format!("{}-{}", c.id, logging.id));
            let link = Link::new(id, c.id.clone(), logging.id.clone());
            Change::AddLink(Box::new(Link { interaction: Interaction::Telemetry, ..link }))
        })
        .collect();
    let text = format!(
        "nothing that {} passes writes a log to {}",
        listed(routes.iter().map(|r| r.title.as_str()), 3),
        facts.name(logging)
    );
    let subjects = entries.iter().map(|c| ElementId::from(&c.id)).collect();
    out.push(
        Finding::new(RULE.card.id, Severity::Info, subjects, text)
            .named([])
            .journeys(routes.iter().map(|r| r.journey.clone()))
            .witness(facts.way(first, first.hops.len() - 1))
            .fix("Collect the logs of what answers", changes),
    );
}
