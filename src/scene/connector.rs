//! The line of a link: its look says the interaction, its arrowhead the direction, a pill on its longest free
//! stretch what it is called.

use super::card::text;
use super::font::{self, Weight};
use super::overlay::{LiveState, Loss, Mark};
use super::shape::{Anchor, Dash, Paint, Shape, Stroke, flatten};
use super::theme::Ink;
use super::{Element, Part, What, words};
use crate::design::{Design, ElementId, Family, Interaction, Link, Point, Rect};
use crate::layout::Route;

/// How much corners are rounded, in points.
const RADIUS: f32 = 9.0;
/// Length and half width of an arrowhead.
const HEAD: (f32, f32) = (8.0, 4.0);
/// A pill narrower than this says nothing.
const LABEL_MIN: f32 = 28.0;

struct Look {
    ink: Ink,
    opacity: f32,
    width: f32,
    dash: Dash,
    hollow: bool,
}

fn look(interaction: Interaction) -> Look {
    let plain = Look { ink: Ink::Text3, opacity: 1.0, width: 1.6, dash: Dash::Solid, hollow: false };
    match interaction {
        Interaction::Call => plain,
        Interaction::Publish | Interaction::Subscribe => {
            Look { dash: Dash::Dashed { on: 6.0, off: 5.0 }, ..plain }
        }
        Interaction::Resolve => Look { width: 1.3, hollow: true, ..plain },
        Interaction::Replicate => {
            Look { ink: Ink::Family(Family::Data), width: 2.0, dash: Dash::Dotted { every: 5.0 }, ..plain }
        }
        Interaction::Heartbeat => Look {
            ink: Ink::Family(Family::Safety),
            dash: Dash::Dashed { on: 1.0, off: 6.0 },
            width: 2.0,
            ..plain
        },
        Interaction::Telemetry => {
            Look { opacity: 0.6, width: 1.4, dash: Dash::Dotted { every: 6.0 }, ..plain }
        }
        Interaction::Bypass => Look { dash: Dash::Dashed { on: 11.0, off: 5.0 }, width: 1.4, ..plain },
    }
}

pub(super) fn link(design: &Design, link: &Link, route: &Route, mark: &Mark) -> Element {
    let mut look = look(link.interaction);
    let cut = mark.loss == Some(Loss::Down)
        || mark.live.as_ref().is_some_and(|l| matches!(l.state, LiveState::Cut | LiveState::Killed));
    let heavy = |look: &mut Look, ink: Ink, width: f32| {
        look.ink = ink;
        look.opacity = 1.0;
        look.width = look.width.max(width);
    };
    match () {
        () if cut => {
            heavy(&mut look, Ink::Bad, 1.8);
            look.dash = Dash::Dashed { on: 5.0, off: 5.0 };
        }
        () if mark.witness || mark.loss == Some(Loss::Lost) => heavy(&mut look, Ink::Bad, 2.2),
        () if mark.selected => heavy(&mut look, Ink::Accent, 2.2),
        () if mark.loss.is_some() => heavy(&mut look, Ink::Warn, 2.0),
        () if mark.hovered => heavy(&mut look, Ink::Accent, 1.6),
        () => {}
    }
    let mut shapes = Vec::with_capacity(4);
    let mut parts = Vec::new();
    let paint = Paint::faint(look.ink, look.opacity);
    let points = &route.points;
    let mut frame = Rect::default();
    if let (Some(first), Some(end)) = (points.first(), points.last()) {
        frame = points
            .iter()
            .fold(Rect::new(first.x, first.y, 0.0, 0.0), |f, p| f.union(&Rect::new(p.x, p.y, 0.0, 0.0)));
        // The line ends inside the head so that its round cap does not blunt the tip.
        let mut line = points.clone();
        if let [.., before, last] = line.as_mut_slice() {
            let length = before.distance(*last).max(0.01);
            let back = (HEAD.0 - 1.5).min(length);
            *last = Point::new(
                last.x + (before.x - last.x) * back / length,
                last.y + (before.y - last.y) * back / length,
            );
        }
        shapes.push(Shape::Path {
            points: line,
            radius: RADIUS,
            stroke: Stroke { paint, width: look.width, dash: look.dash },
        });
        if let Some(before) = points.iter().rev().nth(1) {
            shapes.push(head(*before, *end, &look, paint));
        }
    }
    if let Some(spot) = &route.label {
        if cut {
            cross(&mut shapes, spot.at);
        } else {
            let room = (spot.width_max - 14.0).min(180.0);
            let words = label(link, mark, room);
            let width = font::width(&words, 10.5, Weight::Medium) + 14.0;
            if width >= LABEL_MIN && !words.is_empty() && words != "…" {
                let pill = Rect::new(spot.at.x - width / 2.0, spot.at.y - 9.0, width, 18.0);
                let ink = if look.ink == Ink::Text3 { Ink::Text2 } else { look.ink };
                shapes.push(Shape::Rect {
                    rect: pill,
                    radius: 9.0,
                    fill: Some(Paint::faint(Ink::Canvas, 0.96)),
                    stroke: Some(Stroke::solid(Paint::solid(Ink::Line), 1.0)),
                });
                let at = Point::new(spot.at.x, spot.at.y + 3.8);
                text(&mut shapes, at, Anchor::Middle, (10.5, Weight::Medium, ink), &words, width);
                parts.push((pill, Part::Label));
            }
        }
    }
    Element {
        id: ElementId::from(&link.id),
        what: What::Link,
        frame,
        bounds: frame,
        opacity: 1.0,
        shapes,
        path: flatten(points, RADIUS, 0.1),
        title: spoken(design, link, cut),
        parts,
    }
}

