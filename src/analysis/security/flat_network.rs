//! Flat networks: what users reach stands beside what is confidential.

use std::collections::{BTreeMap, BTreeSet};

use super::{keeps_data, ways_in};
use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Component, ElementId, Kind, Sensitivity, ZoneKind};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "flat-network",
        title: "Flat network",
        family: RuleFamily::Security,
        severity: Severity::Info,
        why: "Who breaks into the entry is then one step from the data: nothing between them asks again. Segments \
              turn one hole into one hole, instead of into everything.",
        detected: "Something that users outside reach and something confidential stand in the same innermost zone, \
              and that is not a segment.",
        fix: "Draw segments: one for entries, one for services, one for data, and let only drawn links pass between \
              them.",
        false_alarm: "The segments are there and not drawn.",
        source: "Threagile: missing network segmentation; NIST SP 800-207 zero trust architecture",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let is_confidential =
        |c: &Component| c.security.sensitivity >= Sensitivity::Confidential && keeps_data(c);
    if !facts.design.components.iter().any(is_confidential) {
        return;
    }
    // What users reach, by the leaf on which it stands.
    let mut entries: BTreeMap<usize, usize> = BTreeMap::new();
    for way in ways_in(facts) {
        for c in way.elements.iter().filter_map(|e| facts.index(e.as_str())) {
            let component = &facts.design.components[c];
            if !matches!(component.kind, Kind::Client | Kind::Dns) && !keeps_data(component) {
                leaves(facts, c).into_iter().for_each(|leaf| {
                    entries.entry(leaf).or_insert(c);
                });
            }
        }
    }
    for (index, c) in facts.design.components.iter().enumerate() {
        if !is_confidential(c) {
            continue;
        }
        let shared = leaves(facts, index).into_iter().find_map(|leaf| Some((leaf, *entries.get(&leaf)?)));
        let Some((leaf, entry)) = shared else { continue };
        let entry = &facts.design.components[entry];
        let place = &facts.design.zones[leaf].id;
        let text = format!(
            "{}, which users reach, stands beside {} in {}",
            facts.name(entry),
            facts.name(c),
            facts.zone_name(place.as_str())
        );
        let witness = vec![ElementId::from(&entry.id), ElementId::from(place), ElementId::from(&c.id)];
        out.push(facts.about(RULE.card, Severity::Info, c, text).witness(witness));
    }
}

/// The leaves that are not segments on which instances of a component stand.
fn leaves(facts: &Facts<'_>, component: usize) -> BTreeSet<usize> {
    let instances = facts.deployment.components[component].instances.clone();
    instances
        .filter_map(|i| facts.deployment.instances[i].zone)
        .filter(|z| facts.design.zones[*z].kind != ZoneKind::Segment)
        .collect()
}
