//! The shortest pleasant way around cards: A* on a sparse grid of the lines that cards and zones suggest.
//!
//! The grid's lines run beside every card at its clearance, through the middle of every card, and beside every zone.
//! A way costs its length, a price a bend, and a little for crossing other links, for sharing a stretch with them and
//! for running through zones that hold neither end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Side;
use crate::design::{Point, Rect};

/// Price of a bend, in points of length.
const BEND: f32 = 70.0;
/// States that the search for the best way of one link may visit before it is hurried.
const STATES_EXACT: usize = 7_000;
/// How much more than its least price the rest of a way is taken to cost by a hurried search: it finds a way in a
/// tenth of the states, with some more bends.
const HASTE: f32 = 1.6;
/// Price of crossing another link.
const CROSSING: f32 = 24.0;
/// A side faces another card that is at least so far beyond it.
const FACING: f32 = 20.0;
/// Price of leaving or arriving on a side that does not face the other card.
const TURNED: f32 = 80.0;
/// Added share of the length where another link already runs.
const SHARED: f32 = 0.35;
/// Added share of the length inside a zone that holds neither end.
const FOREIGN: f32 = 0.9;
/// Price of crossing the name of a zone.
const TITLE: f32 = 60.0;
/// Lines beside a zone's frame are this far outside of it and inside of it.
const BESIDE_ZONE: f32 = 9.0;
/// A way goes no farther outside of the frame around both cards.
const WINDOW: f32 = 420.0;
/// Most zones that are told apart.
const ZONES_MAX: usize = 128;
/// Most nodes of one grid.
const NODES_MAX: usize = 160_000;

/// Lines closer than this are one line.
const SAME: f32 = 0.01;

