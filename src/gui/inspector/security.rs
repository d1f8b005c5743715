//! Security attributes.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, Sensitivity};

/// Who can reach it, what protects it, and how bad a leak is.
pub fn security_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    form.note(ui, "Read by the security rules; has no effect while running.");
    let s = &mut c.security;
    form.toggle(ui, "On the internet", &mut s.internet_facing, "Whether anyone on the internet can reach it");
    form.toggle(ui, "Asks who calls", &mut s.authenticates, "Whether callers must say who they are");
    form.toggle(ui, "Encrypted at rest", &mut s.encrypted_at_rest, "Whether data at rest is encrypted");
    form.toggle(ui, "Audit log", &mut s.audit_log, "Whether what was done is recorded");
    form.toggle(ui, "For administration", &mut s.admin, "Whether it is an administrative entry");
    form.choice(
        ui,
        "A leak is",
        &mut s.sensitivity,
        Some(&Sensitivity::Unstated),
        &[
            (Sensitivity::Unstated, "not stated", ""),
            (Sensitivity::Public, "Harmless", "public data"),
            (Sensitivity::Internal, "Awkward", "internal data"),
            (Sensitivity::Confidential, "Bad", "confidential data"),
            (Sensitivity::Regulated, "Unlawful", "personal or payment data"),
        ],
        "How bad it is when its data leaks",
    );
}
