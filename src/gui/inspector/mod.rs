//! What is known about the selection, and its properties. One file a section.
//!
//! The selected thing is copied, the sections change the copy through a [`Form`], and where it differs at the end of
//! the frame it becomes one `Replace`: nothing here changes a design.
//!
//! Never: how a command is carried out, and what a property means.

mod cache;
mod cause;
mod component;
mod data;
mod design;
mod firewall;
mod form;
mod function;
mod header;
mod interfaces;
mod journey;
mod link;
mod load;
mod lost;
mod many;
mod note;
mod people;
mod placement;
mod queue;
mod reliability;
mod replication;
mod resolver;
mod running;
mod security;
mod sharding;
mod slots;
mod steps;
mod zone;

pub use form::{Absent, Form};

use egui::{Frame, Margin, ScrollArea, Ui, vec2};

use super::context::Ctx;
use super::style::{GAP, MARGIN};
use super::view::Mode;
use crate::design::ElementId;
use crate::edit::{Command, Edit, Item, commands};

/// The inspector of what is selected; of the whole design if nothing is. While a cluster runs, of what runs; while
/// sharing, of what can leave.
pub fn inspector_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    let which = ctx.view.selection.single().map_or("", |id| id.as_str());
    let salt = ("inspector", ctx.view.mode, which);
    ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]).show(ui, |ui| {
        let margin = MARGIN as i8;
        Frame::new().inner_margin(Margin { left: margin, right: margin, top: margin, bottom: 24 }).show(
            ui,
            |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing = vec2(8.0, GAP);
                match ctx.view.mode {
                    Mode::Share => super::panels::share_ui(ui, ctx),
                    Mode::Run if ctx.live.is_some() => running::running_ui(ui, ctx),
                    Mode::Design | Mode::Run | Mode::Prove => selection_ui(ui, ctx),
                }
            },
        );
    });
}

fn selection_ui(ui: &mut Ui, ctx: &Ctx<'_>) {
    match ctx.view.selection.ids() {
        [] => design::design_ui(ui, ctx),
        [one] => element_ui(ui, ctx, one),
        many => many::many_ui(ui, ctx, many),
    }
}

fn element_ui(ui: &mut Ui, ctx: &Ctx<'_>, id: &ElementId) {
    let text = id.as_str();
    if let Some(at) = text.strip_prefix("note:").and_then(|n| n.parse::<usize>().ok()) {
        note::note_ui(ui, ctx, at);
        return;
    }
    // An instance has the properties of its component.
    let whole = text.split('/').next().unwrap_or(text);
    let design = ctx.design;
    let mut form = Form::new(ctx, whole);
    if let Some(c) = design.component(whole) {
        header::component(ui, ctx, c, text);
        let mut copy = c.clone();
        component::component_ui(ui, &mut form, &mut copy);
        send(&form, c.title(), *c != copy, || copy.into());
    } else if let Some(l) = design.link(whole) {
        header::link(ui, ctx, l);
        let mut copy = l.clone();
        link::link_ui(ui, &mut form, &mut copy);
        send(&form, "link", *l != copy, || copy.into());
    } else if let Some(z) = design.zone(whole) {
        header::zone(ui, ctx, z);
        let mut copy = z.clone();
        zone::zone_ui(ui, &mut form, &mut copy);
        send(&form, crate::scene::zone_title(z), *z != copy, || copy.into());
    } else if let Some(c) = design.cause(whole) {
        header::cause(ui, ctx, c);
        let mut copy = c.clone();
        cause::cause_ui(ui, &mut form, &mut copy);
        send(&form, "cause", *c != copy, || copy.into());
    } else if let Some(j) = design.journey(whole) {
        header::journey(ui, ctx, j);
        let mut copy = j.clone();
        journey::journey_ui(ui, &mut form, &mut copy);
        send(&form, j.title(), *j != copy, || copy.into());
    } else {
        design::design_ui(ui, ctx);
    }
}

/// Pushes what a form changed as one command.
fn send(form: &Form<'_>, of: &str, differs: bool, item: impl FnOnce() -> Item) {
    if differs && let Some(row) = &form.changed {
        form.ctx.commands.edit(commands::replace(format!("Change {} of {of}", row.to_lowercase()), item()));
    }
}

/// The same for what has no id and is replaced by its place.
fn send_at(form: &Form<'_>, of: &str, index: usize, differs: bool, item: impl FnOnce() -> Item) {
    if differs && let Some(row) = &form.changed {
        let label = format!("Change {} of {of}", row.to_lowercase());
        form.ctx.commands.edit(Command::new(label, [Edit::ReplaceAt { index, item: item() }]));
    }
}
