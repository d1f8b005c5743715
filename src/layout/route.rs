//! Leads every link from card to card, and remembers what it did.

use std::collections::BTreeMap;

use super::astar::{Grid, Obstacle, simplified};
use super::label::{Wanted, labels};
use super::nudge::{Line, nudge};
use super::straight::straight;
use super::{CARD, Route, Routes, Side, outline};
use crate::design::{ComponentId, Design, Drawing, LinkId, Point, Rect};

/// What lines keep from a card, where neighbors leave that much.
const CLEARANCE: f32 = 16.0;
/// What they keep at least and at most, so that cards that stand almost in line share the lines beside them.
const CLEARANCE_RANGE: (f32, f32) = (9.0, 23.0);
/// How far from the middle of a side a link may be led to a card; ports come to the middle when lines are moved apart.
const PORT_SLACK: f32 = 8.0;
/// Kept from the corner of a card by a straight line to a card that is not quite opposite.
const INSET_WIDE: f32 = 24.0;
const INSET_HIGH: f32 = 15.0;
/// A straight line needs at least that much between two cards.
const STRAIGHT_MIN: f32 = 10.0;
/// States of the search for all links of one call; those that come later run plainly.
const STATES_MAX: usize = 3_000_000;
/// Above that many links, stretches are not moved apart.
const NUDGED_MAX: usize = 1_500;
/// Above that many cards, links run plainly.
const CARDS_MAX: usize = 3_000;

/// Leads every link of a design. See [`Router`] for many times in a row.
pub fn route(design: &Design, drawing: &Drawing) -> Routes {
    let mut router = Router::default();
    router.route(design, drawing);
    router.routes
}

/// Leads links and remembers: only links whose cards have moved, or whose line a moved card or zone touches or has
/// left, are led anew.
///
/// Lines that stay keep their way, so a drawing that is dragged into shape can differ a little from one that is led
/// from the start; [`Router::forget`] evens that out when the hand lets go.
#[derive(Clone, Debug, Default)]
pub struct Router {
    cards: BTreeMap<ComponentId, (Rect, Point)>,
    zones: Vec<(Rect, Rect)>,
    ways: BTreeMap<LinkId, Way>,
    routes: Routes,
    led: usize,
}

/// How a link was led, before it was moved apart from others.
#[derive(Clone, Debug, PartialEq)]
struct Way {
    from: ComponentId,
    to: ComponentId,
    from_side: Side,
    to_side: Side,
    points: Vec<Point>,
    bends: Vec<Point>,
    plain: bool,
}

impl Router {
    /// The routes found last.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// How many links the last call led anew.
    pub fn led(&self) -> usize {
        self.led
    }

    /// Leads every link anew at the next call.
    pub fn forget(&mut self) {
        *self = Self { routes: std::mem::take(&mut self.routes), ..Self::default() };
    }

