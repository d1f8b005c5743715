//! Where the label of each link has most room.

use super::LabelSpot;
use super::astar::Obstacle;
use crate::design::{Point, Rect};

/// Height of a label with the room around it.
const HEIGHT: f32 = 22.0;
/// Kept free at each end of a stretch: the corner or the arrowhead.
const END: f32 = 14.0;
/// A label wider than this gains nothing.
const WIDTH_MAX: f32 = 180.0;
/// A label narrower than this says nothing.
const WIDTH_MIN: f32 = 30.0;
/// Above that many links only the longest stretch is looked at.
const LINKS_MAX: usize = 600;

/// A link whose label is looked for.
pub(super) struct Wanted<'a> {
    pub points: &'a [Point],
    /// The width it will probably need; 0 where it has none at rest.
    pub width: f32,
}

/// The stretches of all links with the link of each.
type Stretches = Vec<(usize, Rect)>;

/// A place for the label of each link. Those that have one at rest choose first.
pub(super) fn labels(links: &[Wanted], obstacles: &[Obstacle], titles: &[Rect]) -> Vec<Option<LabelSpot>> {
    let mut out = vec![None; links.len()];
    let mut taken: Vec<Rect> = titles.to_vec();
    let stretches: Stretches = links
        .iter()
        .enumerate()
        .flat_map(|(k, l)| l.points.windows(2).map(move |w| (k, between(w[0], w[1]))))
        .collect();
    let mut turn: Vec<usize> = (0..links.len()).collect();
    turn.sort_by_key(|i| links[*i].width <= 0.0);
    for i in turn {
        let link = &links[i];
        let spot = if links.len() > LINKS_MAX {
            longest(link.points)
        } else {
            best(i, &links[i], &stretches, obstacles, &taken)
        };
        if let Some(spot) = spot {
            let width =
                if link.width > 0.0 { link.width.min(spot.width_max) } else { 60.0_f32.min(spot.width_max) };
            taken.push(around(spot.at, width));
            out[i] = Some(spot);
        }
    }
    out
}

fn around(at: Point, width: f32) -> Rect {
    Rect::new(at.x - width / 2.0, at.y - HEIGHT / 2.0, width, HEIGHT)
}

fn longest(points: &[Point]) -> Option<LabelSpot> {
    let pair = points.windows(2).max_by(|a, b| a[0].distance(a[1]).total_cmp(&b[0].distance(b[1])))?;
    let at = Point::new((pair[0].x + pair[1].x) / 2.0, (pair[0].y + pair[1].y) / 2.0);
    Some(LabelSpot { at, width_max: (pair[0].distance(pair[1]) - 2.0 * END).clamp(0.0, WIDTH_MAX) })
}

fn best(
    i: usize,
    link: &Wanted,
    stretches: &Stretches,
    obstacles: &[Obstacle],
    taken: &[Rect],
) -> Option<LabelSpot> {
    let need = if link.width > 0.0 { link.width } else { 60.0 };
    let mut best: Option<(f32, LabelSpot)> = None;
    for pair in link.points.windows(2) {
        let length = pair[0].distance(pair[1]);
        let lateral = (pair[0].y - pair[1].y).abs() < 0.05;
        for t in [0.5_f32, 0.36, 0.64, 0.25, 0.75] {
            let at =
                Point::new(pair[0].x + (pair[1].x - pair[0].x) * t, pair[0].y + (pair[1].y - pair[0].y) * t);
            // Half the room to each side: along a stretch across, or to the next card beside one that runs down.
            let mut half = if lateral {
                length * t.min(1.0 - t) - END
            } else if length * t.min(1.0 - t) < HEIGHT / 2.0 + END {
                continue;
            } else {
                WIDTH_MAX / 2.0
            };
            for r in obstacles.iter().map(|o| &o.body).chain(taken) {
                if r.y < at.y + HEIGHT / 2.0 && r.bottom() > at.y - HEIGHT / 2.0 {
                    let gap = if r.x > at.x { r.x - at.x } else { at.x - r.right() };
                    half = half.min(gap - 4.0);
                }
            }
            let width = (half * 2.0).min(WIDTH_MAX);
            if width < WIDTH_MIN {
                continue;
            }
            let place = around(at, need.min(width));
            let crossed = stretches.iter().filter(|(k, s)| *k != i && s.overlaps(&place)).count() as f32;
            let score = need.min(width) + 0.15 * width + 0.02 * length
                - 46.0 * crossed
                - 12.0 * (t - 0.5).abs()
                - if lateral { 0.0 } else { 14.0 };
            if best.as_ref().is_none_or(|(s, _)| score > *s + 0.01) {
                best = Some((score, LabelSpot { at, width_max: width }));
            }
        }
    }
    best.map(|(_, spot)| spot)
}

/// The frame of a stretch, a little wider than nothing so that it can overlap.
fn between(a: Point, b: Point) -> Rect {
    Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs()).grown(0.05)
}
