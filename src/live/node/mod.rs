//! One node: the process that one instance runs as. One role a file.
//!
//! A node is an HTTP/1.1 server ([`server`]) on one thread. What it does with a hop is its role's business ([`serve`]);
//! whom it asks in turn, and what it makes of the answers, is the [`caller`]'s. It reaches others through the fabric
//! ([`pool`]) and learns of a fault only by a refused or silent socket ([`detector`]).
//!
//! Never: another instance's address, a whole route, a world or a prediction.

mod breaker;
mod cache;
mod caller;
mod client;
mod collector;
mod data;
mod deep;
mod detector;
mod disk;
mod echo;
mod effects;
mod election;
mod firewall;
mod function;
mod gossip;
mod journal;
mod keys;
mod leader;
mod member;
mod metrics;
mod monitor;
mod pair;
mod pool;
mod queue;
mod quorum;
mod replica;
mod request;
mod resolver;
mod serve;
mod server;
mod socket;
mod waiting;
mod work;
mod worker;

use std::cell::{Cell, RefCell};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::LocalSet;
use tokio::time::Instant;

use super::spec::{Hop, Lane, NodeSpec, Role, Sabotage, Slot};
use super::wire::{FromNode, InstanceId, Level, NodeStart, ToNode, child};
use crate::design::{Op, When, ZoneId};

/// The node process: `linchpin node`.
pub fn main() -> ExitCode {
    let start: NodeStart = match child::first_line() {
        Ok(start) => start,
        Err(error) => {
            eprintln!("no start: {error}");
            return ExitCode::from(2);
        }
    };
    let tell = child::Teller::new();
    if start.spec["role"] == "echo" {
        return echo::run(&start, &tell);
    }
    let spec = match serde_json::from_value::<NodeSpec>(start.spec.clone()) {
        Ok(spec) => spec,
        Err(error) => return refuse(&tell, format!("this specification makes no sense: {error}")),
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return refuse(&tell, "no runtime".into());
    };
    let local = LocalSet::new();
    local.block_on(&runtime, run(start, spec, tell))
}

fn refuse(tell: &child::Teller, why: String) -> ExitCode {
    tell.say(FromNode::Refused { why });
    tell.flush(Duration::from_secs(1));
    ExitCode::from(2)
}

/// One running node.
struct Node {
    spec: NodeSpec,
    me: InstanceId,
    run_text: String,
    /// Its zones as they travel in a header.
    zone_text: Rc<str>,
    tell: child::Teller,
    pool: pool::Pool,
    detectors: detector::Detectors,
    breakers: breaker::Breakers,
    leaders: leader::Leaders,
    memory: caller::Memory,
    waiting: waiting::Waiting,
    keys: keys::KeySpaces,
    metrics: metrics::Metrics,
    work: work::Work,
    votes: election::Votes,
    part: Part,
    /// Whether everything needed at start was there once.
    has_started: Cell<bool>,
    /// Messages that a consumer can take besides those that it works on.
    free_hands: Cell<usize>,
    next_op: Cell<u64>,
    said_why: RefCell<Option<Instant>>,
    /// When the active of a pair was last heard of.
    beat: Cell<Instant>,
}

/// What belongs to the role.
enum Part {
    Stateless,
    Resolver,
    Cache(cache::Cache),
    Firewall(firewall::Firewall),
    Function(function::Function),
    Member(member::Member),
    Client(Rc<client::Client>),
    Monitor,
    Collector(collector::Collector),
}

impl Node {
    fn is_sabotaged(&self, how: Sabotage) -> bool {
        self.spec.sabotage == Some(how)
    }

    fn is_resolver(&self) -> bool {
        matches!(self.part, Part::Resolver) || self.spec.hops.values().any(|h| h.op == Op::Resolve)
    }

    /// An id that no other operation of the run has.
    fn new_op_id(&self, sort: &str) -> String {
        let number = self.next_op.get();
        self.next_op.set(number + 1);
        let dash = if sort.is_empty() { "" } else { "-" };
        format!("{sort}{dash}{}-{:x}-{number}", self.me.as_str().replace('/', "."), std::process::id())
    }

    /// How many zones this node shares with another place, from the outermost.
    fn shared_zones(&self, other: Option<&Vec<ZoneId>>) -> usize {
        other.map_or(0, |o| o.iter().zip(&self.spec.zones).take_while(|(a, b)| a == b).count())
    }

    /// Says why requests fail, now and then.
    fn say_why(&self, why: &str) {
        let mut said = self.said_why.borrow_mut();
        if said.is_none_or(|at| at.elapsed() > Duration::from_millis(500)) {
            *said = Some(Instant::now());
            self.tell.log(Level::Warn, why);
        }
    }
}

