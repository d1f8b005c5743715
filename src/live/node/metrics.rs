//! What a node counts, and how it says so: snapshots to its parent and Prometheus text to anyone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::design::LinkId;
use crate::live::wire::{InstanceId, Latency, NodeMetrics, UpstreamCounts, clock};

/// Upper bounds of the histogram that `/metrics` shows, in milliseconds.
const BOUNDS_MS: [f64; 9] = [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 500.0, 2500.0];

/// The counters of one node.
#[derive(Default)]
pub(super) struct Metrics(RefCell<Counters>);

#[derive(Default)]
struct Counters {
    upstreams: BTreeMap<InstanceId, UpstreamCounts>,
    journeys: BTreeMap<String, UpstreamCounts>,
    targets: BTreeMap<(LinkId, String), TargetCounts>,
    buckets: [u64; BOUNDS_MS.len() + 1],
    sum_ms: f64,
    fresh: Latency,
    in_flight: u64,
    values: BTreeMap<String, f64>,
}

#[derive(Clone, Copy, Default)]
struct TargetCounts {
    ok: u64,
    errors: u64,
    refused: u64,
    silent: u64,
}

/// How a try at a target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TryEnd {
    /// Served.
    Ok,
    /// Answered with an error.
    Error,
    /// Its process is gone.
    Refused,
    /// No answer.
    Silent,
}

impl Metrics {
    /// A request has come in.
    pub fn begin(&self) {
        self.0.borrow_mut().in_flight += 1;
    }

    /// Something between members of a group, or between voters, has been answered.
    pub fn among_members(&self, from: &str, ok: bool) {
        let mut c = self.0.borrow_mut();
        let counts = c.upstreams.entry(InstanceId::new(from)).or_default();
        counts.requests += 1;
        counts.errors += u64::from(!ok);
    }

    /// It has been answered.
    pub fn end(&self, from: &str, journey: &str, ok: bool, took: Duration) {
        let mut c = self.0.borrow_mut();
        c.in_flight = c.in_flight.saturating_sub(1);
        let count = |counts: &mut UpstreamCounts| {
            counts.requests += 1;
            counts.errors += u64::from(!ok);
        };
        if let Some(counts) = c.upstreams.get_mut(from) {
            count(counts);
        } else if c.upstreams.len() < 10_000 {
            count(c.upstreams.entry(InstanceId::new(from)).or_default());
        }
        if !journey.is_empty() {
            if let Some(counts) = c.journeys.get_mut(journey) {
                count(counts);
            } else if c.journeys.len() < 2_000 {
                count(c.journeys.entry(journey.to_owned()).or_default());
            }
        }
        if ok {
            let ms = took.as_secs_f64() * 1e3;
            let bucket = BOUNDS_MS.iter().position(|b| ms <= *b).unwrap_or(BOUNDS_MS.len());
            c.buckets[bucket] += 1;
            c.sum_ms += ms;
            c.fresh.record(took);
        }
    }

    /// A try at a target has ended.
    pub fn tried(&self, link: &LinkId, target: &str, end: TryEnd) {
        let mut c = self.0.borrow_mut();
        let counts = c.targets.entry((link.clone(), target.to_owned())).or_default();
        match end {
            TryEnd::Ok => counts.ok += 1,
            TryEnd::Error => counts.errors += 1,
            TryEnd::Refused => counts.refused += 1,
            TryEnd::Silent => counts.silent += 1,
        }
    }

    /// Sets a value of the role.
    pub fn set(&self, name: &str, value: f64) {
        self.0.borrow_mut().values.insert(name.to_owned(), value);
    }

    /// Adds to a value of the role.
    pub fn add(&self, name: &str, by: f64) {
        *self.0.borrow_mut().values.entry(name.to_owned()).or_default() += by;
    }

    /// A snapshot for the parent; `waiting` is how much waits now.
    pub fn snapshot(&self, waiting: u64) -> NodeMetrics {
        let mut c = self.0.borrow_mut();
        NodeMetrics {
            at_us: clock::now_us(),
            upstreams: c.upstreams.clone(),
            in_flight: c.in_flight,
            waiting,
            latency: c.fresh.take(),
            values: c.values.clone(),
        }
    }

    /// The counters as Prometheus text (exposition format 0.0.4). `out` are the targets left out at the moment.
    pub fn prometheus(&self, out: &[(LinkId, String)], waiting: u64) -> String {
        let c = self.0.borrow();
        let mut text = String::new();
        // Writing to a string cannot fail.
        let mut line = |args: std::fmt::Arguments<'_>| {
            let _ = text.write_fmt(format_args!("{args}\n"));
        };
        line(format_args!("# TYPE linchpin_requests_total counter"));
        for (from, counts) in &c.upstreams {
            line(format_args!("linchpin_requests_total{{upstream=\"{from}\"}} {}", counts.requests));
        }
        line(format_args!("# TYPE linchpin_request_errors_total counter"));
        for (from, counts) in &c.upstreams {
            line(format_args!("linchpin_request_errors_total{{upstream=\"{from}\"}} {}", counts.errors));
        }
        line(format_args!("# TYPE linchpin_journey_requests_total counter"));
        for (journey, counts) in &c.journeys {
            line(format_args!(
                "linchpin_journey_requests_total{{journey=\"{journey}\"}} {}",
                counts.requests
            ));
        }
        line(format_args!("# TYPE linchpin_tries_total counter"));
        for ((link, target), t) in &c.targets {
            for (end, n) in [("ok", t.ok), ("error", t.errors), ("refused", t.refused), ("silent", t.silent)]
            {
                if n > 0 {
                    line(format_args!(
                        "linchpin_tries_total{{link=\"{link}\",target=\"{target}\",end=\"{end}\"}} {n}"
                    ));
                }
            }
        }
        line(format_args!("# TYPE linchpin_target_up gauge"));
        for (link, target) in c.targets.keys() {
            let up = !out.iter().any(|(l, t)| l == link && t == target);
            let up = u8::from(up);
            line(format_args!("linchpin_target_up{{link=\"{link}\",target=\"{target}\"}} {up}"));
        }
        line(format_args!("# TYPE linchpin_request_ms histogram"));
        let mut total = 0;
        for (i, n) in c.buckets.iter().enumerate() {
            total += n;
            match BOUNDS_MS.get(i) {
                Some(bound) => line(format_args!("linchpin_request_ms_bucket{{le=\"{bound}\"}} {total}")),
                None => line(format_args!("linchpin_request_ms_bucket{{le=\"+Inf\"}} {total}")),
            }
        }
        line(format_args!("linchpin_request_ms_sum {:.3}", c.sum_ms));
        line(format_args!("linchpin_request_ms_count {total}"));
        line(format_args!("# TYPE linchpin_in_flight gauge\nlinchpin_in_flight {}", c.in_flight));
        line(format_args!("# TYPE linchpin_waiting gauge\nlinchpin_waiting {waiting}"));
        for (name, value) in &c.values {
            line(format_args!("# TYPE linchpin_{name} gauge\nlinchpin_{name} {value}"));
        }
        text
    }
}
