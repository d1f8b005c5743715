//! Moves the stretches of links sideways: apart where they share a line, into the middle of their channel where it is
//! wide, and onto ports of their own where they meet a card.

use super::Side;
use super::astar::Obstacle;
use crate::design::{Point, Rect};

/// Between two parallel stretches.
const APART: f32 = 10.0;
/// Between two ports of a card.
const PORTS_APART: f32 = 14.0;
/// Kept between a port and the corner of its card.
const INSET_WIDE: f32 = 22.0;
const INSET_HIGH: f32 = 13.0;
/// Kept between a stretch and a card that it passes.
const CLEAR: f32 = 7.0;
/// Kept between a stretch and the card where its own link starts or ends: room for a corner and an arrowhead.
const CLEAR_OWN: f32 = 15.0;
/// A stretch is moved no further than this to reach the middle of its channel.
const REACH: f32 = 90.0;
/// A step sideways that is shorter is taken out where that is possible.
const JOG: f32 = 40.0;
/// A group is moved by so many times 3 points at most to keep off frames and names of zones.
const SHIFTS: usize = 9;
/// A stretch keeps this far from the frame of a zone that it runs beside.
const ZONE_CLEAR: f32 = 7.0;

/// A link with its ends, to be moved in place.
pub(super) struct Line {
    pub points: Vec<Point>,
    pub from: usize,
    pub to: usize,
    pub from_side: Side,
    pub to_side: Side,
    /// It was bent by hand: others keep off it, it stays.
    pub fixed: bool,
}

struct Stretch {
    line: usize,
    /// It runs from point `at` to point `at + 1`.
    at: usize,
    /// Along.
    low: f32,
    high: f32,
    /// What it may not leave.
    least: f32,
    most: f32,
    /// Where it would like to be.
    wish: f32,
    /// At its low and its high end: -1 where the link turns to smaller places, 1 to larger, 0 at a card.
    turn: [f32; 2],
    /// It ends at a card.
    port: bool,
}

/// Moves all stretches of all links. `zones` are frames with the frame of the name.
pub(super) fn nudge(lines: &mut [Line], obstacles: &[Obstacle], zones: &[(Rect, Rect)]) {
    for line in lines.iter_mut().filter(|l| !l.fixed) {
        without_jogs(line, obstacles);
    }
    // Down first, then across: the second pass sees where the first has put the turns.
    for axis in [0, 1, 0] {
        for line in lines.iter_mut() {
            // A stretch that has become nothing would belong to both axes.
            line.points = super::astar::simplified(&line.points);
        }
        let stretches = stretches(lines, obstacles, zones, axis);
        for (stretch, place) in placed(stretches, zones, axis) {
            let points = &mut lines[stretch.line].points;
            for k in [stretch.at, stretch.at + 1] {
                if axis == 0 {
                    points[k].x = place;
                } else {
                    points[k].y = place;
                }
            }
        }
    }
}