async fn run(start: NodeStart, spec: NodeSpec, tell: child::Teller) -> ExitCode {
    fastrand::seed(
        start.seed ^ start.instance.as_str().bytes().fold(7, |h, b| crate::deploy::mix(h ^ u64::from(b))),
    );
    let mut orders = child::watch_stdin::<ToNode>();
    let part = match part_of(&start, &spec) {
        Ok(part) => part,
        Err(why) => return refuse(&tell, why),
    };
    let listener = match TcpListener::bind((start.bind, 0)).await {
        Ok(listener) => listener,
        Err(error) => return refuse(&tell, format!("cannot bind {}: {error}", start.bind)),
    };
    let zone_text = spec.zones.iter().map(ZoneId::as_str).collect::<Vec<_>>().join(",");
    let has_started = !spec.all_slots().any(|s| s.when == When::AtStart);
    let node = Rc::new(Node {
        me: start.instance.clone(),
        run_text: start.run.to_string(),
        zone_text: zone_text.into(),
        pool: pool::Pool::new(start.run, start.instance.clone(), start.bind, start.fabric),
        detectors: detector::Detectors::default(),
        breakers: breaker::Breakers::default(),
        leaders: leader::Leaders::default(),
        memory: caller::Memory::default(),
        waiting: waiting::Waiting::default(),
        keys: keys::KeySpaces::default(),
        metrics: metrics::Metrics::default(),
        work: work::Work::new(&spec.work),
        votes: election::Votes::open(&start.dir, start.restarts),
        has_started: Cell::new(has_started),
        free_hands: Cell::new((spec.work.concurrency() as usize).clamp(1, 256)),
        next_op: Cell::new(1),
        said_why: RefCell::default(),
        beat: Cell::new(Instant::now()),
        tell,
        part,
        spec,
    });
    spawn_parts(&node);
    let port = listener.local_addr().map_or(0, |a| a.port());
    tokio::task::spawn_local(server::run(node.clone(), listener));
    node.tell.say(FromNode::Ready { port });
    let mut reporting: Option<tokio::task::JoinHandle<()>> = None;
    while let Some(order) = orders.recv().await {
        match order {
            ToNode::Stop => break,
            ToNode::PowerLoss => {
                if let Part::Member(member) = &node.part {
                    match &member.keeps {
                        member::Keeps::Log(replica) => replica.journal.disk().lose_power(),
                        member::Keeps::Versions(quorum) => quorum.journal().disk().lose_power(),
                    }
                }
                std::process::exit(0);
            }
            ToNode::Report { every_ms } => {
                if let Some(task) = reporting.take() {
                    task.abort();
                }
                reporting = Some(tokio::task::spawn_local(report(node.clone(), every_ms)));
            }
            other => obey(&node, other),
        }
    }
    if let Part::Client(client) = &node.part
        && let Some(report) = client.report()
    {
        node.tell.say(FromNode::Load(report));
    }
    node.tell.say(FromNode::Metrics(node.metrics.snapshot(node.work.waiting())));
    node.tell.flush(Duration::from_millis(500));
    ExitCode::SUCCESS
}

async fn report(node: Rc<Node>, every_ms: u64) {
    loop {
        node.tell.say(FromNode::Metrics(node.metrics.snapshot(node.work.waiting())));
        tokio::time::sleep(Duration::from_millis(every_ms.max(50))).await;
    }
}

fn obey(node: &Rc<Node>, order: ToNode) {
    let replica = match &node.part {
        Part::Member(member) => member.replica().cloned(),
        _ => None,
    };
    match (order, replica) {
        (ToNode::Disk(fault), _) => {
            if let Part::Member(member) = &node.part {
                match &member.keeps {
                    member::Keeps::Log(replica) => replica.journal.disk().set_fault(fault),
                    member::Keeps::Versions(quorum) => quorum.journal().disk().set_fault(fault),
                }
            }
        }
        (ToNode::Promote, Some(replica)) => {
            let node = node.clone();
            tokio::task::spawn_local(async move { election::take_over(&node, &replica).await });
        }
        (ToNode::Reset, replica) => {
            node.detectors.reset();
            node.breakers.reset();
            node.leaders.reset();
            node.memory.reset();
            if let Part::Cache(cache) = &node.part {
                cache.reset();
            }
            if let Some(replica) = replica {
                tokio::task::spawn_local(election::hand_over(node.clone(), replica));
            }
        }
        (ToNode::Load(order), _) => {
            if let Part::Client(client) = &node.part {
                client.obey(order);
                // At once, as somebody may wait for the last word of it.
                if let Some(report) = client.report() {
                    node.tell.say(FromNode::Load(report));
                }
            }
        }
        (ToNode::Clock(_), _) => {
            // No role reads a wall clock yet: versions are counters and leases run on the monotonic clock.
            node.tell.log(Level::Debug, "a wrong clock changes nothing here: no role reads one");
        }
        (ToNode::Promote, None) => node.tell.log(Level::Warn, "nothing to be promoted here"),
        (ToNode::Stop | ToNode::PowerLoss | ToNode::Report { .. }, _) => {}
    }
}

