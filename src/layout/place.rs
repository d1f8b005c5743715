//! Automatic placement: zones as nested containers, each laid out in layers.

use std::collections::BTreeMap;

use super::layered::{Direction, Edge, Item, layered};
use super::tree::{Node, tree};
use super::{CARD, card, outline};
use crate::design::{Component, ComponentId, Design, Drawing, Interaction, Link, Point, Rect, ZoneId};

/// Between a zone's frame and what it holds.
const PAD_SIDE: f32 = 22.0;
const PAD_TOP: f32 = 44.0;
const PAD_BOTTOM: f32 = 22.0;
/// The least between a zone's frame and a card that is put into it later.
const PAD_MIN: f32 = 8.0;
/// Between a zone's frame and the frame of a zone that fills it.
const PAD_ZONE: f32 = 14.0;
/// Between two zones that are widened towards each other.
const GAP_ZONE: f32 = 14.0;
/// The size of a zone that holds nothing.
const EMPTY: (f32, f32) = (CARD.w + 2.0 * PAD_SIDE, CARD.h + PAD_TOP + PAD_BOTTOM);
/// Where an arranged drawing begins.
const ORIGIN: f32 = 40.0;
/// The shape of a window that a whole design should fill well: width by height.
const ASPECT: f32 = 1.6;
/// Levels of zones on which both directions are tried.
const LEVELS_TRIED: usize = 3;
/// Above that many cards only two combinations are tried.
const CARDS_TRIED: usize = 200;
/// Kept free around a card that is placed among others.
const CLEARANCE: f32 = 16.0;
/// A card is put into line with others where such a place is not farther than this.
const IN_LINE: f32 = 420.0;

/// Places every card and zone anew.
///
/// Callers stand before what they call; what only watches stands behind all. For each level of zones both directions
/// are tried, and the drawing with the shortest links, the fewest crossings and the best shape is taken.
pub fn arrange(design: &Design) -> Drawing {
    let root = tree(design);
    let links = ends(design);
    let levels = depth(&root).min(LEVELS_TRIED) + 1;
    let combinations = 1_usize << levels;
    let tried: Vec<usize> = if design.components.len() > CARDS_TRIED {
        vec![0, combinations - 1]
    } else {
        (0..combinations).collect()
    };
    let mut best: Option<(f32, Drawing)> = None;
    for bits in tried {
        let directions: Vec<Direction> = (0..levels)
            .map(|l| if bits >> l & 1 == 0 { Direction::Right } else { Direction::Down })
            .collect();
        let block = block(design, &links, &root, &directions, 0);
        let mut drawing = Drawing::default();
        for (i, at) in &block.cards {
            drawing
                .components
                .insert(design.components[*i].id.clone(), Point::new(at.x + ORIGIN, at.y + ORIGIN));
        }
        for (i, r) in &block.zones {
            drawing
                .zones
                .insert(design.zones[*i].id.clone(), Rect::new(r.x + ORIGIN, r.y + ORIGIN, r.w, r.h));
        }
        fill(design, &root, &mut drawing);
        let cost = cost(design, &drawing, block.size);
        if best.as_ref().is_none_or(|(c, _)| cost < *c) {
            best = Some((cost, drawing));
        }
    }
    best.map(|(_, d)| d).unwrap_or_default()
}

