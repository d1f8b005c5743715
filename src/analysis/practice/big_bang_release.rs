//! Releases that reach everything in one moment.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Kind, Release};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "big-bang-release",
        title: "Big-bang release",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Most outages begin with a change. One that reaches every instance in the same moment leaves nobody to \
              serve while it is taken back, and nothing to compare it with that would have shown it was bad.",
        detected: "A component that a journey visits states that a new version reaches all its instances at once. What \
              nobody has stated is left alone.",
        fix: "Release to one instance first (canary) or to one after the other (rolling), and stop by itself when \
              errors rise; with a single instance, bring up the new one beside the old (blue-green).",
        false_alarm: "Old and new cannot run side by side, and users have agreed to a window in which nothing works.",
        source: "Beyer et al., Site Reliability Engineering, chapter 8: release engineering; Humble and Farley, \
              Continuous Delivery, chapter 10 (Addison-Wesley 2010)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.release == Release::AllAtOnce) {
        // What others run, others release; users release nothing.
        if matches!(c.kind, Kind::Client | Kind::ExternalSystem) || facts.journeys_through(&c.id).is_empty() {
            continue;
        }
        let name = facts.name(c);
        let (text, title, better) = if c.replicas > 1 {
            let text = format!("a bad version of {name} reaches all {} instances in one moment", c.replicas);
            (text, "Release to a few instances first", Release::Canary)
        } else {
            let text = format!("while {name} is being replaced by a new version, nobody is served by it");
            (text, "Bring up the new version beside the old", Release::BlueGreen)
        };
        let staged = Change::component(c, |c| c.release = better);
        out.push(facts.about(RULE.card, Severity::Warning, c, text).fix(title, vec![staged]));
    }
}
