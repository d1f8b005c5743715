//! No alerts: what is measured wakes nobody.

use super::no_monitoring::{SERVING_MIN, serves};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-alerts",
        title: "Alerts that nobody gets",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "A dashboard that nobody looks at on a Sunday is a record of the outage, not a warning of it. Somebody \
              has to be named who gets the alert and may act on it.",
        detected: "Three or more serving components and a drawn journey, a monitoring component that something is \
              joined to, and none states an owner or leads on to somebody (a client or an external system).",
        fix: "Say at the monitoring who is on call, and alert on what users feel.",
        false_alarm: "Who is on call is written down elsewhere, and everybody knows where.",
        source: "Beyer et al., Site Reliability Engineering, chapter 11: being on-call (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let components = &facts.design.components;
    let is_operated = components.iter().filter(|c| serves(c.kind)).count() >= SERVING_MIN
        && facts.drawn_routes().next().is_some();
    let monitors: Vec<&Component> = components.iter().filter(|c| c.kind == Kind::Monitoring).collect();
    let is_joined = |c: &&Component| !facts.links_from(&c.id).is_empty() || !facts.links_to(&c.id).is_empty();
    let tells = |c: &&Component| {
        let to_somebody = |id: &str| {
            facts.component(id).is_some_and(|t| matches!(t.kind, Kind::Client | Kind::ExternalSystem))
        };
        !c.owner.trim().is_empty() || facts.links_from(&c.id).iter().any(|l| to_somebody(l.to.as_str()))
    };
    if !is_operated || !monitors.iter().any(is_joined) || monitors.iter().any(tells) {
        return;
    }
    let text = format!("nobody is named who gets the alerts of {}", facts.name(monitors[0]));
    let named = Change::component(monitors[0], |c| c.owner = "on call".to_owned());
    let subjects: Vec<ElementId> = monitors.iter().map(|c| ElementId::from(&c.id)).collect();
    out.push(
        Finding::new(RULE.card.id, Severity::Info, subjects.clone(), text)
            .witness(subjects)
            .fix("Give it to who is on call", vec![named]),
    );
}