/// The stretches whose place lies on an axis: 0 takes those that run down and have an x.
fn stretches(lines: &[Line], obstacles: &[Obstacle], zones: &[(Rect, Rect)], axis: usize) -> Vec<Stretch> {
    let across = |p: &Point| if axis == 0 { p.x } else { p.y };
    let along = |p: &Point| if axis == 0 { p.y } else { p.x };
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let last = line.points.len().saturating_sub(2);
        for (at, pair) in line.points.windows(2).enumerate() {
            if (across(&pair[0]) - across(&pair[1])).abs() > 0.05 {
                continue;
            }
            let place = across(&pair[0]);
            let (a, b) = (along(&pair[0]), along(&pair[1]));
            let (low, high) = (a.min(b), a.max(b));
            let (mut least, mut most) = (f32::NEG_INFINITY, f32::INFINITY);
            let mut ends = Vec::new();
            if at == 0 {
                ends.push(line.from);
            }
            if at == last {
                ends.push(line.to);
            }
            for (k, o) in obstacles.iter().enumerate() {
                let body = &o.body;
                let (b_low, b_high, b_least, b_most) = if axis == 0 {
                    (body.y, body.bottom(), body.x, body.right())
                } else {
                    (body.x, body.right(), body.y, body.bottom())
                };
                if ends.contains(&k) {
                    // The face of the card itself, without the sheets behind it.
                    let (middle, half) = if axis == 0 {
                        (o.center.x, super::CARD.w / 2.0 - INSET_WIDE)
                    } else {
                        (o.center.y, super::CARD.h / 2.0 - INSET_HIGH)
                    };
                    least = least.max(middle - half);
                    most = most.min(middle + half);
                } else if b_low - CLEAR < high && b_high + CLEAR > low {
                    let clear = if k == line.from || k == line.to { CLEAR_OWN } else { CLEAR };
                    if b_most <= place + 0.5 {
                        least = least.max((b_most + clear).min(place.max(b_most + CLEAR)));
                    } else if b_least >= place - 0.5 {
                        most = most.min((b_least - clear).max(place.min(b_least - CLEAR)));
                    }
                }
            }
            if least > most {
                (least, most) = (place, place);
            }
            let port = !ends.is_empty();
            let mut wish = if port {
                let sum: f32 = ends
                    .iter()
                    .map(|k| if axis == 0 { obstacles[*k].center.x } else { obstacles[*k].center.y })
                    .sum();
                sum / ends.len() as f32
            } else {
                let (least, most) = within_zones(place, (least, most), (low, high), zones, axis);
                let middle = (least + most) / 2.0;
                if (middle - place).abs() <= REACH && most - least < 2.0 * REACH { middle } else { place }
            };
            if !port {
                wish = beside_zones(wish, low, high, zones, axis).clamp(least, most);
            }
            if line.fixed {
                (least, most, wish) = (place, place, place);
            }
            let turn =
                |inner: Option<&Point>| inner.map_or(0.0, |p| if across(p) < place { -1.0 } else { 1.0 });
            let before = at.checked_sub(1).and_then(|k| line.points.get(k));
            let after = line.points.get(at + 2);
            let turns = if a <= b { [turn(before), turn(after)] } else { [turn(after), turn(before)] };
            out.push(Stretch { line: n, at, low, high, least, most, wish, turn: turns, port });
        }
    }
    out
}

/// The part of a channel that lies on the same side of all zone frames as a place.
fn within_zones(
    place: f32,
    (mut least, mut most): (f32, f32),
    (low, high): (f32, f32),
    zones: &[(Rect, Rect)],
    axis: usize,
) -> (f32, f32) {
    for (z, _) in zones {
        let (z_low, z_high, edges) =
            if axis == 0 { (z.y, z.bottom(), [z.x, z.right()]) } else { (z.x, z.right(), [z.y, z.bottom()]) };
        if z_low < high && z_high > low {
            for edge in edges {
                if edge >= place {
                    most = most.min((edge - ZONE_CLEAR).max(place));
                } else {
                    least = least.max((edge + ZONE_CLEAR).min(place));
                }
            }
        }
    }
    (least, most)
}

/// The place, or one nearby that does not lie on the frame of a zone.
fn beside_zones(place: f32, low: f32, high: f32, zones: &[(Rect, Rect)], axis: usize) -> f32 {
    let mut place = place;
    for (z, _) in zones {
        let (z_low, z_high, edges) =
            if axis == 0 { (z.y, z.bottom(), [z.x, z.right()]) } else { (z.x, z.right(), [z.y, z.bottom()]) };
        if z_low < high && z_high > low {
            for edge in edges {
                if (place - edge).abs() < ZONE_CLEAR {
                    place = if place < edge { edge - ZONE_CLEAR } else { edge + ZONE_CLEAR };
                }
            }
        }
    }
    place
}

/// Gives each stretch its place.
fn placed(stretches: Vec<Stretch>, zones: &[(Rect, Rect)], axis: usize) -> Vec<(Stretch, f32)> {
    let n = stretches.len();
    let mut out: Vec<f32> = stretches.iter().map(|s| s.wish.clamp(s.least, s.most)).collect();
    // Groups: stretches that overlap along and lie, or want to lie, close to each other.
    let mut group: Vec<usize> = (0..n).collect();
    fn root(group: &mut [usize], mut i: usize) -> usize {
        while group[i] != i {
            group[i] = group[group[i]];
            i = group[i];
        }
        i
    }
    let touch = |s: &Stretch, t: &Stretch| s.low < t.high + 1.0 && t.low < s.high + 1.0;
    for i in 0..n {
        for j in i + 1..n {
            let (s, t) = (&stretches[i], &stretches[j]);
            if s.line != t.line && touch(s, t) && (out[i] - out[j]).abs() < APART {
                let (a, b) = (root(&mut group, i), root(&mut group, j));
                group[a.max(b)] = a.min(b);
            }
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); n];
    for i in 0..n {
        let r = root(&mut group, i);
        members[r].push(i);
    }
    for list in members.into_iter().filter(|m| !m.is_empty()) {
        let list = ordered(&stretches, list, &out);
        let places = apart(&stretches, &list, &out, axis);
        let by = quiet(&stretches, &list, &places, zones, axis);
        for (i, place) in list.into_iter().zip(places) {
            out[i] = place + by;
        }
    }
    stretches.into_iter().zip(out).collect()
}

