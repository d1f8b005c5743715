//! `run`: a design as a live cluster of real processes, under the load that it states, without a window.
//!
//! JSON, version 1: `{"version", "nodes", "ready_ms", "seconds", "lag_p99_ms", "journeys": [{"id", "offered", "ok",
//! "degraded", "failed", "timed_out", "shed", "success", "p50_ms", "p99_ms", "effects": {NAME: {"done", "late",
//! "never"}}}], "instances": [{"id", "state", "requests", "errors", "upstreams": {INSTANCE: REQUESTS}}]}`. `success` is
//! the share 0..1 of the requests sent that were answered well; it and the percentiles are null where there is none.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::interruption::interruption;
use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::deploy;
use crate::design::Millis;
use crate::live::cluster::{Cluster, ClusterSpec, LaunchOptions, Stopped};
use crate::live::event::{ClusterEvent, Readiness};
use crate::live::wire::{Level, LoadOrder, NodeState, OutcomeCounts, clock};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// How long, such as 20s or 2min; without it until Ctrl-C.
    #[arg(long = "for", value_name = "TIME")]
    time: Option<Millis>,
    /// Times the drawn rate of requests.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    rate: f64,
    /// Fixes what nodes do by chance.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// How results are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How long requests under way may take to end after the load is off.
const DRAIN: Duration = Duration::from_secs(10);

/// Lateness of the generator beyond which its numbers are not to be trusted.
const LAG_MAX_MS: f64 = 10.0;

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        if !(self.rate >= 0.0 && self.rate.is_finite()) {
            return Err(Failure::new(format!("--rate {}: not a factor of 0 or more", self.rate)));
        }
        let document = read_document(&self.design, io)?;
        let deployment = deploy::expand(document.design());
        let spec = ClusterSpec::of(&deployment)
            .map_err(|why| Failure::new(format!("{}: {why}", document.shown_name())))?;
        let load = LoadOrder { on: self.rate > 0.0, rate_factor: self.rate, ..LoadOrder::default() };
        let options = LaunchOptions { seed: self.seed, load: Some(load), ..LaunchOptions::default() };

        let interrupted = interruption();
        let cluster = Cluster::launch(spec, &options).map_err(|e| Failure::new(e.to_string()))?;
        let events = cluster.events();
        let ready = cluster.await_ready().map_err(|e| Failure::new(e.to_string()))?;
        writeln!(io.err, "{} nodes ready after {:.0} ms", ready.nodes, ready.ready_ms)?;

        let began = Instant::now();
        watch(&cluster, &events, self.time.map(Millis::duration), &interrupted, io)?;
        let lasted = began.elapsed();
        drain(&cluster, &interrupted);
        let stopped = cluster.stop().map_err(|e| Failure::new(e.to_string()))?;
        match self.format {
            Format::Json => write_json(io, &as_json(&ready, lasted, &stopped))?,
            Format::Text => write_text(io, &ready, lasted, &stopped)?,
        }
        let lag = stopped.load.total().lag_p99_ms();
        if lag > LAG_MAX_MS {
            writeln!(
                io.err,
                "requests were sent up to {lag:.0} ms late: this machine is too busy for these numbers"
            )?;
        }
        Ok(Outcome::Fine)
    }
}

/// Lets it run, and says how it goes.
fn watch(
    cluster: &Cluster,
    events: &Receiver<ClusterEvent>,
    time: Option<Duration>,
    interrupted: &AtomicBool,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let is_terminal = std::io::stderr().is_terminal();
    let began = Instant::now();
    let mut shown = Instant::now();
    while !interrupted.load(Ordering::Relaxed) && time.is_none_or(|time| began.elapsed() < time) {
        let left = time.map_or(Duration::MAX, |time| time.saturating_sub(began.elapsed()));
        let line = match events.recv_timeout(left.min(Duration::from_millis(200))) {
            Ok(ClusterEvent::Failed { why }) => return Err(Failure::new(why)),
            Ok(ClusterEvent::Node { instance, state: NodeState::Died, note, .. }) => {
                Some(format!("{instance} has died: {note}"))
            }
            Ok(ClusterEvent::Log { instance, level: Level::Error, text, .. }) => {
                Some(instance.map_or(text.clone(), |i| format!("{i}: {text}")))
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::new("the cluster has ended")),
        };
        let clear = if is_terminal { "\r\x1b[K" } else { "" };
        if let Some(line) = line {
            writeln!(io.err, "{clear}{line}")?;
        }
        if is_terminal && shown.elapsed() > Duration::from_millis(500) {
            shown = Instant::now();
            write!(io.err, "{clear}{}", status(cluster, began.elapsed(), time))?;
            io.err.flush()?;
        }
    }
    if is_terminal {
        write!(io.err, "\r\x1b[K")?;
    }
    Ok(())
}

/// How it goes, in a line: the two seconds before the last one, whose requests have mostly ended.
fn status(cluster: &Cluster, lasted: Duration, time: Option<Duration>) -> String {
    let now = clock::now_us();
    let window = cluster.window(now.saturating_sub(3_000_000), now.saturating_sub(1_000_000));
    let mut all = OutcomeCounts::default();
    window.journeys.values().for_each(|counts| all.add(counts));
    let up =
        cluster.with_snapshot(|s| s.nodes.values().filter(|n| n.state == Some(NodeState::Ready)).count());
    let of = time.map_or(String::new(), |t| format!(" of {:.0}", t.as_secs_f64()));
    let mut line = format!(
        "{:.0}{of} s  {up} nodes up  {:.0} requests/s",
        lasted.as_secs_f64(),
        all.offered as f64 / 2.0
    );
    if let (Some(success), Some(p99)) = (all.success(), all.latency.quantile_ms(0.99)) {
        line.push_str(&format!("  {} ok  p99 {p99:.0} ms  Ctrl-C ends", percent(success)));
    }
    line
}

