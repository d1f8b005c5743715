//! What the hand is doing, painted over the drawing: guides, frames, a link or a cut being drawn, what is about to be
//! put down.

use egui::{Align2, Painter, Pos2, Rect as ScreenRect, Stroke, StrokeKind, Ui, Vec2};

use crate::design::{ComponentId, Kind, Point, Rect};
use crate::edit::commands;
use crate::gui::context::Ctx;
use crate::gui::fonts::font;
use crate::gui::view::Tool;
use crate::layout::{CARD, Side};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

use super::hand::{Hand, world};
use super::{Canvas, guides, moves, paint};

/// Paints what the hand is doing.
pub fn show(ui: &Ui, painter: &Painter, ctx: &Ctx<'_>, canvas: &Canvas) {
    let pointer = ui.input(|i| i.pointer.latest_pos());
    let theme = ctx.theme;
    let accent = paint::color(theme, Ink::Accent);
    let to_screen = |p: Point| canvas.camera.to_screen(canvas.rect, p);
    match &canvas.hand {
        Hand::Moving { guides, zone, .. } => {
            if let Some(frame) = zone.as_ref().and_then(|z| canvas.picture.drawing().zones.get(z)) {
                let r = canvas.camera.rect_to_screen(canvas.rect, frame);
                painter.rect_filled(r, 14.0 * canvas.camera.zoom, accent.gamma_multiply(0.06));
                painter.rect_stroke(
                    r,
                    14.0 * canvas.camera.zoom,
                    Stroke::new(1.5, accent.gamma_multiply(0.8)),
                    StrokeKind::Middle,
                );
            }
            for guide in guides {
                painter.line_segment([to_screen(guide.from), to_screen(guide.to)], Stroke::new(1.0, accent));
            }
        }
        Hand::Marquee { from, .. } => {
            if let Some(at) = pointer {
                let r = ScreenRect::from_two_pos(to_screen(*from), at);
                painter.rect(
                    r,
                    2.0,
                    accent.gamma_multiply(0.08),
                    Stroke::new(1.0, accent),
                    StrokeKind::Middle,
                );
            }
        }
        Hand::DrawingZone { from, .. } => {
            if let Some(at) = pointer {
                let to = to_screen(guides::to_grid(world(canvas, at)));
                let r = ScreenRect::from_two_pos(to_screen(*from), to);
                painter.rect(
                    r,
                    14.0,
                    accent.gamma_multiply(0.06),
                    Stroke::new(1.5, accent),
                    StrokeKind::Middle,
                );
            }
        }
        Hand::Cutting { from } => {
            if let Some(at) = pointer {
                let bad = paint::color(theme, Ink::Bad);
                let line = [to_screen(*from), at];
                painter.extend(egui::Shape::dashed_line(&line, Stroke::new(2.0, bad), 7.0, 5.0));
            }
        }
        Hand::Connecting { from, side, over } => {
            let drawing = canvas.picture.drawing();
            let card = |id: &ComponentId| drawing.components.get(id).map(|p| Rect { x: p.x, y: p.y, ..CARD });
            if let (Some(start), Some(at)) = (card(from), pointer) {
                let here = world(canvas, at);
                let side = side.unwrap_or_else(|| nearest_side(&start, here));
                let (end, ink) = match over {
                    Some((id, allowed)) => {
                        let ink = if allowed.is_ok() { Ink::Accent } else { Ink::Bad };
                        let frame = card(id);
                        if let Some(frame) = frame {
                            let r = canvas.camera.rect_to_screen(canvas.rect, &frame).expand(3.0);
                            let ring = Stroke::new(2.0, paint::color(theme, ink));
                            painter.rect_stroke(r, 12.0 * canvas.camera.zoom, ring, StrokeKind::Middle);
                        }
                        let from_here = side.middle(&start);
                        (frame.map_or(here, |f| nearest_side(&f, from_here).middle(&f)), ink)
                    }
                    None => (here, Ink::Accent),
                };
                let line = [to_screen(side.middle(&start)), to_screen(end)];
                painter.line_segment(line, Stroke::new(1.8, paint::color(theme, ink)));
                painter.circle_filled(line[1], 3.5, paint::color(theme, ink));
                let what = match over {
                    Some((_, Err(why))) => Some((why.clone(), Ink::Bad)),
                    Some((to, Ok(()))) => {
                        let kinds = (ctx.design.component(from.as_str()), ctx.design.component(to.as_str()));
                        match kinds {
                            (Some(a), Some(b)) => commands::interaction_between(a.kind, b.kind)
                                .ok()
                                .map(|i| (i.label().to_owned(), Ink::Text1)),
                            _ => None,
                        }
                    }
                    None => None,
                };
                if let Some((text, ink)) = what {
                    label(painter, ctx, at + Vec2::new(14.0, 18.0), &text, ink);
                }
            }
        }
        Hand::Idle | Hand::Pressed { .. } | Hand::Resizing { .. } | Hand::Panning => {}
    }
    if let (Tool::Place(kind), Some(at)) = (ctx.view.tool, pointer)
        && canvas.rect.contains(at)
    {
        ghost(painter, ctx, canvas, kind, at);
    }
}

