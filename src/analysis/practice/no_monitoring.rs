//! No monitoring: nothing scrapes what runs.

use crate::analysis::facts::{counted, listed};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ComponentId, ElementId, Interaction, Kind, Link};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-monitoring",
        title: "No monitoring",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Without metrics and alerts users are the first to notice an outage, and nobody can say what led to it.",
        detected: "Nothing that serves requests is joined to a monitoring component, or, which is a note, some of what \
                   keeps data is not: what calls the rest can be watched in its place. Designs with fewer than three \
                   serving components are left alone.",
        fix: "Draw a monitoring component and telemetry links from what serves requests to it.",
        false_alarm: "The platform watches everything by itself and is not part of the drawing.",
        source: "Beyer et al., Site Reliability Engineering, chapter 6 (O'Reilly 2016)",
    },
    check,
};

/// A sketch of one or two boxes is not yet an operation that could be watched.
pub(super) const SERVING_MIN: usize = 3;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    out.extend(unwatched(facts, Kind::Monitoring, RULE.card.id, "metrics", "No monitoring"));
}

/// The finding that some of what serves is not joined to an insight component of a kind; shared with `no-logging`.
pub(super) fn unwatched(
    facts: &Facts<'_>,
    insight: Kind,
    rule: &'static str,
    what: &str,
    title: &str,
) -> Option<Finding> {
    let serving: Vec<&Component> = facts.design.components.iter().filter(|c| serves(c.kind)).collect();
    if serving.len() < SERVING_MIN {
        return None;
    }
    let watcher = facts.of_kind(insight).first();
    let mut blind: Vec<&Component> =
        serving.iter().copied().filter(|c| !is_joined(facts, c, insight)).collect();
    if blind.len() < serving.len() {
        // The callers of a service see whether it answers; nobody sees a disk fill up but the store itself.
        blind.retain(|c| c.kind.is_store() || c.kind.is_messaging());
    }
    if blind.is_empty() {
        return None;
    }
    let text = if blind.len() == serving.len() {
        format!(
            "{title}: nothing collects the {what} of the {} components that serve requests",
            serving.len()
        )
    } else {
        format!(
            "{title} of {}: nothing collects {} {what}",
            listed(blind.iter().map(|c| facts.name(c)), 4),
            if blind.len() == 1 { "its" } else { "their" }
        )
    };
    let severity = if blind.len() == serving.len() { Severity::Warning } else { Severity::Info };
    let mut changes = Vec::new();
    let target = match watcher {
        Some(c) => c.id.clone(),
        None => {
            let id = ComponentId::new(facts.mint_id(insight.label()));
            let mut component = Component::new(id.clone(), insight);
            component.name = insight.label().to_owned();
            changes.push(Change::AddComponent {
                component: Box::new(component),
                near: blind.last().map(|c| c.id.clone()),
            });
            id
        }
    };
    for c in &blind {
        let id = facts.mint_id(&format!("{}-{}", c.id, target));
        let link =
            Link { interaction: Interaction::Telemetry, ..Link::new(id, c.id.clone(), target.clone()) };
        changes.push(Change::AddLink(Box::new(link)));
    }
    let subjects: Vec<ElementId> = blind.iter().map(|c| ElementId::from(&c.id)).collect();
    Some(
        Finding::new(rule, severity, subjects.clone(), text)
            .named([])
            .witness(subjects)
            .fix(format!("Collect {what} from {}", counted(blind.len(), "component")), changes),
    )
}

/// What an operator of the system runs: not clients, not what others run, not the insight components themselves.
pub(super) fn serves(kind: Kind) -> bool {
    !kind.is_insight()
        && !matches!(kind, Kind::Client | Kind::ExternalSystem | Kind::EdgeDevice | Kind::Dns | Kind::Cdn)
}

/// Joined directly in either direction (push or pull).
pub(super) fn is_joined(facts: &Facts<'_>, c: &Component, insight: Kind) -> bool {
    let kind_is = |id: &ComponentId| facts.component(id).is_some_and(|c| c.kind == insight);
    facts.links_from(&c.id).iter().any(|l| kind_is(&l.to))
        || facts.links_to(&c.id).iter().any(|l| kind_is(&l.from))
}