    /// The routes for a drawing as it is now. Cards and frames without a place are not there.
    pub fn route(&mut self, design: &Design, drawing: &Drawing) -> &Routes {
        let cards: BTreeMap<ComponentId, (Rect, Point)> = design
            .components
            .iter()
            .filter_map(|c| {
                let at = *drawing.components.get(&c.id)?;
                Some((c.id.clone(), (outline(c, at), Rect { x: at.x, y: at.y, ..CARD }.center())))
            })
            .collect();
        let zones: Vec<(Rect, Rect)> = design
            .zones
            .iter()
            .filter_map(|z| {
                let frame = *drawing.zones.get(&z.id)?;
                let letters = if z.name.is_empty() { z.id.as_str() } else { &z.name }.chars().count() as f32;
                let letters = letters * 6.3 + z.kind.label().len() as f32 * 5.8;
                let name = Rect::new(frame.x + 8.0, frame.y + 6.0, (letters + 20.0).min(frame.w), 20.0);
                Some((frame, name))
            })
            .collect();
        let kept = self.kept(design, drawing, &cards, &zones);
        self.led = 0;

        let order: BTreeMap<&ComponentId, usize> = cards.keys().enumerate().map(|(i, id)| (id, i)).collect();
        let obstacles = obstacles(cards.values());
        let mut grid = (cards.len() <= CARDS_MAX && kept.len() < design.links.len())
            .then(|| Grid::new(&obstacles, &zones))
            .flatten();
        let mut budget = STATES_MAX;
        let mut ways = kept;
        if let Some(grid) = &mut grid {
            ways.values().for_each(|w| grid.mark(&w.points));
        }
        // Straight ones first: whatever else there is goes round them.
        let mut rest = Vec::new();
        for link in &design.links {
            if ways.contains_key(&link.id) {
                continue;
            }
            let Some((a, b)) = order.get(&link.from).copied().zip(order.get(&link.to).copied()) else {
                continue;
            };
            if a == b {
                continue;
            }
            self.led += 1;
            let bends = drawing.links.get(&link.id).map(|l| l.bends.clone()).unwrap_or_default();
            let found = if bends.is_empty() {
                facing(a, b, &obstacles, &zones)
            } else {
                Some(by_hand(&obstacles[a], &obstacles[b], &bends))
            };
            match found {
                Some((from_side, to_side, points)) => {
                    if let Some(grid) = &mut grid {
                        grid.mark(&points);
                    }
                    let (from, to) = (link.from.clone(), link.to.clone());
                    let way = Way { from, to, from_side, to_side, points, bends, plain: false };
                    ways.insert(link.id.clone(), way);
                }
                None => rest.push((obstacles[a].center.distance(obstacles[b].center), link, a, b)),
            }
        }
        // Short ones before long ones; equals in the order of the file.
        rest.sort_by(|x, y| x.0.total_cmp(&y.0));
        for (_, link, a, b) in rest {
            let home =
                Grid::zones_at(&zones, obstacles[a].center) | Grid::zones_at(&zones, obstacles[b].center);
            let found = grid.as_mut().and_then(|g| g.way(&obstacles[a], &obstacles[b], home, &mut budget));
            let plain = found.is_none();
            let (from_side, to_side, points) = found.unwrap_or_else(|| {
                let route = straight(&obstacles[a].body, &obstacles[b].body);
                (route.from_side, route.to_side, route.points)
            });
            if let Some(grid) = &mut grid {
                grid.mark(&points);
            }
            let (from, to) = (link.from.clone(), link.to.clone());
            let way = Way { from, to, from_side, to_side, points, bends: Vec::new(), plain };
            ways.insert(link.id.clone(), way);
        }
        self.routes = finished(design, &ways, &order, &obstacles, &zones);
        (self.cards, self.zones, self.ways) = (cards, zones, ways);
        &self.routes
    }

    /// The ways that still hold.
    fn kept(
        &self,
        design: &Design,
        drawing: &Drawing,
        cards: &BTreeMap<ComponentId, (Rect, Point)>,
        zones: &[(Rect, Rect)],
    ) -> BTreeMap<LinkId, Way> {
        if self.ways.is_empty() {
            return BTreeMap::new();
        }
        // Where something came, went or changed.
        let mut stirred: Vec<Rect> = Vec::new();
        for (id, now) in cards {
            match self.cards.get(id) {
                Some(before) if before == now => {}
                Some(before) => stirred.extend([before.0.grown(CLEARANCE), now.0.grown(CLEARANCE)]),
                None => stirred.push(now.0.grown(CLEARANCE)),
            }
        }
        stirred.extend(
            self.cards.iter().filter(|(id, _)| !cards.contains_key(*id)).map(|(_, b)| b.0.grown(CLEARANCE)),
        );
        let mut out = BTreeMap::new();
        for link in &design.links {
            let Some(way) = self.ways.get(&link.id) else { continue };
            let bends = drawing.links.get(&link.id).map(|l| l.bends.as_slice()).unwrap_or_default();
            let same = way.from == link.from
                && way.to == link.to
                && way.bends == bends
                && [&link.from, &link.to]
                    .iter()
                    .all(|id| cards.get(*id).is_some() && cards.get(*id) == self.cards.get(*id));
            // The frame around a long line holds half the drawing; only the line itself counts.
            let corridor: Vec<Rect> =
                way.points.windows(2).map(|pair| frame_of(pair).grown(CLEARANCE)).collect();
            let touched = |r: &Rect| corridor.iter().any(|c| c.overlaps(r));
            if same && !stirred.iter().any(touched) && !zones_changed(&self.zones, zones, touched) {
                out.insert(link.id.clone(), way.clone());
            }
        }
        out
    }
}

fn zones_changed(before: &[(Rect, Rect)], now: &[(Rect, Rect)], touched: impl Fn(&Rect) -> bool) -> bool {
    let differs = |one: &[(Rect, Rect)], other: &[(Rect, Rect)]| {
        one.iter().any(|(z, _)| touched(z) && !other.iter().any(|(o, _)| o == z))
    };
    differs(before, now) || differs(now, before)
}

fn frame_of(points: &[Point]) -> Rect {
    let one = |p: &Point| Rect::new(p.x, p.y, 0.0, 0.0);
    points.iter().skip(1).fold(points.first().map(one).unwrap_or_default(), |f, p| f.union(&one(p)))
}