/// What lines keep out of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obstacle {
    /// The card with the sheets of its stack.
    pub body: Rect,
    /// The middle of the card.
    pub center: Point,
    /// Where lines through its ports run, across and down: at the middle, or near it.
    pub port: Point,
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
    /// What leaving on that side for another card costs.
    fn turned(&self, side: Side, other: &Obstacle) -> f32 {
        let (a, b) = (&self.body, &other.body);
        let gap = match side {
            Side::Left => a.x - b.right(),
            Side::Top => a.y - b.bottom(),
            Side::Right => b.x - a.right(),
            Side::Bottom => b.y - a.bottom(),
        };
        if gap < FACING { TURNED } else { 0.0 }
    }

    pub fn port(&self, side: Side) -> Port {
        let (b, k, c) = (&self.body, &self.clear, self.port);
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

/// An open state: the smallest guess first; of equals the one that has come farthest, then the lower state, so that the
/// result never depends on chance. Guess and cost are in sixteenths of a point.
type Open = Reverse<(u64, u32)>;

fn open_state(guess: f32, cost: f32, state: usize) -> Open {
    let (guess, cost) = ((guess * 16.0) as u32, (cost * 16.0) as u32);
    Reverse((u64::from(guess) << 32 | u64::from(u32::MAX - cost), state as u32))
}

/// Directions in the order of [`Side::ALL`].
const STEP: [(isize, isize); 4] = [(-1, 0), (0, -1), (1, 0), (0, 1)];
const NOWHERE: u32 = u32::MAX;

impl Grid {
    /// The grid around obstacles; `None` where it would be too large. `zones` are frames with the frame of the name.
    pub fn new(obstacles: &[Obstacle], zones: &[(Rect, Rect)]) -> Option<Self> {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for o in obstacles {
            xs.extend([o.clear.x, o.port.x, o.clear.right()]);
            ys.extend([o.clear.y, o.port.y, o.clear.bottom()]);
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
            list.dedup_by(|a, b| (*a - *b).abs() < SAME);
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
            let i = list.partition_point(|x| *x < v - SAME);
            list.get(i).filter(|x| (**x - v).abs() <= SAME).map(|_| i)
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

    /// The best way from one card to another, from border to border, or a good one where the best is too far to
    /// seek; `None` where there is none or the budget of visited states has run out.
    pub fn way(
        &mut self,
        from: &Obstacle,
        to: &Obstacle,
        home: u128,
        budget: &mut usize,
    ) -> Option<(Side, Side, Vec<Point>)> {
        let exact = STATES_EXACT.min(*budget);
        let mut left = exact;
        let best = self.search(from, to, home, 1.0, &mut left);
        *budget -= exact - left;
        if best.is_some() || left > 0 { best } else { self.search(from, to, home, HASTE, budget) }
    }

    fn search(
        &mut self,
        from: &Obstacle,
        to: &Obstacle,
        home: u128,
        haste: f32,
        budget: &mut usize,
    ) -> Option<(Side, Side, Vec<Point>)> {
        self.round += 1;
        let nx = self.xs.len();
        let goal = to.clear;
        // What is left at least: the way, and the bends that the heading makes necessary.
        let guess = |node: usize, heading: usize, g: &Self| {
            let (x, y) = (g.xs[node % nx], g.ys[node / nx]);
            let (right, down) = (goal.x - x, goal.y - y);
            let (left, up) = (x - goal.right(), y - goal.bottom());
            let (dx, dy) = (right.max(left).max(0.0), down.max(up).max(0.0));
            let (ahead, aside) = match heading {
                0 => (left, dy),
                1 => (up, dx),
                2 => (right, dy),
                _ => (down, dx),
            };
            let away = if heading == 0 || heading == 2 { dx } else { dy };
            let bends = match () {
                () if away > 0.0 && ahead <= 0.0 => 2.0,
                () if aside > 0.0 => 1.0,
                () => 0.0,
            };
            (dx + dy + bends * BEND) * haste
        };
        let mut open = BinaryHeap::new();
        for (d, side) in Side::ALL.into_iter().enumerate() {
            let Some(node) = self.node(from.port(side).out) else { continue };
            let state = node * 4 + d;
            let cost = from.turned(side, to);
            self.known[state] = Known { round: self.round, cost, from: NOWHERE };
            open.push(open_state(cost + guess(node, d, self), cost, state));
        }
        let goals = Side::ALL.map(|side| self.node(to.port(side).out));
        // What lies far outside of both is left alone.
        let area = from.clear.union(&goal).grown(WINDOW);
        let mut last: Option<(f32, usize, Side)> = None;
        while let Some(Reverse((key, state))) = open.pop() {
            let state = state as usize;
            if last.is_some_and(|(best, ..)| (key >> 32) as f32 / 16.0 >= best) {
                break;
            }
            let cost = self.known[state].cost;
            if key as u32 != u32::MAX - (cost * 16.0) as u32 {
                continue;
            }
            let (node, heading) = (state / 4, state % 4);
            for (k, side) in Side::ALL.into_iter().enumerate() {
                // Arriving means looking at the card; a turn on the spot does.
                if goals[k] == Some(node) && heading != k {
                    let turn = if heading == (k + 2) % 4 { 0.0 } else { BEND };
                    let cost = cost + turn + to.turned(side, from);
                    if last.is_none_or(|(best, ..)| cost < best) {
                        last = Some((cost, state, side));
                    }
                }
            }
            if *budget == 0 {
                return None;
            }
            *budget -= 1;
            for (d, step) in STEP.iter().enumerate() {
                if d == (heading + 2) % 4 {
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
                let (x, y) = (self.xs[i as usize], self.ys[j as usize]);
                if !area.contains(Point::new(x, y)) {
                    continue;
                }
                let length = (x - self.xs[node % nx]).abs() + (y - self.ys[node / nx]).abs();
                let mut price = if d == heading { length } else { length + BEND };
                if (self.zones[next] | self.zones[node]) & !home != 0 {
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
                let (cost, next) = (cost + price, next * 4 + d);
                let known = &mut self.known[next];
                if known.round != self.round || cost < known.cost - 0.1 {
                    *known = Known { round: self.round, cost, from: state as u32 };
                    open.push(open_state(cost + guess(next / 4, d, self), cost, next));
                }
            }
        }
        let (_, mut state, to_side) = last?;
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