/// How far a group is best moved so that it runs neither along the frame of a zone nor through its name.
fn quiet(stretches: &[Stretch], list: &[usize], places: &[f32], zones: &[(Rect, Rect)], axis: usize) -> f32 {
    let trouble = |by: f32| {
        let mut n = 0;
        for (i, place) in list.iter().zip(places) {
            let (s, place) = (&stretches[*i], place + by);
            for (z, name) in zones {
                let (low, high, edges, across, along) = if axis == 0 {
                    (z.y, z.bottom(), [z.x, z.right()], (name.x, name.right()), (name.y, name.bottom()))
                } else {
                    (z.x, z.right(), [z.y, z.bottom()], (name.y, name.bottom()), (name.x, name.right()))
                };
                if low < s.high && high > s.low {
                    n += edges.iter().filter(|e| (place - **e).abs() < ZONE_CLEAR - 2.0).count();
                }
                let named = along.0 < s.high && along.1 > s.low && place > across.0 && place < across.1;
                n += usize::from(named);
            }
        }
        n
    };
    let fits = |by: f32| {
        list.iter().zip(places).all(|(i, p)| {
            let s = &stretches[*i];
            by == 0.0 || (p + by >= s.least && p + by <= s.most)
        })
    };
    let mut best = (trouble(0.0), 0.0);
    for step in 1..=SHIFTS {
        for by in [3.0 * step as f32, -3.0 * step as f32] {
            if best.0 > 0 && fits(by) && trouble(by) < best.0 {
                best = (trouble(by), by);
            }
        }
    }
    best.1
}

/// Takes out short steps sideways where one of the two stretches can move onto the other.
fn without_jogs(line: &mut Line, obstacles: &[Obstacle]) {
    for _ in 0..4 {
        let n = line.points.len();
        let Some(moved) = (0..n.saturating_sub(3)).find_map(|k| {
            let p = &line.points;
            if p[k + 1].distance(p[k + 2]) > JOG {
                return None;
            }
            let down = (p[k].x - p[k + 1].x).abs() < 0.05;
            let onto = |first: usize, to: Point| {
                let mut points = p.clone();
                for q in &mut points[first..first + 2] {
                    if down {
                        q.x = to.x;
                    } else {
                        q.y = to.y;
                    }
                }
                points
            };
            // The parallel stretches are k and k + 2.
            let straight = if down {
                (p[k + 2].x - p[k + 3].x).abs() < 0.05
            } else {
                (p[k + 2].y - p[k + 3].y).abs() < 0.05
            };
            [onto(k, p[k + 2]), onto(k + 2, p[k + 1])]
                .into_iter()
                .find(|points| straight && clear(&super::astar::simplified(points), line, obstacles))
        }) else {
            return;
        };
        line.points = super::astar::simplified(&moved);
    }
}

/// Whether a changed line still keeps off all cards and meets its own two on their faces.
fn clear(points: &[Point], line: &Line, obstacles: &[Obstacle]) -> bool {
    let on_face = |p: Point, card: usize, side: Side| {
        let c = obstacles[card].center;
        if side.is_lateral() {
            (p.y - c.y).abs() <= super::CARD.h / 2.0 - INSET_HIGH
        } else {
            (p.x - c.x).abs() <= super::CARD.w / 2.0 - INSET_WIDE
        }
    };
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return false };
    if !on_face(*first, line.from, line.from_side) || !on_face(*last, line.to, line.to_side) {
        return false;
    }
    points.windows(2).enumerate().all(|(k, pair)| {
        let stretch = Rect::new(
            pair[0].x.min(pair[1].x),
            pair[0].y.min(pair[1].y),
            (pair[0].x - pair[1].x).abs(),
            (pair[0].y - pair[1].y).abs(),
        );
        obstacles.iter().enumerate().all(|(o, obstacle)| {
            let touching = (o == line.from && k == 0) || (o == line.to && k + 2 == points.len());
            let room = if touching { -0.1 } else { CLEAR };
            !obstacle.body.grown(room).overlaps(&stretch.grown(0.05))
        })
    })
}

