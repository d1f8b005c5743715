//! The head of the inspector: icon tile, name that can be changed in place, kind line, and what can be done to it.

use egui::{
    CornerRadius, Frame, Id, Key, Margin, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, pos2,
    vec2,
};

use crate::design::{Cause, Component, ElementId, Journey, Kind, Link, Zone};
use crate::edit::commands;
use crate::gui::command::Action;
use crate::gui::context::Ctx;
use crate::gui::style::{self, RADIUS, size};
use crate::gui::{widgets, words};
use crate::scene::font::Weight;
use crate::scene::{Icon, Ink};

/// What stands at the head.
pub(super) struct Head<'a> {
    /// Names the field.
    pub id: &'a str,
    /// On the tile.
    pub icon: Icon,
    /// Of the tile.
    pub ink: Ink,
    /// The name; `None` where it cannot be changed.
    pub name: &'a str,
    /// Whether it can be changed.
    pub renames: bool,
    /// Below the name.
    pub line: &'a str,
}

/// Shows a head; returns a new name.
pub(super) fn head(ui: &mut Ui, head: &Head<'_>, tools: impl FnOnce(&mut Ui)) -> Option<String> {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::hover());
    let tile = Rect::from_min_size(rect.min, vec2(40.0, 40.0));
    widgets::tile_of(ui, head.icon, head.ink, tile);
    let strip =
        Rect::from_min_max(pos2(rect.right() - 84.0, rect.top()), pos2(rect.right(), rect.top() + 24.0));
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let mut side = ui.new_child(UiBuilder::new().id_salt("head-tools").max_rect(strip).layout(layout));
    side.spacing_mut().item_spacing.x = 2.0;
    tools(&mut side);
    let right = side.min_rect().left().min(rect.right()) - 4.0;
    let name = Rect::from_min_max(pos2(rect.left() + 50.0, rect.top()), pos2(right, rect.top() + 22.0));
    let below = Rect::from_min_max(
        pos2(rect.left() + 52.0, rect.top() + 22.0),
        pos2(rect.right(), rect.top() + 40.0),
    );
    let color = style::ink(ui, Ink::Text2);
    widgets::paint_text(ui, below, egui::Align::Min, head.line, (size::LABEL, Weight::Regular, color));
    if head.renames {
        name_field(ui, name, head.id, head.name)
    } else {
        let color = style::ink(ui, Ink::Text1);
        let inner = name.translate(vec2(2.0, 0.0));
        widgets::paint_text(ui, inner, egui::Align::Min, head.name, (size::TITLE, Weight::SemiBold, color));
        None
    }
}

/// A name that turns into a field under the pointer or the keyboard.
fn name_field(ui: &mut Ui, rect: Rect, about: &str, value: &str) -> Option<String> {
    let id = Id::unique(("inspector-name", about));
    let mut draft = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| value.to_owned());
    let focused = ui.memory(|m| m.has_focus(id));
    if focused || ui.rect_contains_pointer(rect) {
        let line = if focused { Ink::Accent } else { Ink::Line };
        ui.painter().rect(
            rect.expand2(vec2(4.0, 1.0)),
            CornerRadius::same(RADIUS),
            style::ink(ui, Ink::Raised),
            Stroke::new(1.0, style::ink(ui, line)),
            StrokeKind::Inside,
        );
    }
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui
        .new_child(UiBuilder::new().id_salt("name").max_rect(rect.translate(vec2(2.0, 0.0))).layout(layout));
    child.shrink_clip_rect(rect);
    let edit = TextEdit::singleline(&mut draft)
        .id(id)
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(rect.width() - 4.0)
        .min_size(rect.size() - vec2(4.0, 0.0))
        .align(egui::Align2::LEFT_CENTER)
        .font(style::font(size::TITLE, Weight::SemiBold))
        .text_color(style::ink(ui, Ink::Text1));
    let response = child.add(edit);
    ui.ctx().accesskit_node_builder(id, |node| node.set_label("Name"));
    let escaped = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape));
    let beside = response.has_focus()
        && ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p))
        });
    if escaped {
        ui.data_mut(|d| d.remove::<String>(id));
        return None;
    }
    if response.lost_focus() || beside {
        ui.data_mut(|d| d.remove::<String>(id));
        let text = draft.trim().to_owned();
        return (!text.is_empty() && text != value).then_some(text);
    }
    if response.has_focus() && draft != value {
        ui.data_mut(|d| d.insert_temp(id, draft));
    }
    None
}

