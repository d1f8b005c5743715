//! Monitor: asks others for their counters and raises alerts. Never needed by anybody.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::Node;
use super::pool::get;
use crate::live::spec::Telemetry;
use crate::live::wire::{InstanceId, Level};

/// Between two rounds.
const EVERY: Duration = Duration::from_millis(1000);

/// Scrapes for as long as the node runs. To be spawned once.
pub(super) async fn run(node: Rc<Node>, targets: Vec<Telemetry>) {
    let mut silent: BTreeMap<InstanceId, bool> = BTreeMap::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let mut requests = 0.0;
        for telemetry in &targets {
            for target in &telemetry.instances {
                let sent = node.pool.send(target, Some(&telemetry.link), get("/metrics"), EVERY / 2).await;
                let text = sent.ok().map(|r| String::from_utf8_lossy(r.body()).into_owned());
                requests += text.as_deref().map_or(0.0, requests_in);
                let was = silent.insert(target.clone(), text.is_none());
                match (was, text.is_some()) {
                    (Some(false) | None, false) => {
                        node.metrics.add("alerts", 1.0);
                        node.tell.log(Level::Warn, format!("alert: {target} does not answer"));
                    }
                    (Some(true), true) => {
                        node.tell.log(Level::Info, format!("resolved: {target} answers again"))
                    }
                    _ => {}
                }
            }
        }
        node.metrics.set("targets_up", silent.values().filter(|s| !**s).count() as f64);
        node.metrics.set("targets_silent", silent.values().filter(|s| **s).count() as f64);
        node.metrics.set("requests_seen", requests);
    }
}

/// The sum of a node's request counters.
fn requests_in(text: &str) -> f64 {
    text.lines()
        .filter(|l| l.starts_with("linchpin_requests_total{"))
        .filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}
