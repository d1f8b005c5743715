//! Snapping: what is moved comes to rest in line with its neighbors, or on the grid.

use crate::design::{Point, Rect};

/// The grid, in drawing points.
pub const GRID: f32 = 8.0;

/// A line that shows what something is in line with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    /// One end.
    pub from: Point,
    /// The other.
    pub to: Point,
}

/// A place on the grid.
pub fn to_grid(p: Point) -> Point {
    Point { x: (p.x / GRID).round() * GRID, y: (p.y / GRID).round() * GRID }
}

/// Where a frame comes to rest, and the guides that say why. It goes in line with left edges, middles or right edges
/// (and tops, middles, bottoms) of neighbors within `reach`, and otherwise to the grid.
pub fn snap(frame: Rect, neighbors: &[Rect], reach: f32) -> (Point, Vec<Guide>) {
    let mut guides = Vec::new();
    let xs = |r: &Rect| [r.x, r.x + r.w / 2.0, r.x + r.w];
    let ys = |r: &Rect| [r.y, r.y + r.h / 2.0, r.y + r.h];
    let nearest = |own: [f32; 3], of: &dyn Fn(&Rect) -> [f32; 3]| {
        let mut best: Option<(f32, f32, usize)> = None;
        for (n, neighbor) in neighbors.iter().enumerate() {
            for (mine, theirs) in own.iter().zip(of(neighbor)) {
                let off = theirs - mine;
                if off.abs() <= reach && best.is_none_or(|(b, ..)| off.abs() < b.abs()) {
                    best = Some((off, theirs, n));
                }
            }
        }
        best
    };
    let grid = to_grid(Point { x: frame.x, y: frame.y });
    let mut at = grid;
    let (by_x, by_y) = (nearest(xs(&frame), &xs), nearest(ys(&frame), &ys));
    if let Some((off, ..)) = by_x {
        at.x = frame.x + off;
    }
    if let Some((off, ..)) = by_y {
        at.y = frame.y + off;
    }
    let rest = Rect { x: at.x, y: at.y, ..frame };
    if let Some((_, x, n)) = by_x {
        let other = &neighbors[n];
        guides.push(Guide {
            from: Point { x, y: rest.y.min(other.y) - GRID },
            to: Point { x, y: (rest.y + rest.h).max(other.y + other.h) + GRID },
        });
    }
    if let Some((_, y, n)) = by_y {
        let other = &neighbors[n];
        guides.push(Guide {
            from: Point { x: rest.x.min(other.x) - GRID, y },
            to: Point { x: (rest.x + rest.w).max(other.x + other.w) + GRID, y },
        });
    }
    (at, guides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_goes_in_line_with_a_near_neighbor_and_else_to_the_grid() {
        let neighbor = Rect { x: 100.0, y: 0.0, w: 172.0, h: 56.0 };
        let moved = Rect { x: 103.0, y: 203.0, w: 172.0, h: 56.0 };
        let (at, guides) = snap(moved, &[neighbor], 5.0);
        assert_eq!((at.x, at.y), (100.0, 200.0));
        assert_eq!(guides.len(), 1);
        let (at, guides) = snap(Rect { x: 131.0, ..moved }, &[neighbor], 5.0);
        assert_eq!((at.x, at.y, guides.len()), (128.0, 200.0, 0));
    }
}
