//! Menus: a row of one, and a field that opens one to choose from.

use egui::{
    CornerRadius, EventFilter, Key, Popup, PopupCloseBehavior, Rect, Response, Role, ScrollArea, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::button::focus_ring;
use super::icon::paint_icon;
use super::text::paint_text;
use crate::gui::style::{self, CONTROL, RADIUS, size};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// One row of a menu.
#[derive(Clone, Copy, Debug, Default)]
pub struct MenuRow<'a> {
    /// What it says.
    pub text: &'a str,
    /// At the right, quieter.
    pub note: &'a str,
    /// In front.
    pub icon: Option<Icon>,
    /// Ticked.
    pub checked: bool,
}

/// Shows a row of a menu over the width at hand.
pub fn menu_row(ui: &mut Ui, row: MenuRow<'_>) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, enabled, row.checked, row.text));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, CornerRadius::same(5), style::ink(ui, Ink::Pressed));
    }
    let mut words = rect.shrink2(vec2(8.0, 0.0));
    if let Some(icon) = row.icon {
        let at = Rect::from_center_size(pos2(words.left() + 7.0, rect.center().y), vec2(14.0, 14.0));
        paint_icon(ui, icon, at, style::ink(ui, Ink::Text2));
        words.min.x += 22.0;
    }
    if row.checked {
        let at = Rect::from_center_size(pos2(words.right() - 5.0, rect.center().y), vec2(12.0, 12.0));
        paint_icon(ui, Icon::Check, at, style::ink(ui, Ink::Accent));
        words.max.x -= 18.0;
    } else if !row.note.is_empty() {
        let color = style::ink(ui, Ink::Text3);
        let w = paint_text(ui, words, egui::Align::Max, row.note, (size::CAPTION, Weight::Regular, color));
        words.max.x -= w + 10.0;
    }
    let weight = if row.checked { Weight::Medium } else { Weight::Regular };
    paint_text(ui, words, egui::Align::Min, row.text, (size::LABEL, weight, style::ink(ui, Ink::Text1)));
    response
}

/// A field that shows one of several and opens a menu of them; returns what was chosen. `greyed` shows the value as a
/// default. The arrow keys go through the options while it has the keyboard.
pub fn choice(
    ui: &mut Ui,
    name: &str,
    current: &str,
    greyed: bool,
    options: &[(&str, &str)],
    width: f32,
) -> Option<usize> {
    let (rect, response) = ui.allocate_exact_size(vec2(width, CONTROL), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, enabled, name);
        info.current_text_value = Some(current.to_owned());
        info
    });
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    let fill = if response.hovered() || is_open { Ink::Pressed } else { Ink::Raised };
    let line = if is_open { Ink::Accent } else { Ink::Line };
    ui.painter().rect(
        rect,
        CornerRadius::same(RADIUS),
        style::ink(ui, fill),
        Stroke::new(1.0, style::ink(ui, line)),
        StrokeKind::Inside,
    );
    let words = Rect::from_min_max(rect.min + vec2(10.0, 0.0), rect.max - vec2(22.0, 0.0));
    let (ink, weight) = if greyed { (Ink::Text3, Weight::Regular) } else { (Ink::Text1, Weight::Medium) };
    paint_text(ui, words, egui::Align::Min, current, (size::BODY, weight, style::ink(ui, ink)));
    let chevron = Rect::from_center_size(pos2(rect.right() - 13.0, rect.center().y), vec2(10.0, 10.0));
    paint_icon(ui, Icon::ChevronDown, chevron, style::ink(ui, Ink::Text3));
    focus_ring(ui, rect, &response, RADIUS);

    let mut chosen = None;
    if response.has_focus() && !is_open {
        let filter = EventFilter { vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let at = options.iter().position(|(text, _)| *text == current);
        let (up, down) = ui.input(|i| (i.key_pressed(Key::ArrowUp), i.key_pressed(Key::ArrowDown)));
        if down {
            chosen = Some(at.map_or(0, |i| (i + 1).min(options.len().saturating_sub(1))));
        } else if up {
            chosen = Some(at.map_or(0, |i| i.saturating_sub(1)));
        }
        chosen = chosen.filter(|c| Some(*c) != at && *c < options.len());
    }
    let longest = options
        .iter()
        .map(|(text, note)| {
            crate::scene::font::width(text, size::LABEL, Weight::Medium)
                + if note.is_empty() {
                    0.0
                } else {
                    16.0 + crate::scene::font::width(note, size::CAPTION, Weight::Regular)
                }
        })
        .fold(0.0_f32, f32::max);
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .width((longest + 52.0).clamp(rect.width() - 12.0, 360.0))
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (i, (text, note)) in options.iter().enumerate() {
                    let row = MenuRow { text, note, icon: None, checked: *text == current };
                    if menu_row(ui, row).clicked() {
                        chosen = Some(i);
                    }
                }
            });
        });
    chosen.filter(|i| options[*i].0 != current || greyed)
}
