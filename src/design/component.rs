//! Components: the drawn boxes and their properties.
//!
//! Every property is optional; what is not stated has the default that its doc names, and the groups that only
//! some kinds use (`cache`, `queue`, `resolver`…) are absent elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{ComponentId, ZoneId};
use super::kind::Kind;
use super::replication::{Quorum, Replication};
use super::sharding::Sharding;
use super::slot::{Detector, Slot};
use super::units::{Bytes, BytesPerDay, Millis, PerSecond};
use super::{is_default, is_one, is_zero, one};

/// A drawn box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Component {
    /// Pinned id.
    pub id: ComponentId,
    /// Shown name; empty shows the id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The team that answers for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Instances (a shard, where sharded); default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub replicas: u32,
    /// Where its instances stand: instance (shard s, replica r) on leaf (s + r) mod leaves of what is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneId>,
    /// Whether two copies may share a leaf zone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spread: Spread,
    /// Instances that must be up for a stateless component to serve; default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub min_healthy: u32,
    /// Automatic scaling; analyses of failure assume the minimum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Whether a crashed instance comes back by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restart: Restart,
    /// How a new version reaches its instances.
    #[serde(default, skip_serializing_if = "is_default")]
    pub release: Release,
    /// Named slots for its outgoing links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
    /// How it notices bad targets; default `connect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<Detector>,
    /// Time and parallelism of its work.
    #[serde(default, skip_serializing_if = "is_default")]
    pub service: Service,
    /// How often an instance fails and how long repair takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// How its replicas keep copies (stores, queues, streams, coordinators, peers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<Replication>,
    /// How its data is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharding: Option<Sharding>,
    /// What it keeps and for how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Settings of a cache or CDN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheSettings>,
    /// Settings of a queue or stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueSettings>,
    /// Settings of DNS or a directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<Resolver>,
    /// How a balancer picks among its targets.
    #[serde(default, skip_serializing_if = "is_default")]
    pub balance: Balance,
    /// Settings of a firewall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firewall: Option<FirewallSettings>,
    /// Settings of a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionSettings>,
    /// How clients spread over their zones: weight by zone; default equal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub client_weights: BTreeMap<ZoneId, f64>,
    /// Where sessions live.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sessions: Sessions,
    /// Security attributes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: Security,
    /// Interfaces it offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    /// What one instance costs a month, in the design's currency.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cost_per_month: f64,
}

impl Component {
    /// A component with nothing stated but what it is.
    pub fn new(id: impl Into<ComponentId>, kind: Kind) -> Self {
        Self {
            id: id.into(),
            name: String::new(),
            kind,
            about: String::new(),
            owner: String::new(),
            tags: Vec::new(),
            replicas: 1,
            zones: Vec::new(),
            spread: Spread::default(),
            min_healthy: 1,
            scale: None,
            restart: Restart::default(),
            release: Release::default(),
            slots: Vec::new(),
            detector: None,
            service: Service::default(),
            reliability: None,
            replication: None,
            sharding: None,
            data: None,
            cache: None,
            queue: None,
            resolver: None,
            balance: Balance::default(),
            firewall: None,
            function: None,
            client_weights: BTreeMap::new(),
            sessions: Sessions::default(),
            security: Security::default(),
            interfaces: Vec::new(),
            cost_per_month: 0.0,
        }
    }

    /// The name to show.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.id.as_str() } else { &self.name }
    }

    /// Number of shards, at least 1.
    pub fn shards(&self) -> u32 {
        self.sharding.as_ref().map_or(1, |s| s.shards.max(1))
    }

    /// The detector in force.
    pub fn detector(&self) -> Detector {
        self.detector.unwrap_or_default()
    }

    /// The replication in force where no `replicate` link says otherwise.
    pub fn replication(&self) -> Replication {
        match (&self.replication, self.kind) {
            (Some(mode), _) => mode.clone(),
            (None, _) if self.replicas <= 1 => Replication::None,
            (None, Kind::Coordinator) => Replication::Consensus(Default::default()),
            (None, Kind::Peer) => {
                Replication::Quorum(Quorum { n: self.replicas.min(3), ..Quorum::default() })
            }
            (None, _) => Replication::PrimaryBackup(Default::default()),
        }
    }
}

/// Whether two copies of a component may share a leaf zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// They may.
    #[default]
    Prefer,
    /// It is an error.
    Require,
}

/// Automatic scaling between two bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scale {
    /// Fewest instances.
    pub min: u32,
    /// Most instances.
    pub max: u32,
    /// Utilisation that it aims at, 0..1.
    #[serde(default = "scale_target")]
    pub target: f64,
}

