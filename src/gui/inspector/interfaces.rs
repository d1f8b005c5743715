//! The interfaces that a component offers.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, Interface};
use crate::gui::widgets;
use crate::scene::{Icon, Ink};

/// Each interface with its protocol and version.
pub fn interfaces_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    form.note(ui, "For people and for the rule on versions; has no effect while running.");
    let mut remove = None;
    for (i, interface) in c.interfaces.iter_mut().enumerate() {
        form.within(("interface", i), |form| {
            widgets::card(ui, Ink::Raised, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                form.text(ui, "Name", &mut interface.name, "orders");
                form.text(ui, "Protocol", &mut interface.protocol, "HTTP, gRPC, SQL…");
                form.text(ui, "Version", &mut interface.version, "unversioned");
                if widgets::link(ui, "Remove this interface").clicked() {
                    remove = Some(i);
                }
            });
        });
    }
    if let Some(i) = remove {
        c.interfaces.remove(i);
        form.touch("Interfaces");
    }
    if widgets::button(ui, "Add an interface", Some(Icon::Plus), widgets::Emphasis::Plain).clicked() {
        c.interfaces
            .push(Interface { name: format!("api-{}", c.interfaces.len() + 1), ..Interface::default() });
        form.touch("Interfaces");
    }
}
