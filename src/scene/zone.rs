//! The container of a zone: a faint tint, a hairline, its name and kind at the top left.

use super::card::{text, triangle};
use super::font::Weight;
use super::hit::Corner;
use super::overlay::{LiveState, Loss, Mark};
use super::shape::{Anchor, Dash, Paint, Shape, Stroke};
use super::theme::Ink;
use super::{Element, Part, What, words};
use crate::design::{ElementId, Point, Rect, Zone};

const RADIUS: f32 = 14.0;

pub(super) fn zone(zone: &Zone, frame: Rect, mark: &Mark) -> Element {
    let mut shapes = Vec::with_capacity(8);
    let mut parts = Vec::new();
    let failed = mark.loss == Some(Loss::Down)
        || mark.live.as_ref().is_some_and(|l| matches!(l.state, LiveState::Killed | LiveState::Cut));
    let heat = mark.heat.as_ref().filter(|h| h.level > 0.0);
    let tint = match heat {
        _ if failed => Paint::faint(Ink::Bad, 0.06),
        Some(heat) => Paint::faint(Ink::Bad, 0.03 + 0.09 * heat.level.min(1.0)),
        None => Paint::faint(Ink::Text3, 0.045),
    };
    shapes.push(Shape::Rect { rect: frame, radius: RADIUS, fill: Some(tint), stroke: None });
    let stroke = match () {
        () if failed => {
            Stroke { paint: Paint::solid(Ink::Bad), width: 1.6, dash: Dash::Dashed { on: 6.0, off: 5.0 } }
        }
        () if mark.selected => Stroke::solid(Paint::solid(Ink::Accent), 1.6),
        () if mark.witness || mark.loss == Some(Loss::Lost) => Stroke::solid(Paint::solid(Ink::Bad), 1.6),
        () if mark.loss.is_some() => Stroke::solid(Paint::solid(Ink::Warn), 1.6),
        () if mark.hovered => Stroke::solid(Paint::solid(Ink::Text3), 1.2),
        () => Stroke::solid(Paint::solid(Ink::Line), 1.2),
    };
    shapes.push(Shape::Rect { rect: frame, radius: RADIUS, fill: None, stroke: Some(stroke) });

    let (left, base) = (frame.x + 14.0, frame.y + 21.0);
    let room = frame.w - 28.0;
    let ink = if failed { Ink::Bad } else { Ink::Text1 };
    let name_at = Point::new(left, base);
    let name = text(
        &mut shapes,
        name_at,
        Anchor::Start,
        (11.5, Weight::SemiBold, ink),
        words::zone_title(zone),
        room,
    );
    let kind = match heat {
        _ if failed => "failed".to_owned(),
        Some(heat) => format!("{}, {}", words::zone_kind(zone.kind), heat.words),
        None => words::zone_kind(zone.kind).to_owned(),
    };
    let kind = kind.as_str();
    let kind_room = room - name - 8.0;
    let kind_ink = if failed { Ink::Bad } else { Ink::Text3 };
    let kind_at = Point::new(left + name + 8.0, base);
    let kind_width = if super::font::width(kind, 11.0, Weight::Regular) <= kind_room {
        text(&mut shapes, kind_at, Anchor::Start, (11.0, Weight::Regular, kind_ink), kind, kind_room)
    } else {
        0.0
    };
    if let Some(severity) = mark.severity {
        let center = Point::new(left + name + kind_width + 24.0, base - 4.0);
        parts.push((triangle(&mut shapes, center, severity), Part::Severity));
    }
    if mark.selected {
        for corner in Corner::ALL {
            let c = corner.of(&frame);
            shapes.push(Shape::Rect {
                rect: Rect::new(c.x - 4.0, c.y - 4.0, 8.0, 8.0),
                radius: 2.0,
                fill: Some(Paint::solid(Ink::Card)),
                stroke: Some(Stroke::solid(Paint::solid(Ink::Accent), 1.5)),
            });
            parts.push((Rect::new(c.x - 7.0, c.y - 7.0, 14.0, 14.0), Part::Handle(corner)));
        }
    }
    parts.push((Rect::new(frame.x + 6.0, frame.y + 6.0, name + kind_width + 24.0, 22.0), Part::Title));
    Element {
        id: ElementId::from(&zone.id),
        what: What::Zone,
        frame,
        bounds: frame,
        opacity: 1.0,
        shapes,
        path: Vec::new(),
        title: format!(
            "{}, {}{}",
            words::zone_title(zone),
            words::zone_kind(zone.kind),
            if failed { ", failed" } else { "" }
        ),
        parts,
    }
}