/// Widens the zones inside each zone, from the outside, until they meet what stands beside them, so that they tile it.
fn fill(design: &Design, node: &Node, drawing: &mut Drawing) {
    let id = |n: &Node| n.zone.map(|z| &design.zones[z].id);
    let Some(inner) = id(node).and_then(|z| drawing.zones.get(z)).map(|f| {
        Rect::new(f.x + PAD_ZONE, f.y + PAD_TOP - 8.0, f.w - 2.0 * PAD_ZONE, f.h - PAD_TOP + 8.0 - PAD_ZONE)
    }) else {
        node.children.iter().for_each(|c| fill(design, c, drawing));
        return;
    };
    // Neighbors meet in the middle between them, so each looks at the others as they were.
    let before: Vec<(usize, Rect)> = (node.children.iter().enumerate())
        .filter_map(|(k, c)| Some((k, *drawing.zones.get(id(c)?)?)))
        .collect();
    for (k, child) in node.children.iter().enumerate() {
        let Some(child_id) = id(child) else { continue };
        let Some(own) = before.iter().find(|(j, _)| *j == k).map(|(_, f)| *f) else { continue };
        let half_way = |r: &Rect| {
            let gap = [r.x - own.right(), own.x - r.right(), r.y - own.bottom(), own.y - r.bottom()];
            let gap = gap.into_iter().fold(0.0, f32::max);
            r.grown(((gap - GAP_ZONE) / 2.0).max(0.0) + GAP_ZONE)
        };
        let others: Vec<Rect> = before
            .iter()
            .filter(|(j, _)| *j != k)
            .map(|(_, r)| half_way(r))
            .chain(node.cards.iter().filter_map(|i| {
                let c = &design.components[*i];
                Some(outline(c, *drawing.components.get(&c.id)?).grown(GAP_ZONE))
            }))
            .collect();
        let Some(f) = drawing.zones.get_mut(child_id) else { continue };
        let (right, bottom) = (f.right(), f.bottom());
        // Each edge goes as far as the container, or to the nearest neighbor that stands in its way.
        let beside = |r: &&Rect, f: &Rect| r.y < f.bottom() && r.bottom() > f.y;
        let left = others.iter().filter(|r| beside(r, f) && r.right() <= f.x + 1.0).map(Rect::right);
        let x = left.fold(inner.x, f32::max).min(f.x);
        let to = others.iter().filter(|r| beside(r, f) && r.x >= right - 1.0).map(|r| r.x);
        let right = to.fold(inner.right(), f32::min).max(right);
        *f = Rect::new(x, f.y, right - x, f.h);
        let over = |r: &&Rect, f: &Rect| r.x < f.right() && r.right() > f.x;
        let up = others.iter().filter(|r| over(r, f) && r.bottom() <= f.y + 1.0).map(Rect::bottom);
        let y = up.fold(inner.y, f32::max).min(f.y);
        let to = others.iter().filter(|r| over(r, f) && r.y >= bottom - 1.0).map(|r| r.y);
        let bottom = to.fold(inner.bottom(), f32::min).max(bottom);
        *f = Rect::new(f.x, y, f.w, bottom - y);
    }
    node.children.iter().for_each(|c| fill(design, c, drawing));
}

fn depth(node: &Node) -> usize {
    node.children.iter().map(|c| 1 + depth(c)).max().unwrap_or(0)
}

/// A container with all that it holds, from (0, 0).
#[derive(Default)]
struct Block {
    size: [f32; 2],
    cards: Vec<(usize, Point)>,
    zones: Vec<(usize, Rect)>,
}

/// The links whose ends exist, with the indices of these.
fn ends(design: &Design) -> Vec<(usize, usize, &Link)> {
    let index: BTreeMap<&str, usize> =
        design.components.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let at = |id: &ComponentId| index.get(id.as_str()).copied();
    design.links.iter().filter_map(|l| Some((at(&l.from)?, at(&l.to)?, l))).collect()
}

fn block(
    design: &Design,
    links: &[(usize, usize, &Link)],
    node: &Node,
    directions: &[Direction],
    level: usize,
) -> Block {
    let direction = directions.get(level).or(directions.last()).copied().unwrap_or(Direction::Right);
    let inner: Vec<Block> =
        node.children.iter().map(|c| block(design, links, c, directions, level + 1)).collect();
    // Boxes: cards and zones in the order of the file, cards first.
    let mut items = Vec::new();
    let mut owner: Vec<Option<(usize, [f32; 2])>> = vec![None; design.components.len()];
    for i in &node.cards {
        owner[*i] = Some((items.len(), [0.0, 0.0]));
        let watches = design.components[*i].kind.is_insight();
        items.push(Item { size: [CARD.w, CARD.h], watches, stretches: false });
    }
    for b in &inner {
        let center = [b.size[0] / 2.0, b.size[1] / 2.0];
        for (i, at) in &b.cards {
            let offset = [at.x + CARD.w / 2.0 - center[0], at.y + CARD.h / 2.0 - center[1]];
            owner[*i] = Some((items.len(), offset));
        }
        let watches =
            !b.cards.is_empty() && b.cards.iter().all(|(i, _)| design.components[*i].kind.is_insight());
        items.push(Item { size: b.size, watches, stretches: true });
    }
    let mut edges = Vec::new();
    for (from, to, link) in links {
        let Some(((from, offset_from), (to, offset_to))) = owner[*from].zip(owner[*to]) else { continue };
        if from != to && link.interaction != Interaction::Telemetry {
            let ranks = !matches!(link.interaction, Interaction::Replicate | Interaction::Heartbeat);
            edges.push(Edge { from, to, offset_from, offset_to, ranks, room: label_room(link) });
        }
    }
    let (places, mut size) = layered(&items, &edges, direction);

    let mut out = Block::default();
    let (dx, dy) = if node.zone.is_some() { (PAD_SIDE, PAD_TOP) } else { (0.0, 0.0) };
    for (k, i) in node.cards.iter().enumerate() {
        out.cards.push((*i, Point::new(places[k][0] + dx, places[k][1] + dy)));
    }
    for (k, b) in inner.into_iter().enumerate() {
        let place = places[node.cards.len() + k];
        // What a stretched zone holds stays in its middle, below its name.
        let (sx, sy) =
            (place[0] + dx + (place[2] - b.size[0]) / 2.0, place[1] + dy + (place[3] - b.size[1]) / 2.0);
        out.cards.extend(b.cards.into_iter().map(|(i, at)| (i, Point::new(at.x + sx, at.y + sy))));
        let own = node.children[k].zone;
        out.zones.extend(b.zones.into_iter().map(|(i, r)| {
            if Some(i) == own {
                (i, Rect::new(place[0] + dx, place[1] + dy, place[2], place[3]))
            } else {
                (i, Rect::new(r.x + sx, r.y + sy, r.w, r.h))
            }
        }));
    }
    if let Some(zone) = node.zone {
        if out.cards.is_empty() && out.zones.is_empty() {
            size = [EMPTY.0, EMPTY.1];
        } else {
            size = [size[0] + 2.0 * PAD_SIDE, size[1] + PAD_TOP + PAD_BOTTOM];
        }
        out.zones.push((zone, Rect::new(0.0, 0.0, size[0], size[1])));
    }
    out.size = size;
    out
}

