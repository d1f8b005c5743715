//! Scaling without headroom: the automatic scaling ends before the load does, or begins too late.

use crate::analysis::facts::stated_capacity;
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "autoscaling-headroom",
        title: "Scaling without headroom",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "New instances take a minute to come. If the others are nearly full by then, that minute is an outage; \
              and at the upper bound nothing comes at all.",
        detected: "A component states automatic scaling and the drawn journeys bring more than its most instances \
              take; or it aims at more than 85 % of what they take; or its bounds leave nothing to scale.",
        fix: "Raise the upper bound, or aim at 60 to 70 %.",
        false_alarm: "Instances start within a second, or the load is smooth.",
        source: "Google SRE workbook, chapter 11: managing load; Kingman (1961): waiting grows with 1/(1 - \
              utilisation)",
    },
    check,
};

/// Above this a minute without more instances is an outage.
const TARGET_MAX: f64 = 0.85;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let rates = facts.rates();
    for (index, c) in facts.design.components.iter().enumerate() {
        let Some(scale) = &c.scale else { continue };
        let takes = stated_capacity(c).map(|each| each * f64::from(scale.max));
        let (severity, text) = if let Some(takes) = takes.filter(|t| rates[index] > *t) {
            let text = format!(
                "{} gets {:.0} requests a second, and its {} instances at most take {takes:.0}",
                facts.name(c),
                rates[index],
                scale.max
            );
            (Severity::Warning, text)
        } else if scale.target > TARGET_MAX {
            let text = format!(
                "{} runs at {:.0} % before it scales: what comes until then finds it full",
                facts.name(c),
                100.0 * scale.target
            );
            (Severity::Warning, text)
        } else if scale.max <= scale.min {
            (
                Severity::Info,
                format!("{} scales from {} to {}, which is not at all", facts.name(c), scale.min, scale.max),
            )
        } else {
            continue;
        };
        let needed = takes.map_or(0.0, |t| rates[index] / (0.6 * t / f64::from(scale.max.max(1)))).ceil();
        let max = scale.max.max(scale.min.saturating_add(1)).max(needed.clamp(0.0, 10_000.0) as u32);
        let target = if scale.target > TARGET_MAX { 0.6 } else { scale.target };
        let roomy = Change::component(c, |c| {
            if let Some(scale) = &mut c.scale {
                scale.max = max;
                scale.target = target;
            }
        });
        out.push(
            facts
                .about(RULE.card, severity, c, text)
                .fix(format!("Scale up to {max} and aim at {:.0} %", 100.0 * target), vec![roomy]),
        );
    }
}
