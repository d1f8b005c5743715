//! Consumer: takes messages from a queue or stream, works on them and confirms those whose work is done.

use std::rc::Rc;
use std::time::Duration;

use super::queue::{Delivered, Finished, Pull, Pulled};
use super::request::{Ask, Mode, Reply};
use super::{Node, leader, pool, serve};
use crate::live::spec::{Sabotage, Subscription};

/// How long the queue is asked to wait for a message.
const WAIT: Duration = Duration::from_millis(1000);

/// Takes messages of one shard for as long as the node runs. To be spawned once for each.
pub(super) async fn run(node: Rc<Node>, subscription: Subscription, shard: usize) {
    let Some(group) = node.spec.groups.get(&subscription.group).cloned() else { return };
    let place = leader::Place { link: subscription.link.clone(), group: subscription.group.clone(), shard };
    let members = group.shards.get(shard).cloned().unwrap_or_default();
    let most = (node.spec.work.concurrency() as usize).clamp(1, 32);
    let (mut seen, mut failures) = (0, 0_u32);
    loop {
        let free = node.free_hands.get().min(most);
        let ask = Pull {
            link: subscription.link.clone(),
            seen,
            most: free.max(1),
            wait_ms: WAIT.as_millis() as u64,
        };
        let body = serde_json::to_vec(&ask).unwrap_or_default();
        let reply = leader::ask_at(&node, &place, &members, WAIT * 2, async |to, time| {
            let request = pool::post("/queue/pull", body.clone());
            node.pool.send(&to, Some(&subscription.link), request, time).await.map(Reply::read)
        })
        .await;
        let pulled =
            reply.1.ok().filter(Reply::is_ok).and_then(|r| serde_json::from_slice::<Pulled>(&r.body).ok());
        let Some(pulled) = pulled else {
            failures = (failures + 1).min(5);
            seen = 0;
            tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(failures)).await;
            continue;
        };
        (seen, failures) = (pulled.number, 0);
        for message in pulled.messages {
            node.free_hands.set(node.free_hands.get().saturating_sub(1));
            let (node, place, members) = (node.clone(), place.clone(), members.clone());
            tokio::task::spawn_local(async move {
                work(&node, &place, &members, message).await;
                node.free_hands.set(node.free_hands.get() + 1);
            });
        }
        // All hands full: the next pull would ask for what cannot be worked on yet.
        while node.free_hands.get() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn work(
    node: &Rc<Node>,
    place: &leader::Place,
    members: &[crate::live::wire::InstanceId],
    message: Delivered,
) {
    let begun = tokio::time::Instant::now();
    node.metrics.begin();
    let zone = message.zone.as_str().into();
    let ask = Ask::new(&message.hop, message.op.clone(), message.seed, zone, Mode::Serve, message.time_ms);
    let reply = match node.spec.hops.get(&message.hop) {
        _ if node.is_sabotaged(Sabotage::AckBeforeWork) => Reply::ok("not worked on\n"),
        Some(hop) => tokio::time::timeout(ask.left(), serve::stateless(node, hop, &ask))
            .await
            .unwrap_or_else(|_| Reply::error(504, "out of time")),
        None => Reply::error(404, format!("no hop {} ends here", message.hop)),
    };
    let journey = message.hop.split('/').next().unwrap_or_default();
    node.metrics.end(&place.group, journey, reply.is_ok(), begun.elapsed());
    let path = if reply.is_ok() { "/queue/done" } else { "/queue/back" };
    let finished = Finished { op: message.op, effect: message.effect, began: reply.began };
    let body = serde_json::to_vec(&finished).unwrap_or_default();
    let confirm = leader::ask_at(node, place, members, Duration::from_secs(2), async |to, time| {
        let request = pool::post(path, body.clone());
        node.pool.send(&to, Some(&place.link), request, time).await.map(Reply::read)
    });
    // What is not confirmed is delivered again.
    let _ = confirm.await;
}