fn nearest_side(frame: &Rect, to: Point) -> Side {
    let c = frame.center();
    let (dx, dy) = ((to.x - c.x) / frame.w.max(1.0), (to.y - c.y) / frame.h.max(1.0));
    if dx.abs() > dy.abs() {
        if dx > 0.0 { Side::Right } else { Side::Left }
    } else if dy > 0.0 {
        Side::Bottom
    } else {
        Side::Top
    }
}

/// A line of text on a small raised ground.
fn label(painter: &Painter, ctx: &Ctx<'_>, at: Pos2, text: &str, ink: Ink) {
    let galley =
        painter.layout_no_wrap(text.to_owned(), font(12.0, Weight::Regular), paint::color(ctx.theme, ink));
    let ground = ScreenRect::from_min_size(at, galley.size()).expand2(Vec2::new(8.0, 4.0));
    let line = Stroke::new(1.0, paint::color(ctx.theme, Ink::Line));
    painter.rect(ground, 6.0, paint::color(ctx.theme, Ink::Panel), line, StrokeKind::Middle);
    painter.galley(at, galley, paint::color(ctx.theme, ink));
}

/// What is about to be put down, under the pointer.
fn ghost(painter: &Painter, ctx: &Ctx<'_>, canvas: &Canvas, kind: Kind, at: Pos2) {
    let here = world(canvas, at);
    let corner = guides::to_grid(Point { x: here.x - CARD.w / 2.0, y: here.y - CARD.h / 2.0 });
    let zoom = canvas.camera.zoom;
    let frame = canvas.camera.rect_to_screen(canvas.rect, &Rect { x: corner.x, y: corner.y, ..CARD });
    let theme = ctx.theme;
    if let Some(zone) = moves::zone_at(ctx.design, canvas.picture.drawing(), here)
        && let Some(zone) = canvas.picture.drawing().zones.get(&zone)
    {
        let r = canvas.camera.rect_to_screen(canvas.rect, zone);
        let accent = paint::color(theme, Ink::Accent);
        painter.rect_stroke(r, 14.0 * zoom, Stroke::new(1.5, accent.gamma_multiply(0.8)), StrokeKind::Middle);
    }
    painter.rect(
        frame,
        10.0 * zoom,
        paint::color(theme, Ink::Card).gamma_multiply(0.75),
        Stroke::new(1.5, paint::color(theme, Ink::Accent)),
        StrokeKind::Middle,
    );
    let square =
        ScreenRect::from_min_size(frame.min + Vec2::new(18.0, 18.0) * zoom, Vec2::splat(20.0 * zoom));
    paint::icon(painter, Icon::Kind(kind), square, paint::color(theme, Ink::of_kind(kind)));
    painter.text(
        frame.min + Vec2::new(52.0, 28.0) * zoom,
        Align2::LEFT_CENTER,
        kind.label(),
        font(13.0 * zoom, Weight::SemiBold),
        paint::color(theme, Ink::Text2),
    );
}