fn scale_target() -> f64 {
    0.6
}

/// Whether a crashed instance comes back by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Stays down until somebody acts.
    #[default]
    Never,
    /// Is started again after that time.
    After(Millis),
}

/// How a new version reaches the instances of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// Not stated.
    #[default]
    Unstated,
    /// To all of them in the same moment.
    AllAtOnce,
    /// To one after the other, as long as those before are well.
    Rolling,
    /// To a second set beside the first, to which all traffic is then switched, and from which it can be switched back.
    BlueGreen,
    /// First to a few that get a small share of the traffic and are watched.
    Canary,
}

impl Release {
    /// Whether a bad version is noticed, or can be taken back, before it has everything.
    pub fn is_staged(self) -> bool {
        matches!(self, Release::Rolling | Release::BlueGreen | Release::Canary)
    }
}

/// Time and parallelism of the work of one instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Service {
    /// Median time of one request's own work, without waiting and calls; default 1 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Millis>,
    /// How the time varies.
    #[serde(skip_serializing_if = "is_default")]
    pub distribution: Distribution,
    /// Requests worked on at once by one instance; default 64.
    #[serde(skip_serializing_if = "is_zero")]
    pub concurrency: u32,
    /// Requests that may wait; more are shed. Default 256.
    #[serde(skip_serializing_if = "is_zero")]
    pub queue: u32,
    /// Requests a second one instance can take, where known; otherwise concurrency / time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<PerSecond>,
}

impl Service {
    /// Median time of one request's own work.
    pub fn time(&self) -> Millis {
        self.time.unwrap_or(Millis(1.0))
    }

    /// Requests worked on at once.
    pub fn concurrency(&self) -> u32 {
        if self.concurrency == 0 { 64 } else { self.concurrency }
    }

    /// Requests that may wait.
    pub fn queue(&self) -> u32 {
        if self.queue == 0 { 256 } else { self.queue }
    }

    /// Requests a second one instance can take.
    pub fn capacity(&self) -> PerSecond {
        self.capacity.unwrap_or(PerSecond(f64::from(self.concurrency()) * 1e3 / self.time().get().max(1e-3)))
    }
}

/// How a time varies around its median.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Not at all.
    #[default]
    Fixed,
    /// Exponential with that median.
    Exponential,
    /// Log-normal with that median and this 99th percentile as a multiple of it.
    LogNormal {
        /// p99 divided by the median, above 1.
        p99_ratio: f64,
    },
}

/// How often something fails and how long repair takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reliability {
    /// Mean time between failures.
    pub mtbf: Millis,
    /// Mean time to repair.
    pub mttr: Millis,
}

impl Reliability {
    /// Steady-state probability of being down: MTTR / (MTBF + MTTR).
    pub fn unavailability(self) -> f64 {
        let total = self.mtbf.get() + self.mttr.get();
        if total > 0.0 { self.mttr.get() / total } else { 0.0 }
    }

    /// Probability of failing within a time that begins with everything fine, if failures come at a constant rate:
    /// 1 - exp(-time / MTBF).
    pub fn failure_within(self, time: Millis) -> f64 {
        if self.mtbf.get() > 0.0 { -(-time.get().max(0.0) / self.mtbf.get()).exp_m1() } else { 1.0 }
    }
}

/// What a component keeps and for how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Data {
    /// What there is now, all shards together, one copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Bytes>,
    /// How fast it grows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<BytesPerDay>,
    /// What fits, all shards together, one copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Bytes>,
    /// How long records are kept; absent means for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Millis>,
    /// Whether old records move to cheaper storage.
    #[serde(skip_serializing_if = "is_default")]
    pub archived: bool,
    /// How it is backed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// How often state is written so that a restart loses no more than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Millis>,
}

/// A backup plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Backup {
    /// Between two backups.
    pub every: Millis,
    /// Where the copies are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// Whether a restore has been tried.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restore_tested: bool,
}

/// Settings of a cache or CDN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct CacheSettings {
    /// How long an entry is fresh; default 2 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Millis>,
    /// Entries kept; the least recently used go first. Default 10 000.
    #[serde(skip_serializing_if = "is_zero")]
    pub entries: u32,
    /// Share of reads answered from it, 0..1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// Whether an expired entry is served while its origin is lost.
    #[serde(skip_serializing_if = "is_default")]
    pub serve_stale: bool,
    /// What a write does.
    #[serde(skip_serializing_if = "is_default")]
    pub writes: CacheWrites,
}

impl CacheSettings {
    /// How long an entry is fresh.
    pub fn ttl(&self) -> Millis {
        self.ttl.unwrap_or(Millis(2000.0))
    }

