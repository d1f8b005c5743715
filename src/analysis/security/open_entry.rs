//! Open entry: nothing stands between the internet and what does the work.

use std::collections::BTreeSet;

use super::ways_in;
use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, FirewallSettings, Kind, PerSecond};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "open-entry",
        title: "No protection in front of an entry",
        family: RuleFamily::Security,
        severity: Severity::Warning,
        why: "Anybody can send as many requests as a rented botnet allows, and every one of them is worked on.",
        detected: "A way from users outside to a service, function, gateway or peer has no firewall on it, and nothing on it \
                   states a rate limit, inspection or flood protection.",
        fix: "State a rate limit and inspection on the entry, or put a firewall in front of it.",
        false_alarm: "The users are inside: then place them in a private zone.",
        source: "OWASP API Security Top 10, API4:2023 unrestricted resource consumption",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut entries = BTreeSet::new();
    let mut first_way = Vec::new();
    for way in ways_in(facts) {
        let works = matches!(
            way.end.kind,
            Kind::Service | Kind::Function | Kind::Gateway | Kind::ModelServer | Kind::IdentityProvider
        );
        if works && !way.is_guarded && entries.insert(way.end.id.as_str()) && first_way.is_empty() {
            first_way = way.elements;
        }
    }
    if entries.is_empty() {
        return;
    }
    let ends: Vec<_> = entries.iter().filter_map(|id| facts.component(id)).collect();
    let text = format!(
        "anybody can send {} any number of requests: no rate limit, inspection or flood protection is on the way",
        listed(ends.iter().map(|c| facts.name(c)), 3)
    );
    let changes = ends
        .iter()
        .map(|c| {
            let mut guarded = (*c).clone();
            let rate_limit = Some(PerSecond(c.service.capacity().get().round().max(1.0)));
            guarded.firewall =
                Some(FirewallSettings { rate_limit, waf: true, ..c.firewall.clone().unwrap_or_default() });
            Change::ReplaceComponent(Box::new(guarded))
        })
        .collect();
    // A sketch without journeys is not about to be opened to the internet.
    let severity = if facts.design.journeys.is_empty() { Severity::Info } else { Severity::Warning };
    out.push(
        Finding::new(RULE.card.id, severity, ends.iter().map(|c| ElementId::from(&c.id)).collect(), text)
            .journeys(facts.routes().iter().map(|r| r.journey.clone()))
            .witness(first_way)
            .fix("Limit and inspect requests at the entry", changes),
    );
}
