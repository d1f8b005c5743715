//! No spare capacity: the loss of one instance overloads those that are left.

use crate::analysis::facts::{computes, stated_capacity};
use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "no-spare-capacity",
        title: "No spare capacity",
        family: RuleFamily::Practice,
        severity: Severity::Error,
        why: "Two instances at 60 % are one failure away from 120 %. The first loss is then not survived but passed \
              on: the others fall over one after another, and restarting them one by one does not help.",
        detected: "A component of several instances gets more from the drawn journeys than one instance fewer takes \
              by its stated time or capacity. If it is more than all of them take, it is an error.",
        fix: "Run as many instances that one of them can be missed.",
        false_alarm: "The load can be shed: what is too much is refused at once, and the users come back later.",
        source: "Google SRE book, chapter 22: cascading failures; Barroso, Hölzle and Ranganathan, The Datacenter as \
              a Computer (2018)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let rates = facts.rates();
    for (index, c) in facts.design.components.iter().enumerate() {
        let shares = computes(c.kind) || matches!(c.kind, Kind::LoadBalancer | Kind::Firewall);
        if !shares || c.replicas < 2 || c.scale.is_some() {
            continue;
        }
        let Some(each) = stated_capacity(c) else { continue };
        let (all, left) = (each * f64::from(c.replicas), each * f64::from(c.replicas - 1));
        let rate = rates[index];
        if rate <= left {
            continue;
        }
        let (severity, text) = if rate > all {
            let text = format!("{} gets {rate:.0} requests a second and takes {all:.0}", facts.name(c));
            (Severity::Error, text)
        } else {
            let text = format!(
                "when one instance of {} is lost, the others get {rate:.0} requests a second and take {left:.0}",
                facts.name(c)
            );
            (Severity::Warning, text)
        };
        let replicas = ((rate / (0.8 * each)).ceil().clamp(1.0, 1000.0) as u32) + 1;
        let more = Change::component(c, |c| c.replicas = replicas);
        out.push(
            facts.about(RULE.card, severity, c, text).fix(format!("Run {replicas} instances"), vec![more]),
        );
    }
}
