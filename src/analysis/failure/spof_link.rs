//! Links that a journey cannot do without.

use super::advisory;
use crate::analysis::facts::counted;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};

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
        let journey = &facts.routes()[route].title;
        let said = |n: usize, names: &str| match n {
            1 => format!("{journey} needs the link {names}"),
            _ => format!("{journey} needs each of these links: {names}"),
        };
        let found = advisory(facts, RULE.card.id, &facts.losses().links, route, said);
        out.extend(found.map(|f| {
            let n = counted(f.subjects.len(), "link");
            f.titled(format!("{journey} needs {n}"))
        }));
    }
}
