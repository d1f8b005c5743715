//! What one node is to be: its own part of a deployment, and nothing of anybody else's.
//!
//! A [`NodeSpec`] says for each hop that ends at its component which slots to fill, along which links, at which
//! instances. No node sees the design, a whole route, a world or a prediction. [`derive`](derive()) cuts a deployment into
//! specifications; the supervisor hands them on unread.
//!
//! Never: sockets, processes, a world, a prediction.

mod derive;
mod plan;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::wire::InstanceId;
use crate::design::{
    Balance, Breaker, CacheSettings, ComponentId, Detector, FirewallSettings, FunctionSettings, JourneyId,
    Keys, Kind, LinkId, Need, Op, QueueSettings, ReadFrom, Replication, ResolvePolicy, Service, Sharding,
    When, ZoneId,
};

pub use derive::{Planned, derive, derive_sabotaged};
pub use plan::{plan, plan_sabotaged};

/// What one process is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeSpec {
    /// What it does.
    pub role: Role,
    /// The component of which it is an instance.
    pub component: ComponentId,
    /// The component's kind.
    pub kind: Kind,
    /// Where it stands, outermost zone first.
    #[serde(default)]
    pub zones: Vec<ZoneId>,
    /// Time and parallelism of its own work.
    #[serde(default)]
    pub work: Service,
    /// How many instances of its component must be up for it to serve.
    #[serde(default = "one")]
    pub min_healthy: u32,
    /// The other instances of its component.
    #[serde(default)]
    pub siblings: Vec<InstanceId>,
    /// What to do for each hop that ends here, by `journey/number`.
    #[serde(default)]
    pub hops: BTreeMap<String, Hop>,
    /// What a deep check asks, if anybody checks it deeply.
    #[serde(default)]
    pub deep: Option<Vec<Slot>>,
    /// The replica groups that it calls, votes for or belongs to.
    #[serde(default)]
    pub groups: BTreeMap<String, Group>,
    /// Where it takes messages from.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    /// Collectors that it sends its log to.
    #[serde(default)]
    pub telemetry: Vec<Telemetry>,
    /// The active or standby at the other end of a heartbeat link.
    #[serde(default)]
    pub pair: Option<Pair>,
    /// What it does wrong on purpose; only tests and `prove --sabotage` set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sabotage: Option<Sabotage>,
}

fn one() -> u32 {
    1
}

/// What a node does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Begins journeys.
    Client {
        /// Those that begin here.
        journeys: Vec<ClientJourney>,
    },
    /// Does its own work and fills its slots: services, balancers, gateways, workers, identity providers, model servers,
    /// edge devices, external systems.
    Stateless,
    /// Names targets; carries no requests.
    Resolver,
    /// Keeps answers in front of its origins, or by itself.
    Cache(CacheSettings),
    /// Lets requests pass up to a rate.
    Firewall(FirewallSettings),
    /// Stateless, and slow on the first request after idling.
    Function(FunctionSettings),
    /// Keeps a copy of data: stores, queues, streams, coordinators, peers.
    Member {
        /// Its group.
        group: String,
        /// Its shard, from 0.
        shard: usize,
        /// Settings of a queue or stream; absent for what is asked by key.
        #[serde(default)]
        queue: Option<QueueSettings>,
        /// Whether members also tell each other who lives (peers).
        #[serde(default)]
        gossips: bool,
    },
    /// Asks others for their counters.
    Monitor {
        /// Whom, along which link.
        targets: Vec<Telemetry>,
    },
    /// Takes in logs or traces.
    Collector,
}

/// A journey as its client knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientJourney {
    /// Which.
    pub journey: JourneyId,
    /// Requests a second from this client zone.
    pub rate: f64,
    /// Time after which the client gives up, in milliseconds.
    pub deadline_ms: f64,
    /// What to do.
    pub slots: Vec<Slot>,
    /// The effects to ask for afterwards.
    #[serde(default)]
    pub effects: Vec<Awaited>,
}

/// An effect that a client waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The effect's name: `journey/name`.
    pub effect: String,
    /// The number of the hop that publishes what it begins with.
    pub publish: u32,
    /// The instances that keep the message.
    pub keepers: Vec<InstanceId>,
}

/// What to do for a hop that ends here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hop {
    /// What is asked.
    pub op: Op,
    /// Which replicas may answer a read.
    pub from: ReadFrom,
    /// The keys touched.
    pub keys: Keys,
    /// Slots to fill.
    pub slots: Vec<Slot>,
    /// Of a publish: to whom the message goes.
    pub effects: Vec<Delivery>,
    /// Of a resolver: the policy of its answer.
    pub policy: Option<ResolvePolicy>,
}

