//! The card of a component: 172 x 56 with tile and icon, title, kind line, replicas, state, slots and findings.

use super::font::{self, Weight};
use super::overlay::{Live, LiveState, Loss, Mark, Severity};
use super::shape::{Anchor, Paint, Shape, Stroke};
use super::theme::Ink;
use super::words;
use super::{Element, Icon, Part, What};
use crate::design::{Component, Design, ElementId, Point, Rect};
use crate::layout::{CARD, Routes, SHEET, Side, sheets};

const RADIUS: f32 = 10.0;
const TILE: f32 = 32.0;
const TEXT_LEFT: f32 = 52.0;
const TEXT_RIGHT: f32 = 12.0;

pub(super) fn card(
    design: &Design,
    component: &Component,
    at: Point,
    routes: &Routes,
    mark: &Mark,
    running: bool,
) -> Element {
    let frame = Rect::new(at.x, at.y, CARD.w, CARD.h);
    let mut shapes = Vec::with_capacity(16);
    let mut parts = Vec::new();
    let copies = u64::from(component.replicas.max(1)) * u64::from(component.shards());
    let state = mark.live.as_ref().map(|l| l.state);
    let border = border(mark, state);

    for sheet in (1..sheets(component)).rev() {
        let by = SHEET * sheet as f32;
        shapes.push(Shape::Rect {
            rect: Rect::new(frame.x + by, frame.y - by, frame.w, frame.h),
            radius: RADIUS,
            fill: Some(Paint::solid(Ink::Card)),
            stroke: Some(Stroke::solid(Paint::solid(Ink::Line), 1.0)),
        });
    }
    shapes.push(Shape::Rect {
        rect: Rect::new(frame.x, frame.y + 2.0, frame.w, frame.h),
        radius: RADIUS,
        fill: Some(Paint::solid(Ink::Shadow)),
        stroke: None,
    });
    shapes.push(Shape::Rect {
        rect: frame,
        radius: RADIUS,
        fill: Some(Paint::solid(Ink::Card)),
        stroke: Some(border),
    });
    if let Some(heat) = mark.heat.as_ref().filter(|h| h.level > 0.0) {
        shapes.push(Shape::Rect {
            rect: frame,
            radius: RADIUS,
            fill: Some(Paint::faint(Ink::Bad, 0.06 + 0.30 * heat.level.min(1.0))),
            stroke: None,
        });
    }
    let ink = Ink::of_kind(component.kind);
    shapes.push(Shape::Rect {
        rect: Rect::new(frame.x + 10.0, frame.y + 12.0, TILE, TILE),
        radius: 8.0,
        fill: Some(Paint::faint(ink, 0.16)),
        stroke: None,
    });
    shapes.push(Shape::Icon {
        icon: Icon::Kind(component.kind),
        at: Point::new(frame.x + 16.0, frame.y + 18.0),
        size: 20.0,
        paint: Paint::solid(ink),
    });
    texts(&mut shapes, design, component, &frame, mark, running, copies);
    if running && component.kind != crate::design::Kind::Client || mark.live.is_some() {
        state_dot(&mut shapes, &frame, state.unwrap_or(LiveState::Starting));
    } else if mark.loss == Some(Loss::Down) {
        state_dot(&mut shapes, &frame, LiveState::Killed);
    }
    slots(&mut shapes, &mut parts, design, component, &frame, routes);
    if let Some(severity) = mark.severity {
        parts.push((
            triangle(&mut shapes, Point::new(frame.right() - 2.0, frame.y + 1.0), severity),
            Part::Severity,
        ));
    }
    // What runs is not redrawn.
    if (mark.hovered || mark.selected) && !running {
        for side in Side::ALL {
            let center = side.middle(&frame);
            if mark.hovered {
                shapes.push(Shape::Circle {
                    center,
                    radius: 4.0,
                    fill: Some(Paint::solid(Ink::Card)),
                    stroke: Some(Stroke::solid(Paint::solid(Ink::Accent), 1.5)),
                });
            }
            parts.push((Rect::new(center.x - 7.0, center.y - 7.0, 14.0, 14.0), Part::Port(side)));
        }
    }
    Element {
        id: ElementId::from(&component.id),
        what: What::Card,
        frame,
        bounds: frame,
        opacity: 1.0,
        shapes,
        path: Vec::new(),
        title: spoken(design, component, mark),
        parts,
    }
}

