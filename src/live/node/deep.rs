//! The deep check: whether the needs of this node hold, each felt as a request would feel it (semantics rule 15).

use std::rc::Rc;
use std::time::Duration;

use super::request::{Ask, Mode, Reply};
use super::{Node, caller};

/// Time for one deep check.
pub(super) const TIME: Duration = Duration::from_millis(1000);

/// Answers `GET /health/deep`.
pub(super) async fn check(node: &Rc<Node>) -> Reply {
    let Some(slots) = &node.spec.deep else {
        return Reply::ok("up; nobody checks the needs of this component\n");
    };
    if let Some(too_few) = super::serve::too_few_copies(node) {
        return too_few;
    }
    let hop = format!("deep/{}", node.spec.component);
    let zone = node.zone_text.clone();
    let ask = Ask::new(
        &hop,
        node.new_op_id("deep"),
        fastrand::u64(..),
        zone,
        Mode::Probe,
        TIME.as_secs_f64() * 1e3,
    );
    let checked = tokio::time::timeout(ask.left(), caller::fill(node, slots, &ask)).await;
    match checked {
        Ok(Ok(_)) => Reply::ok("up, and every need holds\n"),
        Ok(Err(unfilled)) => Reply::error(503, unfilled.why),
        Err(_) => Reply::error(503, "some need does not answer in time"),
    }
}
