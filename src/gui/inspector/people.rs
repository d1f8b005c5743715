//! What is said of a component for people: kind, owner, labels, words, cost.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, Kind};

/// Kind, id, owner, tags, cost and free text.
pub fn people_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let kinds: Vec<(Kind, &str, &str)> =
        Kind::ALL.into_iter().map(|k| (k, k.label(), k.family().label())).collect();
    form.choice(
        ui,
        "Kind",
        &mut c.kind,
        None,
        &kinds,
        "What it is: decides its defaults and the role that runs",
    );
    form.text(ui, "Owner", &mut c.owner, "not stated");
    tags(ui, form, &mut c.tags);
    form.number(
        ui,
        "Cost a month",
        &mut c.cost_per_month,
        (0.0, f64::MAX),
        ("an instance", "In the design's currency; what a hardened design would cost"),
    );
    form.long_text(ui, "About", &mut c.about, "What it is for");
}

/// Free labels, separated by commas.
pub fn tags(ui: &mut Ui, form: &mut Form<'_>, value: &mut Vec<String>) {
    let mut text = value.join(", ");
    let before = text.clone();
    form.text(ui, "Tags", &mut text, "none");
    if text != before {
        *value = text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    }
}
