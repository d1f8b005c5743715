//! Passing messages at the bottom of the canvas: what happened, where, and how to go on. What failed stays until it
//! is closed or has had time to be read.

use egui::{Align2, Area, Id, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, accesskit::Role};

use crate::gui::canvas::paint;
use crate::gui::command::{Say, Tone};
use crate::gui::fonts::font;
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink, Theme};

/// At most that many are shown.
const SHOWN_MAX: usize = 4;

/// The messages that are shown.
#[derive(Default)]
pub(super) struct Toasts {
    shown: Vec<(Say, Option<f64>)>,
}

impl Toasts {
    /// Says something. The same said again does not pile up.
    pub fn say(&mut self, say: Say) {
        self.shown.retain(|(s, _)| *s != say);
        self.shown.push((say, None));
        if self.shown.len() > SHOWN_MAX {
            self.shown.remove(0);
        }
    }

    /// The titles of what is shown.
    pub fn titles(&self) -> Vec<String> {
        self.shown.iter().map(|(s, _)| s.title.clone()).collect()
    }

    /// Shows them above a place.
    pub fn show(&mut self, ui: &Ui, theme: &Theme, canvas: Rect) {
        let now = ui.input(|i| i.time);
        for (say, since) in &mut self.shown {
            let since = *since.get_or_insert(now);
            let left = since + life(say) - now;
            if left > 0.0 {
                ui.ctx().request_repaint_after_secs(left as f32 + 0.05);
            }
        }
        self.shown.retain(|(say, since)| since.is_none_or(|s| now - s < life(say)));
        let mut closed = None;
        let mut bottom = canvas.max.y - 16.0;
        for (n, (say, _)) in self.shown.iter().enumerate().rev() {
            let area = Area::new(Id::unique(("toast", n)))
                .order(egui::Order::Foreground)
                .pivot(Align2::CENTER_BOTTOM)
                .fixed_pos(egui::pos2(canvas.center().x, bottom))
                .show(ui.ctx(), |ui| {
                    if one(ui, theme, say) {
                        closed = Some(n);
                    }
                });
            bottom = area.response.rect.min.y - 8.0;
        }
        if let Some(n) = closed {
            self.shown.remove(n);
        }
    }
}

/// How long a message stays, in seconds: time to read it twice.
fn life(say: &Say) -> f64 {
    let reading = (say.title.len() + say.text.len()) as f64 / 12.0;
    match say.tone {
        Tone::Good => 2.5,
        Tone::Warn => (2.0 + reading).clamp(4.0, 12.0),
        Tone::Bad => (4.0 + 2.0 * reading).clamp(10.0, 40.0),
    }
}

/// Shows one; says whether it was closed.
fn one(ui: &mut Ui, theme: &Theme, say: &Say) -> bool {
    let (ink, icon) = match say.tone {
        Tone::Good => (Ink::Good, Icon::Check),
        Tone::Warn => (Ink::Warn, Icon::Info),
        Tone::Bad => (Ink::Bad, Icon::Warning),
    };
    let color = |i: Ink| paint::color(theme, i);
    let mut closed = false;
    let frame = egui::Frame::new()
        .fill(color(Ink::Panel))
        .stroke(Stroke::new(1.0, color(Ink::Line)))
        .corner_radius(10)
        .inner_margin(egui::Margin::symmetric(14, 10))
        .shadow(ui.visuals().popup_shadow);
    let shown = frame.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let (square, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
            paint::icon(ui.painter(), icon, square, color(ink));
            ui.vertical(|ui| {
                ui.set_max_width(420.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                let text = |text: &str, weight, ink| {
                    egui::RichText::new(text).font(font(12.5, weight)).color(color(ink))
                };
                ui.label(text(&say.title, Weight::SemiBold, Ink::Text1));
                if !say.text.is_empty() {
                    ui.label(text(&say.text, Weight::Regular, Ink::Text2));
                }
            });
            if say.tone != Tone::Good {
                let (square, close) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::click());
                close.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Close the message"));
                paint::icon(ui.painter(), Icon::Cross, square.shrink(2.0), color(Ink::Text2));
                closed = close.clicked();
            }
        });
    });
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Alert, true, format!("{} {}", say.title, say.text)));
    closed
}
