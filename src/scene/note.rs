//! A remark on the drawing, as a small sheet of paper.

use super::card::text;
use super::font::{self, Weight};
use super::overlay::Mark;
use super::shape::{Anchor, Paint, Shape, Stroke};
use super::theme::Ink;
use super::{Element, What};
use crate::design::{ElementId, Family, Note, Point, Rect};

const WIDTH: f32 = 208.0;
const SIZE: f32 = 11.5;
const LEADING: f32 = 16.0;
const PAD: f32 = 12.0;
const LINES_MAX: usize = 12;

/// How tall a note is, in points.
pub(super) fn size(note: &Note) -> (f32, f32) {
    let lines = font::wrap(&note.text, SIZE, Weight::Regular, WIDTH - 2.0 * PAD, LINES_MAX).len().max(1);
    (WIDTH, lines as f32 * LEADING + 2.0 * PAD - 4.0)
}

pub(super) fn note(number: usize, note: &Note, at: Point, mark: &Mark) -> Element {
    let (w, h) = size(note);
    let frame = Rect::new(at.x, at.y, w, h);
    let border = if mark.selected { (Ink::Accent, 2.0) } else { (Ink::Line, 1.0) };
    let mut shapes = vec![
        Shape::Rect { rect: frame, radius: 6.0, fill: Some(Paint::solid(Ink::Card)), stroke: None },
        Shape::Rect {
            rect: frame,
            radius: 6.0,
            fill: Some(Paint::faint(Ink::Family(Family::Messaging), 0.10)),
            stroke: Some(Stroke::solid(Paint::solid(border.0), border.1)),
        },
    ];
    for (i, line) in
        font::wrap(&note.text, SIZE, Weight::Regular, w - 2.0 * PAD, LINES_MAX).iter().enumerate()
    {
        let base = Point::new(frame.x + PAD, frame.y + PAD + 9.0 + i as f32 * LEADING);
        text(&mut shapes, base, Anchor::Start, (SIZE, Weight::Regular, Ink::Text1), line, w);
    }
    Element {
        id: ElementId::new(format!("note:{number}")),
        what: What::Note,
        frame,
        bounds: frame,
        opacity: 1.0,
        shapes,
        path: Vec::new(),
        title: format!("Note: {}", note.text),
        parts: Vec::new(),
    }
}
