//! Data in a stateless tier: a service keeps what only a store should keep.

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "state-in-stateless-tier",
        title: "Data in a stateless tier",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Instances of a service are started, stopped and replaced at will. What one of them keeps on its own \
              disk is missed by the others, is not backed up, and is gone with it.",
        detected: "A service, function, gateway, worker or balancer states the size or growth of data that it keeps. \
              With one instance that is a note, as nothing differs yet.",
        fix: "Move the data to a store, cache or object store that the instances call.",
        false_alarm: "The data is a copy that each instance can fetch again at start, such as a model or a \
              dictionary.",
        source: "Wiggins, The Twelve-Factor App, VI: processes (2011)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        let is_stateless = matches!(
            c.kind,
            Kind::Service | Kind::Function | Kind::Gateway | Kind::Worker | Kind::LoadBalancer
        );
        let keeps = c.data.as_ref().is_some_and(|d| {
            d.size.is_some_and(|s| s.get() > 0.0) || d.growth.is_some_and(|g| g.get() > 0.0)
        });
        if !is_stateless || !keeps {
            continue;
        }
        // A function's disk is gone with its request.
        let (severity, text) = if c.replicas > 1 || c.kind == Kind::Function {
            (
                Severity::Warning,
                format!("each instance of {} keeps data of its own, which the others miss", facts.name(c)),
            )
        } else {
            (Severity::Info, format!("{} keeps data that is gone with its instance", facts.name(c)))
        };
        out.push(facts.about(RULE.card, severity, c, text));
    }
}
