//! Member of a replica group: stores, queues, streams, coordinators and peers.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::data::{Change, Message};
use super::gossip::Gossip;
use super::leader::Standing;
use super::queue::Flights;
use super::quorum::QuorumMember;
use super::replica::Replica;
use super::request::{Ask, Mode, Reply};
use super::{Node, Part, caller, election, pool, queue, replica};
use crate::design::{Op, QueueSettings, ReadFrom};
use crate::live::spec::Hop;

/// One copy of one shard, in whatever way the copies are kept.
pub(super) struct Member {
    /// The group's name.
    pub group: String,
    /// How.
    pub keeps: Keeps,
    /// Settings of a queue, and its messages under way.
    pub queue: Option<(QueueSettings, Flights)>,
    /// Who lives, as far as peers have told each other.
    pub gossip: Option<Rc<Gossip>>,
}

/// How copies are kept.
pub(super) enum Keeps {
    /// One log with one leader.
    Log(Rc<Replica>),
    /// Versions, by quorum.
    Versions(Rc<QuorumMember>),
}

impl Member {
    /// The log, where there is one.
    pub fn replica(&self) -> Option<&Rc<Replica>> {
        match &self.keeps {
            Keeps::Log(replica) => Some(replica),
            Keeps::Versions(_) => None,
        }
    }
}

/// `GET /group/<group>/<shard>`.
pub(super) fn standing(node: &Node, group: &str, shard: &str) -> Reply {
    let Part::Member(member) = &node.part else { return Reply::error(404, "not a member of any group") };
    match &member.keeps {
        Keeps::Log(r) if r.group_name == *group && r.shard.to_string() == *shard => {
            Reply::json(&r.standing(node))
        }
        Keeps::Versions(_) if member.group == *group => {
            Reply::json(&Standing { serves: true, ..Standing::default() })
        }
        _ => Reply::error(404, "not a member of that group"),
    }
}

/// Serves one hop.
pub(super) async fn serve(node: &Rc<Node>, member: &Member, hop: &Hop, ask: &Ask) -> Reply {
    let own = match &member.keeps {
        Keeps::Versions(quorum) => {
            if node.work.once(std::time::Duration::ZERO).await.is_err() {
                return Reply::error(503, "too many requests wait");
            }
            quorum.serve(node, hop, ask).await
        }
        Keeps::Log(replica) => serve_log(node, member, replica, hop, ask).await,
    };
    if !own.is_ok() || hop.slots.is_empty() {
        return own;
    }
    match caller::fill(node, &hop.slots, ask).await {
        Ok(mut filled) => {
            filled.began.extend(&own.began);
            Reply { degraded: own.degraded || filled.degraded, began: filled.began, ..own }
        }
        Err(unfilled) => Reply::error(502, unfilled.why),
    }
}

async fn serve_log(node: &Rc<Node>, member: &Member, replica: &Rc<Replica>, hop: &Hop, ask: &Ask) -> Reply {
    let anyone = hop.op == Op::Read
        && ask.mode != Mode::Probe
        && matches!(hop.from, ReadFrom::Any | ReadFrom::Nearest);
    if !anyone && !replica.leads_now(node) {
        return match replica.forwards_to() {
            Some(leader) if !ask.forwarded => forward(node, replica, &leader, ask).await,
            _ => replica.not_leader(),
        };
    }
    if node.work.once(std::time::Duration::ZERO).await.is_err() {
        return Reply::error(503, "too many requests wait");
    }
    let key = node.keys.key(&replica.group.sharding, replica.group.shards.len(), ask.seed);
    let writes = match (hop.op, ask.mode) {
        (_, Mode::Probe) => true,
        (Op::Read | Op::Resolve | Op::Deliver | Op::WaitForEffect, _) => false,
        (Op::Call | Op::Write | Op::Publish, _) => true,
    };
    if writes {
        let change = match &member.queue {
            _ if ask.mode != Mode::Serve => Change::Nothing,
            Some((settings, _)) => {
                if settings.bound > 0 && replica.read(|d| d.messages.len()) >= settings.bound as usize {
                    return Reply::error(503, "the queue is full");
                }
                Change::Publish(Message {
                    op: ask.op_id.to_string(),
                    seed: ask.seed,
                    zone: ask.zone.to_string(),
                    deliveries: hop.effects.clone(),
                })
            }
            None => Change::Put { key, value: ask.op_id.to_string() },
        };
        if let Err(reply) = replica.propose(node, change, ask.until).await {
            return reply;
        }
        if let Some((_, flights)) = &member.queue {
            flights.more.notify_waiters();
        }
    }
    if !anyone && !replica.leads_now(node) {
        return replica.not_leader();
    }
    if member.queue.is_some() {
        let began = ask.hop_number().filter(|_| writes && ask.mode == Mode::Serve);
        return Reply { began: began.into_iter().collect(), ..Reply::ok("accepted\n") };
    }
    Reply::ok(replica.read(|data| data.table.get(&key).cloned().unwrap_or_default()))
}

/// `POST /effects`: what has become of the effects of some operations, as far as this replica knows.
pub(super) fn effects(member: &Member, body: &[u8]) -> Reply {
    let Keeps::Log(replica) = &member.keeps else { return Reply::error(404, "no effects begin here") };
    match serde_json::from_slice::<Vec<String>>(body) {
        Ok(ops) => replica.read(|data| {
            let known = |op: String| data.effects.get(&op).map(|effects| (op, effects));
            Reply::json(&ops.into_iter().filter_map(known).collect::<BTreeMap<_, _>>())
        }),
        Err(error) => Reply::error(400, error.to_string()),
    }
}

async fn forward(
    node: &Rc<Node>,
    replica: &Replica,
    leader: &crate::live::wire::InstanceId,
    ask: &Ask,
) -> Reply {
    let left = ask.left();
    let mut request = pool::post(&format!("/j/{}", ask.hop), bytes::Bytes::new());
    let passed = Ask { forwarded: true, ..ask.clone() };
    passed.write_headers(request.headers_mut(), left.as_secs_f64() * 1e3, left);
    match node.pool.send(leader, replica.link_to(leader), request, left).await {
        Ok(response) => Reply { leader: None, ..Reply::read(response) },
        Err(_) => Reply::error(503, "the leader does not answer"),
    }
}

/// `POST /replica/…`: from other members.
pub(super) async fn replica(node: &Rc<Node>, member: &Member, rest: &[String], body: &[u8]) -> Reply {
    let what = rest.first().map_or("", String::as_str);
    match (&member.keeps, what) {
        (_, "gossip") => match &member.gossip {
            Some(gossip) => gossip.receive(body),
            None => Reply::error(404, "this group does not gossip"),
        },
        (Keeps::Log(replica), "lead") => {
            tokio::task::spawn_local({
                let (node, replica) = (node.clone(), replica.clone());
                async move { election::take_over(&node, &replica).await }
            });
            Reply::ok("will try\n")
        }
        (Keeps::Log(replica), _) => replica::receive(node, replica, what, body).await,
        (Keeps::Versions(quorum), _) => quorum.receive(what, body).await,
    }
}

/// `POST /queue/…`: from consumers.
pub(super) async fn queue(
    node: &Rc<Node>,
    member: &Member,
    rest: &[String],
    from: &str,
    body: &[u8],
) -> Reply {
    let (Some(replica), Some((settings, flights))) = (member.replica(), &member.queue) else {
        return Reply::error(404, "not a queue");
    };
    let what = rest.first().map_or("", String::as_str);
    queue::serve(node, replica, settings, flights, what, from, body).await
}
