//! Collector of logs and traces, and the sender of them: once a second, what a node has done. Never needed by anybody.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::Node;
use super::pool::post;
use super::request::Reply;
use crate::live::wire::InstanceId;

/// What a collector has taken in: reports by sender.
#[derive(Default)]
pub(super) struct Collector(RefCell<BTreeMap<InstanceId, u64>>);

/// `POST /ingest`.
pub(super) fn ingest(node: &Node, collector: &Collector, from: &str, body: &[u8]) -> Reply {
    *collector.0.borrow_mut().entry(InstanceId::new(from)).or_default() += 1;
    node.metrics.add("bytes_taken_in", body.len() as f64);
    node.metrics.set("senders", collector.0.borrow().len() as f64);
    Reply::ok("taken\n")
}

/// Reports to the collectors for as long as the node runs. To be spawned once.
pub(super) async fn report(node: Rc<Node>) {
    loop {
        tokio::time::sleep(Duration::from_millis(900 + fastrand::u64(..200))).await;
        let text = node.metrics.prometheus(&[], node.work.waiting());
        let lines: Vec<&str> = text.lines().filter(|l| !l.starts_with('#')).take(64).collect();
        for telemetry in &node.spec.telemetry {
            // One of them is enough: collectors stand behind one name.
            let Some(to) = telemetry.instances.get(fastrand::usize(..telemetry.instances.len().max(1)))
            else {
                continue;
            };
            let request = post("/ingest", lines.join("\n"));
            let _ = node.pool.send(to, Some(&telemetry.link), request, Duration::from_millis(500)).await;
        }
    }
}
