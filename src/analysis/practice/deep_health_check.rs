//! Health checks that ask too much: one lost dependency takes every target out at once.

use std::collections::BTreeSet;

use crate::analysis::{Change, Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::{Route, VisitedSlot};
use crate::design::{DetectorMode, ElementId, Need};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "deep-health-check",
        title: "Health check asks too much",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "A deep check says that a target is bad when something that it needs is. If all targets need the same \
              thing, its loss takes all of them out, and requests that do not need it fail with the others.",
        detected: "A detector is deep, and what it asks of a target includes a need that some drawn journey through \
              that target does not have.",
        fix: "Let the check ask only for what every request needs, or only for the process.",
        false_alarm: "The journeys that need less may as well fail.",
        source: "Beyer et al., Site Reliability Engineering, chapter 22; AWS Builders' Library: implementing health \
              checks",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for c in facts.design.components.iter().filter(|c| c.detector().mode == DetectorMode::Deep) {
        let spared = facts.links_from(&c.id).iter().find_map(|l| {
            let target = facts.index(&l.to)?;
            let probe = facts.deployment.probes.get(&target)?;
            let mut asked = BTreeSet::new();
            needed(probe, &probe.root, &mut asked);
            asked.remove(&target);
            facts.drawn_routes().find_map(|route| {
                let at = route.hops.iter().position(|h| h.target == target && facts.link_of(h).id == l.id)?;
                let visits = |t: &usize| route.hops.iter().any(|h| h.target == *t);
                let more = asked.iter().find(|t| !visits(t))?;
                Some((*l, route, at, *more))
            })
        });
        let Some((link, route, at, more)) = spared else { continue };
        let target = facts.component(&link.to).map_or(link.to.as_str(), |t| facts.name(t));
        let gone = facts.name(&facts.design.components[more]);
        let text = format!(
            "when {gone} is gone, {} leaves {target} out, and {} fails although it does not need {gone}",
            facts.name(c),
            route.title
        );
        let shallow = Change::component(c, |c| {
            if let Some(detector) = &mut c.detector {
                detector.mode = DetectorMode::Shallow;
            }
        });
        let mut way = facts.way(route, at);
        way.push(ElementId::from(&facts.design.components[more].id));
        out.push(
            Finding::new(RULE.card.id, Severity::Warning, vec![ElementId::from(&c.id)], text)
                .journeys([route.journey.clone()])
                .witness(way)
                .fix("Ask only the process", vec![shallow]),
        );
    }
}

/// What a check cannot do without.
fn needed(probe: &Route, slots: &[VisitedSlot], found: &mut BTreeSet<usize>) {
    // Of several of which one is enough, none is needed.
    let strict = |s: &&VisitedSlot| s.need == Need::All || (s.need == Need::Any && s.hops.len() == 1);
    for slot in slots.iter().filter(strict) {
        for hop in slot.hops.iter().map(|h| &probe.hops[*h]) {
            if found.insert(hop.target) {
                needed(probe, &hop.slots, found);
            }
        }
    }
}
