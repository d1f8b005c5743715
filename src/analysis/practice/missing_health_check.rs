//! Missing health check: a spreader that finds out about a bad target only by sending users to it.

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::stands_in_slot;
use crate::design::{Component, Detector, DetectorMode, ElementId, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "missing-health-check",
        title: "Missing health check",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Without a check of its own a balancer learns that a target is silent only from requests that wait for it \
              until they time out, and it sends more of them as long as the target accepts connections.",
        detected: "A load balancer or DNS has several targets and states no detector, so that only refused and timed-out \
                   requests count.",
        fix: "State a detector: shallow asks the process, deep also asks whether its own needs hold.",
        false_alarm: "Every target fails by refusing connections, never by falling silent or by answering with errors.",
        source: "Beyer et al., Site Reliability Engineering, chapter 20 (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in &facts.design.components {
        if !matches!(c.kind, Kind::LoadBalancer | Kind::Dns) || c.detector.is_some() {
            continue;
        }
        let targets: Vec<&Component> = facts
            .links_from(&c.id)
            .iter()
            .filter(|l| stands_in_slot(facts.design, l))
            .filter_map(|l| facts.component(&l.to))
            .collect();
        let instances: u32 =
            targets.iter().map(|t| if t.kind.is_replicated() { 1 } else { t.replicas }).sum();
        if instances < 2 {
            continue;
        }
        let text = format!("{} spreads over {instances} targets and checks none of them", facts.name(c));
        let mut checked = c.clone();
        checked.detector = Some(Detector { mode: DetectorMode::Shallow, ..Detector::default() });
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&c.id)], text)
                .journeys(facts.journeys_through(&c.id))
                .witness(
                    std::iter::once(&c.id)
                        .chain(targets.iter().map(|t| &t.id))
                        .map(ElementId::from)
                        .collect(),
                )
                .fix("Check the process of each target", vec![Change::ReplaceComponent(Box::new(checked))]),
        );
    }
}
