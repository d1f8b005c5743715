//! Whole components that a journey cannot do without, replicas and all.

use super::advisory;
use crate::analysis::facts::counted;
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "spof-component",
        title: "Needed as a whole",
        family: RuleFamily::Failure,
        severity: Severity::Info,
        why: "Replicas share their code, their configuration and their schema. A bad release takes all of them, and then \
              the journey is as lost as with one.",
        detected: "All instances of a component of several are taken away together; those whose loss stops a journey are \
                   listed once for that journey.",
        fix: "Stage releases over the replicas, or make the need optional.",
        false_alarm: "Mostly: something must do the work. The list says where releases deserve the most care.",
        source: "Order-1 minimal cut sets; Oppenheimer et al., Why Do Internet Services Fail (USITS 2003)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for route in 0..facts.routes().len() {
        let journey = &facts.routes()[route].title;
        let said = |n: usize, names: &str| match n {
            1 => format!("losing all copies of {names} at once stops {journey}"),
            _ => format!("losing all copies of any of these at once stops {journey}: {names}"),
        };
        let found = advisory(facts, RULE.card.id, &facts.losses().components, route, said);
        out.extend(found.map(|f| {
            let n = counted(f.subjects.len(), "component");
            f.titled(format!("{journey} needs {n} as a whole"))
        }));
    }
}
