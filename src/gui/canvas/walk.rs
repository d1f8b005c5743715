//! Walking the drawing by keys: from a card along its links, and to the nearest card in a direction.

use crate::design::{Design, ElementId, Rect};
use crate::scene::{Scene, What};

/// A direction on the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}

impl Direction {
    /// One step: x and y of -1, 0 or 1.
    pub fn step(self) -> (f32, f32) {
        match self {
            Direction::Left => (-1.0, 0.0),
            Direction::Right => (1.0, 0.0),
            Direction::Up => (0.0, -1.0),
            Direction::Down => (0.0, 1.0),
        }
    }
}

/// The card to go to from another: linked ones in that direction first, then any. Without a start, the first card.
pub fn walk(design: &Design, scene: &Scene, from: Option<&ElementId>, to: Direction) -> Option<ElementId> {
    let cards = || scene.elements.iter().filter(|e| e.what == What::Card);
    let Some(start) = from.and_then(|id| scene.element(id.as_str())).filter(|e| e.what == What::Card) else {
        return cards()
            .min_by(|a, b| (a.frame.x + a.frame.y).total_cmp(&(b.frame.x + b.frame.y)))
            .map(|e| e.id.clone());
    };
    let linked = |id: &str| {
        design.links.iter().any(|l| {
            (l.from == *start.id.as_str() && l.to == *id) || (l.to == *start.id.as_str() && l.from == *id)
        })
    };
    let nearest = |only_linked: bool| {
        cards()
            .filter(|e| e.id != start.id && (!only_linked || linked(e.id.as_str())))
            .filter_map(|e| Some((cost(&start.frame, &e.frame, to)?, e)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, e)| e.id.clone())
    };
    nearest(true).or_else(|| nearest(false))
}

/// How far away a card is in a direction; `None` if it does not lie there.
fn cost(from: &Rect, card: &Rect, to: Direction) -> Option<f32> {
    let (a, b) = (from.center(), card.center());
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (sx, sy) = to.step();
    let along = dx * sx + dy * sy;
    let aside = (dx * sy).abs() + (dy * sx).abs();
    (along > 1.0 && aside <= 2.0 * along + 60.0).then_some(along + 2.0 * aside)
}
