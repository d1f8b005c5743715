//! Write-back caches: acknowledged before anything has kept it.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{CacheWrites, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "write-back-loss",
        title: "Write-back cache",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "The cache says that a write is done and hands it on later. What it has not handed on when it crashes \
              is lost, and the store never knows that there was anything.",
        detected: "A cache says that its writes go back later.",
        fix: "Write through, or keep what waits in a durable queue.",
        false_alarm: "The last seconds of writes may be lost, as of counters and positions.",
        source: "Hennessy and Patterson, Computer Architecture, appendix B: write-back caches",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| matches!(c.kind, Kind::Cache | Kind::Cdn)) {
        let Some(cache) = c.cache.as_ref().filter(|k| k.writes == CacheWrites::Back) else { continue };
        let kept = cache.clone();
        let text = format!("{} acknowledges writes that only it has: a crash loses them", facts.name(c));
        let through = Change::component(c, |c| {
            c.cache = Some(crate::design::CacheSettings { writes: CacheWrites::Through, ..kept });
        });
        out.push(facts.about(RULE.card, Severity::Warning, c, text).fix("Write through", vec![through]));
    }
}
