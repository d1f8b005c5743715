//! How often something fails and how long repair takes.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, Millis, Reliability};
use crate::gui::words;

/// Of a component's instances.
pub fn component_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    reliability_ui(ui, form, &mut c.reliability, "an instance");
}

/// Of anything.
pub fn reliability_ui(ui: &mut Ui, form: &mut Form<'_>, value: &mut Option<Reliability>, of: &str) {
    form.note(ui, "Weighs losses by their chance; has no effect while running.");
    let mut stated = value.is_some();
    form.segments(
        ui,
        "Failure rate",
        &mut stated,
        &[(false, "Not stated"), (true, "Stated")],
        &format!("How often {of} fails"),
    );
    if stated != value.is_some() {
        *value = stated.then_some(Reliability { mtbf: Millis(30.0 * 86_400e3), mttr: Millis(3_600e3) });
    }
    if let Some(r) = value {
        form.needed(ui, "Fails every", &mut r.mtbf, "Mean time between failures");
        form.needed(ui, "Repaired within", &mut r.mttr, "Mean time to repair");
        form.note(ui, &format!("Up {} of the time.", words::percent(1.0 - r.unavailability())));
    }
}
