//! What a picture is made of: few shapes, in world coordinates, coloured by [`Ink`].

use super::font::Weight;
use super::icon::Icon;
use super::theme::Ink;
use crate::design::{Point, Rect};

/// A colour by meaning with an opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// The colour.
    pub ink: Ink,
    /// Its opacity, 0..=1; multiplied with the ink's own.
    pub opacity: f32,
}

impl Paint {
    /// A colour at full opacity.
    pub fn solid(ink: Ink) -> Self {
        Self { ink, opacity: 1.0 }
    }

    /// A colour at an opacity of 0..=1.
    pub fn faint(ink: Ink, opacity: f32) -> Self {
        Self { ink, opacity }
    }
}

/// How a stroke is interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Drawn and left out in turn, lengths in points.
    Dashed {
        /// Drawn.
        on: f32,
        /// Left out.
        off: f32,
    },
    /// Round dots as wide as the stroke, their centers so many points apart.
    Dotted {
        /// From center to center.
        every: f32,
    },
}

/// A line's look. Caps and joins are round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The colour.
    pub paint: Paint,
    /// Points.
    pub width: f32,
    /// How it is interrupted.
    pub dash: Dash,
}

impl Stroke {
    /// An uninterrupted line.
    pub fn solid(paint: Paint, width: f32) -> Self {
        Self { paint, width, dash: Dash::Solid }
    }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The point is its left end.
    #[default]
    Start,
    /// The point is its middle.
    Middle,
    /// The point is its right end.
    End,
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle.
    Rect {
        /// The frame; a stroke is centered on it.
        rect: Rect,
        /// Of its corners, in points.
        radius: f32,
        /// Inside.
        fill: Option<Paint>,
        /// Border.
        stroke: Option<Stroke>,
    },
    /// An open line through corners.
    Path {
        /// The corners.
        points: Vec<Point>,
        /// How much each inner corner is rounded, in points; see [`flatten`].
        radius: f32,
        /// Its look.
        stroke: Stroke,
    },
    /// A filled outline.
    Polygon {
        /// The corners; the last joins the first.
        points: Vec<Point>,
        /// Inside.
        fill: Paint,
        /// Border, joined round.
        stroke: Option<Stroke>,
    },
    /// A circle.
    Circle {
        /// Its middle.
        center: Point,
        /// Points.
        radius: f32,
        /// Inside.
        fill: Option<Paint>,
        /// Border.
        stroke: Option<Stroke>,
    },
    /// One line of text, already shortened to fit.
    Text {
        /// On the baseline.
        at: Point,
        /// Where the text stands relative to `at`.
        anchor: Anchor,
        /// Height of the letters' square, in points.
        size: f32,
        /// How bold.
        weight: Weight,
        /// The colour.
        paint: Paint,
        /// What it says.
        text: String,
        /// Measured width, in points.
        width: f32,
    },
    /// A line icon.
    Icon {
        /// Which.
        icon: Icon,
        /// Top left corner.
        at: Point,
        /// Side, in points.
        size: f32,
        /// The colour.
        paint: Paint,
    },
}

/// The line through corners with each inner corner rounded, as points close enough for the eye.
///
/// A corner's radius is at most half of the shorter of its two stretches. `tolerance` is how far the result may lie
/// beside the true arc, in points: 0.1 suits a zoom of 1.
pub fn flatten(points: &[Point], radius: f32, tolerance: f32) -> Vec<Point> {
    let mut out = Vec::with_capacity(points.len() * 6);
    for (i, p) in points.iter().enumerate() {
        let Some((a, b)) = corner(points, i, radius) else {
            out.push(*p);
            continue;
        };
        let r = (a.x - p.x).hypot(a.y - p.y);
        let n = ((r / tolerance.max(1e-3)).sqrt().ceil() as usize).clamp(2, 24);
        for k in 0..=n {
            let t = k as f32 / n as f32;
            // A quarter circle as a conic: weight sqrt(1/2) at the corner.
            let (u, w) = (1.0 - t, std::f32::consts::FRAC_1_SQRT_2);
            let (ka, kp, kb) = (u * u, 2.0 * u * t * w, t * t);
            let sum = ka + kp + kb;
            out.push(Point {
                x: (ka * a.x + kp * p.x + kb * b.x) / sum,
                y: (ka * a.y + kp * p.y + kb * b.y) / sum,
            });
        }
    }
    out
}

/// Where the rounding of the corner `i` begins and ends; `None` at the ends and where nothing is to round.
pub fn corner(points: &[Point], i: usize, radius: f32) -> Option<(Point, Point)> {
    if radius <= 0.0 || i == 0 || i + 1 >= points.len() {
        return None;
    }
    let (before, p, after) = (points[i - 1], points[i], points[i + 1]);
    let (lb, la) = ((before.x - p.x).hypot(before.y - p.y), (after.x - p.x).hypot(after.y - p.y));
    let r = radius.min(lb / 2.0).min(la / 2.0);
    if r < 0.01 {
        return None;
    }
    let towards = |q: Point, l: f32| Point { x: p.x + (q.x - p.x) * r / l, y: p.y + (q.y - p.y) * r / l };
    Some((towards(before, lb), towards(after, la)))
}
