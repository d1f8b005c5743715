//! A link: what happens along it, the network under it, and what the caller does about time and failure.

use egui::Ui;

use super::form::{Absent, Form};
use super::{lost, replication};
use crate::design::{Authentication, Breaker, Interaction, Link, Millis};
use crate::gui::widgets;

const INTERACTIONS: [(Interaction, &str, &str); 8] = [
    (Interaction::Call, "Call", "a request, an answer"),
    (Interaction::Publish, "Publish", "to a queue or stream"),
    (Interaction::Subscribe, "Subscribe", "to its consumer"),
    (Interaction::Resolve, "Resolve", "a name"),
    (Interaction::Replicate, "Replicate", "copies of data"),
    (Interaction::Heartbeat, "Heartbeat", "signs of life"),
    (Interaction::Telemetry, "Telemetry", "never needed"),
    (Interaction::Bypass, "Bypass", "round a cache"),
];

/// The properties of a link.
pub(super) fn link_ui(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    lost::lost_ui(ui, form.ctx, l.id.as_str());
    if widgets::section(ui, "Interaction", true) {
        interaction(ui, form, l);
    }
    if l.interaction == Interaction::Replicate && widgets::section(ui, "Replication", true) {
        replication::link_mode_ui(ui, form, &mut l.replication);
    }
    if l.interaction == Interaction::Heartbeat && widgets::section(ui, "Take-over", true) {
        heartbeat(ui, form, l);
    }
    if widgets::section(ui, "Network", true) {
        network(ui, form, l);
    }
    let calls = matches!(
        l.interaction,
        Interaction::Call | Interaction::Publish | Interaction::Resolve | Interaction::Bypass
    );
    if calls && widgets::section(ui, "Time and failure", true) {
        policy(ui, form, l);
    }
    if widgets::section(ui, "Security", false) {
        security(ui, form, l);
    }
}

fn interaction(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    form.choice(ui, "What happens", &mut l.interaction, None, &INTERACTIONS, "What happens along it");
    form.text(ui, "Label", &mut l.label, "what matters of it");
    let design = form.ctx.design;
    if let Some(from) = design.component(l.from.as_str()) {
        let mut options: Vec<(String, &str, &str)> = vec![(String::new(), "its own", "of the caller's kind")];
        options.extend(from.slots.iter().map(|s| (s.name.clone(), s.name.as_str(), "")));
        let own = String::new();
        form.choice(ui, "Slot", &mut l.slot, Some(&own), &options, "The caller's slot that it stands in");
        if from.resolver.as_ref().is_some_and(|r| r.policy == crate::design::ResolvePolicy::Weighted)
            || l.weight.is_some()
        {
            let mut weight = l.weight.unwrap_or(1.0);
            let before = weight;
            form.number(
                ui,
                "Weight",
                &mut weight,
                (0.0, 1e6),
                ("", "Among the links of a weighted resolver"),
            );
            if weight != before {
                l.weight = (weight != 1.0).then_some(weight);
            }
        }
    }
    let mut turned = false;
    form.row(ui, "Direction", "", false, |_, ui, width| {
        let size = egui::vec2(width, crate::gui::style::CONTROL);
        turned = widgets::button_in(ui, size, "Turn round", None, widgets::Emphasis::Plain).clicked();
    });
    if turned {
        std::mem::swap(&mut l.from, &mut l.to);
        l.slot.clear();
        form.touch("Direction");
    }
}

fn network(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    let n = &mut l.network;
    form.quantity(ui, "Latency", &mut n.latency, Absent::Default(Millis(0.0)), ("one way", "One-way delay"));
    form.quantity(
        ui,
        "Jitter",
        &mut n.jitter,
        Absent::Default(Millis(0.0)),
        ("at most", "Added to the delay, uniformly between 0 and this"),
    );
    let mut loss = (n.loss > 0.0).then_some(n.loss);
    form.share(ui, "Loss", &mut loss, "0 % (default)", "Share of packets lost; felt as retransmission delay");
    n.loss = loss.unwrap_or(0.0);
    form.quantity(ui, "Bandwidth", &mut n.bandwidth, Absent::Means("unlimited"), ("", "Speed each way"));
}

fn policy(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    let p = &mut l.policy;
    form.quantity(
        ui,
        "Timeout",
        &mut p.timeout,
        Absent::Means("fits the deadline"),
        (
            "a try",
            "Time one try may take; otherwise derived from the journey's deadline so that all tries fit",
        ),
    );
    form.count(ui, "Tries", &mut p.tries, (1, 16), "2 (default)", ("", "Tries in all, the first included"));
    form.quantity(
        ui,
        "Backoff",
        &mut p.backoff,
        Absent::Default(Millis(0.0)),
        ("", "Pause before a further try"),
    );
    form.toggle(ui, "Backoff by chance", &mut p.jittered, "Whether the pause grows and is spread by chance");
    form.count(
        ui,
        "In flight",
        &mut p.in_flight_max,
        (1, 1_000_000),
        "unlimited",
        ("", "Requests under way from one caller (bulkhead)"),
    );
    form.toggle(
        ui,
        "From an outbox",
        &mut l.outbox,
        "Whether it is recorded with the caller's own write and sent from there until it is acknowledged",
    );
    let mut broken = p.breaker.is_some();
    form.toggle(ui, "Breaker", &mut broken, "Stops asking a failing target for a while");
    if broken != p.breaker.is_some() {
        p.breaker = broken.then(Breaker::default);
    }
    if let Some(b) = &mut p.breaker {
        form.count(
            ui,
            "Opens after",
            &mut b.failures,
            (1, 1000),
            "",
            ("failures", "Failures in a row until it opens"),
        );
        form.needed(ui, "Tries again after", &mut b.reset, "Time until it lets one request through again");
    }
}

fn heartbeat(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    let mut h = l.heartbeat.unwrap_or_default();
    form.quantity(ui, "Beats every", &mut h.every, Absent::Default(Millis(250.0)), ("", "Between beats"));
    form.count(
        ui,
        "Takes over after",
        &mut h.misses,
        (1, 100),
        "3 (default)",
        ("misses", "Beats missed until the standby takes over"),
    );
    form.toggle(ui, "Fenced", &mut h.fenced, "Whether the old active is shut out first");
    if !h.fenced {
        form.note(ui, "Without fencing both can be active while the beat is cut.");
    }
    if h != l.heartbeat.unwrap_or_default() {
        l.heartbeat = (h != Default::default()).then_some(h);
    }
}

fn security(ui: &mut Ui, form: &mut Form<'_>, l: &mut Link) {
    form.note(ui, "Read by the security rules; has no effect while running.");
    form.choice(
        ui,
        "Encrypted",
        &mut l.tls,
        Some(&None),
        &[(None, "not stated", ""), (Some(true), "Yes", "TLS"), (Some(false), "No", "in the clear")],
        "Whether it is encrypted",
    );
    form.choice(
        ui,
        "Caller proves itself",
        &mut l.authentication,
        Some(&Authentication::Unstated),
        &[
            (Authentication::Unstated, "not stated", ""),
            (Authentication::None, "Not at all", ""),
            (Authentication::Secret, "By a secret", "password or key"),
            (Authentication::Token, "By a token", "of an identity provider"),
            (Authentication::MutualTls, "Mutual TLS", "certificates both ways"),
        ],
        "How the caller proves who it is",
    );
}