/// How many crossings it makes when the first lies at the smaller place.
fn crossings(first: &Stretch, second: &Stretch) -> i32 {
    const SKIN: f32 = 0.5;
    let inside = |v: f32, s: &Stretch| v > s.low + SKIN && v < s.high - SKIN;
    let mut n = 0;
    for (end, turn) in [(first.low, first.turn[0]), (first.high, first.turn[1])] {
        n += i32::from(turn > 0.0 && inside(end, second));
    }
    for (end, turn) in [(second.low, second.turn[0]), (second.high, second.turn[1])] {
        n += i32::from(turn < 0.0 && inside(end, first));
    }
    n
}

/// The order from small to large places that crosses least.
fn ordered(stretches: &[Stretch], list: Vec<usize>, places: &[f32]) -> Vec<usize> {
    let mut scored: Vec<(i32, f32, f32, usize)> = list
        .iter()
        .map(|i| {
            let s = &stretches[*i];
            let score: i32 = (list.iter().filter(|j| *j != i))
                .map(|j| crossings(s, &stretches[*j]) - crossings(&stretches[*j], s))
                .sum();
            // Without crossings to save, those that turn to smaller places stand there.
            (score, places[*i], s.turn[0] + s.turn[1], *i)
        })
        .collect();
    scored.sort_by(|a, b| {
        a.0.cmp(&b.0).then(a.2.total_cmp(&b.2)).then(a.1.total_cmp(&b.1)).then(a.3.cmp(&b.3))
    });
    scored.into_iter().map(|(_, _, _, i)| i).collect()
}

/// Places in that order, far enough apart where there is room, each within its bounds.
fn apart(stretches: &[Stretch], list: &[usize], places: &[f32], axis: usize) -> Vec<f32> {
    let s = |k: usize| &stretches[list[k]];
    let n = list.len();
    let ports = list.iter().any(|i| stretches[*i].port);
    let mut gap = match (ports, axis) {
        (true, 0) => PORTS_APART,
        (true, _) => APART,
        (false, _) => APART,
    };
    // A channel that is too narrow for all is shared evenly.
    let (least, most) = (
        list.iter().map(|i| stretches[*i].least).fold(f32::NEG_INFINITY, f32::max),
        list.iter().map(|i| stretches[*i].most).fold(f32::INFINITY, f32::min),
    );
    if most - least < gap * (n - 1) as f32 && most > least {
        gap = gap.min(((most - least) / (n - 1) as f32).max(4.0));
    }
    // Least squares for ascending places: pool what would be too close.
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for k in 0..n {
        let mut pool = (places[list[k]] - gap * k as f32, 1);
        while let Some(before) = pools.last().filter(|b| b.0 > pool.0).copied() {
            pools.pop();
            let count = before.1 + pool.1;
            pool = ((before.0 * before.1 as f32 + pool.0 * pool.1 as f32) / count as f32, count);
        }
        pools.push(pool);
    }
    let mut out: Vec<f32> = pools.into_iter().flat_map(|(v, c)| std::iter::repeat_n(v, c)).collect();
    for (k, v) in out.iter_mut().enumerate() {
        *v += gap * k as f32;
    }
    // Within bounds: first from the small side, then from the large one.
    for k in 0..n {
        let floor = if k > 0 { (out[k - 1] + gap).min(s(k).most) } else { f32::NEG_INFINITY };
        out[k] = out[k].max(floor).max(s(k).least).min(s(k).most);
    }
    for k in (0..n).rev() {
        let ceiling = if k + 1 < n { (out[k + 1] - gap).max(s(k).least) } else { f32::INFINITY };
        out[k] = out[k].min(ceiling).min(s(k).most).max(s(k).least);
    }
    out
}