/// Cards with the room that lines leave around them: half the way to a near neighbor at most. Cards that stand almost
/// in line share the lines beside them and through their ports: every line less makes each search shorter.
fn obstacles<'a>(cards: impl Iterator<Item = &'a (Rect, Point)>) -> Vec<Obstacle> {
    let cards: Vec<&(Rect, Point)> = cards.collect();
    let few = cards.len() <= CARDS_MAX;
    let most = CLEARANCE_RANGE.1;
    let rooms: Vec<[f32; 4]> = (cards.iter().enumerate())
        .map(|(i, (body, _))| {
            let mut room = [most; 4];
            for (j, (other, _)) in cards.iter().enumerate() {
                if i == j || !few || !body.grown(2.0 * most).overlaps(other) {
                    continue;
                }
                let gaps = [
                    body.x - other.right(),
                    body.y - other.bottom(),
                    other.x - body.right(),
                    other.y - body.bottom(),
                ];
                // The widest gap is the one that separates the two.
                if let Some((k, gap)) = gaps.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))
                    && *gap > 0.0
                {
                    room[k] = room[k].min(gap / 2.0);
                }
            }
            room
        })
        .collect();
    let mut out: Vec<Obstacle> = (cards.iter().zip(&rooms))
        .map(|((body, center), room)| {
            let [left, top, right, bottom] = room.map(|r| r.min(CLEARANCE));
            let clear = Rect::new(body.x - left, body.y - top, body.w + left + right, body.h + top + bottom);
            Obstacle { body: *body, center: *center, port: *center, clear }
        })
        .collect();
    for axis in [0, 1] {
        let mut beside = Vec::with_capacity(2 * out.len());
        let mut through = Vec::with_capacity(out.len());
        for (o, room) in out.iter().zip(&rooms) {
            let (low, high, middle) = if axis == 0 {
                (o.body.x, o.body.right(), o.center.x)
            } else {
                (o.body.y, o.body.bottom(), o.center.y)
            };
            for (side, edge, out) in [(axis, low, -1.0), (axis + 2, high, 1.0)] {
                let range = [CLEARANCE_RANGE.0.min(room[side]), room[side]].map(|r| edge + out * r);
                beside.push(Span {
                    least: range[0].min(range[1]),
                    most: range[0].max(range[1]),
                    wish: edge + out * CLEARANCE.min(room[side]),
                });
            }
            through.push(Span { least: middle - PORT_SLACK, most: middle + PORT_SLACK, wish: middle });
        }
        let (beside, through) = (shared(&beside), shared(&through));
        for (k, o) in out.iter_mut().enumerate() {
            let (low, high) = (beside[2 * k], beside[2 * k + 1]);
            if axis == 0 {
                (o.clear.x, o.clear.w, o.port.x) = (low, high - low, through[k]);
            } else {
                (o.clear.y, o.clear.h, o.port.y) = (low, high - low, through[k]);
            }
        }
    }
    out
}

/// Where a line may lie, and where it best does.
struct Span {
    least: f32,
    most: f32,
    wish: f32,
}

/// A place for each span, as few different ones as there can be: spans are gathered in the order of their ends, as long
/// as they all meet.
fn shared(spans: &[Span]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|a, b| spans[*a].most.total_cmp(&spans[*b].most).then(a.cmp(b)));
    let mut out = vec![0.0; spans.len()];
    let mut rest = order.as_slice();
    while let Some(first) = rest.first() {
        let end = spans[*first].most;
        let met = rest.iter().take_while(|k| spans[**k].least <= end).count();
        let (group, later) = rest.split_at(met);
        let least = group.iter().map(|k| spans[*k].least).fold(f32::NEG_INFINITY, f32::max);
        let wish = group.iter().map(|k| spans[*k].wish).sum::<f32>() / group.len() as f32;
        let place = wish.clamp(least.min(end), end);
        for k in group {
            out[*k] = place;
        }
        rest = later;
    }
    out
}

