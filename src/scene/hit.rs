//! What is under the pointer, found through a uniform grid so that ten thousand cards cost no more than ten.

use std::collections::BTreeMap;

use super::{Scene, What};
use crate::design::{ComponentId, ElementId, LinkId, Point, Rect, ZoneId};
use crate::layout::Side;

/// Side of a grid cell, in points.
const CELL: f32 = 256.0;
/// An element over more cells than this is kept in a list of its own.
const CELLS_MAX: i64 = 64;
/// How far inside a zone's frame its border still is.
const BORDER: f32 = 5.0;

/// What is under a point.
#[derive(Clone, Debug, PartialEq)]
pub enum HitTarget {
    /// A card.
    Card(ComponentId),
    /// The place at a card's edge from which a link is drawn; only on a card that is hovered or selected.
    Port(ComponentId, Side),
    /// The pill of a slot.
    Slot(ComponentId, String),
    /// The severity triangle of a card or a zone.
    Severity(ElementId),
    /// A link.
    Link(LinkId),
    /// The name of a zone.
    ZoneTitle(ZoneId),
    /// The frame of a zone.
    ZoneBorder(ZoneId),
    /// A corner by which a selected zone is resized.
    ZoneHandle(ZoneId, Corner),
    /// The ground inside a zone: the innermost.
    ZoneInside(ZoneId),
    /// A note, by its place in the design.
    Note(usize),
}

/// A corner of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

impl Corner {
    /// All four.
    pub const ALL: [Corner; 4] = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft, Corner::BottomRight];

    /// Where it is on a frame.
    pub fn of(self, frame: &Rect) -> Point {
        match self {
            Corner::TopLeft => Point::new(frame.x, frame.y),
            Corner::TopRight => Point::new(frame.right(), frame.y),
            Corner::BottomLeft => Point::new(frame.x, frame.bottom()),
            Corner::BottomRight => Point::new(frame.right(), frame.bottom()),
        }
    }
}

/// A place on an element that means something of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A zone's name.
    Title,
    /// A slot's pill, by the slot's name; empty is the default slot.
    Slot(String),
    /// Where a link can be drawn from.
    Port(Side),
    /// Where a zone is resized.
    Handle(Corner),
    /// The severity triangle.
    Severity,
    /// A link's label.
    Label,
}

/// Which elements are near a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    cells: BTreeMap<(i32, i32), Vec<u32>>,
    wide: Vec<u32>,
}

fn span(frame: &Rect) -> (i32, i32, i32, i32) {
    let cell = |v: f32| (v / CELL).floor().clamp(-1e6, 1e6) as i32;
    (cell(frame.x), cell(frame.y), cell(frame.right()), cell(frame.bottom()))
}

fn count((x0, y0, x1, y1): (i32, i32, i32, i32)) -> i64 {
    (i64::from(x1) - i64::from(x0) + 1) * (i64::from(y1) - i64::from(y0) + 1)
}

impl Index {
    /// Notes where an element is. Elements come in ascending order.
    pub fn add(&mut self, element: usize, frame: &Rect) {
        let element = element as u32;
        let area = span(frame);
        if count(area) > CELLS_MAX {
            self.wide.push(element);
            return;
        }
        for x in area.0..=area.2 {
            for y in area.1..=area.3 {
                let list = self.cells.entry((x, y)).or_default();
                if list.last() != Some(&element) {
                    list.push(element);
                }
            }
        }
    }

    /// Elements in the cells of a frame, ascending.
    pub fn touching(&self, frame: &Rect) -> Vec<usize> {
        let mut out: Vec<u32> = self.wide.clone();
        let area = span(frame);
        if count(area) > self.cells.len() as i64 {
            for ((x, y), list) in &self.cells {
                if (area.0..=area.2).contains(x) && (area.1..=area.3).contains(y) {
                    out.extend(list);
                }
            }
        } else {
            for x in area.0..=area.2 {
                for y in area.1..=area.3 {
                    out.extend(self.cells.get(&(x, y)).into_iter().flatten());
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out.into_iter().map(|i| i as usize).collect()
    }
}

/// What is under a point, topmost first: parts of cards and zones, notes, cards, links, then zones from the inside.
pub(super) fn hit(scene: &Scene, at: Point, reach: f32) -> Option<HitTarget> {
    let near = scene.index.touching(&Rect::new(at.x - reach, at.y - reach, 2.0 * reach, 2.0 * reach));
    let by_what = |what: What| near.iter().rev().map(|i| &scene.elements[*i]).filter(move |e| e.what == what);
    for element in by_what(What::Note) {
        if element.frame.contains(at) {
            let place = element.id.as_str().strip_prefix("note:").and_then(|n| n.parse().ok());
            return place.map(HitTarget::Note);
        }
    }
    for element in by_what(What::Card) {
        let id = || ComponentId::new(element.id.as_str());
        for (place, part) in &element.parts {
            if place.contains(at) {
                match part {
                    Part::Slot(slot) => return Some(HitTarget::Slot(id(), slot.clone())),
                    Part::Port(side) => return Some(HitTarget::Port(id(), *side)),
                    Part::Severity => return Some(HitTarget::Severity(element.id.clone())),
                    Part::Title | Part::Handle(_) | Part::Label => {}
                }
            }
        }
        if element.frame.contains(at) {
            return Some(HitTarget::Card(id()));
        }
    }
    for element in by_what(What::Zone) {
        let id = || ZoneId::new(element.id.as_str());
        for (place, part) in &element.parts {
            if place.contains(at) {
                match part {
                    Part::Handle(corner) => return Some(HitTarget::ZoneHandle(id(), *corner)),
                    Part::Severity => return Some(HitTarget::Severity(element.id.clone())),
                    _ => {}
                }
            }
        }
    }
    let mut nearest: Option<(f32, &ElementId)> = None;
    for element in by_what(What::Link) {
        let on_label = element.parts.iter().any(|(place, _)| place.contains(at));
        let distance = if on_label { 0.0 } else { distance_to(&element.path, at) };
        if distance <= reach && nearest.is_none_or(|(d, _)| distance < d) {
            nearest = Some((distance, &element.id));
        }
    }
    if let Some((_, id)) = nearest {
        return Some(HitTarget::Link(LinkId::new(id.as_str())));
    }
    for element in by_what(What::Zone) {
        let id = || ZoneId::new(element.id.as_str());
        if element.parts.iter().any(|(place, part)| *part == Part::Title && place.contains(at)) {
            return Some(HitTarget::ZoneTitle(id()));
        }
        if element.frame.grown(reach).contains(at) {
            let inside = element.frame.grown(-BORDER.max(reach)).contains(at);
            return Some(if inside { HitTarget::ZoneInside(id()) } else { HitTarget::ZoneBorder(id()) });
        }
    }
    None
}

/// The distance from a place to a line through points.
fn distance_to(path: &[Point], at: Point) -> f32 {
    let mut best = f32::INFINITY;
    for pair in path.windows(2) {
        let (dx, dy) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
        let length_2 = dx * dx + dy * dy;
        let t = if length_2 > 0.0 {
            (((at.x - pair[0].x) * dx + (at.y - pair[0].y) * dy) / length_2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        best = best.min(at.distance(Point::new(pair[0].x + dx * t, pair[0].y + dy * t)));
    }
    best
}
