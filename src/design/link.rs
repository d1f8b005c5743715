//! Links: the drawn arrows, each an interaction with its network and its policy.

use serde::{Deserialize, Serialize};

use super::id::{ComponentId, LinkId};
use super::replication::Replication;
use super::units::{BitsPerSecond, Millis};
use super::{is_default, is_zero};

/// A drawn arrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Link {
    /// Pinned id.
    pub id: LinkId,
    /// Where it starts.
    pub from: ComponentId,
    /// Where it ends.
    pub to: ComponentId,
    /// What happens along it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interaction: Interaction,
    /// Shown on it; empty shows what matters of the interaction.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The caller's slot that it stands in; empty is the default of the caller's kind.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub slot: String,
    /// Weight among the links of a weighted resolver; default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// The network under it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub network: Network,
    /// What the caller does about time and failure.
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: Policy,
    /// Whether it is encrypted; absent is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// Whether what is sent is first recorded with the caller's own write, in one transaction, and sent again from that record
    /// until it is acknowledged (transactional outbox, change data capture). The request still waits for the first sending.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outbox: bool,
    /// How the caller proves who it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authentication: Authentication,
    /// Of a `replicate` link: the mode of the group that it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<Replication>,
    /// Of a `heartbeat` link: how the standby takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
}

impl Link {
    /// A link with nothing stated but its ends.
    pub fn new(id: impl Into<LinkId>, from: impl Into<ComponentId>, to: impl Into<ComponentId>) -> Self {
        Self { id: id.into(), from: from.into(), to: to.into(), ..Self::default() }
    }
}

/// What happens along a link.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Interaction {
    /// A request and its answer.
    #[default]
    Call,
    /// A message handed to a queue or stream, which acknowledges it.
    Publish,
    /// Messages flow from the queue or stream (`from`) to the consumer (`to`).
    Subscribe,
    /// A name is resolved: into a resolver, or from it to what it names. Carries no requests.
    Resolve,
    /// Data is copied from a primary store to another.
    Replicate,
    /// Signs of life between an active and its standby.
    Heartbeat,
    /// Metrics, logs or traces; never needed.
    Telemetry,
    /// A way round an inline cache.
    Bypass,
}

impl Interaction {
    /// Every interaction.
    pub const ALL: [Interaction; 8] = [
        Interaction::Call,
        Interaction::Publish,
        Interaction::Subscribe,
        Interaction::Resolve,
        Interaction::Replicate,
        Interaction::Heartbeat,
        Interaction::Telemetry,
        Interaction::Bypass,
    ];

    /// The plain name.
    pub fn label(self) -> &'static str {
        match self {
            Interaction::Call => "call",
            Interaction::Publish => "publish",
            Interaction::Subscribe => "subscribe",
            Interaction::Resolve => "resolve",
            Interaction::Replicate => "replicate",
            Interaction::Heartbeat => "heartbeat",
            Interaction::Telemetry => "telemetry",
            Interaction::Bypass => "bypass",
        }
    }
}

/// The network under a link, each way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Network {
    /// One-way delay; default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Millis>,
    /// Added to the delay, uniformly between 0 and this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Millis>,
    /// Share of packets lost, 0..1; felt as retransmission delay.
    #[serde(skip_serializing_if = "is_default")]
    pub loss: f64,
    /// Speed; absent is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<BitsPerSecond>,
}

/// What the caller does about time and failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// Time one try may take; absent is derived from the journey's deadline so that all tries fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Millis>,
    /// Tries in all, the first included; 0 is the default of 2.
    #[serde(skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Pause before a further try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Millis>,
    /// Whether the pause grows and is spread by chance.
    #[serde(skip_serializing_if = "is_default")]
    pub jittered: bool,
    /// Stops asking a failing target for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Requests under way along the link from one caller; 0 is unlimited (bulkhead).
    #[serde(skip_serializing_if = "is_zero")]
    pub in_flight_max: u32,
}

impl Policy {
    /// Tries in all.
    pub fn tries(&self) -> u32 {
        if self.tries == 0 { 2 } else { self.tries }
    }

    /// Pause before a further try.
    pub fn backoff(&self) -> Millis {
        self.backoff.unwrap_or(Millis(0.0))
    }
}

/// A circuit breaker (Nygard, Release It!).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Breaker {
    /// Failures in a row until it opens.
    pub failures: u32,
    /// Time until it lets one request through again.
    pub reset: Millis,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 5, reset: Millis(1000.0) }
    }
}

/// How a caller proves who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Not stated.
    #[default]
    Unstated,
    /// Not at all.
    None,
    /// A password or key that both know.
    Secret,
    /// A token from an identity provider.
    Token,
    /// Certificates on both sides.
    MutualTls,
}

/// How a standby takes over from the active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Heartbeat {
    /// Between beats; default 250 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Millis>,
    /// Beats missed until the standby takes over; default 3.
    #[serde(skip_serializing_if = "is_zero")]
    pub misses: u32,
    /// Whether the old active is shut out first; without it both can be active.
    #[serde(skip_serializing_if = "is_default")]
    pub fenced: bool,
}

impl Heartbeat {
    /// Between beats.
    pub fn every(&self) -> Millis {
        self.every.unwrap_or(Millis(250.0))
    }

    /// Beats missed until the standby takes over.
    pub fn misses(&self) -> u32 {
        if self.misses == 0 { 3 } else { self.misses }
    }
}
