//! The settings of a firewall.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::Component;

/// Rate limit, inspection and floods.
pub fn firewall_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut s = c.firewall.clone().unwrap_or_default();
    form.quantity(
        ui,
        "Lets pass",
        &mut s.rate_limit,
        Absent::Means("no limit"),
        ("", "Requests a second one instance lets pass; more are shed"),
    );
    form.toggle(
        ui,
        "Inspects requests",
        &mut s.waf,
        "Web application firewall; read by the security rules only",
    );
    form.toggle(ui, "Absorbs floods", &mut s.ddos, "DDoS protection; read by the security rules only");
    if s != c.firewall.clone().unwrap_or_default() {
        c.firewall = (s != Default::default()).then_some(s);
    }
}
