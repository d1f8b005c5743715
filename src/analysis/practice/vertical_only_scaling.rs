//! Vertical-only scaling: one instance does all, and only a bigger machine would do more.

use crate::analysis::facts::{computes, stated_capacity};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "vertical-only-scaling",
        title: "Scales only by a bigger machine",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Machines end, and a bigger one is bought while the old one is on its knees. With a second instance the \
              next step is a number, and the loss of one is not the loss of all.",
        detected: "A component that computes has one instance and no automatic scaling, and the drawn journeys bring \
              it more than half of what it takes by its stated time or capacity.",
        fix: "Run more instances behind a balancer.",
        false_alarm: "The load is known and will not grow.",
        source: "Abbott and Fisher, The Art of Scalability: scale out, not up (2015)",
    },
    check,
};

/// Above this share of one instance there is no room to grow.
const SHARE_MAX: f64 = 0.5;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let rates = facts.rates();
    for (index, c) in facts.design.components.iter().enumerate() {
        // Workers are spoken of where their queue is.
        if !(computes(c.kind) || c.kind == Kind::LoadBalancer) || c.replicas > 1 || c.scale.is_some() {
            continue;
        }
        let Some(takes) = stated_capacity(c).filter(|t| rates[index] > SHARE_MAX * t) else { continue };
        let text = format!(
            "one instance of {} does {:.0} requests a second of the {takes:.0} that it takes",
            facts.name(c),
            rates[index]
        );
        let replicas = ((rates[index] / (SHARE_MAX * takes)).ceil().clamp(1.0, 1000.0) as u32) + 1;
        let more = Change::component(c, |c| c.replicas = replicas);
        out.push(
            facts
                .about(RULE.card, Severity::Warning, c, text)
                .fix(format!("Run {replicas} instances"), vec![more]),
        );
    }
}
