//! Zones as nested containers: which zone holds which card.

use std::collections::BTreeMap;

use crate::design::{Component, Design, ZoneId};

/// The zone in whose container a component's card stands: the innermost zone around all zones that it lists.
///
/// `None` where it lists none or they share none.
pub fn home(design: &Design, component: &Component) -> Option<ZoneId> {
    let mut lists =
        component.zones.iter().filter(|z| design.zone(z.as_str()).is_some()).map(|z| up(design, z));
    let mut common = lists.next()?;
    for other in lists {
        common.retain(|z| other.contains(z));
    }
    common.into_iter().next()
}

/// A zone and the zones around it, innermost first; ends where a circle closes.
fn up(design: &Design, zone: &ZoneId) -> Vec<ZoneId> {
    let mut out = vec![zone.clone()];
    while let Some(parent) = out.last().and_then(|z| design.zone(z.as_str())).and_then(|z| z.parent.as_ref())
    {
        if out.contains(parent) || design.zone(parent.as_str()).is_none() {
            break;
        }
        out.push(parent.clone());
    }
    out
}

/// A container: the whole drawing (`zone` is `None`) or a zone, with what stands directly in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Index of the zone in the design.
    pub zone: Option<usize>,
    /// Zones directly inside, in file order.
    pub children: Vec<Node>,
    /// Indices of the components directly inside, in file order.
    pub cards: Vec<usize>,
}

/// The containers of a design; the root is the drawing.
pub(super) fn tree(design: &Design) -> Node {
    let index: BTreeMap<&str, usize> =
        design.zones.iter().enumerate().map(|(i, z)| (z.id.as_str(), i)).collect();
    let mut cards: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (i, c) in design.components.iter().enumerate() {
        let zone = home(design, c).and_then(|z| index.get(z.as_str()).copied());
        cards.entry(zone).or_default().push(i);
    }
    let mut inside: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (i, z) in design.zones.iter().enumerate() {
        let parent = z.parent.as_ref().and_then(|p| index.get(p.as_str()).copied());
        // A zone on a circle stands at the top.
        let parent = parent.filter(|_| {
            let way = up(design, &z.id);
            way.last()
                .and_then(|top| design.zone(top.as_str()))
                .is_none_or(|top| top.parent.as_ref().is_none_or(|p| !way.contains(p)))
        });
        inside.entry(parent).or_default().push(i);
    }
    node(None, &inside, &cards)
}

fn node(
    zone: Option<usize>,
    inside: &BTreeMap<Option<usize>, Vec<usize>>,
    cards: &BTreeMap<Option<usize>, Vec<usize>>,
) -> Node {
    Node {
        zone,
        children: inside.get(&zone).into_iter().flatten().map(|z| node(Some(*z), inside, cards)).collect(),
        cards: cards.get(&zone).cloned().unwrap_or_default(),
    }
}
