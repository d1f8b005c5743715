//! One of few: a segmented control, and the tabs of a panel.

use egui::{Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::button::focus_ring;
use super::chip::badge;
use super::text::{elided, paint_text};
use crate::gui::style::{self, CONTROL, RADIUS, size};
use crate::scene::Ink;
use crate::scene::font::Weight;

/// A segmented control over a width; returns the segment that was pressed.
pub fn segmented(ui: &mut Ui, name: &str, options: &[&str], selected: usize, width: f32) -> Option<usize> {
    let (rect, _) = ui.allocate_exact_size(vec2(width, CONTROL), Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(RADIUS),
        style::ink(ui, Ink::Raised),
        style::hairline(ui),
        StrokeKind::Inside,
    );
    let inner = rect.shrink(2.0);
    // Segments are as wide as their words need, the rest is shared out.
    let words: Vec<f32> = options
        .iter()
        .map(|o| elided(ui, o, size::LABEL, Weight::Medium, Color32::WHITE, f32::INFINITY).size().x + 8.0)
        .collect();
    let spare = (inner.width() - words.iter().sum::<f32>()) / options.len().max(1) as f32;
    let mut pressed = None;
    let mut x = inner.left();
    for (i, option) in options.iter().enumerate() {
        let w = (words[i] + spare).max(16.0);
        let part = Rect::from_min_size(pos2(x, inner.top()), vec2(w, inner.height()));
        x += w;
        let id = ui.make_persistent_id((name, i));
        let response = ui.interact(part, id, Sense::click());
        let enabled = ui.is_enabled();
        let active = i == selected;
        response.widget_info(|| {
            WidgetInfo::selected(Role::RadioButton, enabled, active, format!("{name}: {option}"))
        });
        if active {
            let stroke = if ui.visuals().dark_mode { Stroke::NONE } else { style::hairline(ui) };
            let fill = if ui.visuals().dark_mode { Ink::Pressed } else { Ink::Card };
            ui.painter().rect(part, CornerRadius::same(5), style::ink(ui, fill), stroke, StrokeKind::Inside);
        }
        let ink = if active || response.hovered() { Ink::Text1 } else { Ink::Text2 };
        paint_text(
            ui,
            part.shrink2(vec2(3.0, 0.0)),
            egui::Align::Center,
            option,
            (size::LABEL, Weight::Medium, style::ink(ui, ink)),
        );
        focus_ring(ui, part, &response, 5);
        if response.clicked() && !active {
            pressed = Some(i);
        }
    }
    pressed
}

/// The tabs of a panel with their counts, and what has to stay free beside them; returns the tab that was pressed, and where the
/// last one ends.
pub fn tabs(
    ui: &mut Ui,
    entries: &[(&str, Option<usize>)],
    selected: usize,
    beside: f32,
) -> (Option<usize>, f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 39.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, style::hairline(ui));
    let mut pressed = None;
    let mut x = rect.left() + MARGIN_TABS;
    // Where room is short the tabs move together, and then the counts go.
    let wide = |text: &str, size: f32| {
        elided(ui, text, size, Weight::SemiBold, Color32::WHITE, f32::INFINITY).size().x
    };
    let needs: f32 = (entries.iter())
        .map(|(title, count)| {
            let count = count.filter(|c| *c > 0).map_or(0.0, |c| wide(&c.to_string(), size::HEAD) + 17.0);
            wide(title, size::BODY) + count + GAP_TABS
        })
        .sum();
    let room = rect.right() - x - beside;
    let gap = if needs - GAP_TABS > room { GAP_TIGHT } else { GAP_TABS };
    let is_tight = needs - GAP_TABS - (GAP_TABS - GAP_TIGHT) * (entries.len() as f32 - 1.0) > room;
    for (i, (title, count)) in entries.iter().enumerate() {
        let count = count.filter(|_| !is_tight);
        let active = i == selected;
        let weight = if active { Weight::SemiBold } else { Weight::Medium };
        let galley = elided(ui, title, size::BODY, weight, Color32::WHITE, f32::INFINITY);
        let count = count.filter(|c| *c > 0).map(|c| c.to_string());
        let words = galley.size().x;
        let extra = count.as_ref().map_or(0.0, |c| {
            elided(ui, c, size::HEAD, Weight::Medium, Color32::WHITE, f32::INFINITY).size().x + 17.0
        });
        let part =
            Rect::from_min_max(pos2(x - 8.0, rect.top() + 4.0), pos2(x + words + extra + 8.0, rect.bottom()));
        if part.right() > rect.right() {
            break;
        }
        let response = ui.interact(part, ui.make_persistent_id(("tab", *title)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, active, *title));
        let ink = if active || response.hovered() { Ink::Text1 } else { Ink::Text2 };
        let color = style::ink(ui, ink);
        let galley = elided(ui, title, size::BODY, weight, color, f32::INFINITY);
        let y = part.center().y - 1.0;
        ui.painter().galley(pos2(x, y - galley.size().y / 2.0), galley, color);
        if let Some(count) = &count {
            badge(ui, pos2(x + words + 6.0, y), count);
        }
        if active {
            let bar = Rect::from_min_size(pos2(x, rect.bottom() - 2.5), vec2(words, 2.0));
            ui.painter().rect_filled(bar, CornerRadius::same(1), style::ink(ui, Ink::Accent));
        }
        focus_ring(ui, part.shrink2(vec2(0.0, 4.0)), &response, 5);
        if response.clicked() && !active {
            pressed = Some(i);
        }
        x += words + extra + gap;
    }
    (pressed, x - gap)
}

const MARGIN_TABS: f32 = 16.0;
/// Between two tabs, and where room is short.
const GAP_TABS: f32 = 26.0;
const GAP_TIGHT: f32 = 14.0;
