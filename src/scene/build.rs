//! From a design, its drawing and what is laid over it to the list of shapes.

use std::collections::BTreeMap;

use super::overlay::{Mark, Overlay};
use super::shape::{Anchor, Shape};
use super::{DIM, Element, Scene, What, card, connector, hit, note, zone};
use crate::design::{Design, Drawing, Point, Rect, Zone};
use crate::layout::Routes;

/// Draws a design.
///
/// `drawing` should be complete ([`crate::layout::complete`]) and `routes` fresh for it; what has no place or no
/// route is left out. Cards are drawn in the order of the file, so that a later one lies on top.
pub fn build(design: &Design, drawing: &Drawing, routes: &Routes, overlay: &Overlay) -> Scene {
    let plain = Mark::default();
    let mark = |id: &str| overlay.marks.get(id).unwrap_or(&plain);
    let mut elements = Vec::with_capacity(design.zones.len() + design.links.len() + design.components.len());
    for z in by_depth(&design.zones) {
        if let Some(frame) = drawing.zones.get(&z.id) {
            elements.push(zone::zone(z, *frame, mark(z.id.as_str())));
        }
    }
    // What is marked is drawn last among the links, so that no plain line crosses over it.
    let weight = |m: &Mark| u8::from(m.witness || m.loss.is_some()) * 2 + u8::from(m.selected || m.hovered);
    let mut links: Vec<_> = design.links.iter().map(|l| (weight(mark(l.id.as_str())), l)).collect();
    links.sort_by_key(|(w, _)| *w);
    for (_, l) in links {
        if let Some(route) = routes.links.get(&l.id) {
            elements.push(connector::link(design, l, route, mark(l.id.as_str())));
        }
    }
    for c in &design.components {
        if let Some(at) = drawing.components.get(&c.id) {
            elements.push(card::card(design, c, *at, routes, mark(c.id.as_str()), overlay.running));
        }
    }
    let below = elements.iter().map(|e| e.frame.bottom()).fold(0.0, f32::max) + 28.0;
    let mut free =
        Point::new(elements.iter().map(|e| e.frame.x).fold(f32::INFINITY, f32::min).min(1e6), below);
    for (i, n) in design.notes.iter().enumerate() {
        let id = format!("note:{i}");
        let at = n.at.unwrap_or(free);
        if n.at.is_none() {
            free.x += note::size(n).0 + 16.0;
        }
        elements.push(note::note(i, n, at, mark(&id)));
    }

    let mut scene = Scene::default();
    for (i, element) in elements.iter_mut().enumerate() {
        element.bounds = painted(element);
        let m = mark(element.id.as_str());
        let in_focus = m.selected || m.hovered || m.witness || m.loss.is_some();
        if m.dim || (overlay.focus && !in_focus && element.what != What::Zone) {
            element.opacity = DIM;
        }
        scene.bounds = if i == 0 { element.bounds } else { scene.bounds.union(&element.bounds) };
        if element.path.is_empty() {
            scene.index.add(i, &element.bounds);
        } else {
            index_line(&mut scene.index, i, element);
        }
    }
    scene.elements = elements;
    scene
}

/// A long link is noted along its line, not over its whole frame.
fn index_line(index: &mut hit::Index, i: usize, element: &Element) {
    for pair in element.path.windows(2) {
        let stretch =
            Rect::new(pair[0].x, pair[0].y, 0.0, 0.0).union(&Rect::new(pair[1].x, pair[1].y, 0.0, 0.0));
        index.add(i, &stretch.grown(8.0));
    }
    for (place, _) in &element.parts {
        index.add(i, place);
    }
}

/// Zones, outermost first, in the order of the file on each level. Circles end where they began.
fn by_depth(zones: &[Zone]) -> Vec<&Zone> {
    let parents: BTreeMap<&str, &str> =
        zones.iter().filter_map(|z| z.parent.as_ref().map(|p| (z.id.as_str(), p.as_str()))).collect();
    let depth = |zone: &Zone| {
        let mut at = zone.id.as_str();
        let mut n = 0;
        while let Some(p) = parents.get(at).filter(|_| n < zones.len()) {
            at = p;
            n += 1;
        }
        n
    };
    let mut out: Vec<(usize, &Zone)> = zones.iter().map(|z| (depth(z), z)).collect();
    out.sort_by_key(|(d, _)| *d);
    out.into_iter().map(|(_, z)| z).collect()
}

/// The frame of all that an element paints.
fn painted(element: &Element) -> Rect {
    let mut out = element.frame;
    let around = |p: Point, r: f32| Rect::new(p.x - r, p.y - r, 2.0 * r, 2.0 * r);
    for shape in &element.shapes {
        let one = match shape {
            Shape::Rect { rect, stroke, .. } => rect.grown(stroke.map_or(0.0, |s| s.width / 2.0)),
            Shape::Path { points, stroke, .. } => {
                let Some(first) = points.first() else { continue };
                points
                    .iter()
                    .fold(around(*first, stroke.width / 2.0), |f, p| f.union(&around(*p, stroke.width / 2.0)))
            }
            Shape::Polygon { points, stroke, .. } => {
                let Some(first) = points.first() else { continue };
                let w = stroke.map_or(0.0, |s| s.width / 2.0);
                points.iter().fold(around(*first, w), |f, p| f.union(&around(*p, w)))
            }
            Shape::Circle { center, radius, stroke, .. } => {
                around(*center, radius + stroke.map_or(0.0, |s| s.width / 2.0))
            }
            Shape::Text { at, anchor, size, width, .. } => {
                let left = match anchor {
                    Anchor::Start => at.x,
                    Anchor::Middle => at.x - width / 2.0,
                    Anchor::End => at.x - width,
                };
                Rect::new(left, at.y - size, *width, size * 1.25)
            }
            Shape::Icon { at, size, .. } => Rect::new(at.x, at.y, *size, *size),
        };
        out = out.union(&one);
    }
    out
}
