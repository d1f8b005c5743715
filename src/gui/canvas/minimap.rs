//! The map at the bottom right: the whole drawing small, with a frame around what is seen. A click goes there.

use egui::{Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::design::Point;
use crate::gui::context::Ctx;
use crate::scene::{Ink, What};

use super::{Canvas, paint};

const SIZE: Vec2 = Vec2::new(120.0, 82.0);
const MARGIN: f32 = 16.0;

/// The place of the map on a canvas.
pub fn place(canvas: Rect) -> Rect {
    Rect::from_min_size(canvas.max - SIZE - Vec2::splat(MARGIN), SIZE)
}

/// Shows the map.
pub fn show(ui: &Ui, ctx: &Ctx<'_>, canvas: &mut Canvas) {
    let scene = canvas.picture.scene();
    if scene.elements.is_empty() || canvas.rect.width() < 420.0 || canvas.rect.height() < 260.0 {
        return;
    }
    let place = place(canvas.rect);
    // With the whole in view there is nowhere to go, and no reason to cover a card.
    let whole = canvas.camera.rect_to_screen(canvas.rect, &scene.bounds);
    let covers = |e: &crate::scene::Element| {
        e.what == What::Card
            && canvas.camera.rect_to_screen(canvas.rect, &e.frame).intersects(place.expand(4.0))
    };
    if canvas.rect.contains_rect(whole) && scene.elements.iter().any(covers) {
        return;
    }
    let painter = ui.painter_at(place.expand(1.0));
    let theme = ctx.theme;
    painter.rect(
        place,
        8.0,
        paint::color(theme, Ink::Panel),
        Stroke::new(1.0, paint::color(theme, Ink::Line)),
        StrokeKind::Middle,
    );
    let inner = place.shrink(7.0);
    let world = scene.bounds;
    let scale = (inner.width() / world.w.max(1.0)).min(inner.height() / world.h.max(1.0));
    let offset = (inner.size() - Vec2::new(world.w, world.h) * scale) / 2.0;
    let map = |r: &crate::design::Rect| {
        Rect::from_min_size(
            inner.min + offset + Vec2::new(r.x - world.x, r.y - world.y) * scale,
            Vec2::new(r.w, r.h) * scale,
        )
    };
    let zone = paint::color(theme, Ink::Text3).gamma_multiply(0.14);
    let card = paint::color(theme, Ink::Text3).gamma_multiply(0.55);
    for element in &scene.elements {
        match element.what {
            What::Zone => {
                painter.rect_filled(map(&element.frame), 2.0, zone);
            }
            What::Card => {
                let r = map(&element.frame);
                painter.rect_filled(
                    r.expand2((Vec2::splat(1.5) - r.size()).max(Vec2::ZERO) / 2.0),
                    1.0,
                    card,
                );
            }
            What::Link | What::Note => {}
        }
    }
    let seen = map(&canvas.camera.seen(canvas.rect)).intersect(place.shrink(2.0));
    painter.rect_stroke(seen, 3.0, Stroke::new(1.2, paint::color(theme, Ink::Accent)), StrokeKind::Middle);

    canvas.covered.push(place);
    let response = ui.interact(place, ui.scope_id().with("minimap"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Map of the drawing"));
    if let Some(at) = response.interact_pointer_pos() {
        let v = (at - inner.min - offset) / scale;
        canvas.camera.center = Point { x: world.x + v.x, y: world.y + v.y };
        canvas.flight = None;
    }
}
