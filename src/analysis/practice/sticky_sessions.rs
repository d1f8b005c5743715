//! Sessions in the instance: a user is lost with the instance that remembers him.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Balance, Kind, Sessions};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "sticky-sessions",
        title: "Sessions in the instance",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Every release, every crash and every scaling down logs out the users of that instance and empties \
              their baskets; and a busy user cannot be moved to an idle instance.",
        detected: "A component of two or more instances keeps sessions in the instance. If a balancer in front of it \
              hands requests on in turn, the session is missed at almost every request.",
        fix: "Keep sessions in a store or cache that all instances call, or in a signed token.",
        false_alarm: "Losing a session costs nothing, and instances are seldom replaced.",
        source: "Wiggins, The Twelve-Factor App, VI: processes (2011); Nygard, Release It!, chapter 4",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        let most = c.scale.as_ref().map_or(c.replicas, |s| s.max.max(c.replicas));
        if c.sessions != Sessions::Local || most < 2 {
            continue;
        }
        let balancer = facts
            .links_to(&c.id)
            .iter()
            .filter_map(|l| facts.component(&l.from))
            .find(|b| b.kind == Kind::LoadBalancer && b.balance != Balance::Hash);
        let text = match balancer {
            Some(b) => format!(
                "{} keeps sessions in its instances, and {} does not send a user back to the same one",
                facts.name(c),
                facts.name(b)
            ),
            None => {
                format!(
                    "each lost instance of {} takes its users' sessions with it, 1 in {most}",
                    facts.name(c)
                )
            }
        };
        let mut finding = facts.about(RULE.card, Severity::Warning, c, text);
        let keeper = facts
            .links_from(&c.id)
            .iter()
            .filter_map(|l| facts.component(&l.to))
            .find(|s| s.kind.is_store() || s.kind == Kind::Cache);
        if let Some(keeper) = keeper {
            let shared = Change::component(c, |c| c.sessions = Sessions::Shared);
            finding = finding.fix(format!("Keep sessions in {}", facts.name(keeper)), vec![shared]);
        }
        out.push(finding);
    }
}