fn border(mark: &Mark, state: Option<LiveState>) -> Stroke {
    let lost = match mark.loss {
        Some(Loss::Lost | Loss::Down) => Some(Ink::Bad),
        Some(Loss::Part | Loss::Degraded) => Some(Ink::Warn),
        None => None,
    };
    let killed = matches!(state, Some(LiveState::Killed | LiveState::Cut));
    let (ink, width) = match () {
        () if mark.selected && !killed => (Ink::Accent, 2.0),
        () if killed => (Ink::Bad, 2.0),
        () if lost.is_some() => (lost.unwrap_or(Ink::Bad), 2.0),
        () if mark.witness => (Ink::Bad, 1.6),
        () if mark.hovered => (Ink::Text3, 1.2),
        () => (Ink::Line, 1.0),
    };
    Stroke::solid(Paint::solid(ink), width)
}

/// Pushes a text, shortened to a width, and gives its measured width.
pub(super) fn text(
    shapes: &mut Vec<Shape>,
    at: Point,
    anchor: Anchor,
    (size, weight, ink): (f32, Weight, Ink),
    what: &str,
    width_max: f32,
) -> f32 {
    let text = font::ellipsis(what, size, weight, width_max);
    if text.is_empty() {
        return 0.0;
    }
    let width = font::width(&text, size, weight);
    shapes.push(Shape::Text { at, anchor, size, weight, paint: Paint::solid(ink), text, width });
    width
}

fn texts(
    shapes: &mut Vec<Shape>,
    design: &Design,
    component: &Component,
    frame: &Rect,
    mark: &Mark,
    running: bool,
    copies: u64,
) {
    let left = frame.x + TEXT_LEFT;
    let right = frame.right() - TEXT_RIGHT;
    let mut room = right - left;
    if copies > 1 {
        let ups = mark.live.as_ref().and_then(|l| l.up).or(mark.up).filter(|(up, of)| up < of);
        let (words, ink) = match ups {
            Some((0, of)) => (format!("0 of {of}"), Ink::Bad),
            Some((up, of)) => (format!("{up} of {of}"), Ink::Warn),
            None => (format!("×{copies}"), Ink::Text2),
        };
        let width = text(
            shapes,
            Point::new(right, frame.y + 25.0),
            Anchor::End,
            (11.0, Weight::SemiBold, ink),
            &words,
            60.0,
        );
        room -= width + 6.0;
    }
    let title_at = Point::new(left, frame.y + 25.0);
    text(shapes, title_at, Anchor::Start, (13.0, Weight::SemiBold, Ink::Text1), component.title(), room);
    let (words, ink) = match &mark.live {
        Some(live) => live_words(live).map_or_else(
            || (words::kind_line(design, component), Ink::Text2),
            |words| (words, if live.error_share.unwrap_or(0.0) > 0.01 { Ink::Warn } else { Ink::Text2 }),
        ),
        None => match &mark.heat {
            Some(heat) => (heat.words.clone(), Ink::Text1),
            None => (words::kind_line(design, component), Ink::Text2),
        },
    };
    let dot = running || mark.live.is_some() || mark.loss == Some(Loss::Down);
    let room = right - left - if dot { 12.0 } else { 0.0 };
    text(shapes, Point::new(left, frame.y + 42.0), Anchor::Start, (11.0, Weight::Regular, ink), &words, room);
}