/// A straight line between two cards that face each other with nothing between them.
fn facing(a: usize, b: usize, all: &[Obstacle], zones: &[(Rect, Rect)]) -> Option<(Side, Side, Vec<Point>)> {
    let (from, to) = (&all[a], &all[b]);
    let overlap = |c: f32, d: f32, half: f32| {
        let (low, high) = ((c - half).max(d - half), (c + half).min(d + half));
        (low <= high).then(|| ((c + d) / 2.0).clamp(low, high))
    };
    let (points, from_side, to_side) =
        if let Some(x) = overlap(from.center.x, to.center.x, CARD.w / 2.0 - INSET_WIDE) {
            let down = from.center.y < to.center.y;
            let (s, t) = if down { (Side::Bottom, Side::Top) } else { (Side::Top, Side::Bottom) };
            ([Point::new(x, from.port(s).at.y), Point::new(x, to.port(t).at.y)], s, t)
        } else {
            let y = overlap(from.center.y, to.center.y, CARD.h / 2.0 - INSET_HIGH)?;
            let right = from.center.x < to.center.x;
            let (s, t) = if right { (Side::Right, Side::Left) } else { (Side::Left, Side::Right) };
            ([Point::new(from.port(s).at.x, y), Point::new(to.port(t).at.x, y)], s, t)
        };
    let (dx, dy) = from_side.outward();
    let gap = (points[1].x - points[0].x) * dx + (points[1].y - points[0].y) * dy;
    if gap < STRAIGHT_MIN {
        return None;
    }
    let line = frame_of(&points);
    let blocked =
        all.iter().enumerate().any(|(k, o)| k != a && k != b && o.body.grown(6.0).overlaps(&line.grown(0.5)));
    // Through a zone that holds neither end the search may know better.
    let foreign = zones
        .iter()
        .any(|(z, _)| z.overlaps(&line.grown(0.5)) && !z.contains(from.center) && !z.contains(to.center));
    (!blocked && !foreign).then(|| (from_side, to_side, points.to_vec()))
}

/// A line through corners that a person gave, made orthogonal where they are not.
fn by_hand(from: &Obstacle, to: &Obstacle, bends: &[Point]) -> (Side, Side, Vec<Point>) {
    let side = |o: &Obstacle, p: Point| {
        let (dx, dy) = ((p.x - o.center.x) / o.body.w, (p.y - o.center.y) / o.body.h);
        match (dx.abs() >= dy.abs(), dx >= 0.0, dy >= 0.0) {
            (true, true, _) => Side::Right,
            (true, false, _) => Side::Left,
            (false, _, true) => Side::Bottom,
            (false, _, false) => Side::Top,
        }
    };
    let from_side = bends.first().map_or(Side::Right, |p| side(from, *p));
    let to_side = bends.last().map_or(Side::Left, |p| side(to, *p));
    let mut points = vec![from.port(from_side).at];
    for p in bends.iter().copied().chain([to.port(to_side).out]) {
        let last = points[points.len() - 1];
        if (last.x - p.x).abs() > 0.05 && (last.y - p.y).abs() > 0.05 {
            // A corner is a corner: the line turns there, and leaves a port straight.
            let across = match points.as_slice() {
                [.., before, _] => (before.x - last.x).abs() < 0.05,
                _ => from_side.is_lateral(),
            };
            points.push(if across { Point::new(p.x, last.y) } else { Point::new(last.x, p.y) });
        }
        points.push(p);
    }
    let end = to.port(to_side).at;
    let last = points[points.len() - 1];
    if (last.x - end.x).abs() > 0.05 && (last.y - end.y).abs() > 0.05 {
        points.push(if to_side.is_lateral() { Point::new(last.x, end.y) } else { Point::new(end.x, last.y) });
    }
    points.push(end);
    (from_side, to_side, simplified(&points))
}

/// Moves lines apart and finds the places of labels.
fn finished(
    design: &Design,
    ways: &BTreeMap<LinkId, Way>,
    order: &BTreeMap<&ComponentId, usize>,
    obstacles: &[Obstacle],
    zones: &[(Rect, Rect)],
) -> Routes {
    // In the order of the file.
    let list: Vec<(&LinkId, &Way, f32)> = design
        .links
        .iter()
        .filter_map(|l| ways.get(&l.id).map(|w| (&l.id, w, super::place::label_room(l))))
        .collect();
    let mut lines: Vec<Line> = list
        .iter()
        .map(|(_, w, _)| Line {
            points: w.points.clone(),
            from: order[&w.from],
            to: order[&w.to],
            from_side: w.from_side,
            to_side: w.to_side,
            fixed: !w.bends.is_empty(),
        })
        .collect();
    if lines.len() <= NUDGED_MAX {
        nudge(&mut lines, obstacles, zones);
    }
    for line in &mut lines {
        line.points = simplified(&line.points);
    }
    let wanted: Vec<Wanted> = lines
        .iter()
        .zip(&list)
        .map(|(line, (_, _, room))| Wanted { points: &line.points, width: (room - 30.0).max(0.0) })
        .collect();
    let titles: Vec<Rect> = zones.iter().map(|(_, name)| *name).collect();
    let spots = labels(&wanted, obstacles, &titles);
    let links = lines
        .into_iter()
        .zip(&list)
        .zip(spots)
        .map(|((line, (id, way, _)), label)| {
            let Line { points, from_side, to_side, .. } = line;
            ((*id).clone(), Route { points, from_side, to_side, label, plain: way.plain })
        })
        .collect();
    Routes { links }
}
