//! Dots that move along links while the cluster runs: their number is the measured rate, their speed the measured
//! latency, their red the measured errors.

use egui::{Align2, Painter, Ui};

use crate::gui::context::{Ctx, LivePhase};
use crate::gui::fonts::font;
use crate::scene::font::Weight;
use crate::scene::{self, Ink};

use super::{Canvas, paint};

/// Dots of one link at most.
const DOTS_MAX: usize = 14;

/// Paints the dots of every link in view.
pub fn dots(ui: &Ui, painter: &Painter, ctx: &Ctx<'_>, canvas: &Canvas) {
    let Some(live) = ctx.live else { return };
    if ctx.view.layout.reduced_motion || canvas.camera.zoom < 0.3 {
        return;
    }
    let now = ui.input(|i| i.time);
    let seen = canvas.camera.seen(canvas.rect);
    let scene = canvas.picture.scene();
    let mut any = false;
    for i in scene.visible(&seen) {
        let element = &scene.elements[i];
        let Some(link) = live.links.get(element.id.as_str()) else { continue };
        if element.path.is_empty() || link.rate <= 0.0 || link.cut {
            continue;
        }
        any = true;
        let length = scene::length(&element.path);
        let count = dots_for(link.rate).min(1 + (length / 14.0) as usize);
        let speed = speed_for(link.latency_ms);
        let red = (link.error_share * count as f64).ceil() as usize;
        for n in 0..count {
            let phase = (now as f32 * speed + n as f32 * length / count as f32) % length.max(1.0);
            if let Some(at) = scene::along(&element.path, phase)
                // What is written on the link stays legible.
                && !element.parts.iter().any(|(label, _)| label.contains(at))
            {
                let ink = if n < red { Ink::Bad } else { Ink::Good };
                let at = canvas.camera.to_screen(canvas.rect, at);
                painter.circle_filled(
                    at,
                    (2.6 * canvas.camera.zoom).clamp(1.5, 5.0),
                    paint::color(ctx.theme, ink),
                );
            }
        }
    }
    if any {
        ui.ctx().request_repaint_after_secs(1.0 / 30.0);
    }
}

/// Says what the dots mean, at the bottom left.
pub fn legend(painter: &Painter, ctx: &Ctx<'_>, canvas: &Canvas) {
    let rect = canvas.rect;
    let runs = ctx.live.is_some_and(|l| l.phase == LivePhase::Running);
    if !runs || ctx.view.layout.reduced_motion || rect.width() < 700.0 || rect.height() < 260.0 {
        return;
    }
    let mut at = rect.left_bottom() + egui::vec2(24.0, -22.0);
    for (ink, words) in [
        (Ink::Good, "requests: the more dots the more of them, the faster the quicker the answers"),
        (Ink::Bad, "failed"),
    ] {
        painter.circle_filled(at, 3.0, paint::color(ctx.theme, ink));
        let text = painter.text(
            at + egui::vec2(9.0, 0.0),
            Align2::LEFT_CENTER,
            words,
            font(11.0, Weight::Regular),
            paint::color(ctx.theme, Ink::Text2),
        );
        at.x = text.max.x + 18.0;
    }
}

/// One dot up to 2/s, then one more with each doubling.
pub fn dots_for(rate: f64) -> usize {
    if rate <= 0.0 { 0 } else { (1.0 + rate.log2().max(0.0)).round().min(DOTS_MAX as f64) as usize }
}

/// Drawing points a second: fast where answers are fast.
fn speed_for(latency_ms: Option<f64>) -> f32 {
    let ms = latency_ms.unwrap_or(10.0).clamp(0.5, 2000.0);
    (180.0 / (1.0 + ms / 60.0)).clamp(12.0, 180.0) as f32
}