/// What the label of a link needs between two layers, guessed from its letters.
pub(super) fn label_room(link: &Link) -> f32 {
    let letters = if !link.label.is_empty() {
        link.label.chars().count()
    } else if link.interaction == Interaction::Replicate {
        24
    } else if link.network.latency.is_some_and(|l| l.get() > 0.0) {
        6
    } else {
        return 0.0;
    };
    (letters as f32 * 5.8 + 56.0).min(200.0)
}

/// How unpleasant a drawing is: long links, crossings, links over cards, a shape that does not fit a window.
fn cost(design: &Design, drawing: &Drawing, size: [f32; 2]) -> f32 {
    let mut lines: Vec<(Point, Point)> = Vec::new();
    let mut length = 0.0;
    for link in design.links.iter().filter(|l| l.interaction != Interaction::Telemetry) {
        let Some((a, b)) = card(drawing, &link.from).zip(card(drawing, &link.to)) else { continue };
        let (a, b) = (a.center(), b.center());
        length += (a.x - b.x).abs() + (a.y - b.y).abs() + if a.x != b.x && a.y != b.y { 60.0 } else { 0.0 };
        lines.push((a, b));
    }
    let mut trouble = 0.0;
    for (i, (a, b)) in lines.iter().enumerate().take(400) {
        trouble +=
            lines[i + 1..].iter().take(400).filter(|(c, d)| cross(*a, *b, *c, *d)).count() as f32 * 160.0;
        let over = drawing.components.values().filter(|p| {
            let r = Rect { x: p.x, y: p.y, ..CARD };
            !r.contains(*a) && !r.contains(*b) && passes(&r, *a, *b)
        });
        trouble += over.count() as f32 * 220.0;
    }
    let aspect = size[0].max(1.0) / size[1].max(1.0);
    let shape = (aspect / ASPECT).max(ASPECT / aspect) - 1.0;
    (length + trouble + (size[0] + size[1]) * 1.5) * (1.0 + 0.5 * shape)
}

