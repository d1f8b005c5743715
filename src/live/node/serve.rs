//! What a node does with a hop that ends at it: its role's own part, then its slots.

use std::rc::Rc;
use std::time::Duration;

use super::request::{Ask, Reply};
use super::{Node, Part, cache, caller, detector, filled_reply, member, pair, resolver};
use crate::design::Op;
use crate::live::spec::{Hop, Sabotage};

/// Serves one hop.
pub(super) async fn hop(node: &Rc<Node>, ask: &Ask) -> Reply {
    let Some(hop) = node.spec.hops.get(&*ask.hop) else {
        return Reply::error(404, format!("no hop {} ends here", ask.hop));
    };
    if !node.has_started.get() {
        return Reply::error(503, "not started: something that is needed at start is missing");
    }
    if hop.op == Op::Resolve {
        return resolver::serve(node, hop, ask);
    }
    if let Part::Member(m) = &node.part {
        return member::serve(node, m, hop, ask).await;
    }
    stateless(node, hop, ask).await
}

/// What a node answers while fewer copies of its component are up than it asks for (rule 13).
pub(super) fn too_few_copies(node: &Node) -> Option<Reply> {
    let least = node.spec.min_healthy;
    let too_few =
        least > 1 && !node.is_sabotaged(Sabotage::IgnoreMinHealthy) && detector::siblings_up(node) < least;
    too_few.then(|| Reply::error(503, format!("fewer than {least} copies are up")))
}

/// Serves a hop, or the delivery of a message, as something that keeps no data.
pub(super) async fn stateless(node: &Rc<Node>, hop: &Hop, ask: &Ask) -> Reply {
    if let Some(too_few) = too_few_copies(node) {
        return too_few;
    }
    if pair::stands_by(node) {
        return Reply::error(503, "stands by: the active is alive");
    }
    let mut extra = Duration::ZERO;
    match &node.part {
        Part::Firewall(firewall) if !firewall.passes() => return Reply::error(429, "above the rate limit"),
        Part::Function(function) => extra = function.start(),
        _ => {}
    }
    if node.work.once(extra).await.is_err() {
        node.metrics.add("shed", 1.0);
        return Reply::error(503, "too many requests wait");
    }
    if let Part::Cache(cache) = &node.part {
        return cache::serve(node, cache, hop, ask).await;
    }
    match caller::fill(node, &hop.slots, ask).await {
        Ok(filled) => filled_reply(filled),
        Err(unfilled) => Reply::error(502, unfilled.why),
    }
}
