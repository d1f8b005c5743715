//! Copies: what is taken from a drawing and put into it, or another, again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::design::{Component, Design, Link, LinkDrawing, Point, Rect, Zone};
use crate::edit::{Command, Edit};

use super::count;

/// A piece of a drawing: components, zones, and the links between them, with their places.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fragment {
    /// Zones, each around those that come after it.
    pub zones: Vec<Zone>,
    /// Boxes.
    pub components: Vec<Component>,
    /// Arrows whose both ends are in it.
    pub links: Vec<Link>,
    /// Where the cards were drawn, by id.
    pub component_places: BTreeMap<String, Point>,
    /// What frames the zones had, by id.
    pub zone_frames: BTreeMap<String, Rect>,
    /// How the links were bent, by id.
    pub link_bends: BTreeMap<String, LinkDrawing>,
}

impl Fragment {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty() && self.zones.is_empty()
    }
}

/// Takes a copy of elements by their ids: components and zones, zones with all they hold, and the links between.
/// Places that the drawing does not state are taken from `place` and `frame`.
pub fn copy<S: AsRef<str>>(
    design: &Design,
    ids: &[S],
    place: impl Fn(&str) -> Option<Point>,
    frame: impl Fn(&str) -> Option<Rect>,
) -> Fragment {
    let mut zones: BTreeSet<&str> =
        ids.iter().map(AsRef::as_ref).filter_map(|id| design.zone(id)).map(|z| z.id.as_str()).collect();
    loop {
        let inner: Vec<&str> = (design.zones.iter())
            .filter(|z| {
                z.parent.as_ref().is_some_and(|p| zones.contains(p.as_str()))
                    && !zones.contains(z.id.as_str())
            })
            .map(|z| z.id.as_str())
            .collect();
        if inner.is_empty() {
            break;
        }
        zones.extend(inner);
    }
    let chosen: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
    let components: Vec<Component> = (design.components.iter())
        .filter(|c| {
            chosen.contains(c.id.as_str())
                || (!c.zones.is_empty() && c.zones.iter().all(|z| zones.contains(z.as_str())))
        })
        .cloned()
        .collect();
    let has = |id: &str| components.iter().any(|c| c.id == *id);
    let links: Vec<Link> =
        design.links.iter().filter(|l| has(l.from.as_str()) && has(l.to.as_str())).cloned().collect();
    Fragment {
        component_places: (components.iter())
            .filter_map(|c| {
                let at = design.drawing.components.get(&c.id).copied().or_else(|| place(c.id.as_str()))?;
                Some((c.id.as_str().to_owned(), at))
            })
            .collect(),
        zone_frames: (zones.iter())
            .filter_map(|z| {
                Some(((*z).to_owned(), design.drawing.zones.get(*z).copied().or_else(|| frame(z))?))
            })
            .collect(),
        link_bends: (links.iter())
            .filter_map(|l| Some((l.id.as_str().to_owned(), design.drawing.links.get(&l.id)?.clone())))
            .collect(),
        zones: design.zones.iter().filter(|z| zones.contains(z.id.as_str())).cloned().collect(),
        components,
        links,
    }
}

