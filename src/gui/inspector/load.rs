//! Time and parallelism of the work of one instance.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{Component, Distribution, Millis};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Fixed,
    Exponential,
    LogNormal,
}

/// Service time, its spread, concurrency, queue and capacity.
pub fn load_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let s = &mut c.service;
    form.quantity(
        ui,
        "Service time",
        &mut s.time,
        Absent::Default(Millis(1.0)),
        ("median", "Time of one request's own work, without waiting and calls"),
    );
    let mut shape = match s.distribution {
        Distribution::Fixed => Shape::Fixed,
        Distribution::Exponential => Shape::Exponential,
        Distribution::LogNormal { .. } => Shape::LogNormal,
    };
    let before = shape;
    form.choice(
        ui,
        "Varies",
        &mut shape,
        Some(&Shape::Fixed),
        &[
            (Shape::Fixed, "not at all", ""),
            (Shape::Exponential, "Exponentially", ""),
            (Shape::LogNormal, "Log-normally", "a long tail"),
        ],
        "How the service time varies around its median",
    );
    if shape != before {
        s.distribution = match shape {
            Shape::Fixed => Distribution::Fixed,
            Shape::Exponential => Distribution::Exponential,
            Shape::LogNormal => Distribution::LogNormal { p99_ratio: 5.0 },
        };
    }
    if let Distribution::LogNormal { p99_ratio } = &mut s.distribution {
        form.number(
            ui,
            "p99",
            p99_ratio,
            (1.001, 1000.0),
            ("× the median", "99th percentile as a multiple of the median"),
        );
    }
    form.count(
        ui,
        "Concurrency",
        &mut s.concurrency,
        (1, 100_000),
        "64 (default)",
        ("", "Requests worked on at once by one instance"),
    );
    form.count(
        ui,
        "Waiting",
        &mut s.queue,
        (1, 1_000_000),
        "256 (default)",
        ("", "Requests that may wait; more are shed"),
    );
    let derived = format!("{} (derived)", s.capacity());
    let absent = if s.capacity.is_none() { derived.as_str() } else { "derived" };
    form.quantity(
        ui,
        "Capacity",
        &mut s.capacity,
        Absent::Means(absent),
        ("", "Requests a second one instance can take; otherwise concurrency divided by service time"),
    );
}
