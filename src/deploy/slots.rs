//! Slots in force: which links a caller needs, how, and when.

use std::collections::BTreeMap;

use crate::design::{Component, Design, Interaction, Kind, Link, Need, When};

/// A slot with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSlot {
    /// The drawn name, or the id of its only link, or empty for the one shared slot of a balancer, CDN or DNS.
    pub name: String,
    /// What it asks of its links.
    pub need: Need,
    /// When it is felt.
    pub when: When,
    /// Distinct targets that a request tries, as drawn on the slot; 0 where it is not.
    pub tries: u32,
    /// Indices of its links in the design, in file order.
    pub links: Vec<usize>,
}

/// Whether a link stands in a slot at all. Telemetry, heartbeats, copies and ways round do not, and nothing needs
/// what only watches.
pub fn stands_in_slot(design: &Design, link: &Link) -> bool {
    stands(&|id: &str| design.component(id), link)
}

fn stands<'d>(find: &dyn Fn(&str) -> Option<&'d Component>, link: &Link) -> bool {
    let insight = |id: &str| find(id).is_some_and(|c| c.kind.is_insight());
    matches!(
        link.interaction,
        Interaction::Call | Interaction::Publish | Interaction::Resolve | Interaction::Subscribe
    ) && !insight(link.from.as_str())
        && !insight(link.to.as_str())
}

/// The slots of a component, drawn ones first, then the shared one, then those of single links.
///
/// Subscribe links leave a queue without being needed by it and are not listed.
pub fn slots_of(design: &Design, component: &Component) -> Vec<EffectiveSlot> {
    slots_among(design, component, 0..design.links.len(), &|id| design.component(id))
}

/// The slots of every component, in file order. O(components + links), where [`slots_of`] looks through all links for each.
pub fn slots_of_all(design: &Design) -> Vec<Vec<EffectiveSlot>> {
    let mut by_id: BTreeMap<&str, &Component> = BTreeMap::new();
    for c in &design.components {
        by_id.entry(c.id.as_str()).or_insert(c);
    }
    let mut leaving: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, link) in design.links.iter().enumerate() {
        leaving.entry(link.from.as_str()).or_default().push(i);
    }
    let of = |c: &Component| {
        let links = leaving.get(c.id.as_str()).into_iter().flatten().copied();
        slots_among(design, c, links, &|id| by_id.get(id).copied())
    };
    design.components.iter().map(of).collect()
}

/// As [`slots_of`], where the links that may start at the component are known, in file order, and components are found by
/// `find`.
pub(super) fn slots_among<'d>(
    design: &'d Design,
    component: &Component,
    links: impl IntoIterator<Item = usize>,
    find: &dyn Fn(&str) -> Option<&'d Component>,
) -> Vec<EffectiveSlot> {
    let mut slots: Vec<EffectiveSlot> = component
        .slots
        .iter()
        .map(|s| EffectiveSlot {
            name: s.name.clone(),
            need: s.need,
            when: s.when,
            tries: s.tries,
            links: Vec::new(),
        })
        .collect();
    let drawn = slots.len();
    let mut shared: Option<usize> = None;
    for index in links {
        let link = &design.links[index];
        if link.from != component.id || link.interaction == Interaction::Subscribe || !stands(find, link) {
            continue;
        }
        if !link.slot.is_empty()
            && let Some(slot) = slots[..drawn].iter_mut().find(|s| s.name == link.slot)
        {
            slot.links.push(index);
        } else if component.kind.spreads() {
            let at = *shared.get_or_insert_with(|| {
                slots.push(EffectiveSlot {
                    name: String::new(),
                    need: Need::Any,
                    when: When::EachRequest,
                    tries: 0,
                    links: Vec::new(),
                });
                slots.len() - 1
            });
            slots[at].links.push(index);
        } else {
            slots.push(EffectiveSlot {
                name: link.id.to_string(),
                need: if is_cache_beside(design, find, component, link) { Need::Optional } else { Need::All },
                when: default_when(find, link),
                tries: 0,
                links: vec![index],
            });
        }
    }
    slots.retain(|s| !s.links.is_empty());
    slots
}

/// Whether a link leads to a cache that stands beside a store: the cache calls nothing, and its caller also calls a
/// store.
fn is_cache_beside<'d>(
    design: &'d Design,
    find: &dyn Fn(&str) -> Option<&'d Component>,
    caller: &Component,
    link: &Link,
) -> bool {
    let is_call = |l: &&Link| l.interaction == Interaction::Call;
    let Some(target) = find(link.to.as_str()) else { return false };
    target.kind == Kind::Cache
        && !design.links_from(target.id.as_str()).any(|l| is_call(&l))
        && design
            .links_from(caller.id.as_str())
            .filter(is_call)
            .filter_map(|l| find(l.to.as_str()))
            .any(|c| c.kind.is_store())
}

fn default_when<'d>(find: &dyn Fn(&str) -> Option<&'d Component>, link: &Link) -> When {
    let Some(target) = find(link.to.as_str()) else { return When::EachRequest };
    if target.kind == Kind::Coordinator {
        When::AtFailover
    } else if link.interaction == Interaction::Resolve {
        When::Every(target.resolver.clone().unwrap_or_default().ttl())
    } else {
        When::EachRequest
    }
}