fn part_of(start: &NodeStart, spec: &NodeSpec) -> Result<Part, String> {
    Ok(match &spec.role {
        Role::Client { .. } => Part::Client(Rc::new(client::Client::new())),
        Role::Stateless => Part::Stateless,
        Role::Resolver => Part::Resolver,
        Role::Cache(settings) => Part::Cache(cache::Cache::new(settings.clone())),
        Role::Firewall(settings) => Part::Firewall(firewall::Firewall::new(settings)),
        Role::Function(settings) => Part::Function(function::Function::new(settings.clone())),
        Role::Monitor { .. } => Part::Monitor,
        Role::Collector => Part::Collector(collector::Collector::default()),
        Role::Member { group: name, shard, queue, gossips } => {
            let group = spec.groups.get(name).ok_or_else(|| format!("no group {name}"))?;
            let members = group.shards.get(*shard).ok_or_else(|| format!("{name} has no shard {shard}"))?;
            let hasty = spec.sabotage == Some(Sabotage::AckBeforeFsync);
            let parts = replica::NodeParts { me: &start.instance, dir: &start.dir, hasty };
            let disk = |error: std::io::Error| format!("disk: {error}");
            let keeps = match replica::Mode::of(&group.mode) {
                Some(mode) => {
                    let mut group = group.clone();
                    if matches!(mode, replica::Mode::Majority { .. }) {
                        group.voters.clone_from(members);
                    }
                    let opened = replica::Replica::open(&parts, name, &group, *shard, mode).map_err(disk)?;
                    member::Keeps::Log(Rc::new(opened))
                }
                None => {
                    let opened = quorum::QuorumMember::open(&parts, group, *shard).map_err(disk)?;
                    member::Keeps::Versions(Rc::new(opened))
                }
            };
            let gossip = gossips.then(|| Rc::new(gossip::Gossip::new(&start.instance, members)));
            let queue = queue.clone().map(|q| (q, queue::Flights::default()));
            Part::Member(member::Member { group: name.clone(), keeps, queue, gossip })
        }
    })
}

fn spawn_parts(node: &Rc<Node>) {
    use tokio::task::spawn_local;
    detector::watch(node);
    if !node.has_started.get() {
        spawn_local(start_needs(node.clone()));
    }
    if let Some(pair) = node.spec.pair.clone().filter(|p| p.active) {
        spawn_local(pair::beat(node.clone(), pair));
    }
    if !node.spec.telemetry.is_empty() {
        spawn_local(collector::report(node.clone()));
    }
    for subscription in &node.spec.subscriptions {
        let shards = node.spec.groups.get(&subscription.group).map_or(0, |g| g.shards.len());
        for shard in 0..shards {
            spawn_local(worker::run(node.clone(), subscription.clone(), shard));
        }
    }
    match (&node.part, &node.spec.role) {
        (Part::Client(client), Role::Client { journeys }) => client::start(node, client, journeys),
        (Part::Monitor, Role::Monitor { targets }) => {
            spawn_local(monitor::run(node.clone(), targets.clone()));
        }
        (Part::Member(member), _) => {
            match &member.keeps {
                member::Keeps::Log(replica) => {
                    spawn_local(replica.journal.clone().write());
                    spawn_local(replica.clone().follow_disk(node.clone()));
                    spawn_local(election::run(node.clone(), replica.clone()));
                }
                member::Keeps::Versions(quorum) => {
                    spawn_local(quorum.journal().clone().write());
                }
            }
            if let Some(gossip) = &member.gossip {
                spawn_local(gossip.clone().run(node.clone()));
            }
        }
        _ => {}
    }
}

/// Waits until everything that is needed at start answers once.
async fn start_needs(node: Rc<Node>) {
    let mut needed: Vec<Lane> = node
        .spec
        .all_slots()
        .filter(|s| s.when == When::AtStart && s.need != crate::design::Need::Optional)
        .flat_map(|s| s.lanes.clone())
        .collect();
    while !needed.is_empty() {
        let mut missing = Vec::new();
        for lane in needed {
            if !detector::somebody_is_up(&node, &lane).await {
                missing.push(lane);
            }
        }
        needed = missing;
        if !needed.is_empty() {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    node.has_started.set(true);
}

/// The answer for filled slots.
fn filled_reply(filled: caller::Filled) -> request::Reply {
    request::Reply { degraded: filled.degraded, began: filled.began, ..request::Reply::ok(filled.body) }
}

impl NodeSpec {
    /// Every slot that this node may fill itself, those behind a resolver's answer not counted.
    fn all_slots(&self) -> impl Iterator<Item = &Slot> {
        let journeys = match &self.role {
            Role::Client { journeys } => journeys.as_slice(),
            _ => &[],
        };
        let hops: Vec<&Hop> = self.hops.values().collect();
        hops.into_iter()
            .flat_map(|h| h.slots.iter())
            .chain(self.deep.iter().flatten())
            .chain(journeys.iter().flat_map(|j| j.slots.iter()))
    }
}
