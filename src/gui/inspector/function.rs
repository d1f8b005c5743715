//! The settings of a function.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{Component, Millis};

/// Cold start.
pub fn function_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut s = c.function.clone().unwrap_or_default();
    form.quantity(
        ui,
        "Cold start",
        &mut s.cold_start,
        Absent::Default(Millis(200.0)),
        ("more", "Extra time of the first request after idling"),
    );
    form.quantity(
        ui,
        "Cold after",
        &mut s.idle_after,
        Absent::Default(Millis(60_000.0)),
        ("idle", "Idle time after which it is cold again"),
    );
    if s != c.function.clone().unwrap_or_default() {
        c.function = (s != Default::default()).then_some(s);
    }
}