/// Puts a copy into a design, moved by an offset, under new ids. Returns the ids of the new components and zones.
///
/// What the copy names and the design does not have (another drawing's zones, voters…) is left out.
pub fn paste(design: &Design, fragment: &Fragment, dx: f32, dy: f32) -> (Command, Vec<String>) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut mint = |old: &str| {
        // `web-2` copies to `web-3`, not to `web-2-2`.
        let base = match old.rsplit_once('-') {
            Some((base, n)) if n.parse::<u32>().is_ok() && !base.is_empty() => base,
            _ => old,
        };
        let id = std::iter::once(old.to_owned())
            .chain((2..).map(|n| format!("{base}-{n}")))
            .find(|id| !design.has_id(id) && !taken.contains(id) && crate::design::is_valid_id(id))
            .expect("the numbers do not end");
        taken.insert(id.clone());
        id
    };
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for id in
        fragment.zones.iter().map(|z| z.id.as_str()).chain(fragment.components.iter().map(|c| c.id.as_str()))
    {
        names.insert(id, mint(id));
    }
    let shift = |p: Point| Point { x: p.x + dx, y: p.y + dy };
    let mut edits = Vec::new();
    let mut new = Vec::new();
    for zone in &fragment.zones {
        let mut zone = zone.clone();
        let old = zone.id.clone();
        zone.id = names[old.as_str()].as_str().into();
        zone.parent = zone.parent.and_then(|p| match names.get(p.as_str()) {
            Some(name) => Some(name.as_str().into()),
            None => design.zone(p.as_str()).map(|z| z.id.clone()),
        });
        new.push(zone.id.as_str().to_owned());
        if let Some(f) = fragment.zone_frames.get(old.as_str()) {
            let moved = Rect { x: f.x + dx, y: f.y + dy, ..*f };
            edits.push(Edit::DrawZone(zone.id.clone(), Some(moved)));
        }
        edits.push(Edit::Insert { index: None, item: zone.into() });
    }
    for component in &fragment.components {
        let mut copy = component.clone();
        let old = component.id.clone();
        copy.id = names[old.as_str()].as_str().into();
        if copy.id != old && !copy.name.is_empty() {
            copy.name = free_name(design, &copy.name);
        }
        let zone_name = |z: crate::design::ZoneId| match names.get(z.as_str()) {
            Some(name) => Some(name.as_str().into()),
            None => design.zone(z.as_str()).map(|z| z.id.clone()),
        };
        copy.zones = std::mem::take(&mut copy.zones).into_iter().filter_map(zone_name).collect();
        copy.client_weights = (std::mem::take(&mut copy.client_weights).into_iter())
            .filter_map(|(zone, weight)| Some((zone_name(zone)?, weight)))
            .collect();
        if let Some(backup) = copy.data.as_mut().and_then(|d| d.backup.as_mut()) {
            backup.zone = backup.zone.take().and_then(zone_name);
        }
        if let Some(mode) = &mut copy.replication {
            carry_over(mode, &names, design);
        }
        new.push(copy.id.as_str().to_owned());
        if let Some(at) = fragment.component_places.get(old.as_str()) {
            edits.push(Edit::DrawComponent(copy.id.clone(), Some(shift(*at))));
        }
        edits.push(Edit::Insert { index: None, item: copy.into() });
    }
    for link in &fragment.links {
        let (Some(from), Some(to)) = (names.get(link.from.as_str()), names.get(link.to.as_str())) else {
            continue;
        };
        let mut copy = link.clone();
        copy.from = from.as_str().into();
        copy.to = to.as_str().into();
        let minted = crate::design::slug(&format!("{from} {to}"));
        copy.id = mint(&minted).into();
        if let Some(mode) = &mut copy.replication {
            carry_over(mode, &names, design);
        }
        if let Some(bends) = fragment.link_bends.get(link.id.as_str()) {
            let bends = bends.bends.iter().map(|p| shift(*p)).collect();
            edits.push(Edit::DrawLink(copy.id.clone(), Some(LinkDrawing { bends })));
        }
        edits.push(Edit::Insert { index: None, item: copy.into() });
    }
    (Command::new(format!("Paste {}", count(new.len(), "element")), edits), new)
}

/// Votes and coordinators follow the copy, stay with the design, or go.
fn carry_over(mode: &mut crate::design::Replication, names: &BTreeMap<&str, String>, design: &Design) {
    use crate::design::{ComponentId, Replication};
    let carry = |id: ComponentId| match names.get(id.as_str()) {
        Some(name) => Some(ComponentId::new(name)),
        None => design.component(id.as_str()).map(|c| c.id.clone()),
    };
    match mode {
        Replication::PrimaryBackup(pb) => {
            pb.voters = std::mem::take(&mut pb.voters).into_iter().filter_map(carry).collect();
        }
        Replication::Chain(chain) => chain.coordinator = chain.coordinator.take().and_then(carry),
        Replication::None
        | Replication::Consensus(_)
        | Replication::Quorum(_)
        | Replication::MultiPrimary(_) => {}
    }
}

/// `Checkout` becomes `Checkout 2`, `Checkout 2` becomes `Checkout 3`.
fn free_name(design: &Design, name: &str) -> String {
    let base = match name.rsplit_once(' ') {
        Some((base, n)) if n.parse::<u32>().is_ok() => base,
        _ => name,
    };
    (2..)
        .map(|n| format!("{base} {n}"))
        .find(|candidate| !design.components.iter().any(|c| c.name == *candidate))
        .expect("the numbers do not end")
}
