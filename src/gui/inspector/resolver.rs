//! The settings of DNS or a directory.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{Component, Millis, ResolvePolicy};

/// Policy and lifetime of answers.
pub fn resolver_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut s = c.resolver.clone().unwrap_or_default();
    form.choice(
        ui,
        "Names first",
        &mut s.policy,
        Some(&ResolvePolicy::Nearest),
        &[
            (ResolvePolicy::Nearest, "Nearest", "most zones shared"),
            (ResolvePolicy::Weighted, "By weight", "weights of the links"),
            (ResolvePolicy::Failover, "Failover", "in the order of the links"),
        ],
        "Which targets an answer names first",
    );
    form.quantity(
        ui,
        "Used for",
        &mut s.ttl,
        Absent::Default(Millis(1000.0)),
        ("", "How long an answer is used: so long a dead resolver is not missed"),
    );
    if s != c.resolver.clone().unwrap_or_default() {
        c.resolver = (s != Default::default()).then_some(s);
    }
}