/// Switches the load off and lets the requests under way end.
fn drain(cluster: &Cluster, interrupted: &AtomicBool) {
    // If the clients cannot be told, stopping ends them as well.
    let _ = cluster.set_load(LoadOrder { on: false, ..LoadOrder::default() }).wait();
    let by = Instant::now() + DRAIN;
    let events = cluster.events();
    let again = interrupted.load(Ordering::Relaxed);
    while Instant::now() < by && !cluster.load_is_at_rest() {
        if interrupted.load(Ordering::Relaxed) != again {
            return;
        }
        // Each report of a client is an event.
        if events.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// Requests of each instance, in order of their names.
fn requests(stopped: &Stopped) -> Vec<(String, &'static str, u64, u64, BTreeMap<String, u64>)> {
    let of = |(instance, node): (&crate::design::ElementId, &crate::live::event::NodeView)| {
        let upstreams = node.upstreams();
        let (mut requests, mut errors) = (0, 0);
        for counts in upstreams.values() {
            requests += counts.requests;
            errors += counts.errors;
        }
        let upstreams = upstreams.into_iter().map(|(i, c)| (i.to_string(), c.requests)).collect();
        let state = node.state.map_or("never started", NodeState::label);
        (instance.to_string(), state, requests, errors, upstreams)
    };
    stopped.snapshot.nodes.iter().map(of).collect()
}

fn as_json(ready: &Readiness, lasted: Duration, stopped: &Stopped) -> serde_json::Value {
    let total = stopped.load.total();
    let journeys: Vec<_> = total
        .journeys
        .iter()
        .map(|(id, c)| {
            let effects: serde_json::Map<String, serde_json::Value> = c
                .effects
                .iter()
                .map(|(name, e)| (name.clone(), json!({ "done": e.done, "late": e.late, "never": e.never })))
                .collect();
            json!({
                "id": id.as_str(),
                "offered": c.offered,
                "ok": c.ok,
                "degraded": c.degraded,
                "failed": c.failed,
                "timed_out": c.timed_out,
                "shed": c.shed,
                "success": c.success(),
                "p50_ms": c.latency.quantile_ms(0.5),
                "p99_ms": c.latency.quantile_ms(0.99),
                "effects": effects,
            })
        })
        .collect();
    let instances: Vec<_> = requests(stopped)
        .into_iter()
        .map(|(id, state, requests, errors, upstreams)| {
            json!({ "id": id, "state": state, "requests": requests, "errors": errors, "upstreams": upstreams })
        })
        .collect();
    json!({
        "version": 1,
        "nodes": ready.nodes,
        "ready_ms": (ready.ready_ms * 10.0).round() / 10.0,
        "seconds": (lasted.as_secs_f64() * 1e3).round() / 1e3,
        "lag_p99_ms": total.lag_p99_ms(),
        "journeys": journeys,
        "instances": instances,
    })
}

/// `99.9 %`, and `100 %` only for all.
fn percent(share: f64) -> String {
    if share >= 1.0 { "100 %".to_owned() } else { format!("{:.2} %", (share * 1e4).floor() / 100.0) }
}

fn write_text(
    io: &mut Io<'_>,
    ready: &Readiness,
    lasted: Duration,
    stopped: &Stopped,
) -> Result<(), Failure> {
    let total = stopped.load.total();
    writeln!(
        io.out,
        "{} nodes, ready after {:.0} ms, {:.1} s of load",
        ready.nodes,
        ready.ready_ms,
        lasted.as_secs_f64()
    )?;
    let width = total.journeys.keys().map(|j| j.as_str().chars().count()).max().unwrap_or(0).max(7);
    writeln!(
        io.out,
        "\n{:<width$}  {:>8}  {:>8}  {:>8}  {:>9}  {:>8}  {:>9}  {:>9}",
        "journey", "offered", "ok", "failed", "timed out", "success", "p50", "p99"
    )?;
    let ms = |time: Option<f64>| time.map_or("-".to_owned(), |ms| format!("{ms:.1} ms"));
    for (id, c) in &total.journeys {
        writeln!(
            io.out,
            "{:<width$}  {:>8}  {:>8}  {:>8}  {:>9}  {:>8}  {:>9}  {:>9}",
            id.as_str(),
            c.offered,
            c.ok,
            c.failed,
            c.timed_out,
            c.success().map_or("-".to_owned(), percent),
            ms(c.latency.quantile_ms(0.5)),
            ms(c.latency.quantile_ms(0.99)),
        )?;
        if c.shed > 0 {
            writeln!(io.out, "{:<width$}  {} not sent: too many were under way", "", c.shed)?;
        }
        if c.degraded > 0 {
            writeln!(io.out, "{:<width$}  {} without something optional", "", c.degraded)?;
        }
        for (name, e) in &c.effects {
            let name = name.split('/').next_back().unwrap_or(name);
            writeln!(io.out, "{:<width$}  {name}: {} done, {} late, {} never", "", e.done, e.late, e.never)?;
        }
    }
    let rows = requests(stopped);
    let width = rows.iter().map(|r| r.0.chars().count()).max().unwrap_or(0).max(4);
    writeln!(io.out, "\n{:<width$}  {:>8}  {:>8}  from", "node", "requests", "errors")?;
    for (id, _, requests, errors, upstreams) in &rows {
        let from: Vec<&str> = upstreams.keys().map(String::as_str).collect();
        writeln!(io.out, "{id:<width$}  {requests:>8}  {errors:>8}  {}", from.join(", "))?;
    }
    Ok(())
}
