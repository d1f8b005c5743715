//! Where a component's instances stand, and how many there are.

use egui::Ui;

use super::form::Form;
use crate::design::{Component, Design, Kind, Millis, Release, Restart, Scale, Sessions, Spread, ZoneId};

/// Every zone with its name.
pub fn zones_of(design: &Design) -> Vec<(ZoneId, String)> {
    design.zones.iter().map(|z| (z.id.clone(), crate::scene::zone_title(z).to_owned())).collect()
}

/// Zones, replicas, spreading, scaling and restart.
pub fn placement_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let zones = zones_of(form.ctx.design);
    let none = if zones.is_empty() { "no zones drawn" } else { "anywhere" };
    form.chips(
        ui,
        "Zones",
        &mut c.zones,
        &zones,
        (none, "Instances stand on the leaves of these zones in turn"),
    );
    if c.kind == Kind::Client {
        weights(ui, form, c);
        return;
    }
    form.count(
        ui,
        "Replicas",
        &mut c.replicas,
        (1, 1000),
        "",
        ("", "Instances; of a sharded store, a shard"),
    );
    if c.replicas > 1 || c.spread != Spread::Prefer {
        form.segments(
            ui,
            "Two in one zone",
            &mut c.spread,
            &[(Spread::Prefer, "Allowed"), (Spread::Require, "Error")],
            "Whether two copies may share a leaf zone",
        );
    }
    if !c.kind.is_replicated() && (c.replicas > 1 || c.min_healthy > 1) {
        form.count(
            ui,
            "At least up",
            &mut c.min_healthy,
            (1, c.replicas.max(1)),
            "",
            ("", "Instances that must be up for it to serve"),
        );
    }
    let mut scales = c.scale.is_some();
    form.toggle(ui, "Scales by itself", &mut scales, "Analyses and proofs assume the fewest instances");
    if scales != c.scale.is_some() {
        c.scale = scales.then(|| Scale { min: c.replicas, max: c.replicas * 2, target: 0.6 });
    }
    if let Some(scale) = &mut c.scale {
        form.count(ui, "Fewest", &mut scale.min, (1, scale.max.max(1)), "", ("", "Fewest instances"));
        form.count(ui, "Most", &mut scale.max, (scale.min.max(1), 10_000), "", ("", "Most instances"));
        let mut target = Some(scale.target);
        form.share(ui, "Aims at", &mut target, "60 %", "Utilisation that it aims at");
        scale.target = target.unwrap_or(0.6);
        form.note(ui, "Has no effect while running: the cluster starts as many as are drawn.");
    }
    restart(ui, form, c);
    release(ui, form, c);
    if !c.kind.is_replicated() || c.sessions != Sessions::None {
        form.choice(
            ui,
            "Sessions",
            &mut c.sessions,
            Some(&Sessions::None),
            &[
                (Sessions::None, "none", "keeps none"),
                (Sessions::Local, "In the instance", "lost with it"),
                (Sessions::Shared, "In a store", "that it calls"),
            ],
            "Where the sessions of its users live",
        );
    }
}

fn release(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    if c.kind == Kind::ExternalSystem {
        return;
    }
    form.choice(
        ui,
        "Released",
        &mut c.release,
        Some(&Release::Unstated),
        &[
            (Release::Unstated, "not stated", ""),
            (Release::AllAtOnce, "All at once", "every instance"),
            (Release::Rolling, "Rolling", "one after the other"),
            (Release::BlueGreen, "Blue-green", "beside the old one"),
            (Release::Canary, "Canary", "to a few first"),
        ],
        "How a new version reaches the instances; read by the rules",
    );
}

fn restart(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut comes_back = c.restart != Restart::Never;
    form.segments(
        ui,
        "After a crash",
        &mut comes_back,
        &[(false, "Stays down"), (true, "Restarts")],
        "Whether a crashed instance comes back by itself",
    );
    if comes_back != (c.restart != Restart::Never) {
        c.restart = if comes_back { Restart::After(Millis(1000.0)) } else { Restart::Never };
    }
    if let Restart::After(t) = &mut c.restart {
        form.needed(ui, "Restarts after", t, "Time until it is started again");
    }
}

/// How clients spread over their zones.
fn weights(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    if c.zones.len() < 2 {
        return;
    }
    for (id, name) in zones_of(form.ctx.design).into_iter().filter(|(id, _)| c.zones.contains(id)) {
        let mut weight = c.client_weights.get(&id).copied().unwrap_or(1.0);
        let before = weight;
        form.number(
            ui,
            &format!("Weight of {name}"),
            &mut weight,
            (0.0, 1e6),
            ("", "Share of the requests that begin here, relative to the other zones"),
        );
        if weight != before {
            if weight == 1.0 {
                c.client_weights.remove(&id);
            } else {
                c.client_weights.insert(id, weight);
            }
        }
    }
}
