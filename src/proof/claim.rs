//! Claims, what was observed of them, and what that says.

use serde::{Deserialize, Serialize};

use crate::impact::{EffectOutcome, JourneyOutcome};

/// Requests that a settled window holds at least.
pub const REQUESTS_MIN: u64 = 300;
/// Requests that are waited for at most, however even the predicted share.
pub const REQUESTS_MAX: u64 = 1600;
/// Share that counts as all.
pub const SERVED_MIN: f64 = 0.99;
/// Share that counts as none.
pub const LOST_MAX: f64 = 0.01;
/// How far an observed share may lie from the predicted one.
pub const SHARE_TOLERANCE: f64 = 0.05;

/// What is predicted of a journey, or of an effect of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// `served`, `degraded`, `part`, `lost`; of an effect `done`, `late`, `never`, `part`.
    pub outcome: String,
    /// Share served (done), 0..1.
    pub share: f64,
    /// Share served without something optional (late), 0..1.
    pub degraded_share: f64,
}

impl Predicted {
    /// Of a journey.
    pub fn of_journey(outcome: &JourneyOutcome) -> Self {
        Self {
            outcome: outcome.outcome.word().to_owned(),
            share: outcome.share,
            degraded_share: outcome.degraded_share,
        }
    }

    /// Of an effect.
    pub fn of_effect(outcome: &EffectOutcome) -> Self {
        Self { outcome: outcome.word().to_owned(), share: outcome.done, degraded_share: outcome.late }
    }
}

/// What clients saw in the settled window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Requests that were sent and ended.
    pub requests: u64,
    /// Share of them that was ok (done), 0..1.
    pub share: f64,
    /// Share of them that was ok without something optional (late), 0..1.
    pub degraded_share: f64,
}

impl Observed {
    /// In the words of a prediction, by the same bars. `words` are those for all, all but degraded, some and none.
    pub fn outcome(&self, effect: bool) -> &'static str {
        if effect {
            if self.share >= SERVED_MIN {
                "done"
            } else if self.degraded_share >= SERVED_MIN {
                "late"
            } else if self.share + self.degraded_share <= LOST_MAX {
                "never"
            } else {
                "part"
            }
        } else if self.share <= LOST_MAX {
            "lost"
        } else if self.share < SERVED_MIN {
            "part"
        } else if self.degraded_share > LOST_MAX {
            "degraded"
        } else {
            "served"
        }
    }
}

/// What an experiment says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was predicted is what happened.
    Confirmed,
    /// Something else happened.
    Refuted,
    /// The experiment was not sound.
    Inconclusive,
}

impl Verdict {
    /// The word for people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Confirmed => "confirmed",
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// One try of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// What clients saw; absent where it did not come to a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// What it says.
    pub verdict: Verdict,
    /// Why it was not sound, or in what way the prediction was missed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What a world does to a journey or an effect: predicted, tried, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Stable: `fault@journey`.
    pub id: String,
    /// The fault in words: `web/1`, `eu-west`, `eu-west:*`.
    pub fault: String,
    /// The journey, or the effect as `journey/effect`.
    pub journey: String,
    /// Whether it is about an effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub effect: bool,
    /// What the drawing says.
    pub predicted: Predicted,
    /// The last sound observation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// What the last attempt says; `None` while untried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Every try.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
}

impl Claim {
    /// The journey whose requests try it: the claim's own, or the one that the effect belongs to.
    pub fn journey_asked(&self) -> &str {
        match self.journey.split_once('/') {
            Some((journey, _)) if self.effect => journey,
            _ => &self.journey,
        }
    }

    /// Takes note of a try.
    pub fn note(&mut self, attempt: Attempt) {
        if attempt.observed.is_some() {
            self.observed.clone_from(&attempt.observed);
        }
        self.verdict = Some(attempt.verdict);
        self.attempts.push(attempt);
    }
}

/// How many requests a window needs for a prediction, fixed before it is measured.
///
/// The observed share of n independent requests has standard deviation sqrt(p (1 - p) / n); n is such that the tolerance
/// is four of them, at least [`REQUESTS_MIN`].
pub fn requests_wanted(predicted: &Predicted) -> u64 {
    let variance = |p: f64| p * (1.0 - p);
    let worst = variance(predicted.share).max(variance(predicted.degraded_share));
    let wanted = (16.0 * worst / (SHARE_TOLERANCE * SHARE_TOLERANCE)).ceil() as u64;
    wanted.clamp(REQUESTS_MIN, REQUESTS_MAX)
}

/// Compares what was predicted with what was seen. The reason says in what way they differ.
pub fn judge(predicted: &Predicted, observed: &Observed) -> (Verdict, String) {
    if observed.requests < REQUESTS_MIN {
        return (
            Verdict::Inconclusive,
            format!("only {} requests ended in the window, {REQUESTS_MIN} are needed", observed.requests),
        );
    }
    let miss = |what: &str, wanted: f64, seen: f64| {
        let fits = if wanted >= 1.0 {
            seen >= SERVED_MIN
        } else if wanted <= 0.0 {
            seen <= LOST_MAX
        } else {
            (seen - wanted).abs() <= SHARE_TOLERANCE
        };
        (!fits).then(|| format!("{what}: predicted {:.1} %, observed {:.1} %", wanted * 100.0, seen * 100.0))
    };
    let misses: Vec<String> = [
        miss("share", predicted.share, observed.share),
        miss("second share", predicted.degraded_share, observed.degraded_share),
    ]
    .into_iter()
    .flatten()
    .collect();
    if misses.is_empty() {
        (Verdict::Confirmed, String::new())
    } else {
        (Verdict::Refuted, misses.join("; "))
    }
}

/// The outcome of a proof.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProofReport {
    /// Every claim, in the order of the plan.
    pub claims: Vec<Claim>,
    /// Whether it was stopped before the end.
    pub cancelled: bool,
    /// What kept it from going on, if anything did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trouble: String,
}

impl ProofReport {
    /// How many claims have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.claims.iter().filter(|c| c.verdict == Some(verdict)).count()
    }

    /// How many claims have none yet.
    pub fn untried(&self) -> usize {
        self.claims.iter().filter(|c| c.verdict.is_none()).count()
    }
}
