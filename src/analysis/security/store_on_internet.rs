//! Internet reaching a store: users talk to where the data is kept.

use std::collections::BTreeSet;

use super::{keeps_data, ways_in};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Kind, Sensitivity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "store-on-internet",
        title: "Internet reaches a store",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "A database that answers the internet is found by scanners within hours, and one leaked password or one \
              missing patch is then the whole of its data.",
        detected: "A store, cache, queue or coordinator is marked as facing the internet, or a way from users outside \
                   leads to it through nothing but DNS, CDN, firewalls and balancers. Object stores that a CDN fetches from \
                   or whose data is public are left alone.",
        fix: "Put a service between them that checks who asks for what, and take the store off the internet.",
        false_alarm: "The client is a job of the operator: then place it in a private zone.",
        source: "OWASP Top 10, A05:2021 security misconfiguration; CWE-668",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for way in ways_in(facts) {
        let c = way.end;
        if !keeps_data(c) || is_public_object(facts, c, &way.elements) || !said.insert(c.id.as_str()) {
            continue;
        }
        let outsider = way.elements.first().and_then(|id| facts.component(id.as_str())).unwrap_or(c);
        let text = format!(
            "{} can talk to {} with nothing between that checks what they ask for",
            facts.name(outsider),
            facts.name(c)
        );
        out.push(
            Finding::new(RULE.card.id, Severity::Error, vec![ElementId::from(&c.id)], text)
                .journeys(facts.journeys_through(&c.id))
                .witness(way.elements),
        );
    }
    for c in &facts.design.components {
        if keeps_data(c) && c.security.internet_facing && said.insert(c.id.as_str()) {
            if c.kind == Kind::ObjectStore && c.security.sensitivity == Sensitivity::Public {
                continue;
            }
            let mut closed = c.clone();
            closed.security.internet_facing = false;
            out.push(
                Finding::new(
                    RULE.card.id,
                    Severity::Error,
                    vec![ElementId::from(&c.id)],
                    format!("{} keeps data and faces the internet", facts.name(c)),
                )
                .journeys(facts.journeys_through(&c.id))
                .witness(vec![ElementId::from(&c.id)])
                .fix("Take it off the internet", vec![Change::ReplaceComponent(Box::new(closed))]),
            );
        }
    }
}

fn is_public_object(facts: &Facts<'_>, c: &Component, way: &[ElementId]) -> bool {
    let through_cdn = way.iter().any(|e| facts.component(e.as_str()).is_some_and(|c| c.kind == Kind::Cdn));
    c.kind == Kind::ObjectStore && (c.security.sensitivity == Sensitivity::Public || through_cdn)
}
