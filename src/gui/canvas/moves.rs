//! Moving cards and zones: what goes along, where it comes to rest, and which zone it then stands in.

use std::collections::{BTreeMap, BTreeSet};

use crate::design::{ComponentId, Design, Drawing, ElementId, LinkDrawing, LinkId, Point, Rect, ZoneId};
use crate::edit::{Command, Edit, commands};
use crate::layout::{self, CARD};

/// Kept free inside a zone's frame around what is put there.
const INSIDE: (f32, f32) = (12.0, 34.0);

/// Something taken hold of: where everything stood before.
#[derive(Clone, Debug)]
pub struct Move {
    label: String,
    components: BTreeMap<ComponentId, Point>,
    zones: BTreeMap<ZoneId, Rect>,
    links: BTreeMap<LinkId, LinkDrawing>,
    /// Zones taken hold of themselves, not as contents of another.
    heads: Vec<ZoneId>,
    /// Components taken hold of themselves.
    loose: Vec<ComponentId>,
    /// The zone in which each of the loose stood, and in which the heads lay.
    homes: BTreeMap<ElementId, Option<ZoneId>>,
    /// All frames of zones that stay, outermost first.
    frames: Vec<(ZoneId, Rect)>,
    /// The frame that comes to rest in line with others.
    pub lead: Rect,
    /// Frames that it can be in line with.
    pub neighbors: Vec<Rect>,
    /// What had no place of its own until now: it gets the one that it was shown at, so that nothing else moves.
    pins: Vec<Edit>,
}

impl Move {
    /// Takes hold of elements, one of them in particular. `None` if none of them can be moved.
    pub fn of(design: &Design, drawing: &Drawing, ids: &[ElementId], lead: &ElementId) -> Option<Self> {
        let mut zones: BTreeSet<ZoneId> =
            ids.iter().filter_map(|id| design.zone(id.as_str())).map(|z| z.id.clone()).collect();
        let taken = zones.clone();
        for zone in &design.zones {
            if ancestors(design, &zone.id).iter().any(|z| taken.contains(z)) {
                zones.insert(zone.id.clone());
            }
        }
        let heads: Vec<ZoneId> = (taken.iter())
            .filter(|z| !ancestors(design, z).iter().any(|a| taken.contains(a)))
            .cloned()
            .collect();
        let mut components = BTreeMap::new();
        let mut loose = Vec::new();
        let mut homes = BTreeMap::new();
        for c in &design.components {
            let Some(at) = drawing.components.get(&c.id) else { continue };
            let home = layout::home(design, c);
            if home.as_ref().is_some_and(|z| zones.contains(z)) {
                components.insert(c.id.clone(), *at);
            } else if ids.iter().any(|id| *id == *c.id.as_str()) {
                components.insert(c.id.clone(), *at);
                homes.insert(ElementId::from(&c.id), home);
                loose.push(c.id.clone());
            }
        }
        for z in &heads {
            homes.insert(ElementId::from(z), design.zone(z.as_str()).and_then(|z| z.parent.clone()));
        }
        if components.is_empty() && zones.is_empty() {
            return None;
        }
        let lead = match drawing.zones.get(lead.as_str()) {
            Some(frame) => *frame,
            None => {
                let at = drawing.components.get(lead.as_str()).or_else(|| components.values().next())?;
                Rect { x: at.x, y: at.y, ..CARD }
            }
        };
        let is_zone = drawing.zones.values().any(|r| *r == lead);
        let neighbors = if is_zone {
            drawing.zones.iter().filter(|(id, _)| !zones.contains(*id)).map(|(_, r)| *r).collect()
        } else {
            (drawing.components.iter())
                .filter(|(id, _)| !components.contains_key(*id))
                .map(|(_, p)| Rect { x: p.x, y: p.y, ..CARD })
                .collect()
        };
        let links = (design.drawing.links.iter())
            .filter(|(id, _)| {
                design
                    .link(id.as_str())
                    .is_some_and(|l| components.contains_key(&l.from) && components.contains_key(&l.to))
            })
            .map(|(id, bends)| (id.clone(), bends.clone()))
            .collect();
        let mut frames: Vec<(ZoneId, Rect)> = (drawing.zones.iter())
            .filter(|(id, _)| !zones.contains(*id))
            .map(|(id, r)| (id.clone(), *r))
            .collect();
        frames.sort_by_key(|(id, _)| ancestors(design, id).len());
        let label = match ids {
            [one] => {
                let name = design.component(one.as_str()).map_or(one.as_str(), |c| c.title());
                format!("Move {name}")
            }
            many => format!("Move {} elements", many.len()),
        };
        Some(Self {
            label,
            pins: pins(design, drawing),
            zones: zones.into_iter().filter_map(|z| Some((z.clone(), *drawing.zones.get(&z)?))).collect(),
            components,
            links,
            heads,
            loose,
            homes,
            frames,
            lead,
            neighbors,
        })
    }

