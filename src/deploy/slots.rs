//! Slots in force: which links a caller needs, how, and when.

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
    let insight = |id: &str| design.component(id).is_some_and(|c| c.kind.is_insight());
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
    slots_among(design, component, 0..design.links.len())
}

/// As [`slots_of`], where the links that may start at the component are known; in file order.
pub(super) fn slots_among(
    design: &Design,
    component: &Component,
    links: impl IntoIterator<Item = usize>,
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
        if link.from != component.id
            || link.interaction == Interaction::Subscribe
            || !stands_in_slot(design, link)
        {
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
                need: if is_cache_beside(design, component, link) { Need::Optional } else { Need::All },
                when: default_when(design, link),
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
fn is_cache_beside(design: &Design, caller: &Component, link: &Link) -> bool {
    let is_call = |l: &&Link| l.interaction == Interaction::Call;
    let Some(target) = design.component(link.to.as_str()) else { return false };
    target.kind == Kind::Cache
        && !design.links_from(target.id.as_str()).any(|l| is_call(&l))
        && design
            .links_from(caller.id.as_str())
            .filter(is_call)
            .filter_map(|l| design.component(l.to.as_str()))
            .any(|c| c.kind.is_store())
}

fn default_when(design: &Design, link: &Link) -> When {
    let Some(target) = design.component(link.to.as_str()) else { return When::EachRequest };
    if target.kind == Kind::Coordinator {
        When::AtFailover
    } else if link.interaction == Interaction::Resolve {
        When::Every(target.resolver.clone().unwrap_or_default().ttl())
    } else {
        When::EachRequest
    }
}
