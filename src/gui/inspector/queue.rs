//! The settings of a queue or stream.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{Component, Millis};

/// Bound, durability and redelivery.
pub fn queue_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut s = c.queue.clone().unwrap_or_default();
    form.count(
        ui,
        "Holds at most",
        &mut s.bound,
        (1, 1_000_000_000),
        "unbounded",
        ("", "Messages it holds before it refuses more"),
    );
    let mut durable = s.durable();
    form.toggle(
        ui,
        "Survives a crash",
        &mut durable,
        "Whether messages are on disk before they are acknowledged",
    );
    if durable != s.durable() {
        s.durable = (!durable).then_some(false);
    }
    form.quantity(
        ui,
        "Delivers again",
        &mut s.redeliver_after,
        Absent::Default(Millis(2000.0)),
        ("later", "Time after which an unacknowledged message is delivered again"),
    );
    form.count(
        ui,
        "Deliveries",
        &mut s.deliveries_max,
        (1, 1000),
        "without end",
        ("", "Deliveries until a message is set aside"),
    );
    if s != c.queue.clone().unwrap_or_default() {
        c.queue = (s != Default::default()).then_some(s);
    }
}
