//! Trying a plan, experiment by experiment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::claim::{
    Attempt, Claim, LOST_MAX, Observed, ProofReport, SERVED_MIN, Verdict, judge, requests_wanted,
};
use super::laboratory::{Laboratory, LaboratoryError, Measured};
use super::plan::Experiment;
use super::record::Record;
use crate::live::wire::{EffectCounts, OutcomeCounts, SLICE_US};

/// How long a client goes on asking after an effect.
const EFFECT_TIME: Duration = Duration::from_secs(8);
/// Requests of each journey in a baseline.
const BASELINE_REQUESTS: f64 = 100.0;
/// Tries of a claim at most.
pub const ATTEMPTS_MAX: usize = 3;

/// How a proof is carried out.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// Time for detection, failover and expiry ([`settle_time`](super::settle_time)).
    pub settle: Duration,
    /// The longest deadline of the journeys: how long a request may still be under way.
    pub deadline: Duration,
    /// Requests a second of each journey, for knowing how long a window takes ([`pace`](super::pace())).
    pub rates: BTreeMap<String, f64>,
    /// Journeys that are not meant to be served in full when nothing is broken: no baseline is asked of them.
    pub without_baseline: BTreeSet<String>,
    /// Lateness of the generator (99th percentile, milliseconds) beyond which a window is not trusted.
    pub lag_max_ms: f64,
}

impl ProofOptions {
    fn rate_of(&self, claim: &Claim) -> f64 {
        self.rates.get(claim.journey_asked()).copied().unwrap_or(0.0).max(0.1)
    }
}

/// What is going on, for who watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// An experiment begins.
    Trying {
        /// Its place in the plan, from 0.
        index: usize,
        /// Of how many.
        of: usize,
        /// The fault.
        fault: String,
        /// Which try of it, from 1.
        attempt: usize,
    },
    /// Claims have been judged.
    Judged(Vec<Claim>),
}

/// Tries every experiment and judges every claim.
///
/// Claims that the record already knows are not tried again; an experiment all of whose claims are known is skipped.
/// Cancelling stops before the next step, heals, and returns what there is.
pub fn run(
    plan: Vec<Experiment>,
    options: &ProofOptions,
    laboratory: &mut dyn Laboratory,
    mut record: Option<&mut Record>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
) -> ProofReport {
    let mut report = ProofReport::default();
    let of = plan.len();
    let mut sound_before: Option<Result<(), String>> = None;
    for (index, experiment) in plan.into_iter().enumerate() {
        let mut claims = experiment.claims.clone();
        if let Some(record) = record.as_deref() {
            for claim in &mut claims {
                if let Some(known) = record.known.get(&claim.id).filter(|k| k.predicted == claim.predicted) {
                    claim.clone_from(known);
                }
            }
        }
        let mut attempt = 0;
        while attempt < ATTEMPTS_MAX
            && claims.iter().any(open)
            && report.trouble.is_empty()
            && !cancel.load(Ordering::Relaxed)
        {
            attempt += 1;
            progress(Progress::Trying { index, of, fault: experiment.fault.clone(), attempt });
            let tried = try_once(&experiment, &mut claims, options, laboratory, cancel, &mut sound_before);
            if let Err(error) = tried {
                report.trouble = error.0;
            }
        }
        if let Some(record) = record.as_deref_mut() {
            for claim in claims.iter().filter(|c| c.verdict.is_some()) {
                if record.known.contains_key(&claim.id) {
                    continue;
                }
                if let Err(error) = record.add(claim) {
                    report.trouble = error.to_string();
                }
            }
        }
        progress(Progress::Judged(claims.clone()));
        report.claims.append(&mut claims);
    }
    report.cancelled = cancel.load(Ordering::Relaxed);
    report
}

/// Whether a claim still wants a try.
fn open(claim: &Claim) -> bool {
    !matches!(claim.verdict, Some(Verdict::Confirmed | Verdict::Refuted))
}

