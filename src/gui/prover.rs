//! The proof behind the window: a thread that tries the claims on a cluster of its own, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::deploy::{self, Deployment};
use crate::design::Design;
use crate::impact::Baseline;
use crate::proof::{self, Claim, Experiment, Progress, Trial, Verdict, plan, plan_while};

use super::context::{ClaimRow, ClaimVerdict, Outcome, ProofView};
use super::notices::Notices;

/// A proof under way, from the window's side. Dropping it calls it off.
pub struct Prover {
    cancel: Arc<AtomicBool>,
    notices: Notices<ProofView>,
    seen: u64,
}

impl Prover {
    /// Begins to try the claims of these ids, or all of them if there are none; `known` are those tried before.
    pub fn start(
        design: Design,
        only: &[String],
        known: &ProofView,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let cancel = Arc::new(AtomicBool::new(false));
        let notices = Notices::new(ProofView {
            running: true,
            claims: known.claims.clone(),
            status: "starting".to_owned(),
            design: known.design,
        });
        let (of_thread, stop, only) = (notices.clone(), cancel.clone(), only.to_vec());
        let started = std::thread::Builder::new().name("proof".to_owned()).spawn(move || {
            let change = |f: &mut dyn FnMut(&mut ProofView)| {
                of_thread.change(f);
                wake();
            };
            let status = match try_all(&design, &only, &stop, &change) {
                Ok(()) if stop.load(Ordering::Relaxed) => "stopped".to_owned(),
                Ok(()) => String::new(),
                Err(why) => why,
            };
            change(&mut |view| {
                view.running = false;
                view.status.clone_from(&status);
                view.claims.iter_mut().for_each(ClaimRow::leave);
            });
        });
        if let Err(error) = started {
            notices.change(|view| {
                view.running = false;
                view.status = format!("no thread can be started: {error}");
            });
        }
        Self { cancel, notices, seen: 0 }
    }

    /// What there is to see, if it is new.
    pub fn news(&mut self) -> Option<ProofView> {
        self.notices.news(&mut self.seen)
    }

    /// Calls it off; what has been judged stays.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Prover {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Every claim of a design, untried; empty where there is nothing to prove, and nothing if it is called off.
pub fn claims(
    deployment: &Deployment,
    baseline: &Baseline,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<ClaimRow>> {
    if deployment.routes.is_empty() {
        return Some(Vec::new());
    }
    plan_while(deployment, baseline, go_on).map(|plan| rows(&plan))
}

/// Claims with what is known of them: what was tried before stays, where it still is a claim with the same prediction.
pub fn merged(claims: Vec<ClaimRow>, known: &[ClaimRow]) -> Vec<ClaimRow> {
    let known: BTreeMap<&str, &ClaimRow> = known.iter().map(|c| (c.id.as_str(), c)).collect();
    let one = |row: ClaimRow| match known.get(row.id.as_str()) {
        Some(old) if old.predicted == row.predicted && old.predicted_share == row.predicted_share => {
            // What an older ledger did not say yet.
            ClaimRow { effect: row.effect, ..(*old).clone() }
        }
        _ => row,
    };
    claims.into_iter().map(one).collect()
}

/// Every claim of some experiments, untried.
pub(super) fn rows(experiments: &[Experiment]) -> Vec<ClaimRow> {
    let row = |e: &Experiment, claim: &Claim| {
        let mut elements: Vec<_> = e.world.down.iter().map(|(id, _)| id.clone()).collect();
        for cut in &e.world.cuts {
            for side in [&cut.from, &cut.to] {
                if let crate::impact::Side::Element(id) = side
                    && !elements.contains(id)
                {
                    elements.push(id.clone());
                }
            }
        }
        let mut row = ClaimRow {
            id: claim.id.clone(),
            fault: claim.fault.clone(),
            elements,
            journey: claim.journey.split('/').next().unwrap_or_default().into(),
            effect: if claim.effect { claim.journey.clone() } else { String::new() },
            predicted: outcome(&claim.predicted.outcome),
            predicted_share: claim.predicted.share,
            observed_share: None,
            requests: 0,
            verdict: ClaimVerdict::Waiting,
            attempts: 0,
            note: String::new(),
            tried_on: 0,
            tried_at_s: 0,
        };
        judge(&mut row, claim);
        row
    };
    experiments.iter().flat_map(|e| e.claims.iter().map(move |c| row(e, c))).collect()
}

/// A journey's word, or the word of an effect that is as good or as bad.
pub(super) fn outcome(word: &str) -> Outcome {
    match word {
        "served" | "done" => Outcome::Served,
        "degraded" | "late" => Outcome::Degraded,
        "part" => Outcome::Part,
        _ => Outcome::Lost,
    }
}

fn judge(row: &mut ClaimRow, claim: &Claim) {
    row.attempts = u32::try_from(claim.attempts.len()).unwrap_or(u32::MAX);
    if let Some(observed) = &claim.observed {
        row.observed_share = Some(observed.share);
        row.requests = observed.requests;
    }
    if let Some(last) = claim.attempts.last() {
        row.note.clone_from(&last.why);
    }
    row.verdict = match claim.verdict {
        None => row.verdict,
        Some(Verdict::Confirmed) => ClaimVerdict::Confirmed,
        Some(Verdict::Refuted) => ClaimVerdict::Refuted,
        Some(Verdict::Inconclusive) => ClaimVerdict::Inconclusive,
    };
}

/// Changes what is seen of the proof.
type Tell<'a> = dyn Fn(&mut dyn FnMut(&mut ProofView)) + 'a;

fn try_all(
    design: &Design,
    only: &[String],
    cancel: &Arc<AtomicBool>,
    change: &Tell<'_>,
) -> Result<(), String> {
    let mut deployment = deploy::expand(design);
    let mut experiments = plan(&deployment);
    if experiments.is_empty() || deployment.routes.is_empty() {
        return Err("There is nothing to prove: draw a client and something that it calls.".to_owned());
    }
    let all = rows(&experiments);
    let print = proof::fingerprint(design);
    change(&mut |view| view.claims = merged(all.clone(), &view.claims));
    if !only.is_empty() {
        experiments.retain(|e| e.claims.iter().any(|c| only.contains(&c.id)));
    }
    let trial = Trial { cancel: cancel.clone(), ..Trial::default() };
    let report = trial.carry_out(&mut deployment, experiments, None, &mut |progress| {
        change(&mut |view| {
            if let Some(status) = follow(view.claims.iter_mut(), &progress, print) {
                view.status = status;
            }
        });
    });
    let trouble = report.map_err(|e| e.to_string())?.trouble;
    if trouble.is_empty() { Ok(()) } else { Err(trouble) }
}

/// Takes progress over into the claims that it is about, tried on the design of a fingerprint; gives the line to show, where
/// there is a new one.
pub(super) fn follow<'c>(
    claims: impl Iterator<Item = &'c mut ClaimRow>,
    progress: &Progress,
    tried_on: u64,
) -> Option<String> {
    match progress {
        Progress::Trying { index, of, fault, attempt } => {
            claims.filter(|c| c.fault == *fault).for_each(|c| c.verdict = ClaimVerdict::Trying);
            let again = if *attempt > 1 { format!(", try {attempt}") } else { String::new() };
            Some(format!("{} of {of}: {fault}{again}", index + 1))
        }
        Progress::Judged(judged) => {
            for row in claims {
                if let Some(claim) = judged.iter().find(|c| c.id == row.id) {
                    judge(row, claim);
                    (row.tried_on, row.tried_at_s) = (tried_on, super::jobs::now_s());
                }
            }
            None
        }
    }
}
