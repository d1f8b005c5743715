//! Central authentication: one identity provider that every request has to ask.

use std::collections::BTreeSet;

use crate::analysis::{Change, Experiment, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{Component, ElementId, Kind, Millis, Need, Slot, When};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "central-authentication",
        title: "Identity provider in every request",
        family: RuleFamily::Security,
        severity: Severity::Warning,
        why: "When it is slow everything is slow, and when it is gone everybody is locked out, even who logged in an \
              hour ago. Every team depends on it, so that nobody dares to change it.",
        detected: "Two or more journeys are drawn, and each of them asks an identity provider on each request and \
              fails without it. With instances in several zones it is a note.",
        fix: "Issue signed tokens that services check by themselves, and cache what must be asked.",
        false_alarm: "Access has to be revoked within seconds.",
        source: "RFC 7519 JSON Web Token; Threagile: missing identity provider isolation; the single point of \
              authentication",
    },
    check,
};

/// As long as a token that was issued may be believed.
const BELIEVED: Millis = Millis(300_000.0);

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let routes: Vec<&Route> = facts.drawn_routes().collect();
    if routes.len() < 2 {
        return;
    }
    for (index, c) in facts.design.components.iter().enumerate() {
        if c.kind != Kind::IdentityProvider || !routes.iter().all(|r| asks_each_time(r, index)) {
            continue;
        }
        let instances = facts.deployment.components[index].instances.clone();
        let places: BTreeSet<Option<usize>> = instances.map(|i| facts.deployment.instances[i].zone).collect();
        let severity = if places.len() > 1 { Severity::Info } else { Severity::Warning };
        let text = format!(
            "all {} journeys ask {} on each request: without it nobody does anything",
            routes.len(),
            facts.name(c)
        );
        let mut finding =
            facts.about(RULE.card, severity, c, text).experiment(Experiment::down(ElementId::from(&c.id)));
        let changes = cached(facts, c);
        if !changes.is_empty() {
            finding = finding.fix(format!("Believe its answers for {BELIEVED}"), changes);
        }
        out.push(finding);
    }
}

/// Whether a journey fails without an answer for this very request.
fn asks_each_time(route: &Route, provider: usize) -> bool {
    let slots = route.root.iter().chain(route.hops.iter().flat_map(|h| &h.slots));
    slots
        .filter(|s| s.need != Need::Optional && s.when == When::EachRequest)
        .any(|s| s.hops.iter().any(|h| route.hops[*h].target == provider))
}

/// Who asks it keeps the answer for a while; callers that have put the link into a slot have decided already.
fn cached(facts: &Facts<'_>, provider: &Component) -> Vec<Change> {
    let mut changes = Vec::new();
    for link in facts.links_to(&provider.id).iter().filter(|l| l.slot.is_empty()) {
        let Some(caller) = facts.component(&link.from).filter(|c| c.slots.iter().all(|s| s.name != "login"))
        else {
            continue;
        };
        changes.push(Change::component(caller, |c| {
            let when = When::Every(BELIEVED);
            c.slots.push(Slot { name: "login".to_owned(), need: Need::All, when, ..Slot::default() });
        }));
        changes.push(Change::link(link, |l| l.slot = "login".to_owned()));
    }
    changes
}