fn try_once(
    experiment: &Experiment,
    claims: &mut [Claim],
    options: &ProofOptions,
    laboratory: &mut dyn Laboratory,
    cancel: &AtomicBool,
    sound_before: &mut Option<Result<(), String>>,
) -> Result<(), LaboratoryError> {
    // The baseline after one experiment is the baseline before the next: nothing has happened between.
    let before = match sound_before.take() {
        Some(known) => known,
        None => baseline(claims, options, laboratory)?,
    };
    let mut window = None;
    if before.is_ok() && !cancel.load(Ordering::Relaxed) {
        laboratory.break_it(&experiment.world)?;
        laboratory.pass(options.settle)?;
        window = Some(settled_window(claims, options, laboratory, cancel)?);
    }
    laboratory.heal()?;
    if cancel.load(Ordering::Relaxed) {
        return Ok(());
    }
    let after = recovery(claims, options, laboratory, cancel)?;
    for claim in claims.iter_mut().filter(|c| open(c)) {
        claim.note(attempt(claim, &before, &after, window.as_ref(), options));
    }
    *sound_before = Some(after);
    Ok(())
}

/// Waits until everything is as it was before: the first sound baseline, or the last one if there is none in the time that
/// recovery may take.
fn recovery(
    claims: &[Claim],
    options: &ProofOptions,
    laboratory: &mut dyn Laboratory,
    cancel: &AtomicBool,
) -> Result<Result<(), String>, LaboratoryError> {
    let give_up = laboratory.now_us() + (options.settle * 2 + Duration::from_secs(5)).as_micros() as u64;
    loop {
        laboratory.pass(Duration::from_millis(500))?;
        let sound = baseline(claims, options, laboratory)?;
        if sound.is_ok() || laboratory.now_us() >= give_up || cancel.load(Ordering::Relaxed) {
            return Ok(sound);
        }
    }
}

/// One claim's share of an experiment.
fn attempt(
    claim: &Claim,
    before: &Result<(), String>,
    after: &Result<(), String>,
    window: Option<&Measured>,
    options: &ProofOptions,
) -> Attempt {
    let inconclusive =
        |observed: Option<Observed>, why: String| Attempt { observed, verdict: Verdict::Inconclusive, why };
    if let Err(why) = before {
        return inconclusive(None, format!("the baseline before was not sound: {why}"));
    }
    let Some(window) = window else { return inconclusive(None, "nothing was measured".into()) };
    let observed = observe(claim, window);
    if window.lag_p99_ms > options.lag_max_ms {
        let why = format!("the load generator lagged by {:.0} ms", window.lag_p99_ms);
        return inconclusive(Some(observed), why);
    }
    if let Err(why) = after {
        return inconclusive(Some(observed), format!("the baseline after was not sound: {why}"));
    }
    let (verdict, why) = judge(&claim.predicted, &observed);
    Attempt { observed: Some(observed), verdict, why }
}

/// What clients saw of one claim's journey or effect.
fn observe(claim: &Claim, window: &Measured) -> Observed {
    if claim.effect {
        let effect = effect_of(claim, window);
        // Of every request it is told: of a failed one at once that it is never, of the others once it is known.
        let known = effect.done + effect.late + effect.never;
        let of_known = |n: u64| if known > 0 { n as f64 / known as f64 } else { 0.0 };
        return Observed {
            requests: known,
            share: of_known(effect.done),
            degraded_share: of_known(effect.late),
        };
    }
    let counts = window.journeys.get(&claim.journey).cloned().unwrap_or_default();
    Observed {
        requests: counts.ok + counts.failed + counts.timed_out,
        share: counts.success().unwrap_or(0.0),
        degraded_share: counts.degraded_share().unwrap_or(0.0),
    }
}