    /// Entries kept.
    pub fn entries(&self) -> u32 {
        if self.entries == 0 { 10_000 } else { self.entries }
    }

    /// Share of reads answered from it; default 0.8.
    pub fn hit_ratio(&self) -> f64 {
        self.hit_ratio.unwrap_or(0.8)
    }
}

/// What a write does to a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheWrites {
    /// Goes through to the origin before it is acknowledged.
    #[default]
    Through,
    /// Is acknowledged at once and written later: the cache is then a store for writes.
    Back,
}

/// Settings of a queue or stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct QueueSettings {
    /// Messages it holds before it refuses more; 0 is unbounded.
    #[serde(skip_serializing_if = "is_zero")]
    pub bound: u32,
    /// Whether messages survive a crash; default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durable: Option<bool>,
    /// Time after which an unacknowledged message is delivered again; default 2 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeliver_after: Option<Millis>,
    /// Deliveries until a message is set aside; 0 is never.
    #[serde(skip_serializing_if = "is_zero")]
    pub deliveries_max: u32,
}

impl QueueSettings {
    /// Whether messages survive a crash.
    pub fn durable(&self) -> bool {
        self.durable.unwrap_or(true)
    }

    /// Time after which an unacknowledged message is delivered again.
    pub fn redeliver_after(&self) -> Millis {
        self.redeliver_after.unwrap_or(Millis(2000.0))
    }
}

/// Settings of DNS or a directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Resolver {
    /// Which targets an answer names first.
    pub policy: ResolvePolicy,
    /// How long an answer is used; default 1 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Millis>,
}

impl Resolver {
    /// How long an answer is used.
    pub fn ttl(&self) -> Millis {
        self.ttl.unwrap_or(Millis(1000.0))
    }
}

/// Which targets an answer names first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolvePolicy {
    /// Those that share most zones with the asker.
    #[default]
    Nearest,
    /// By the weights of the links.
    Weighted,
    /// In the order of the links; later ones only when earlier ones are lost.
    Failover,
}

/// How a balancer picks among eligible targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// In turn.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
    /// By a hash of the key, so that a key stays with a target.
    Hash,
}

/// Settings of a firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct FirewallSettings {
    /// Requests a second one instance lets pass; more are shed. Absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<PerSecond>,
    /// Whether requests are inspected (web application firewall).
    #[serde(skip_serializing_if = "is_default")]
    pub waf: bool,
    /// Whether floods are absorbed.
    #[serde(skip_serializing_if = "is_default")]
    pub ddos: bool,
}

/// Settings of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct FunctionSettings {
    /// Extra time of the first request after idling; default 200 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_start: Option<Millis>,
    /// Idle time after which it is cold again; default 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_after: Option<Millis>,
}

impl FunctionSettings {
    /// Extra time of the first request after idling.
    pub fn cold_start(&self) -> Millis {
        self.cold_start.unwrap_or(Millis(200.0))
    }

    /// Idle time after which it is cold again.
    pub fn idle_after(&self) -> Millis {
        self.idle_after.unwrap_or(Millis(60_000.0))
    }
}

/// Where the sessions of a component live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sessions {
    /// It keeps none.
    #[default]
    None,
    /// In the instance: a user sticks to it and loses the session with it.
    Local,
    /// In a store that it calls.
    Shared,
}

/// Security attributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Security {
    /// Whether anyone on the internet can reach it; of a client, whether anyone on the internet can be it.
    #[serde(skip_serializing_if = "is_default")]
    pub internet_facing: bool,
    /// Whether data at rest is encrypted.
    #[serde(skip_serializing_if = "is_default")]
    pub encrypted_at_rest: bool,
    /// Whether callers must say who they are.
    #[serde(skip_serializing_if = "is_default")]
    pub authenticates: bool,
    /// Whether what was done is recorded.
    #[serde(skip_serializing_if = "is_default")]
    pub audit_log: bool,
    /// Whether it is an administrative entry.
    #[serde(skip_serializing_if = "is_default")]
    pub admin: bool,
    /// How bad it is when its data leaks.
    #[serde(skip_serializing_if = "is_default")]
    pub sensitivity: Sensitivity,
}

/// How bad it is when data leaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Not stated.
    #[default]
    Unstated,
    /// For everyone.
    Public,
    /// For the organisation.
    Internal,
    /// For a few.
    Confidential,
    /// Personal or payment data.
    Regulated,
}

/// An interface that a component offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The version of its contract; empty is unversioned.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The protocol, for people: HTTP, gRPC, SQL…
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol: String,
}
