//! Journeys that nobody tries before users do.

use crate::analysis::facts::{counted, listed};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{ElementId, Interaction, Journey, Kind, Millis};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-synthetic-probe",
        title: "No synthetic probe",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "At four in the morning nobody checks out, and so no metric says that checking out is broken; at eight \
              everybody does. What stands before your own measurements (name resolution, certificates, the way in) \
              they never see at all. A probe that does what users do, from outside, finds both.",
        detected: "Monitoring is drawn, a journey is drawn and watched by it, and neither does the journey state a probe nor \
              does a monitoring component call anything on its way. It is a warning where the journey promises \
              availability or a time to recover, else a note; one finding for all journeys.",
        fix: "Let a probe outside make the journey's requests every minute or so, and alert when it fails.",
        false_alarm: "So many users are there at every hour that their own failures show it within a minute.",
        source: "Beyer et al., Site Reliability Engineering, chapter 6: black-box monitoring (O'Reilly 2016)",
    },
    check,
};

/// How often a probe runs where nobody says otherwise.
const EVERY: Millis = Millis(60_000.0);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let monitors: Vec<&str> = facts
        .design
        .components
        .iter()
        .filter(|c| c.kind == Kind::Monitoring)
        .map(|c| c.id.as_str())
        .filter(|m| !facts.links_to(m).is_empty() || !facts.links_from(m).is_empty())
        .collect();
    // Where nothing watches, that is the finding.
    if monitors.is_empty() {
        return;
    }
    // A monitor that calls what users call is a probe.
    let called = |component: usize| {
        let links = monitors.iter().flat_map(|m| facts.links_from(m));
        links
            .filter(|l| matches!(l.interaction, Interaction::Call | Interaction::Resolve))
            .any(|l| facts.index(&l.to) == Some(component))
    };
    let blind: Vec<(&Route, &Journey)> = facts
        .drawn_routes()
        .filter_map(|r| Some((r, facts.drawn(r)?)))
        .filter(|(r, j)| j.probe.is_none() && !r.hops.iter().any(|h| called(h.target)))
        .collect();
    if blind.is_empty() {
        return;
    }
    let promises = |j: &Journey| {
        j.objective.as_ref().is_some_and(|o| o.availability.is_some() || o.rto.is_some() || o.p99.is_some())
    };
    let severity = if blind.iter().any(|(_, j)| promises(j)) { Severity::Warning } else { Severity::Info };
    let names = listed(blind.iter().map(|(r, _)| r.title.as_str()), 3);
    let text = format!("nothing tries {names} from outside, so that users are the first to notice");
    let title = match blind[..] {
        [(only, _)] => format!("No synthetic probe: {}", only.title),
        _ => format!("No synthetic probe of {}", counted(blind.len(), "journey")),
    };
    let changes = blind
        .iter()
        .map(|(_, j)| Change::ReplaceJourney(Box::new(Journey { probe: Some(EVERY), ..(*j).clone() })))
        .collect();
    let clients = blind.iter().map(|(r, _)| r.client).collect::<std::collections::BTreeSet<_>>();
    let subjects: Vec<ElementId> =
        clients.iter().map(|c| ElementId::from(&facts.design.components[*c].id)).collect();
    out.push(
        Finding::new(RULE.card.id, severity, subjects.clone(), text)
            .named([])
            .titled(title)
            .journeys(blind.iter().map(|(r, _)| r.journey.clone()))
            .witness(subjects)
            .fix(format!("Probe every {EVERY}"), changes),
    );
}