/// `238/s, 4.1 ms`, with the errors where there are any; `None` where nothing is measured.
fn live_words(live: &Live) -> Option<String> {
    match live.state {
        LiveState::Killed => return Some("killed".to_owned()),
        LiveState::Paused => return Some("paused".to_owned()),
        LiveState::Starting => return Some("starting".to_owned()),
        LiveState::Cut => return Some("cut off".to_owned()),
        LiveState::Up | LiveState::Impaired => {}
    }
    let rate = live.rate.map(words::rate_words)?;
    let errors = live.error_share.filter(|e| *e >= 0.005).map(|e| format!("{} failed", words::percent(e)));
    let second = errors.or_else(|| live.latency_ms.map(words::time_words));
    Some(second.map_or(rate.clone(), |s| format!("{rate}, {s}")))
}

fn state_dot(shapes: &mut Vec<Shape>, frame: &Rect, state: LiveState) {
    let center = Point::new(frame.right() - 16.0, frame.y + 41.0);
    let solid = |ink| Some(Paint::solid(ink));
    match state {
        LiveState::Killed | LiveState::Cut => {
            let stroke = Stroke::solid(Paint::solid(Ink::Bad), 2.4);
            for (dx, dy) in [(5.0, 5.0), (5.0, -5.0)] {
                shapes.push(Shape::Path {
                    points: vec![
                        Point::new(center.x - dx, center.y - dy),
                        Point::new(center.x + dx, center.y + dy),
                    ],
                    radius: 0.0,
                    stroke,
                });
            }
        }
        LiveState::Paused => {
            for dx in [-2.5, 2.5] {
                shapes.push(Shape::Path {
                    points: vec![
                        Point::new(center.x + dx, center.y - 3.5),
                        Point::new(center.x + dx, center.y + 3.5),
                    ],
                    radius: 0.0,
                    stroke: Stroke::solid(Paint::solid(Ink::Warn), 2.0),
                });
            }
        }
        LiveState::Starting => shapes.push(Shape::Circle {
            center,
            radius: 3.5,
            fill: None,
            stroke: Some(Stroke::solid(Paint::solid(Ink::Text3), 1.5)),
        }),
        LiveState::Up => {
            shapes.push(Shape::Circle { center, radius: 4.0, fill: solid(Ink::Good), stroke: None })
        }
        LiveState::Impaired => {
            shapes.push(Shape::Circle { center, radius: 4.0, fill: solid(Ink::Warn), stroke: None });
        }
    }
}

