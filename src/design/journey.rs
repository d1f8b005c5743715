//! Journeys: the things users do, as finite trees of steps along links.

use serde::{Deserialize, Serialize};

use super::id::{ComponentId, JourneyId, LinkId};
use super::is_default;
use super::replication::Consistency;
use super::units::{Millis, PerSecond};

/// One thing users do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Journey {
    /// Pinned id.
    pub id: JourneyId,
    /// Shown name; empty shows the id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The client that begins it.
    pub client: ComponentId,
    /// Share of the client's requests, relative to its other journeys; default 1.
    #[serde(default = "one_share", skip_serializing_if = "is_one_share")]
    pub share: f64,
    /// Requests a second over all client zones; default 20/s times the share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<PerSecond>,
    /// Time after which the client gives up; default 5 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Millis>,
    /// What has been promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// How often a synthetic probe does the same from outside and raises an alarm when it fails; absent: none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Millis>,
    /// What reads and writes must keep, where a step does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
    /// What the client does; empty means along every call and publish link that it reaches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

fn one_share() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one_share(share: &f64) -> bool {
    *share == 1.0
}

impl Journey {
    /// A journey with nothing stated but who begins it.
    pub fn new(id: impl Into<JourneyId>, client: impl Into<ComponentId>) -> Self {
        Self {
            id: id.into(),
            name: String::new(),
            client: client.into(),
            share: 1.0,
            rate: None,
            deadline: None,
            objective: None,
            probe: None,
            consistency: None,
            steps: Vec::new(),
        }
    }

    /// The name to show.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.id.as_str() } else { &self.name }
    }

    /// Time after which the client gives up.
    pub fn deadline(&self) -> Millis {
        self.deadline.unwrap_or(Millis(5000.0))
    }

    /// Requests a second over all client zones.
    pub fn rate(&self) -> PerSecond {
        self.rate.unwrap_or(PerSecond(20.0 * self.share))
    }
}

/// A service-level objective.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Objective {
    /// Share of requests served, 0..1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<f64>,
    /// 99th percentile of the time of a served request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<Millis>,
    /// Recovery time objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rto: Option<Millis>,
    /// Recovery point objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpo: Option<Millis>,
}

/// One operation along one link, and what it causes at the other end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Step {
    /// The link, leading out of the component that the step before reached.
    pub link: LinkId,
    /// What is done; absent follows the link: `publish` along a publish link, `resolve` along a resolve link,
    /// `deliver` along a subscribe link, else `call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// Which replicas may answer a read; default `leader`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub from: ReadFrom,
    /// What this read or write must keep; absent takes the journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
    /// Whether doing it twice is as good as once; default: reads and calls yes, writes and publishes no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// Keys touched: one, or several that may lie on different shards.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keys: Keys,
    /// Of a `deliver` step: the effect's name; absent takes the consumer's id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub effect: String,
    /// What it causes at the other end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// A request; of a store, a write and a read.
    #[default]
    Call,
    /// A read of a key.
    Read,
    /// A write of a key.
    Write,
    /// A message handed to a queue or stream.
    Publish,
    /// A name resolved.
    Resolve,
    /// A message delivered to its consumer: begins an effect.
    Deliver,
    /// Waits until the effects of the journey so far are done.
    WaitForEffect,
}

/// Which replicas may answer a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    /// The primary, leader or tail: full strength.
    #[default]
    Leader,
    /// Any replica.
    Any,
    /// The nearest replica that answers.
    Nearest,
    /// R of N.
    Quorum,
}

/// The keys that a step touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// One key: the request's own.
    #[default]
    One,
    /// Keys on every shard: all of them are needed.
    All,
}
