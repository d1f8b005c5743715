//! Zones whose loss stops a journey.

use super::{Loss, finding, proven, zone_name};
use crate::analysis::{Change, Facts, Finding, Fix, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, Kind, ZoneId, ZoneKind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "spof-zone",
        title: "Single point of failure: zone",
        family: RuleFamily::Failure,
        severity: Severity::Error,
        why: "Power, cooling, a switch or a fire take a whole place at once, and with it every copy that stands there.",
        detected: "All instances inside a zone are taken away together, failover and detection have their time, and the \
                   journeys are read again. Lost is an error, in a region a warning; part is a warning, in a region a note.",
        fix: "Spread what stands only there over a second zone; give whatever decides by a majority a third.",
        false_alarm: "The zone is only a grouping on paper: make it one that does not fail, by drawing it as a note.",
        source: "Order-1 minimal cut sets; Gunawi et al., Why Does the Cloud Stop Computing (SoCC 2016)",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let losses = &facts.losses().zones;
    let drafts = losses.iter().map(|l| (l, if l.lost.is_empty() { None } else { mend(facts, l) }));
    for (loss, fix) in losses.iter().zip(proven(facts, drafts.collect())) {
        let id = ZoneId::new(loss.element.as_str());
        let is_region = facts.design.zone(id.as_str()).is_some_and(|z| z.kind == ZoneKind::Region);
        let (lost, part) = if is_region {
            (Severity::Warning, Severity::Info)
        } else {
            (Severity::Error, Severity::Warning)
        };
        let mut found = finding(facts, RULE.card.id, loss, &zone_name(facts, &id), lost, part);
        found.fix = fix;
        out.push(found);
    }
}

/// Every stateless component that stands only there also stands in the leaf zone that holds the most of the others.
fn mend(facts: &Facts<'_>, loss: &Loss) -> Option<Fix> {
    let deployment = &facts.deployment;
    let zone = deployment.zone_index(loss.element.as_str())?;
    let outside = |leaf: usize| !deployment.zones[leaf].chain.contains(&zone);
    let leaves = (0..deployment.zones.len()).filter(|z| deployment.zones[*z].is_leaf(*z) && outside(*z));
    let other = leaves.max_by_key(|leaf| {
        let stand = deployment.instances.iter().filter(|i| i.zone == Some(*leaf)).count();
        // Among equals the first.
        (stand, std::cmp::Reverse(*leaf))
    })?;
    let other = &deployment.zones[other].id;
    let mut changes = Vec::new();
    for placed in deployment.components.iter() {
        let Some(c) = facts.component(&placed.id) else { continue };
        let only_here = !placed.instances.is_empty()
            && placed.instances.clone().all(|i| deployment.chain_of(i).contains(&zone));
        if !only_here || c.kind.is_insight() || c.kind == Kind::Client {
            continue;
        }
        let mut zones = c.zones.clone();
        zones.push(other.clone());
        // Instances go round over the leaves, so that as many as leaves are needed to reach the new one.
        let replicas = c.replicas.max(placed.leaves.len() as u32 + 1);
        changes.push(Change::ReplaceComponent(Box::new(Component { zones, replicas, ..c.clone() })));
    }
    (!changes.is_empty()).then(|| Fix {
        title: format!("Spread what stands only there over {}", facts.zone_name(other.as_str())),
        changes,
    })
}
