//! The shortest pleasant way around cards: A* on a sparse grid of the lines that cards and zones suggest.
//!
//! The grid's lines run beside every card at its clearance, through the middle of every card, and beside every zone.
//! A way costs its length, a price a bend, and a little for crossing other links, for sharing a stretch with them and
//! for running through zones that hold neither end.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Side;
use crate::design::{Point, Rect};

/// Price of a bend, in points of length.
const BEND: f32 = 70.0;
/// Price of crossing another link.
const CROSSING: f32 = 24.0;
/// Added share of the length where another link already runs.
const SHARED: f32 = 0.35;
/// Added share of the length inside a zone that holds neither end.
const FOREIGN: f32 = 0.9;
/// Price of crossing the name of a zone.
const TITLE: f32 = 60.0;
/// Lines beside a zone's frame are this far outside of it and inside of it.
const BESIDE_ZONE: f32 = 9.0;
/// Most zones that are told apart.
const ZONES_MAX: usize = 128;
/// Most nodes of one grid.
const NODES_MAX: usize = 160_000;

/// What lines keep out of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obstacle {
    /// The card with the sheets of its stack.
    pub body: Rect,
    /// The middle of the card, where its ports are.
    pub center: Point,
    /// The frame that lines may touch but not enter.
    pub clear: Rect,
}

/// One place where a line may leave or arrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Port {
    /// On the border.
    pub at: Point,
    /// Where the clearance ends.
    pub out: Point,
}

impl Obstacle {
    pub fn port(&self, side: Side) -> Port {
        let (b, k, c) = (&self.body, &self.clear, self.center);
        let (at, out) = match side {
            Side::Left => (Point::new(b.x, c.y), Point::new(k.x, c.y)),
            Side::Right => (Point::new(b.right(), c.y), Point::new(k.right(), c.y)),
            Side::Top => (Point::new(c.x, b.y), Point::new(c.x, k.y)),
            Side::Bottom => (Point::new(c.x, b.bottom()), Point::new(c.x, k.bottom())),
        };
        Port { at, out }
    }
}

/// The lines on which links may run.
pub(super) struct Grid {
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// Whether the stretch from a node to its right, or lower, neighbor is free.
    free: [Vec<bool>; 2],
    /// Zones around a node, a bit each.
    zones: Vec<u128>,
    /// Nodes on a zone's name.
    title: Vec<bool>,
    /// Links that run through a node across, and down.
    used: [Vec<u8>; 2],
    known: Vec<Known>,
    round: u32,
}

#[derive(Clone, Copy, Default)]
struct Known {
    round: u32,
    cost: f32,
    from: u32,
}

#[derive(Clone, Copy)]
struct Open {
    guess: f32,
    cost: f32,
    state: u32,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        // The smallest guess first; of equals the lower state, so that the result never depends on chance.
        other.guess.total_cmp(&self.guess).then(other.state.cmp(&self.state))
    }
}

/// Directions in the order of [`Side::ALL`].
const STEP: [(isize, isize); 4] = [(-1, 0), (0, -1), (1, 0), (0, 1)];
const NOWHERE: u32 = u32::MAX;

