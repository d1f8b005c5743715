//! The plainest orthogonal line between two cards, without regard to others: what is drawn when a bound is hit.

use super::{LabelSpot, Route, Side};
use crate::design::{Point, Rect};

/// A line of at most two bends from border to border.
pub(super) fn straight(from: &Rect, to: &Rect) -> Route {
    let (a, b) = (from.center(), to.center());
    let apart_x = (a.x - b.x).abs() - (from.w + to.w) / 2.0;
    let apart_y = (a.y - b.y).abs() - (from.h + to.h) / 2.0;
    let (from_side, to_side) = if apart_x >= apart_y {
        if a.x <= b.x { (Side::Right, Side::Left) } else { (Side::Left, Side::Right) }
    } else if a.y <= b.y {
        (Side::Bottom, Side::Top)
    } else {
        (Side::Top, Side::Bottom)
    };
    let (start, end) = (from_side.middle(from), to_side.middle(to));
    let mut points = vec![start];
    if from_side.is_lateral() && start.y != end.y {
        let x = (start.x + end.x) / 2.0;
        points.extend([Point::new(x, start.y), Point::new(x, end.y)]);
    } else if !from_side.is_lateral() && start.x != end.x {
        let y = (start.y + end.y) / 2.0;
        points.extend([Point::new(start.x, y), Point::new(end.x, y)]);
    }
    points.push(end);
    let label = longest(&points);
    Route { points, from_side, to_side, label, plain: true }
}

/// The middle of the longest stretch.
fn longest(points: &[Point]) -> Option<LabelSpot> {
    let best = points.windows(2).max_by(|a, b| a[0].distance(a[1]).total_cmp(&b[0].distance(b[1])))?;
    let at = Point::new((best[0].x + best[1].x) / 2.0, (best[0].y + best[1].y) / 2.0);
    Some(LabelSpot { at, width_max: best[0].distance(best[1]) - 28.0 })
}
