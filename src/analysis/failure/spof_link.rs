//! Links that a journey cannot do without.

use super::{advisory, link_ends};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{ElementId, LinkId};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "spof-link",
        title: "Needed link",
        family: RuleFamily::Failure,
        severity: Severity::Info,
        why: "A firewall rule, a route or a certificate can close one drawn link between components that are all well.",
        detected: "Each link that a journey visits is taken away alone; those whose loss stops the journey are listed once \
                   for it.",
        fix: "Draw a second way, or make the need optional.",
        false_alarm: "Mostly: a call must go somewhere. The list says which routes to watch.",
        source: "Order-1 minimal cut sets; Gill et al., Understanding Network Failures in Data Centers (SIGCOMM 2011)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for route in 0..facts.routes().len() {
        let Some(mut finding) =
            advisory(facts, RULE.card.id, &facts.losses().links, route, "each of these links")
        else {
            continue;
        };
        // A link's id says little to a person: its ends are told instead.
        let ends: Vec<String> = finding
            .subjects
            .iter()
            .filter_map(|l: &ElementId| link_ends(facts, &LinkId::new(l.as_str())))
            .map(|(from, to)| format!("{from} → {to}"))
            .collect();
        let names = crate::analysis::facts::listed(ends.iter().map(String::as_str), 5);
        finding.text = format!("{} needs each of these links: {names}", facts.routes()[route].title);
        out.push(finding);
    }
}