/// Work that a published message begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The effect's name: `journey/name`.
    pub effect: String,
    /// The subscribe link.
    pub link: LinkId,
    /// The hop that the consumer serves.
    pub hop: String,
}

/// A slot to fill.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// Its name, unique within the caller's hop.
    pub name: String,
    /// What it asks of its lanes.
    pub need: Need,
    /// When it is felt.
    #[serde(default)]
    pub when: When,
    /// Distinct targets that a request tries where it picks among all lanes.
    pub tries: u32,
    /// Pause before a further try, in milliseconds.
    #[serde(default)]
    pub backoff_ms: f64,
    /// Whether the pause grows and is spread by chance.
    #[serde(default)]
    pub jittered: bool,
    /// How bad targets are noticed.
    #[serde(default)]
    pub detector: Detector,
    /// How one of several equally good targets is picked; absent is by chance.
    #[serde(default)]
    pub balance: Option<Balance>,
    /// Its lanes in link order.
    pub lanes: Vec<Lane>,
}

fn yes() -> bool {
    true
}

/// One link of a slot and what is asked along it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lane {
    /// Of a step that waits: the effects before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<Awaited>,
    /// The link.
    pub link: LinkId,
    /// The hop at its other end: `journey/number`.
    pub hop: String,
    /// What is asked.
    pub op: Op,
    /// Of a read: whether the leader must answer, any replica may, or a quorum must.
    #[serde(default)]
    pub from: ReadFrom,
    /// The keys touched.
    #[serde(default)]
    pub keys: Keys,
    /// Whether an error may be answered by trying elsewhere.
    pub idempotent: bool,
    /// Time that one try may take, in milliseconds.
    pub timeout_ms: f64,
    /// Distinct targets that a request tries where the lane is picked for on its own.
    #[serde(default = "two")]
    pub tries: u32,
    /// Whether all tries fit in the time that the request comes with. Where they do not, a try may take all of it and
    /// silence teaches nothing.
    #[serde(default = "yes")]
    pub fits: bool,
    /// What the drawn network adds to a round trip at most, in milliseconds: checks must not mistake it for silence.
    #[serde(default)]
    pub round_trip_ms: f64,
    /// Whether no replica of the group can give what the step requires.
    #[serde(default)]
    pub cannot: bool,
    /// How the key finds its instances, where the target keeps no replicated data but is sharded.
    #[serde(default)]
    pub sharding: Option<Sharding>,
    /// Weight among the lanes of a weighted resolver.
    #[serde(default = "weight_one")]
    pub weight: f64,
    /// Whether it only asks that the target be up.
    #[serde(default)]
    pub standing: bool,
    /// Where it leads.
    pub to: Targets,
    /// Of a `resolve`: what the asker does with the answer.
    #[serde(default)]
    pub walk: Vec<Slot>,
    /// Ways round it, tried when it fails.
    #[serde(default)]
    pub bypass: Vec<Lane>,
    /// Stops asking a failing target for a while.
    #[serde(default)]
    pub breaker: Option<Breaker>,
    /// Requests under way along it; 0 is unlimited.
    #[serde(default)]
    pub in_flight_max: u32,
    /// How long the resolver's answer, or the slot's success, is used.
    #[serde(default)]
    pub ttl_ms: Option<f64>,
}

fn two() -> u32 {
    2
}

fn weight_one() -> f64 {
    1.0
}

/// Where a lane leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// Any of these.
    Instances(Vec<Target>),
    /// Whoever serves the key in a replica group.
    Group(String),
}

/// One instance that a lane leads to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Which.
    pub id: InstanceId,
    /// Lower is tried first.
    #[serde(default)]
    pub rank: u32,
    /// Its shard, from 0.
    #[serde(default)]
    pub shard: u32,
    /// Where it stands (told to resolvers only).
    #[serde(default)]
    pub zones: Vec<ZoneId>,
}

/// A replica group, as its callers, voters and members know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The instances of each shard, the drawn primary first.
    pub shards: Vec<Vec<InstanceId>>,
    /// How they keep copies.
    pub mode: Replication,
    /// The instances that vote on a failover.
    #[serde(default)]
    pub voters: Vec<InstanceId>,
    /// How a key finds its shard. Its `key` is never empty.
    pub sharding: Sharding,
    /// Copies of each key where keys lie on a ring, else 0.
    #[serde(default)]
    pub ring_n: u32,
    /// The drawn `replicate` links, by the components that they join.
    #[serde(default)]
    pub copy_links: Vec<(ComponentId, ComponentId, LinkId)>,
    /// Where the members stand, by instance (for `from: nearest`).
    #[serde(default)]
    pub places: BTreeMap<InstanceId, Vec<ZoneId>>,
}

