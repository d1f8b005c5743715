//! What nodes count: journeys at the clients, requests everywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{InstanceId, Latency};
use crate::design::JourneyId;

/// The length of a load slice in microseconds.
pub const SLICE_US: u64 = 100_000;

/// What became of journeys whose *intended start* fell into one slice of time.
///
/// A client sends what is new since its last report, as often as it likes; the parent adds. An operation that ends late
/// is reported late, but under the slice in which it was meant to start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadSlice {
    /// Start of the slice: a multiple of [`SLICE_US`] on the clock of the run.
    pub start_us: u64,
    /// The journey.
    pub journey: JourneyId,
    /// What is new.
    #[serde(flatten)]
    pub counts: OutcomeCounts,
}

impl LoadSlice {
    /// The start of the slice that holds a time.
    pub fn start_of(at_us: u64) -> u64 {
        at_us - at_us % SLICE_US
    }
}

/// How many operations ended how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutcomeCounts {
    /// Meant to start, whatever became of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub offered: u64,
    /// Answered well, degraded ones included.
    #[serde(skip_serializing_if = "is_zero")]
    pub ok: u64,
    /// Of `ok`: without something optional.
    #[serde(skip_serializing_if = "is_zero")]
    pub degraded: u64,
    /// Answered with an error, or refused.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// No answer within the deadline.
    #[serde(skip_serializing_if = "is_zero")]
    pub timed_out: u64,
    /// Not sent: the generator had too many under way.
    #[serde(skip_serializing_if = "is_zero")]
    pub shed: u64,
    /// Effects by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub effects: BTreeMap<String, EffectCounts>,
    /// From the intended start to the answer, of those that are ok.
    #[serde(skip_serializing_if = "Latency::is_empty")]
    pub latency: Latency,
}

impl OutcomeCounts {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.ok += other.ok;
        self.degraded += other.degraded;
        self.failed += other.failed;
        self.timed_out += other.timed_out;
        self.shed += other.shed;
        for (name, counts) in &other.effects {
            let mine = self.effects.entry(name.clone()).or_default();
            mine.done += counts.done;
            mine.late += counts.late;
            mine.never += counts.never;
        }
        self.latency.add(&other.latency);
    }

    /// How many have ended, or never began.
    pub fn ended(&self) -> u64 {
        self.ok + self.failed + self.timed_out + self.shed
    }

    /// Whether every one that was offered has ended.
    pub fn is_complete(&self) -> bool {
        self.ended() >= self.offered
    }

    /// Share of those sent and ended that are ok, 0..1; `None` if none was.
    pub fn success(&self) -> Option<f64> {
        let sent = self.ok + self.failed + self.timed_out;
        (sent > 0).then(|| self.ok as f64 / sent as f64)
    }

    /// Share of those sent and ended that are ok but degraded, 0..1; `None` if none was.
    pub fn degraded_share(&self) -> Option<f64> {
        let sent = self.ok + self.failed + self.timed_out;
        (sent > 0).then(|| self.degraded as f64 / sent as f64)
    }
}

/// What became of an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EffectCounts {
    /// Seen done within its time.
    #[serde(skip_serializing_if = "is_zero")]
    pub done: u64,
    /// Accepted, and not done within its time.
    #[serde(skip_serializing_if = "is_zero")]
    pub late: u64,
    /// Never accepted.
    #[serde(skip_serializing_if = "is_zero")]
    pub never: u64,
}

/// What a client says of its load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadReport {
    /// What is new, by slice and journey.
    pub slices: Vec<LoadSlice>,
    /// New: how much later than intended requests were really sent. A run whose 99th percentile exceeds a few
    /// milliseconds is not to be trusted.
    #[serde(skip_serializing_if = "Latency::is_empty")]
    pub lag: Latency,
    /// Requests under way now.
    #[serde(skip_serializing_if = "is_zero")]
    pub in_flight: u64,
    /// Switched off, with nothing under way: with this report everything is said.
    pub at_rest: bool,
}

/// What a node has counted since it started; every value only grows, except where it says "now".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeMetrics {
    /// When it was taken.
    pub at_us: u64,
    /// Requests by the instance that sent them (`-` where the caller did not say).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub upstreams: BTreeMap<InstanceId, UpstreamCounts>,
    /// Under way now.
    #[serde(skip_serializing_if = "is_zero")]
    pub in_flight: u64,
    /// Messages, jobs or requests that wait now.
    #[serde(skip_serializing_if = "is_zero")]
    pub waiting: u64,
    /// New since the last snapshot: times of served requests.
    #[serde(skip_serializing_if = "Latency::is_empty")]
    pub latency: Latency,
    /// What else the role has to say, by name (`keys`, `hit_ratio`, `term`…).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
}

/// Requests from one upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpstreamCounts {
    /// Taken in.
    #[serde(skip_serializing_if = "is_zero")]
    pub requests: u64,
    /// Answered with an error.
    #[serde(skip_serializing_if = "is_zero")]
    pub errors: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}