fn show(ui: &mut Ui, ctx: &Ctx<'_>, it: &Head<'_>) {
    let id = ElementId::new(it.id);
    let new = head(ui, it, |ui| {
        if widgets::icon_button_sized(ui, Icon::Trash, "Delete", 24.0).clicked() {
            ctx.commands.edit(commands::delete(ctx.design, std::slice::from_ref(&id)));
            ctx.commands.view(Action::Select(Vec::new()));
        }
        if ctx.design.journey(it.id).is_none()
            && widgets::icon_button_sized(ui, Icon::Target, "Show it on the canvas", 24.0).clicked()
        {
            ctx.commands.view(Action::ZoomTo(vec![id.clone()]));
        }
    });
    if let Some(name) = new {
        ctx.commands.try_edit(commands::set_name(ctx.design, it.id, &name));
    }
    ui.add_space(2.0);
}

/// Of a component, or of one of its instances.
pub(super) fn component(ui: &mut Ui, ctx: &Ctx<'_>, c: &Component, selected: &str) {
    let n = c.replicas as usize * c.shards() as usize;
    let line = match selected.split_once('/') {
        Some((_, part)) => format!("{}, instance {part}", c.kind.label()),
        None if c.kind == Kind::Client => {
            let begun = ctx.design.journeys.iter().filter(|j| j.client == c.id).count();
            format!("Clients, {}", words::counted(begun, "journey"))
        }
        None => format!("{}, {}", c.kind.label(), words::counted(n, "instance")),
    };
    let icon = Icon::Kind(c.kind);
    let ink = Ink::of_kind(c.kind);
    show(ui, ctx, &Head { id: c.id.as_str(), icon, ink, name: c.title(), renames: true, line: &line });
}

/// Of a link.
pub(super) fn link(ui: &mut Ui, ctx: &Ctx<'_>, l: &Link) {
    let name = words::element(ctx.design, l.id.as_str());
    let line = format!("Link, {}", l.interaction.label());
    let ink = Ink::Text2;
    show(
        ui,
        ctx,
        &Head { id: l.id.as_str(), icon: Icon::Connect, ink, name: &name, renames: false, line: &line },
    );
}

/// Of a zone.
pub(super) fn zone(ui: &mut Ui, ctx: &Ctx<'_>, z: &Zone) {
    let inside = ctx.design.components.iter().filter(|c| c.zones.contains(&z.id)).count();
    let line = format!("{}, {}", words::sentence(z.kind.label()), words::counted(inside, "component"));
    let name = crate::scene::zone_title(z);
    show(
        ui,
        ctx,
        &Head { id: z.id.as_str(), icon: Icon::Zone, ink: Ink::Text2, name, renames: true, line: &line },
    );
}

/// Of a cause.
pub(super) fn cause(ui: &mut Ui, ctx: &Ctx<'_>, c: &Cause) {
    let name = if c.name.is_empty() { c.id.as_str() } else { &c.name };
    let line = format!("Cause, takes down {}", words::counted(c.members.len(), "element"));
    show(
        ui,
        ctx,
        &Head { id: c.id.as_str(), icon: Icon::Kill, ink: Ink::Bad, name, renames: true, line: &line },
    );
}

/// Of a journey.
pub(super) fn journey(ui: &mut Ui, ctx: &Ctx<'_>, j: &Journey) {
    let line = format!("Journey of {}", words::element(ctx.design, j.client.as_str()));
    let ink = Ink::Accent;
    show(
        ui,
        ctx,
        &Head { id: j.id.as_str(), icon: Icon::Journey, ink, name: j.title(), renames: true, line: &line },
    );
}