/// What is known of a claim's effect.
fn effect_of(claim: &Claim, window: &Measured) -> EffectCounts {
    let effects = window.journeys.get(claim.journey_asked()).map(|c| &c.effects);
    effects.and_then(|e| e.get(&claim.journey)).copied().unwrap_or_default()
}

/// Measures until every claim has its requests, then waits for the last of them to end.
fn settled_window(
    claims: &[Claim],
    options: &ProofOptions,
    laboratory: &mut dyn Laboratory,
    cancel: &AtomicBool,
) -> Result<Measured, LaboratoryError> {
    let from = laboratory.now_us();
    // Requests come by chance: four standard deviations more than wanted, and the slices at the edges do not count.
    let time = |claim: &Claim| {
        let wanted = requests_wanted(&claim.predicted) as f64;
        (wanted + 4.0 * wanted.sqrt()) / options.rate_of(claim) + 2.0 * SLICE_US as f64 / 1e6
    };
    let time = Duration::from_secs_f64(claims.iter().map(time).fold(1.0, f64::max));
    laboratory.pass(time)?;
    let to = laboratory.now_us();
    let mut measured = laboratory.measured(from, to);
    let mut patience = options.deadline + Duration::from_secs(2);
    if claims.iter().any(|c| c.effect) {
        // That an effect is late is known only when its time is over.
        patience += EFFECT_TIME + options.deadline;
    }
    let give_up = to + patience.as_micros() as u64;
    while !complete(claims, &measured) && laboratory.now_us() < give_up && !cancel.load(Ordering::Relaxed) {
        laboratory.pass(Duration::from_millis(100))?;
        measured = laboratory.measured(from, to);
    }
    Ok(measured)
}

/// Whether every request has ended, and all but a few are known to have had the effects that are claimed, or not. Failures
/// are known first, so that a window judged too early would hold too many of them, and what is late is known last.
fn complete(claims: &[Claim], measured: &Measured) -> bool {
    let known = |claim: &Claim| {
        let effect = effect_of(claim, measured);
        let sent = measured.journeys.get(claim.journey_asked());
        let sent = sent.map_or(0, |c| c.ok + c.failed + c.timed_out);
        (effect.done + effect.late + effect.never) * 200 >= sent * 199
    };
    !measured.journeys.is_empty()
        && measured.journeys.values().all(OutcomeCounts::is_complete)
        && claims.iter().filter(|c| c.effect).all(known)
}

/// Whether every journey is served when nothing is broken.
fn baseline(
    claims: &[Claim],
    options: &ProofOptions,
    laboratory: &mut dyn Laboratory,
) -> Result<Result<(), String>, LaboratoryError> {
    let from = laboratory.now_us();
    let slowest = claims.iter().map(|c| options.rate_of(c)).fold(BASELINE_REQUESTS, f64::min);
    laboratory.pass(Duration::from_secs_f64(BASELINE_REQUESTS / slowest))?;
    let to = laboratory.now_us();
    let give_up = to + (options.deadline + Duration::from_secs(1)).as_micros() as u64;
    let mut measured = laboratory.measured(from, to);
    while !measured.journeys.values().all(OutcomeCounts::is_complete) && laboratory.now_us() < give_up {
        laboratory.pass(Duration::from_millis(50))?;
        measured = laboratory.measured(from, to);
    }
    for claim in claims.iter().filter(|c| !c.effect && !options.without_baseline.contains(&c.journey)) {
        let counts = measured.journeys.get(&claim.journey).cloned().unwrap_or_default();
        match counts.success() {
            None => return Ok(Err(format!("no request of {} ended", claim.journey))),
            Some(share) if share < SERVED_MIN => {
                return Ok(Err(format!("{} was served {:.1} %", claim.journey, share * 100.0)));
            }
            Some(_) => {}
        }
        if counts.degraded_share().unwrap_or(0.0) > LOST_MAX {
            return Ok(Err(format!("{} was degraded", claim.journey)));
        }
    }
    Ok(Ok(()))
}
