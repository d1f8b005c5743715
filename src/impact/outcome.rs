//! Outcomes: what a world leaves of a journey and of the work behind its queues, in words and in shares.

use crate::design::JourneyId;

/// A share below this is none, and above one minus this is all: room for rounding, far below one request.
pub(super) const ROUNDING: f64 = 1e-9;

/// What a world leaves of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyOutcome {
    /// The journey.
    pub journey: JourneyId,
    /// In one word.
    pub outcome: Outcome,
    /// Share of its requests that are served, 0..1.
    pub share: f64,
    /// Share of its requests that are served without something optional, 0..1.
    pub degraded_share: f64,
    /// Share served if only its reads counted; `None` if it reads nothing.
    pub reads: Option<f64>,
    /// Share served if only its writes counted; `None` if it writes nothing.
    pub writes: Option<f64>,
    /// Whether a partition that is not transitive leaves a leader open; not scored.
    pub unstable: bool,
    /// What becomes of the work behind its queues.
    pub effects: Vec<EffectOutcome>,
}

/// What becomes of a journey, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// No request is served.
    Lost,
    /// Some are.
    Part,
    /// All are, some without something optional.
    Degraded,
    /// All are.
    Served,
}

impl Outcome {
    /// The word for people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Lost => "lost",
            Outcome::Part => "part",
            Outcome::Degraded => "degraded",
            Outcome::Served => "served",
        }
    }

    pub(super) fn of(share: f64, degraded_share: f64) -> Self {
        if share <= ROUNDING {
            Outcome::Lost
        } else if share < 1.0 - ROUNDING {
            Outcome::Part
        } else if degraded_share > ROUNDING {
            Outcome::Degraded
        } else {
            Outcome::Served
        }
    }
}

/// What becomes of the work behind a queue; the three shares add to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectOutcome {
    /// `journey/name`.
    pub id: String,
    /// Share of the journey's requests whose effect happens.
    pub done: f64,
    /// Share whose effect waits safely until a consumer is back.
    pub late: f64,
    /// Share whose message was never acknowledged.
    pub never: f64,
}

impl EffectOutcome {
    /// In one word: `done`, `late` or `never` where one of them is all, else `part`.
    pub fn word(&self) -> &'static str {
        if self.done >= 1.0 - ROUNDING {
            "done"
        } else if self.late >= 1.0 - ROUNDING {
            "late"
        } else if self.never >= 1.0 - ROUNDING {
            "never"
        } else {
            "part"
        }
    }
}