/// The pills of the slots, each on the edge where its links leave.
fn slots(
    shapes: &mut Vec<Shape>,
    parts: &mut Vec<(Rect, Part)>,
    design: &Design,
    component: &Component,
    frame: &Rect,
    routes: &Routes,
) {
    let mut taken: Vec<Rect> = Vec::new();
    for (name, need, links) in words::slots_shown(design, component) {
        let starts: Vec<(Side, Point)> = links
            .iter()
            .filter_map(|l| routes.links.get(&l.id))
            .filter_map(|r| r.points.first().map(|p| (r.from_side, *p)))
            .collect();
        let side = Side::ALL
            .into_iter()
            .max_by_key(|side| starts.iter().filter(|(s, _)| s == side).count())
            .filter(|_| !starts.is_empty())
            .unwrap_or(Side::Bottom);
        // On equal counts the later side wins above; a pill at the foot reads best.
        let side = if starts.iter().filter(|(s, _)| *s == Side::Bottom).count() * 2 >= starts.len() {
            Side::Bottom
        } else {
            side
        };
        let here: Vec<Point> = starts.iter().filter(|(s, _)| *s == side).map(|(_, p)| *p).collect();
        let middle = if here.is_empty() {
            side.middle(frame)
        } else {
            let n = here.len() as f32;
            Point::new(here.iter().map(|p| p.x).sum::<f32>() / n, here.iter().map(|p| p.y).sum::<f32>() / n)
        };
        let words = words::need_label(need, links.len());
        let width = font::width(&words, 10.0, Weight::SemiBold) + 13.0;
        let (half_w, half_h) = (width / 2.0, 8.0);
        let mut center = match side {
            Side::Top | Side::Bottom => Point::new(
                middle.x.clamp(frame.x + half_w + 4.0, frame.right() - half_w - 4.0),
                if side == Side::Top { frame.y } else { frame.bottom() },
            ),
            // Outside of the card but for a little, clear of what is written in it.
            Side::Left | Side::Right => Point::new(
                if side == Side::Left { frame.x + 6.0 - half_w } else { frame.right() - 6.0 + half_w },
                middle.y.clamp(frame.y + half_h, frame.bottom() - half_h),
            ),
        };
        let pill = |c: Point| Rect::new(c.x - half_w, c.y - half_h, width, 2.0 * half_h);
        while taken.iter().any(|t| t.overlaps(&pill(center))) {
            match side {
                Side::Top | Side::Bottom => center.x += 8.0,
                Side::Left | Side::Right => center.y += 8.0,
            }
        }
        let place = pill(center);
        taken.push(place);
        shapes.push(Shape::Rect {
            rect: place,
            radius: 8.0,
            fill: Some(Paint::solid(Ink::Pressed)),
            stroke: Some(Stroke::solid(Paint::solid(Ink::Line), 1.0)),
        });
        text(
            shapes,
            Point::new(center.x, center.y + 3.6),
            Anchor::Middle,
            (10.0, Weight::SemiBold, Ink::Text2),
            &words,
            width,
        );
        parts.push((place, Part::Slot(name.to_owned())));
    }
}

/// A warning triangle around a point; gives its frame.
pub(super) fn triangle(shapes: &mut Vec<Shape>, center: Point, severity: Severity) -> Rect {
    let ink = match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Warn,
        Severity::Advice => Ink::Text3,
    };
    let p = |dx: f32, dy: f32| Point::new(center.x + dx, center.y + dy);
    shapes.push(Shape::Polygon {
        points: vec![p(0.0, -6.5), p(7.0, 6.0), p(-7.0, 6.0)],
        fill: Paint::solid(ink),
        // The border in the ground's colour sets it off from the card, the round joins soften the corners.
        stroke: Some(Stroke::solid(Paint::solid(Ink::Canvas), 1.6)),
    });
    let mark = Stroke::solid(Paint::solid(Ink::Canvas), 1.5);
    shapes.push(Shape::Path { points: vec![p(0.0, -2.2), p(0.0, 1.4)], radius: 0.0, stroke: mark });
    shapes.push(Shape::Circle {
        center: p(0.0, 3.9),
        radius: 0.9,
        fill: Some(Paint::solid(Ink::Canvas)),
        stroke: None,
    });
    Rect::new(center.x - 9.0, center.y - 9.0, 18.0, 18.0)
}

fn spoken(design: &Design, component: &Component, mark: &Mark) -> String {
    let n = u64::from(component.replicas.max(1)) * u64::from(component.shards());
    let copies = if n == 1 { "1 instance".to_owned() } else { format!("{n} instances") };
    let mut out = format!("{}, {}, {copies}", component.title(), words::kind_line(design, component));
    match mark.severity {
        Some(Severity::Error) => out.push_str(", error"),
        Some(Severity::Warning) => out.push_str(", warning"),
        Some(Severity::Advice) => out.push_str(", advice"),
        None => {}
    }
    out.push_str(match mark.loss {
        Some(Loss::Down) => ", down",
        Some(Loss::Lost) => ", lost",
        Some(Loss::Part) => ", lost in part",
        Some(Loss::Degraded) => ", degraded",
        None => "",
    });
    let heat = mark.heat.as_ref().map(|h| h.words.clone());
    if let Some(words) = mark.live.as_ref().and_then(live_words).or(heat) {
        out.push_str(", ");
        out.push_str(&words);
    }
    out
}
