//! What a drawn box can be: the registry of component kinds.
//!
//! A kind decides the icon and family of a card, the defaults of its slots, and the role that its instances play
//! when the design runs. [`Kind::ALL`] is the order of the palette.

use serde::{Deserialize, Serialize};

/// What a component is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Users and their devices: where journeys begin. Never an element of a world.
    Client,
    /// Turns a name into addresses; carries no requests.
    Dns,
    /// Content delivery network in front of its origins.
    Cdn,
    /// Packet or application firewall, rate limiter, DDoS protection.
    Firewall,
    /// Spreads requests over its targets.
    LoadBalancer,
    /// Application gateway: routes each journey to the targets it visits.
    Gateway,
    /// A stateless service.
    Service,
    /// A function that is started on demand.
    Function,
    /// Consumes from a queue or stream.
    Worker,
    /// Relational database.
    RelationalStore,
    /// Document database.
    DocumentStore,
    /// Key-value database.
    KeyValueStore,
    /// Wide-column database.
    WideColumnStore,
    /// Object or blob storage.
    ObjectStore,
    /// Search index.
    SearchIndex,
    /// Graph database.
    GraphStore,
    /// Time-series database.
    TimeSeriesStore,
    /// Analytical warehouse.
    Warehouse,
    /// Cache, beside a store or inline.
    Cache,
    /// Message queue: each message to one consumer.
    Queue,
    /// Event stream or log: kept and read by position.
    Stream,
    /// Lock, lease and configuration service.
    Coordinator,
    /// Authenticates and issues tokens.
    IdentityProvider,
    /// Scrapes metrics and raises alerts.
    Monitoring,
    /// Collects logs.
    Logging,
    /// Collects traces.
    Tracing,
    /// Serves a machine-learning model.
    ModelServer,
    /// A device at the edge.
    EdgeDevice,
    /// Something run by somebody else.
    ExternalSystem,
    /// A member of a peer-to-peer overlay.
    Peer,
}

/// The palette family of a kind; decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Where requests enter.
    Entry,
    /// What computes.
    Compute,
    /// What keeps data.
    Data,
    /// What carries messages.
    Messaging,
    /// What protects and coordinates.
    Safety,
    /// What watches.
    Insight,
    /// What others run.
    External,
}

impl Family {
    /// All families in palette order.
    pub const ALL: [Family; 7] = [
        Family::Entry,
        Family::Compute,
        Family::Data,
        Family::Messaging,
        Family::Safety,
        Family::Insight,
        Family::External,
    ];

    /// The name shown above its kinds.
    pub fn label(self) -> &'static str {
        match self {
            Family::Entry => "Entry",
            Family::Compute => "Compute",
            Family::Data => "Data",
            Family::Messaging => "Messaging",
            Family::Safety => "Safety",
            Family::Insight => "Insight",
            Family::External => "External",
        }
    }
}

impl Kind {
    /// Every kind, in palette order.
    pub const ALL: [Kind; 30] = [
        Kind::Client,
        Kind::Dns,
        Kind::Cdn,
        Kind::LoadBalancer,
        Kind::Gateway,
        Kind::EdgeDevice,
        Kind::Service,
        Kind::Function,
        Kind::Worker,
        Kind::ModelServer,
        Kind::Peer,
        Kind::RelationalStore,
        Kind::DocumentStore,
        Kind::KeyValueStore,
        Kind::WideColumnStore,
        Kind::ObjectStore,
        Kind::SearchIndex,
        Kind::GraphStore,
        Kind::TimeSeriesStore,
        Kind::Warehouse,
        Kind::Cache,
        Kind::Queue,
        Kind::Stream,
        Kind::Firewall,
        Kind::IdentityProvider,
        Kind::Coordinator,
        Kind::Monitoring,
        Kind::Logging,
        Kind::Tracing,
        Kind::ExternalSystem,
    ];

    /// The plain name, in sentence case.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Client => "Clients",
            Kind::Dns => "DNS",
            Kind::Cdn => "CDN",
            Kind::Firewall => "Firewall",
            Kind::LoadBalancer => "Load balancer",
            Kind::Gateway => "Gateway",
            Kind::Service => "Service",
            Kind::Function => "Function",
            Kind::Worker => "Worker",
            Kind::RelationalStore => "Relational store",
            Kind::DocumentStore => "Document store",
            Kind::KeyValueStore => "Key-value store",
            Kind::WideColumnStore => "Wide-column store",
            Kind::ObjectStore => "Object store",
            Kind::SearchIndex => "Search index",
            Kind::GraphStore => "Graph store",
            Kind::TimeSeriesStore => "Time-series store",
            Kind::Warehouse => "Warehouse",
            Kind::Cache => "Cache",
            Kind::Queue => "Queue",
            Kind::Stream => "Stream",
            Kind::Coordinator => "Coordinator",
            Kind::IdentityProvider => "Identity provider",
            Kind::Monitoring => "Monitoring",
            Kind::Logging => "Logging",
            Kind::Tracing => "Tracing",
            Kind::ModelServer => "Model server",
            Kind::EdgeDevice => "Edge device",
            Kind::ExternalSystem => "External system",
            Kind::Peer => "Peer",
        }
    }

    /// The palette family.
    pub fn family(self) -> Family {
        match self {
            Kind::Client | Kind::Dns | Kind::Cdn | Kind::LoadBalancer | Kind::Gateway | Kind::EdgeDevice => {
                Family::Entry
            }
            Kind::Service | Kind::Function | Kind::Worker | Kind::ModelServer | Kind::Peer => Family::Compute,
            Kind::RelationalStore
            | Kind::DocumentStore
            | Kind::KeyValueStore
            | Kind::WideColumnStore
            | Kind::ObjectStore
            | Kind::SearchIndex
            | Kind::GraphStore
            | Kind::TimeSeriesStore
            | Kind::Warehouse
            | Kind::Cache => Family::Data,
            Kind::Queue | Kind::Stream => Family::Messaging,
            Kind::Firewall | Kind::IdentityProvider | Kind::Coordinator => Family::Safety,
            Kind::Monitoring | Kind::Logging | Kind::Tracing => Family::Insight,
            Kind::ExternalSystem => Family::External,
        }
    }

    /// Whether it is a database: keeps data that is lost with it.
    pub fn is_store(self) -> bool {
        matches!(
            self,
            Kind::RelationalStore
                | Kind::DocumentStore
                | Kind::KeyValueStore
                | Kind::WideColumnStore
                | Kind::ObjectStore
                | Kind::SearchIndex
                | Kind::GraphStore
                | Kind::TimeSeriesStore
                | Kind::Warehouse
        )
    }

    /// Whether it carries messages.
    pub fn is_messaging(self) -> bool {
        matches!(self, Kind::Queue | Kind::Stream)
    }

    /// Whether its replicas form groups that agree on data: stores, queues, streams, coordinators and peers.
    pub fn is_replicated(self) -> bool {
        self.is_store() || self.is_messaging() || matches!(self, Kind::Coordinator | Kind::Peer)
    }

    /// Whether it only watches: links to it default to `telemetry` and are never needed.
    pub fn is_insight(self) -> bool {
        self.family() == Family::Insight
    }

    /// Whether its outgoing links default to one `any` slot over all targets.
    pub fn spreads(self) -> bool {
        matches!(self, Kind::Dns | Kind::Cdn | Kind::LoadBalancer)
    }
}