fn cross(a: Point, b: Point, c: Point, d: Point) -> bool {
    if a == c || a == d || b == c || b == d {
        return false;
    }
    let side =
        |p: Point, q: Point, r: Point| ((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)).signum();
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

fn passes(r: &Rect, a: Point, b: Point) -> bool {
    let corners = [(r.x, r.y), (r.right(), r.y), (r.right(), r.bottom()), (r.x, r.bottom())];
    (0..4).any(|i| {
        let (p, q) = (corners[i], corners[(i + 1) % 4]);
        cross(a, b, Point::new(p.0, p.1), Point::new(q.0, q.1))
    })
}

/// Gives a place to every card and zone that has none; what has one keeps it.
///
/// Without any place given this is [`arrange`]. A card is put near what it is linked with, inside its zone where that
/// has room; a zone without a frame is drawn around what it holds; a given frame grows only around what was put into
/// it here.
pub fn complete(design: &Design) -> Drawing {
    let given = &design.drawing;
    let known = |c: &Component| given.components.contains_key(&c.id);
    if !design.components.iter().any(known) && given.zones.is_empty() {
        return Drawing { links: given.links.clone(), ..arrange(design) };
    }
    let mut drawing = Drawing { links: given.links.clone(), ..Drawing::default() };
    for c in &design.components {
        if let Some(at) = given.components.get(&c.id) {
            drawing.components.insert(c.id.clone(), *at);
        }
    }
    for z in &design.zones {
        if let Some(frame) = given.zones.get(&z.id) {
            drawing.zones.insert(z.id.clone(), *frame);
        }
    }
    let root = tree(design);
    frames(design, &root, &mut drawing);
    for c in design.components.iter().filter(|c| !known(c)) {
        let home = super::home(design, c);
        let at = free_place(design, &drawing, c, home.as_ref());
        drawing.components.insert(c.id.clone(), at);
        // The zones around it grow as far as it needs.
        let mut need = Rect { x: at.x, y: at.y, ..CARD };
        let mut zone = home;
        let mut steps = 0;
        while let Some(id) = zone.filter(|_| steps <= design.zones.len()) {
            let held = drawing.zones.get(&id).filter(|f| f.encloses(&need.grown(PAD_MIN - 0.1)));
            let frame = match (held, drawing.zones.get(&id)) {
                (Some(frame), _) => *frame,
                (None, Some(frame)) => frame.union(&padded(&need)),
                (None, None) => padded(&need),
            };
            drawing.zones.insert(id.clone(), frame);
            need = frame;
            zone = design.zone(id.as_str()).and_then(|z| z.parent.clone());
            steps += 1;
        }
    }
    frames(design, &root, &mut drawing);
    drawing
}

fn padded(inner: &Rect) -> Rect {
    Rect::new(inner.x - PAD_SIDE, inner.y - PAD_TOP, inner.w + 2.0 * PAD_SIDE, inner.h + PAD_TOP + PAD_BOTTOM)
}

/// Draws frames, from the inside, around what zones without one hold. Zones that hold nothing get a free place.
fn frames(design: &Design, node: &Node, drawing: &mut Drawing) -> Option<Rect> {
    let mut inner: Option<Rect> = None;
    let mut take = |r: Rect| inner = Some(inner.map_or(r, |i| i.union(&r)));
    for i in &node.cards {
        if let Some(r) = card(drawing, &design.components[*i].id) {
            take(r);
        }
    }
    let inside: Vec<Option<Rect>> = node.children.iter().map(|c| frames(design, c, drawing)).collect();
    inside.into_iter().flatten().for_each(&mut take);
    let zone = node.zone?;
    let id = &design.zones[zone].id;
    if !drawing.zones.contains_key(id) {
        match inner {
            Some(r) => {
                drawing.zones.insert(id.clone(), padded(&r));
            }
            // Its members are placed later and make its frame, or it holds nothing at all.
            None if has_members(node) => return None,
            None => {
                let frame = empty_frame(design, drawing, zone);
                drawing.zones.insert(id.clone(), frame);
            }
        }
    }
    drawing.zones.get(id).copied()
}

fn has_members(node: &Node) -> bool {
    !node.cards.is_empty() || node.children.iter().any(has_members)
}

/// A place for a zone that holds nothing: inside its parent where that has a frame, else right of everything.
fn empty_frame(design: &Design, drawing: &Drawing, zone: usize) -> Rect {
    let parent = design.zones[zone].parent.as_ref().and_then(|p| drawing.zones.get(p));
    let (w, h) = EMPTY;
    let taken: Vec<Rect> = drawing
        .components
        .values()
        .map(|p| Rect { x: p.x, y: p.y, ..CARD })
        .chain(
            drawing
                .zones
                .iter()
                .filter(|(id, _)| Some(*id) != design.zones[zone].parent.as_ref())
                .map(|(_, r)| *r),
        )
        .collect();
    if let Some(p) = parent {
        let mut y = p.y + PAD_TOP;
        while y + h <= p.bottom() - PAD_BOTTOM {
            let mut x = p.x + PAD_SIDE;
            while x + w <= p.right() - PAD_SIDE {
                let r = Rect::new(x, y, w, h);
                if !taken.iter().any(|t| t.overlaps(&r)) {
                    return r;
                }
                x += 24.0;
            }
            y += 24.0;
        }
    }
    let right = taken.iter().chain(parent).map(Rect::right).fold(f32::NEG_INFINITY, f32::max);
    let top = taken.iter().map(|r| r.y).fold(f32::INFINITY, f32::min);
    if right.is_finite() { Rect::new(right + 40.0, top, w, h) } else { Rect::new(ORIGIN, ORIGIN, w, h) }
}

/// Places in line with two cards, one above or below and one beside, the nearest to a wish first.
fn in_line(drawing: &Drawing, wish: Point) -> Vec<Point> {
    let near: Vec<Point> =
        drawing.components.values().filter(|p| p.distance(wish) < 2.0 * IN_LINE).take(64).copied().collect();
    let mut out: Vec<(f32, Point)> = near
        .iter()
        .flat_map(|a| near.iter().map(|b| Point::new(a.x, b.y)))
        .map(|p| (p.distance(wish), p))
        .filter(|(d, _)| *d < IN_LINE)
        .collect();
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    out.into_iter().map(|(_, p)| p).collect()
}

/// A free place for a card: near what it is linked with, inside its zone, outside foreign zones.
fn free_place(design: &Design, drawing: &Drawing, component: &Component, home: Option<&ZoneId>) -> Point {
    let frame = home.and_then(|z| drawing.zones.get(z));
    let near = |link: &Link, other: &ComponentId, forwards: bool| {
        let r = card(drawing, other)?;
        let by = if link.interaction == Interaction::Telemetry { 0.0 } else { CARD.w + 60.0 };
        Some(Point::new(r.x + if forwards { by } else { -by }, r.y))
    };
    let wish = design
        .links
        .iter()
        .find_map(|l| match () {
            () if l.to == component.id => near(l, &l.from, true),
            () if l.from == component.id => near(l, &l.to, false),
            () => None,
        })
        .or_else(|| frame.map(|f| Point::new(f.x + PAD_SIDE, f.y + PAD_TOP)))
        .or_else(|| {
            let all: Vec<Rect> =
                drawing.components.values().map(|p| Rect { x: p.x, y: p.y, ..CARD }).collect();
            let first = all.first()?;
            let whole = all.iter().fold(*first, |w, r| w.union(r));
            Some(Point::new(whole.x, whole.bottom() + 60.0))
        })
        .unwrap_or(Point::new(ORIGIN, ORIGIN));
    let around: Vec<&ZoneId> = {
        let mut list = Vec::new();
        let mut at = home;
        while let Some(z) = at.filter(|z| !list.contains(z)) {
            list.push(z);
            at = design.zone(z.as_str()).and_then(|z| z.parent.as_ref());
        }
        list
    };
    let cards: Vec<Rect> =
        drawing.components.values().map(|p| Rect { x: p.x, y: p.y, ..CARD }.grown(CLEARANCE)).collect();
    let foreign: Vec<Rect> =
        drawing.zones.iter().filter(|(id, _)| !around.contains(id)).map(|(_, r)| r.grown(8.0)).collect();
    let room = frame.map(|f| {
        Rect::new(
            f.x + PAD_MIN,
            f.y + PAD_TOP - PAD_MIN,
            (f.w - 2.0 * PAD_MIN).max(0.0),
            (f.h - PAD_TOP).max(0.0),
        )
    });
    let free = |r: &Rect| !cards.iter().chain(&foreign).any(|t| t.overlaps(r));
    let snap = |v: f32| (v / 4.0).round() * 4.0;
    // Inside the zone first, then anywhere, in growing squares around the wish.
    for inside in [true, false] {
        let Some(limit) = (if inside { room.as_ref().map(Some) } else { Some(None) }) else { continue };
        let start = match limit {
            Some(l) => Point::new(
                wish.x.clamp(l.x, (l.right() - CARD.w).max(l.x)),
                wish.y.clamp(l.y, (l.bottom() - CARD.h).max(l.y)),
            ),
            None => wish,
        };
        if let Some(at) = in_line(drawing, wish).into_iter().find(|at| {
            let r = Rect { x: at.x, y: at.y, ..CARD };
            limit.is_none_or(|l| l.encloses(&r)) && free(&r)
        }) {
            return at;
        }
        for ring in 0..40_i32 {
            let mut best: Option<(f32, Point)> = None;
            for i in -ring..=ring {
                for j in -ring..=ring {
                    if i.abs() != ring && j.abs() != ring {
                        continue;
                    }
                    let at = Point::new(snap(start.x + i as f32 * 52.0), snap(start.y + j as f32 * 36.0));
                    let r = Rect { x: at.x, y: at.y, ..CARD };
                    if limit.is_none_or(|l| l.grown(2.0).encloses(&r)) && free(&r) {
                        let d = at.distance(wish);
                        if best.is_none_or(|(b, _)| d < b) {
                            best = Some((d, at));
                        }
                    }
                }
            }
            if let Some((_, at)) = best {
                return at;
            }
        }
    }
    // Forty squares were full: below everything there is always room.
    let bottom = cards.iter().chain(&foreign).map(Rect::bottom).fold(0.0, f32::max);
    Point::new(snap(wish.x), snap(bottom + CLEARANCE))
}
