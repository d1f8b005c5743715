//! A component: the groups of properties that matter for its kind, all of them on request.

use egui::Ui;

use super::form::Form;
use super::{
    cache, data, firewall, function, interfaces, load, lost, people, placement, queue, reliability,
    replication, resolver, security, sharding, slots,
};
use crate::design::{Component, Kind};
use crate::gui::widgets;

/// The properties of a component.
pub fn component_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let key = egui::Id::unique("inspector-show-all");
    let all = ui.data(|d| d.get_temp::<bool>(key)).unwrap_or(false);
    let kind = c.kind;
    let is_client = kind == Kind::Client;
    let external = kind == Kind::ExternalSystem;
    let shows = |fits: bool, set: bool| fits || set || all;

    lost::lost_ui(ui, form.ctx, c.id.as_str());
    if shows(kind.is_replicated(), c.replication.is_some()) && widgets::section(ui, "Replication", true) {
        replication::replication_ui(ui, form, c);
    }
    if widgets::section(ui, "Placement", true) {
        placement::placement_ui(ui, form, c);
    }
    if shows(kind.is_store() || kind.is_messaging() || kind == Kind::Peer, c.sharding.is_some())
        && widgets::section(ui, "Sharding", kind.is_store())
    {
        sharding::sharding_ui(ui, form, c);
    }
    if shows(kind == Kind::Cache || kind == Kind::Cdn, c.cache.is_some())
        && widgets::section(ui, "Cache", true)
    {
        cache::cache_ui(ui, form, c);
    }
    if shows(kind.is_messaging(), c.queue.is_some()) && widgets::section(ui, "Messages", true) {
        queue::queue_ui(ui, form, c);
    }
    if shows(kind == Kind::Dns, c.resolver.is_some()) && widgets::section(ui, "Answers", true) {
        resolver::resolver_ui(ui, form, c);
    }
    if shows(kind == Kind::Firewall, c.firewall.is_some()) && widgets::section(ui, "Protection", true) {
        firewall::firewall_ui(ui, form, c);
    }
    if shows(kind == Kind::Function, c.function.is_some()) && widgets::section(ui, "Start", true) {
        function::function_ui(ui, form, c);
    }
    if widgets::section(ui, "What it needs", true) {
        slots::slots_ui(ui, form, c);
    }
    if shows(!is_client, c.service != Default::default()) && widgets::section(ui, "Load", true) {
        load::load_ui(ui, form, c);
    }
    if shows(!is_client && !kind.spreads(), c.data.is_some())
        && widgets::section(ui, "Data", kind.is_store() || kind.is_messaging())
    {
        data::data_ui(ui, form, c);
    }
    if shows(!is_client, c.reliability.is_some()) && widgets::section(ui, "Reliability", false) {
        reliability::component_ui(ui, form, c);
    }
    if widgets::section(ui, "Security", false) {
        security::security_ui(ui, form, c);
    }
    if shows(!is_client && !external, !c.interfaces.is_empty()) && widgets::section(ui, "Interfaces", false) {
        interfaces::interfaces_ui(ui, form, c);
    }
    if widgets::section(ui, "For people", false) {
        people::people_ui(ui, form, c);
    }
    ui.add_space(6.0);
    let words = if all { "Show only what matters here" } else { "Show all properties" };
    if widgets::link(ui, words).clicked() {
        ui.data_mut(|d| d.insert_temp(key, !all));
    }
}
