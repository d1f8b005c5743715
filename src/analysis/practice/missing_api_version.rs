//! Interfaces without a version: they cannot change without breaking somebody.

use crate::analysis::facts::listed;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Interaction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "missing-api-version",
        title: "Interface without a version",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The first change that is not compatible has to reach every caller in the same moment. Phones that \
              update when they like, and partners who update once a year, cannot.",
        detected: "A component offers a named interface that states no version, and somebody calls it. Where users \
              or other organisations do, it is a warning, otherwise a note.",
        fix: "Give each interface a version, and keep the old one until nobody calls it.",
        false_alarm: "Caller and interface are always released together.",
        source: "Newman, Building Microservices, chapter 5: versioning (O'Reilly 2021)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        let open: Vec<&str> =
            c.interfaces.iter().filter(|i| i.version.trim().is_empty()).map(|i| i.name.as_str()).collect();
        let callers: Vec<Kind> = facts
            .links_to(&c.id)
            .iter()
            .filter(|l| {
                matches!(l.interaction, Interaction::Call | Interaction::Publish | Interaction::Resolve)
            })
            .filter_map(|l| facts.component(&l.from))
            .map(|c| c.kind)
            .collect();
        if open.is_empty() || callers.is_empty() {
            continue;
        }
        // Who hands requests on unread stands for the users behind it.
        let from_others = |k: &Kind| {
            matches!(
                k,
                Kind::Client
                    | Kind::ExternalSystem
                    | Kind::EdgeDevice
                    | Kind::LoadBalancer
                    | Kind::Firewall
                    | Kind::Dns
                    | Kind::Cdn
            )
        };
        let severity = if callers.iter().any(from_others) { Severity::Warning } else { Severity::Info };
        let text = format!("{} offers {} without a version", facts.name(c), listed(open.iter().copied(), 3));
        let versioned = Change::component(c, |c| {
            c.interfaces
                .iter_mut()
                .filter(|i| i.version.trim().is_empty())
                .for_each(|i| i.version = "v1".to_owned());
        });
        out.push(facts.about(RULE.card, severity, c, text).fix("Call it v1", vec![versioned]));
    }
}
