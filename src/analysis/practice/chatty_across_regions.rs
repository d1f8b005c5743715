//! Chatty calls between regions: one request that crosses an ocean several times.

use std::collections::BTreeSet;

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::deploy::Route;
use crate::design::{ElementId, Interaction, ZoneKind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "chatty-across-regions",
        title: "Back and forth between regions",
        family: RuleFamily::Practice,
        severity: Severity::Warning,
        why: "Every crossing costs a round trip of tens of milliseconds that no machine makes shorter, and each is \
              one more chance to be cut. Three of them and the user sees it.",
        detected: "On one path of a drawn journey two or more calls, for which users wait, always cross from one \
              region to another, as no instance of the target stands in a region of the caller; or the stated \
              latency of the crossings is more than a quarter of the deadline.",
        fix: "Move what talks much into one region, or ask once for all that is needed.",
        false_alarm: "The drawing names regions that are next to each other.",
        source: "Newman, Building Microservices, chapter 4; Deutsch, The Eight Fallacies of Distributed Computing: \
              latency is zero",
    },
    check,
};

/// Share of the deadline that crossings may take.
const SHARE_MAX: f64 = 0.25;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    if facts.design.zones.iter().filter(|z| z.kind == ZoneKind::Region).count() < 2 {
        return;
    }
    let regions: Vec<BTreeSet<usize>> =
        (0..facts.design.components.len()).map(|c| regions(facts, c)).collect();
    for route in facts.drawn_routes() {
        let worst = (0..route.hops.len())
            .filter(|h| !facts.is_in_effect(route, *h))
            .map(|h| (h, crossings(facts, &regions, route, h)))
            .max_by_key(|(h, crossed)| (crossed.len(), std::cmp::Reverse(*h)));
        let Some((hop, crossed)) = worst.filter(|(_, c)| !c.is_empty()) else { continue };
        let network = |h: &usize| facts.link_of(&route.hops[*h]).network.latency.unwrap_or_default().get();
        let takes: f64 = 2.0 * crossed.iter().map(network).sum::<f64>();
        if crossed.len() < 2 && takes <= SHARE_MAX * route.deadline.get() {
            continue;
        }
        let cost = if takes > 0.0 { format!(", which takes {takes:.0} ms") } else { String::new() };
        let times = match crossed.len() {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            n => format!("{n} times"),
        };
        let text = format!(
            "{} crosses between regions {times} on its way to {}{cost}",
            route.title,
            facts.name(facts.target_of(&route.hops[hop]))
        );
        let subjects = crossed.iter().map(|h| ElementId::from(&facts.link_of(&route.hops[*h]).id)).collect();
        let severity =
            if takes > SHARE_MAX * route.deadline.get() { Severity::Warning } else { Severity::Info };
        out.push(
            Finding::new(RULE.card.id, severity, subjects, text)
                .named([route.journey.as_str()])
                .journeys([route.journey.clone()])
                .witness(facts.way(route, hop)),
        );
    }
}

/// The calls on the way to a hop that no choice of instances keeps within a region.
fn crossings(facts: &Facts<'_>, regions: &[BTreeSet<usize>], route: &Route, hop: usize) -> Vec<usize> {
    let crosses = |h: &usize| {
        let link = facts.link_of(&route.hops[*h]);
        let waits = matches!(link.interaction, Interaction::Call | Interaction::Publish);
        let ends = facts.index(&link.from).zip(facts.index(&link.to)).filter(|_| waits);
        ends.is_some_and(|(from, to)| {
            let (from, to) = (&regions[from], &regions[to]);
            !from.is_empty() && !to.is_empty() && from.is_disjoint(to)
        })
    };
    route.path_to(hop).into_iter().filter(crosses).collect()
}

/// The regions in which instances of a component stand.
fn regions(facts: &Facts<'_>, component: usize) -> BTreeSet<usize> {
    let is_region = |z: &usize| facts.design.zones[*z].kind == ZoneKind::Region;
    let instances = facts.deployment.components[component].instances.clone();
    instances.flat_map(|i| facts.deployment.chain_of(i).iter().copied().filter(is_region)).collect()
}
