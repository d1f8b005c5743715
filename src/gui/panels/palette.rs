//! The components to draw with, by family, with a search. While a cluster runs, what to break it with.

use egui::{CornerRadius, Key, Rect, Response, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::design::{Family, Kind, ZoneKind};
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::style::{self, RADIUS, size};
use crate::gui::view::{Mode, Tool};
use crate::gui::widgets::{self, paint_text};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// Below this width only icons are shown.
const ICONS_ONLY: f32 = 110.0;

/// The left panel: components by family, or, in the mode Run, the faults.
pub fn palette_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    if ctx.view.mode == Mode::Run {
        super::faults::faults_ui(ui, ctx);
    } else {
        components(ui, ctx);
    }
}

fn components(ui: &mut Ui, ctx: &Ctx<'_>) {
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let narrow = ui.available_width() < ICONS_ONLY;
    let mut text: String = super::memory(ui, "palette");
    if !narrow {
        ui.add_space(14.0);
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            let id = egui::Id::unique("find-component");
            let width = ui.available_width() - 12.0;
            let found = widgets::search(ui, id, "Find a component", "Find a component", &mut text, width);
            if found.lost_focus()
                && ui.input(|i| i.key_pressed(Key::Enter))
                && let Some(kind) = Kind::ALL.into_iter().find(|k| matches(k.label(), &text))
            {
                ctx.commands.view(Action::PickUp(kind));
                text.clear();
            }
        });
        super::remember(ui, "palette", text.clone());
    } else {
        text.clear();
    }
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let mut any = false;
        for family in Family::ALL {
            let kinds: Vec<Kind> =
                Kind::ALL.into_iter().filter(|k| k.family() == family && matches(k.label(), &text)).collect();
            if kinds.is_empty() {
                continue;
            }
            any = true;
            family_head(ui, family.label(), narrow);
            for kind in kinds {
                let picked = ctx.view.tool == Tool::Place(kind);
                let icon = (Icon::Kind(kind), Ink::of_kind(kind));
                let row = entry(ui, kind.label(), icon, picked, narrow);
                if row.clicked() || row.drag_started() {
                    ctx.commands.view(Action::PickUp(kind));
                }
            }
        }
        let zones: Vec<ZoneKind> =
            ZoneKind::ALL.into_iter().filter(|z| matches(zone_title(*z), &text)).collect();
        if !zones.is_empty() {
            any = true;
            family_head(ui, "Zones", narrow);
            for zone in zones {
                let picked = ctx.view.tool == Tool::Zone(zone);
                let row = entry(ui, zone_title(zone), (Icon::Zone, Ink::Text2), picked, narrow);
                if row.clicked() || row.drag_started() {
                    ctx.commands.view(Action::PickUpZone(zone));
                }
            }
        }
        if !any
            && widgets::empty(ui, Icon::Search, "Nothing is called that.", Some("Show all"))
                .is_some_and(|r| r.clicked())
        {
            super::remember(ui, "palette", String::new());
        }
        ui.add_space(12.0);
    });
}

fn matches(label: &str, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    text.is_empty() || label.to_lowercase().contains(&text)
}

fn zone_title(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Region => "Region",
        ZoneKind::Datacenter => "Availability zone",
        ZoneKind::Rack => "Rack",
        ZoneKind::Host => "Host",
        ZoneKind::Segment => "Network segment",
    }
}

fn family_head(ui: &mut Ui, title: &str, narrow: bool) {
    let height = if narrow { 12.0 } else { 30.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    if narrow {
        let x = rect.center().x - 10.0..=rect.center().x + 10.0;
        ui.painter().hline(x, rect.center().y, style::hairline(ui));
    } else {
        let words =
            Rect::from_min_max(pos2(rect.left() + 16.0, rect.bottom() - 18.0), rect.max - vec2(0.0, 4.0));
        widgets::column_head(ui, words, egui::Align::Min, title, Ink::Text3);
    }
}

/// One thing to pick up.
fn entry(ui: &mut Ui, title: &str, (icon, ink): (Icon, Ink), picked: bool, narrow: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, picked, title));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let plate = rect.shrink2(vec2(8.0, 0.0));
    if picked {
        ui.painter().rect_filled(plate, CornerRadius::same(RADIUS), style::faint(ui, Ink::Accent, 0.14));
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(plate, CornerRadius::same(RADIUS), style::ink(ui, Ink::Raised));
    }
    let left = if narrow { rect.center().x - 12.0 } else { rect.left() + 14.0 };
    let tile = Rect::from_min_size(pos2(left, rect.center().y - 12.0), vec2(24.0, 24.0));
    widgets::tile_of(ui, icon, ink, tile);
    if narrow {
        return response.on_hover_text(title);
    }
    let words = Rect::from_min_max(pos2(rect.left() + 48.0, rect.top()), rect.max - vec2(8.0, 0.0));
    paint_text(ui, words, egui::Align::Min, title, (size::BODY, Weight::Regular, style::ink(ui, Ink::Text1)));
    response.on_hover_cursor(egui::CursorIcon::Grab)
}
