//! Rule 38: what becomes of a message that was acknowledged.

use linchpin::design::{Op, Replication};

use super::group::Meeting;
use super::journey::Node;
use super::place::Actor;
use super::{Context, Eval, Hop};

impl Eval<'_, '_> {
    /// What comes of an acknowledged publish: the share that is published for the effect, and the share that is done.
    pub fn delivered(
        &self,
        cx: &Context,
        publish: &Meeting,
        taken_by: usize,
        node: &Node,
        effect: &str,
    ) -> (f64, f64) {
        let mut total = (1.0, 1.0);
        for deliver in node.then.iter().filter(|n| n.op == Op::Deliver && n.leads_to(effect)) {
            let queue = self.place.component_index(self.design().links[deliver.link].from.as_str());
            // "A consumer's time is the queue's `redeliver_after`."
            let left = self.place.component(queue).queue.clone().unwrap_or_default().redeliver_after().get();
            let consumer = self.target(deliver);
            let mut outs = Vec::new();
            for (i, _) in self.pool(&cx.class, consumer) {
                let me = Actor::Instance(i);
                let meeting = self.meeting(&cx.class, &me, deliver.link, queue);
                // "The serving replica: of primary-backup groups the one that took the publish; of multi-primary groups any
                // that both publisher and consumer reach; else the consumer must be able to read from the leader."
                let receives = match meeting.group.mode {
                    Replication::None | Replication::PrimaryBackup(_) => meeting.reach(taken_by),
                    Replication::MultiPrimary(_) => {
                        meeting.replicas.iter().any(|r| publish.reach(*r) && meeting.reach(*r))
                    }
                    _ => meeting.read_leader().is_some(),
                };
                if !self.place.up(i) || !self.enough_healthy(i) || !receives {
                    continue;
                }
                if deliver.effect == effect {
                    let mut cx = cx.clone();
                    cx.effect = None;
                    let out = self.slots(&cx, &me, &Hop::at(consumer), &deliver.then, left);
                    outs.push((out.served, out.served, out.served));
                } else {
                    // "An effect behind an effect is published by a consumer instance of the first."
                    let out = self.slots(cx, &me, &Hop::at(consumer), &deliver.then, left);
                    outs.push((out.served, out.acked, out.done));
                }
            }
            // "What a consumer fails is delivered again, so that who serves a part serves it in the end."
            outs.retain(|(served, ..)| *served > 0.0);
            let n = outs.len().max(1) as f64;
            let (acked, done) = outs.iter().fold((0.0, 0.0), |sum, (served, acked, done)| {
                (sum.0 + acked / served / n, sum.1 + done / served / n)
            });
            let acked = if deliver.effect == effect { 1.0 } else { acked };
            total = (total.0 * acked, total.1 * done);
        }
        total
    }
}