impl Grid {
    /// The grid around obstacles; `None` where it would be too large. `zones` are frames with the frame of the name.
    pub fn new(obstacles: &[Obstacle], zones: &[(Rect, Rect)]) -> Option<Self> {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for o in obstacles {
            xs.extend([o.clear.x, o.center.x, o.clear.right()]);
            ys.extend([o.clear.y, o.center.y, o.clear.bottom()]);
        }
        let zones = &zones[..zones.len().min(ZONES_MAX)];
        for (z, _) in zones {
            xs.extend([
                z.x - BESIDE_ZONE,
                z.x + BESIDE_ZONE,
                z.right() - BESIDE_ZONE,
                z.right() + BESIDE_ZONE,
            ]);
            ys.extend([z.y - BESIDE_ZONE, z.bottom() - BESIDE_ZONE, z.bottom() + BESIDE_ZONE]);
        }
        for list in [&mut xs, &mut ys] {
            list.sort_by(f32::total_cmp);
            list.dedup_by(|a, b| (*a - *b).abs() < 0.25);
        }
        let (nx, ny) = (xs.len(), ys.len());
        if nx * ny > NODES_MAX {
            return None;
        }
        let mut grid = Self {
            free: [vec![true; nx * ny], vec![true; nx * ny]],
            zones: vec![0; nx * ny],
            title: vec![false; nx * ny],
            used: [vec![0; nx * ny], vec![0; nx * ny]],
            known: vec![Known::default(); nx * ny * 4],
            round: 0,
            xs,
            ys,
        };
        for o in obstacles {
            grid.block(&o.clear);
        }
        for (k, (frame, name)) in zones.iter().enumerate() {
            let inside =
                |r: &Rect, g: &Self| (between(&g.xs, r.x, r.right()), between(&g.ys, r.y, r.bottom()));
            let (ix, iy) = inside(frame, &grid);
            for j in iy {
                for i in ix.clone() {
                    grid.zones[j * nx + i] |= 1 << k;
                }
            }
            let (ix, iy) = inside(name, &grid);
            for j in iy {
                for i in ix.clone() {
                    grid.title[j * nx + i] = true;
                }
            }
        }
        Some(grid)
    }

    /// Closes every stretch that enters a frame.
    fn block(&mut self, r: &Rect) {
        const SKIN: f32 = 0.3;
        let nx = self.xs.len();
        // Lines strictly inside, and the stretches between two lines that overlap the frame.
        let inner_x = between(&self.xs, r.x + SKIN, r.right() - SKIN);
        let inner_y = between(&self.ys, r.y + SKIN, r.bottom() - SKIN);
        let wide = |list: &[f32], lo: f32, hi: f32| {
            let first = list.partition_point(|v| *v <= lo + SKIN).saturating_sub(1);
            first..list.partition_point(|v| *v < hi - SKIN)
        };
        for j in inner_y {
            for i in wide(&self.xs, r.x, r.right()) {
                self.free[0][j * nx + i] = false;
            }
        }
        for j in wide(&self.ys, r.y, r.bottom()) {
            for i in inner_x.clone() {
                self.free[1][j * nx + i] = false;
            }
        }
    }

    /// Notes that a link runs along a line, so that later ones keep off where that costs little.
    pub fn mark(&mut self, points: &[Point]) {
        let nx = self.xs.len();
        for pair in points.windows(2) {
            let lateral = pair[0].y == pair[1].y;
            let (x0, x1) = (pair[0].x.min(pair[1].x), pair[0].x.max(pair[1].x));
            let (y0, y1) = (pair[0].y.min(pair[1].y), pair[0].y.max(pair[1].y));
            for j in between(&self.ys, y0 - 0.5, y1 + 0.5) {
                for i in between(&self.xs, x0 - 0.5, x1 + 0.5) {
                    let used = &mut self.used[usize::from(!lateral)][j * nx + i];
                    *used = used.saturating_add(1);
                }
            }
        }
    }

    fn node(&self, p: Point) -> Option<usize> {
        let find = |list: &[f32], v: f32| {
            let i = list.partition_point(|x| *x < v - 0.3);
            list.get(i).filter(|x| (**x - v).abs() <= 0.3).map(|_| i)
        };
        Some(find(&self.ys, p.y)? * self.xs.len() + find(&self.xs, p.x)?)
    }

    /// Which zones hold a place, a bit each.
    pub fn zones_at(zones: &[(Rect, Rect)], p: Point) -> u128 {
        zones
            .iter()
            .take(ZONES_MAX)
            .enumerate()
            .filter(|(_, (z, _))| z.contains(p))
            .fold(0, |mask, (k, _)| mask | 1 << k)
    }