    /// The zone that what is led would stand in, moved so far.
    pub fn zone_under(&self, dx: f32, dy: f32) -> Option<ZoneId> {
        let lead = Rect { x: self.lead.x + dx, y: self.lead.y + dy, ..self.lead };
        self.innermost(&lead)
    }

    fn innermost(&self, moved: &Rect) -> Option<ZoneId> {
        let at = moved.center();
        let fits = |r: &Rect| r.contains(at) && r.w * r.h > moved.w * moved.h;
        self.frames.iter().rev().find(|(_, r)| fits(r)).map(|(id, _)| id.clone())
    }

    /// What moving it so far does. Where `keep_zones` is set, nothing changes its zone.
    pub fn command(&self, design: &Design, dx: f32, dy: f32, keep_zones: bool) -> Command {
        let shift = |p: &Point| Point { x: p.x + dx, y: p.y + dy };
        let mut command = Command::new(self.label.clone(), self.pins.iter().cloned());
        command = command.then(commands::draw(
            "",
            self.components.iter().map(|(id, p)| (id.clone(), shift(p))),
            self.zones.iter().map(|(id, r)| (id.clone(), Rect { x: r.x + dx, y: r.y + dy, ..*r })),
            self.links.iter().map(|(id, l)| {
                (id.clone(), Some(LinkDrawing { bends: l.bends.iter().map(shift).collect() }))
            }),
        ));
        if keep_zones {
            return command;
        }
        let mut grown: BTreeMap<ZoneId, Rect> = BTreeMap::new();
        for id in &self.loose {
            let at = shift(&self.components[id]);
            let card = Rect { x: at.x, y: at.y, ..CARD };
            let target = self.innermost(&card);
            if self.homes.get(id.as_str()) != Some(&target)
                && let Ok(place) = commands::place_into(design, std::slice::from_ref(id), target.as_ref())
            {
                command = command.then(place);
            }
            if let Some(zone) = target {
                self.make_room(design, &zone, &card, &mut grown);
            }
        }
        for id in &self.heads {
            let Some(frame) = self.zones.get(id) else { continue };
            let moved = Rect { x: frame.x + dx, y: frame.y + dy, ..*frame };
            let target = self.innermost(&moved);
            if self.homes.get(id.as_str()) != Some(&target)
                && let Ok(place) = commands::place_zone_into(design, id, target.as_ref())
            {
                command = command.then(place);
            }
            if let Some(zone) = target {
                self.make_room(design, &zone, &moved, &mut grown);
            }
        }
        command.edits.extend(grown.into_iter().map(|(id, frame)| Edit::DrawZone(id, Some(frame))));
        command
    }

    /// Lets a zone, and those around it, grow so that they hold a frame.
    fn make_room(&self, design: &Design, zone: &ZoneId, frame: &Rect, grown: &mut BTreeMap<ZoneId, Rect>) {
        let mut inner = *frame;
        for id in std::iter::once(zone.clone()).chain(ancestors(design, zone)) {
            let Some((_, before)) = self.frames.iter().find(|(z, _)| *z == id) else { continue };
            let now = grown.get(&id).copied().unwrap_or(*before);
            let wanted = Rect {
                x: inner.x - INSIDE.0,
                y: inner.y - INSIDE.1,
                w: inner.w + 2.0 * INSIDE.0,
                h: inner.h + INSIDE.1 + INSIDE.0,
            };
            if now.encloses(&wanted) {
                break;
            }
            inner = now.union(&wanted);
            grown.insert(id, inner);
        }
    }
}

/// States every place that is shown and not stated.
pub fn pins(design: &Design, drawing: &Drawing) -> Vec<Edit> {
    let stated = &design.drawing;
    let cards = (drawing.components.iter())
        .filter(|(id, _)| !stated.components.contains_key(*id) && design.component(id.as_str()).is_some())
        .map(|(id, at)| Edit::DrawComponent(id.clone(), Some(*at)));
    let zones = (drawing.zones.iter())
        .filter(|(id, _)| !stated.zones.contains_key(*id) && design.zone(id.as_str()).is_some())
        .map(|(id, frame)| Edit::DrawZone(id.clone(), Some(*frame)));
    cards.chain(zones).collect()
}

/// The zones around a zone, innermost first.
pub fn ancestors(design: &Design, zone: &ZoneId) -> Vec<ZoneId> {
    let mut out = Vec::new();
    let mut at = design.zone(zone.as_str()).and_then(|z| z.parent.clone());
    while let Some(id) = at {
        if out.contains(&id) || id == *zone {
            break;
        }
        at = design.zone(id.as_str()).and_then(|z| z.parent.clone());
        out.push(id);
    }
    out
}

/// The innermost zone whose frame holds a place.
pub fn zone_at(design: &Design, drawing: &Drawing, at: Point) -> Option<ZoneId> {
    (drawing.zones.iter())
        .filter(|(id, r)| r.contains(at) && design.zone(id.as_str()).is_some())
        .max_by_key(|(id, _)| ancestors(design, id).len())
        .map(|(id, _)| id.clone())
}
