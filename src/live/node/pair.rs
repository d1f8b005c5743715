//! Active and standby of one address: the standby serves once it has missed the active's beats (semantics rule 37).

use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::Node;
use super::request::millis;
use crate::live::spec::Pair;
use crate::live::wire::HEADER_RUN;

/// Sends beats for as long as the node runs. To be spawned once. Nothing has to come back.
pub(super) async fn beat(node: Rc<Node>, pair: Pair) {
    let every = millis(pair.every_ms).max(Duration::from_millis(20));
    let run = &node.run_text;
    let text = format!(
        "POST /beat HTTP/1.1\r\nhost: node\r\n{HEADER_RUN}: {run}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    loop {
        for other in &pair.others {
            let (node, link, other, text) = (node.clone(), pair.link.clone(), other.clone(), text.clone());
            tokio::task::spawn_local(async move {
                let send = async {
                    if let Ok(mut stream) = node.pool.one_way(&other, Some(&link)).await {
                        let _ = stream.write_all(text.as_bytes()).await;
                        // Closed too early, the beat could be lost with the connection.
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                };
                let _ = tokio::time::timeout(Duration::from_secs(1), send).await;
            });
        }
        tokio::time::sleep(every).await;
    }
}

/// Whether this node must leave requests to its active.
pub(super) fn stands_by(node: &Node) -> bool {
    node.spec.pair.as_ref().is_some_and(|pair| {
        !pair.active && node.beat.get().elapsed() < millis(pair.every_ms * f64::from(pair.misses.max(1)))
    })
}
