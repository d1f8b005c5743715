//! Health checks that ask too little: requests go to a target that can do nothing with them.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{slots_of, stands_in_slot};
use crate::design::{Component, DetectorMode, ElementId, Kind, Need};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "shallow-health-check",
        title: "Health check asks too little",
        family: RuleFamily::Practice,
        severity: Severity::Info,
        why: "The process answers its check, while the store that only it calls is gone. Its share of the requests \
              fails, quickest of all, so that a balancer that likes fast answers sends it even more.",
        detected: "A balancer checks only the processes of two or more different components, and one of them needs \
              something that another does not. DNS is left alone: it checks entries, and their balancers the rest.",
        fix: "Check deeply where the targets do not share what they need.",
        false_alarm: "A try that fails goes to another target, and all requests may be tried twice.",
        source: "Beyer et al., Site Reliability Engineering, chapter 20 (O'Reilly 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.kind == Kind::LoadBalancer) {
        if c.detector.is_none_or(|d| d.mode != DetectorMode::Shallow) {
            continue;
        }
        let links = facts.links_from(&c.id).iter().filter(|l| stands_in_slot(facts.design, l));
        let targets: Vec<&Component> = links.filter_map(|l| facts.component(&l.to)).collect();
        let needs: Vec<BTreeSet<&str>> = targets.iter().map(|t| needed(facts, t)).collect();
        let own = (0..targets.len()).find_map(|i| {
            let differs = |j: usize| j != i && targets[j].id != targets[i].id;
            let need =
                needs[i].iter().find(|n| (0..targets.len()).any(|j| differs(j) && !needs[j].contains(*n)))?;
            Some((targets[i], facts.component(need)?))
        });
        let Some((target, need)) = own else { continue };
        let text = format!(
            "{} goes on sending requests to {} while {}, which it needs, is gone",
            facts.name(c),
            facts.name(target),
            facts.name(need)
        );
        let deep = Change::component(c, |c| {
            if let Some(detector) = &mut c.detector {
                detector.mode = DetectorMode::Deep;
            }
        });
        out.push(
            facts
                .about(RULE.card, Severity::Info, c, text)
                .witness([&c.id, &target.id, &need.id].map(ElementId::from).to_vec())
                .fix("Check whether its needs hold", vec![deep]),
        );
    }
}

/// What a component cannot do without, all the way down.
fn needed<'a>(facts: &Facts<'a>, from: &'a Component) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(c) = open.pop() {
        for slot in slots_of(facts.design, c) {
            if slot.need == Need::Optional || (slot.need == Need::Any && slot.links.len() > 1) {
                continue;
            }
            let targets = slot.links.iter().filter_map(|l| facts.component(&facts.design.links[*l].to));
            open.extend(targets.filter(|t| found.insert(t.id.as_str())));
        }
    }
    found
}
