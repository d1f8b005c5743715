//! Passing messages, at the bottom of the canvas, newest last. Errors stay until they are put away.

use std::collections::VecDeque;

use egui::{Align2, Area, Context, CornerRadius, Frame, Id, Margin, Order, Rect, Sense, Stroke, vec2};

use super::button::icon_button_sized;
use super::icon::paint_icon;
use super::text::{line, paragraph};
use crate::gui::command::{Say, Tone};
use crate::gui::style::{self, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Messages shown at once; older ones go.
const SHOWN_MAX: usize = 4;
/// How long a message stays, in seconds.
const STAY: f64 = 5.0;

/// One message on the screen.
#[derive(Clone, Debug)]
pub struct Toast {
    say: Say,
    number: u64,
    until: Option<f64>,
}

/// The messages on the screen.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    shown: VecDeque<Toast>,
    counter: u64,
}

impl Toasts {
    /// Says something; `now` is the time of the window in seconds.
    pub fn push(&mut self, say: Say, now: f64) {
        self.counter += 1;
        let until = (say.tone != Tone::Bad).then_some(now + STAY);
        self.shown.retain(|t| t.say != say);
        self.shown.push_back(Toast { say, number: self.counter, until });
        while self.shown.len() > SHOWN_MAX {
            self.shown.pop_front();
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Shows the messages above the bottom edge of a place of the window.
    pub fn show(&mut self, ctx: &Context, place: Rect) {
        let now = ctx.input(|i| i.time);
        self.shown.retain(|t| t.until.is_none_or(|end| end > now));
        let mut gone = None;
        let mut bottom = place.bottom() - 16.0;
        for toast in self.shown.iter().rev() {
            let area = Area::new(Id::unique(("toast", toast.number)))
                .order(Order::Foreground)
                .pivot(Align2::CENTER_BOTTOM)
                .fixed_pos(egui::pos2(place.center().x, bottom))
                .show(ctx, |ui| {
                    let (ink, icon) = match toast.say.tone {
                        Tone::Good => (Ink::Good, Icon::Check),
                        Tone::Warn => (Ink::Warn, Icon::Warning),
                        Tone::Bad => (Ink::Bad, Icon::Warning),
                    };
                    Frame::new()
                        .fill(style::ink(ui, Ink::Raised))
                        .stroke(Stroke::new(1.0, style::ink(ui, Ink::Line)))
                        .corner_radius(CornerRadius::same(style::RADIUS_CARD))
                        .shadow(ui.visuals().popup_shadow)
                        .inner_margin(Margin { left: 12, right: 8, top: 8, bottom: 8 })
                        .show(ui, |ui| {
                            ui.set_max_width((place.width() - 64.0).clamp(160.0, 440.0));
                            ui.horizontal_top(|ui| {
                                let (rect, _) = ui.allocate_exact_size(vec2(16.0, 20.0), Sense::hover());
                                let at = Rect::from_center_size(rect.center(), vec2(14.0, 14.0));
                                paint_icon(ui, icon, at, style::ink(ui, ink));
                                ui.vertical(|ui| {
                                    ui.set_max_width(ui.available_width() - 32.0);
                                    ui.spacing_mut().item_spacing.y = 2.0;
                                    ui.add_space(2.0);
                                    line(ui, &toast.say.title, size::BODY, Weight::Medium, Ink::Text1);
                                    if !toast.say.text.is_empty() {
                                        paragraph(ui, &toast.say.text, size::LABEL, Ink::Text2);
                                    }
                                });
                                icon_button_sized(ui, Icon::Cross, "Put this message away", 20.0).clicked()
                            })
                            .inner
                        })
                        .inner
                });
            if area.inner {
                gone = Some(toast.number);
            }
            bottom -= area.response.rect.height() + 8.0;
        }
        if let Some(number) = gone {
            self.shown.retain(|t| t.number != number);
        }
        if let Some(next) = self.shown.iter().filter_map(|t| t.until).reduce(f64::min) {
            ctx.request_repaint_after_secs((next - now).max(0.05) as f32);
        }
    }
}