/// Where messages are taken from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// The subscribe link.
    pub link: LinkId,
    /// The queue's group.
    pub group: String,
}

/// One side of an active/standby pair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pair {
    /// Whether it sends the beats; otherwise it stands by while it hears them.
    pub active: bool,
    /// The heartbeat link.
    pub link: LinkId,
    /// The instances at the other end.
    pub others: Vec<InstanceId>,
    /// Between two beats, in milliseconds.
    pub every_ms: f64,
    /// Beats missed until it takes over.
    pub misses: u32,
}

/// A telemetry link and the instances at its other end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Telemetry {
    /// The link.
    pub link: LinkId,
    /// Whom.
    pub instances: Vec<InstanceId>,
}

/// Something that a node does wrong on purpose, so that a proof that would not notice is itself refuted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sabotage {
    /// No detector ever leaves a target out.
    BlindDetector,
    /// A request is tried once.
    NoRetry,
    /// Further tries go to the target that failed.
    RetrySameTarget,
    /// Answers without calling anybody.
    IgnoreNeeds,
    /// A failed optional slot fails the request.
    OptionalNeeded,
    /// Of `any` and `k of n`, every lane is needed.
    EverySlotAll,
    /// Serves with fewer healthy copies than asked.
    IgnoreMinHealthy,
    /// A backup makes itself primary without asking the voters.
    PromoteWithoutVoters,
    /// A primary that has lost its voters goes on.
    NoStepDown,
    /// A backup never takes over.
    NeverPromote,
    /// Acknowledges a write before the backups that it waits for have it.
    AckBeforeReplication,
    /// Acknowledges a write before its disk has it.
    AckBeforeFsync,
    /// A cache answers from what it has for ever.
    CacheForever,
    /// A resolver names dead targets too.
    ResolverHidesNothing,
    /// A resolver answers in no order.
    ResolverIgnoresPolicy,
    /// Asks the next shard instead of the key's own.
    WrongShard,
    /// A balancer sends everything to its first target.
    StickToFirst,
    /// A consumer confirms messages that it has not worked on.
    AckBeforeWork,
}

impl Sabotage {
    /// Every way to be wrong.
    pub const ALL: [Sabotage; 18] = [
        Sabotage::BlindDetector,
        Sabotage::NoRetry,
        Sabotage::RetrySameTarget,
        Sabotage::IgnoreNeeds,
        Sabotage::OptionalNeeded,
        Sabotage::EverySlotAll,
        Sabotage::IgnoreMinHealthy,
        Sabotage::PromoteWithoutVoters,
        Sabotage::NoStepDown,
        Sabotage::NeverPromote,
        Sabotage::AckBeforeReplication,
        Sabotage::AckBeforeFsync,
        Sabotage::CacheForever,
        Sabotage::ResolverHidesNothing,
        Sabotage::ResolverIgnoresPolicy,
        Sabotage::WrongShard,
        Sabotage::StickToFirst,
        Sabotage::AckBeforeWork,
    ];

    /// Its name on the command line.
    pub fn label(self) -> &'static str {
        match self {
            Sabotage::BlindDetector => "blind-detector",
            Sabotage::NoRetry => "no-retry",
            Sabotage::RetrySameTarget => "retry-same-target",
            Sabotage::IgnoreNeeds => "ignore-needs",
            Sabotage::OptionalNeeded => "optional-needed",
            Sabotage::EverySlotAll => "every-slot-all",
            Sabotage::IgnoreMinHealthy => "ignore-min-healthy",
            Sabotage::PromoteWithoutVoters => "promote-without-voters",
            Sabotage::NoStepDown => "no-step-down",
            Sabotage::NeverPromote => "never-promote",
            Sabotage::AckBeforeReplication => "ack-before-replication",
            Sabotage::AckBeforeFsync => "ack-before-fsync",
            Sabotage::CacheForever => "cache-forever",
            Sabotage::ResolverHidesNothing => "resolver-hides-nothing",
            Sabotage::ResolverIgnoresPolicy => "resolver-ignores-policy",
            Sabotage::WrongShard => "wrong-shard",
            Sabotage::StickToFirst => "stick-to-first",
            Sabotage::AckBeforeWork => "ack-before-work",
        }
    }
}
