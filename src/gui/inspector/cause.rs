//! A cause: the elements that fail together, and how often.

use egui::Ui;

use super::form::Form;
use super::{lost, reliability};
use crate::design::{Cause, ElementId, Kind};
use crate::gui::{widgets, words};

/// The properties of a cause.
pub(super) fn cause_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Cause) {
    lost::lost_ui(ui, form.ctx, c.id.as_str());
    if widgets::section(ui, "What it takes down", true) {
        let design = form.ctx.design;
        let components = design.components.iter().filter(|c| c.kind != Kind::Client);
        let candidates: Vec<(ElementId, String)> = components
            .map(|c| ElementId::from(&c.id))
            .chain(design.zones.iter().map(|z| ElementId::from(&z.id)))
            .chain(design.links.iter().map(|l| ElementId::from(&l.id)))
            .map(|id| {
                let name = words::element(design, id.as_str());
                (id, name)
            })
            .collect();
        form.chips(
            ui,
            "Members",
            &mut c.members,
            &candidates,
            ("nothing yet", "Components, zones and links that fail together"),
        );
    }
    if widgets::section(ui, "Reliability", true) {
        reliability::reliability_ui(ui, form, &mut c.reliability, "it");
    }
}