    /// The best way from one card to another, from border to border; `None` where there is none or the budget of
    /// visited states has run out.
    pub fn way(
        &mut self,
        from: &Obstacle,
        to: &Obstacle,
        home: u128,
        budget: &mut usize,
    ) -> Option<(Side, Side, Vec<Point>)> {
        self.round += 1;
        let nx = self.xs.len();
        let goal = to.clear;
        let guess = |node: usize, g: &Self| {
            let (x, y) = (g.xs[node % nx], g.ys[node / nx]);
            (goal.x - x).max(x - goal.right()).max(0.0) + (goal.y - y).max(y - goal.bottom()).max(0.0)
        };
        let mut open = BinaryHeap::new();
        for (d, side) in Side::ALL.into_iter().enumerate() {
            let Some(node) = self.node(from.port(side).out) else { continue };
            let state = node * 4 + d;
            self.known[state] = Known { round: self.round, cost: 0.0, from: NOWHERE };
            open.push(Open { guess: guess(node, self), cost: 0.0, state: state as u32 });
        }
        // A state that arrives is a node before a port, looking at it.
        let mut goals = [usize::MAX; 4];
        for (k, side) in Side::ALL.into_iter().enumerate() {
            if let Some(node) = self.node(to.port(side).out) {
                goals[k] = node * 4 + (k + 2) % 4;
            }
        }
        let mut last = None;
        while let Some(Open { cost, state, .. }) = open.pop() {
            let state = state as usize;
            if cost > self.known[state].cost {
                continue;
            }
            if let Some(k) = goals.iter().position(|g| *g == state) {
                last = Some((state, Side::ALL[k]));
                break;
            }
            if *budget == 0 {
                return None;
            }
            *budget -= 1;
            let (node, heading) = (state / 4, state % 4);
            for (d, step) in STEP.iter().enumerate() {
                if d == (heading + 2) % 4 {
                    continue;
                }
                if d != heading {
                    // A turn on the spot.
                    self.relax(&mut open, state, node * 4 + d, cost + BEND, guess(node, self));
                    continue;
                }
                let (i, j) = ((node % nx) as isize + step.0, (node / nx) as isize + step.1);
                if i < 0 || j < 0 || i >= nx as isize || j >= self.ys.len() as isize {
                    continue;
                }
                let next = j as usize * nx + i as usize;
                let axis = usize::from(step.0 == 0);
                if !self.free[axis][node.min(next)] {
                    continue;
                }
                let length = (self.xs[next % nx] - self.xs[node % nx]).abs()
                    + (self.ys[next / nx] - self.ys[node / nx]).abs();
                let mut price = length;
                if self.zones[next] & !home != 0 || self.zones[node] & !home != 0 {
                    price += length * FOREIGN;
                }
                if self.used[axis][next] > 0 && self.used[axis][node] > 0 {
                    price += length * SHARED;
                }
                if self.used[1 - axis][next] > 0 {
                    price += CROSSING;
                }
                if self.title[next] {
                    price += TITLE;
                }
                self.relax(&mut open, state, next * 4 + d, cost + price, guess(next, self));
            }
        }
        let (mut state, to_side) = last?;
        let mut points = vec![to.port(to_side).at];
        loop {
            let node = state / 4;
            points.push(Point::new(self.xs[node % nx], self.ys[node / nx]));
            let before = self.known[state].from;
            if before == NOWHERE {
                break;
            }
            state = before as usize;
        }
        let from_side = Side::ALL[state % 4];
        points.push(from.port(from_side).at);
        points.reverse();
        Some((from_side, to_side, simplified(&points)))
    }

    fn relax(&mut self, open: &mut BinaryHeap<Open>, from: usize, state: usize, cost: f32, guess: f32) {
        let known = &mut self.known[state];
        if known.round != self.round || cost < known.cost - 1e-3 {
            *known = Known { round: self.round, cost, from: from as u32 };
            open.push(Open { guess: cost + guess, cost, state: state as u32 });
        }
    }
}

/// The indices of the values between two bounds, both included.
fn between(list: &[f32], lo: f32, hi: f32) -> std::ops::Range<usize> {
    let first = list.partition_point(|v| *v < lo);
    first..list.partition_point(|v| *v <= hi).max(first)
}

/// The line without points that are no corner.
pub(super) fn simplified(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for p in points {
        if out.last().is_some_and(|l| l.distance(*p) < 0.05) {
            continue;
        }
        if let [.., a, b] = out.as_slice()
            && ((a.x - b.x).abs() < 0.05 && (b.x - p.x).abs() < 0.05
                || (a.y - b.y).abs() < 0.05 && (b.y - p.y).abs() < 0.05)
        {
            out.pop();
        }
        out.push(*p);
    }
    out
}