fn head(before: Point, tip: Point, look: &Look, paint: Paint) -> Shape {
    let length = before.distance(tip).max(0.01);
    let (dx, dy) = ((tip.x - before.x) / length, (tip.y - before.y) / length);
    let scale = if look.width > 2.0 { 1.15 } else { 1.0 };
    let (back, half) = (HEAD.0 * scale, HEAD.1 * scale);
    let base = Point::new(tip.x - dx * back, tip.y - dy * back);
    let points = vec![
        tip,
        Point::new(base.x - dy * half, base.y + dx * half),
        Point::new(base.x + dy * half, base.y - dx * half),
    ];
    if look.hollow {
        Shape::Polygon { points, fill: Paint::solid(Ink::Canvas), stroke: Some(Stroke::solid(paint, 1.2)) }
    } else {
        Shape::Polygon { points, fill: paint, stroke: None }
    }
}

fn cross(shapes: &mut Vec<Shape>, at: Point) {
    shapes.push(Shape::Circle {
        center: at,
        radius: 8.0,
        fill: Some(Paint::solid(Ink::Canvas)),
        stroke: Some(Stroke::solid(Paint::solid(Ink::Bad), 1.4)),
    });
    for dy in [3.0, -3.0] {
        shapes.push(Shape::Path {
            points: vec![Point::new(at.x - 3.0, at.y - dy), Point::new(at.x + 3.0, at.y + dy)],
            radius: 0.0,
            stroke: Stroke::solid(Paint::solid(Ink::Bad), 1.6),
        });
    }
}

/// What the pill says in a width: while running what was measured, otherwise what the link is called. A number is never
/// cut short: it would be another number.
fn label(link: &Link, mark: &Mark, room: f32) -> String {
    let fits = |words: &String| font::width(words, 10.5, Weight::Medium) <= room;
    if let Some(live) = &mark.live {
        let Some(rate) = live.rate.filter(|r| *r > 0.0 && link.interaction != Interaction::Telemetry) else {
            return String::new();
        };
        let rate = words::rate_words(rate);
        let errors =
            live.error_share.filter(|e| *e >= 0.005).map(|e| format!("{} failed", words::percent(e)));
        let more = errors.clone().or_else(|| live.latency_ms.map(words::time_words));
        let both = more.map(|more| format!("{rate}  {more}"));
        return [both, errors, Some(rate)].into_iter().flatten().find(fits).unwrap_or_default();
    }
    words::link_label(link)
        .map(|words| font::ellipsis(&words, 10.5, Weight::Medium, room))
        .unwrap_or_default()
}

fn spoken(design: &Design, link: &Link, cut: bool) -> String {
    let name = |id: &str| design.component(id).map_or_else(|| id.to_owned(), |c| c.title().to_owned());
    let mut out =
        format!("{} → {}, {}", name(link.from.as_str()), name(link.to.as_str()), link.interaction.label());
    if let Some(words) = words::link_label(link).filter(|w| w != link.interaction.label()) {
        out.push_str(", ");
        out.push_str(&words);
    }
    if cut {
        out.push_str(", cut");
    }
    out
}
