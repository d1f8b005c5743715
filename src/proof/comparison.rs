//! A change, tried: the same faults on the live cluster of the design as it is and on that of the design after the change.
//!
//! Each side is a proof of its own, one after the other so that they do not take each other's time; what is compared are
//! verdicts and measurements, never a prediction with the other side's measurement.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::claim::{Claim, Predicted, ProofReport, Verdict};
use super::laboratory::LaboratoryError;
use super::pairs::{cut_pairs, pair};
use super::plan::{Experiment, plan};
use super::run::Progress;
use super::trial::Trial;
use crate::analysis::harden::{Cut, CutClass, Plan};
use crate::deploy::{self, Deployment};
use crate::design::{Design, ElementId, JourneyId};
use crate::impact::{Down, Outcome, Reading, World, evaluate};

/// Pairs that are tried at most: each takes as long as a fault.
const PAIRS_MAX: usize = 12;

/// Faults that two designs are tried with alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonFaults {
    /// Faults of a [`plan()`], by their words.
    pub alone: BTreeSet<String>,
    /// Elements that are taken down two at a time.
    pub pairs: Vec<(ElementId, ElementId)>,
}

impl CommonFaults {
    /// What alone stopped a journey before a plan was followed, and one pair of each sort that the plan removes. Only journeys
    /// that `counts` says yes to.
    pub fn of_plan(found: &Plan, design: &Design, counts: impl Fn(&JourneyId) -> bool) -> Self {
        let of = found.before.availability.iter().zip(&found.before.points);
        let alone = of
            .filter(|(a, _)| counts(&a.journey))
            .flat_map(|(_, points)| points.iter().map(|p| p.element.to_string()))
            .collect();
        let removed = found.steps.iter().flat_map(|s| &s.removes).filter(|cut| cut.beside.is_some());
        Self { alone, pairs: concrete(&deploy::expand(design), removed.take(PAIRS_MAX)) }
    }

    /// Whatever a change makes come out differently: faults of which something else is predicted after it; where there is none,
    /// pairs that lost a journey before and lose none after. Empty: nothing that is tried could tell the two apart.
    ///
    /// Evaluates every fault of both designs; for pairs it solves the fault tree of every journey to order two.
    pub fn of_change(before: &Deployment, after: &Deployment) -> Self {
        let changed = plan(after);
        let differs = |was: &Experiment| {
            let is = changed.iter().find(|e| e.fault == was.fault);
            is.is_some_and(|is| outcomes(was) != outcomes(is))
        };
        let alone: BTreeSet<String> = plan(before).into_iter().filter(differs).map(|e| e.fault).collect();
        if !alone.is_empty() {
            return Self { alone, pairs: Vec::new() };
        }
        let is_kept =
            |pair: &(ElementId, ElementId)| has_both(after, pair) && !loses(after, &pair.0, &pair.1);
        let pairs = cut_pairs(before).into_iter().filter(is_kept).take(PAIRS_MAX).collect();
        Self { alone, pairs }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.alone.len() + self.pairs.len()
    }

    /// Whether there is nothing to try.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is tried on one of the designs: the faults that it knows, with what is predicted for it.
    pub fn experiments(&self, deployment: &Deployment) -> Vec<Experiment> {
        let mut experiments = plan(deployment);
        experiments.retain(|e| self.alone.contains(&e.fault));
        let pairs = self.pairs.iter().filter(|pair| has_both(deployment, pair));
        experiments.extend(pairs.map(|(a, b)| pair(deployment, a.clone(), b.clone())));
        experiments
    }
}

fn has_both(deployment: &Deployment, (a, b): &(ElementId, ElementId)) -> bool {
    let has = |id: &str| {
        deployment.instance_index(id).is_some()
            || deployment.zone_index(id).is_some()
            || deployment.design.cause(id).is_some()
    };
    has(a.as_str()) && has(b.as_str())
}

/// What is predicted for each journey and effect.
fn outcomes(experiment: &Experiment) -> Vec<(&str, &Predicted)> {
    experiment.claims.iter().map(|c| (c.journey.as_str(), &c.predicted)).collect()
}

fn loses(deployment: &Deployment, a: &ElementId, b: &ElementId) -> bool {
    let world = World::losing(a.clone()).and_down(b.clone(), Down::Refusing);
    evaluate(deployment, &world, Reading::Settled).iter().any(|o| o.outcome == Outcome::Lost)
}

/// For each pair two elements that can be taken down: of a component, the first of its instances that lose a journey with the
/// other, in the design as it is.
fn concrete<'c>(
    deployment: &Deployment,
    pairs: impl Iterator<Item = &'c Cut>,
) -> Vec<(ElementId, ElementId)> {
    let elements = |(class, element): (CutClass, &ElementId)| -> Vec<ElementId> {
        match class {
            CutClass::Zone | CutClass::Cause => vec![element.clone()],
            CutClass::Instance => {
                let instances = deployment.instances_of(element.as_str());
                instances.into_iter().map(|i| deployment.instances[i].id.clone()).collect()
            }
        }
    };
    let mut found = Vec::new();
    for pair in pairs {
        let members: Vec<Vec<ElementId>> = pair.members().map(elements).collect();
        let [these, those] = &members[..] else { continue };
        let both = these.iter().flat_map(|a| those.iter().map(move |b| (a.clone(), b.clone())));
        let mut apart = both.filter(|(a, b)| a != b);
        if let Some(pair) = apart.find(|(a, b)| loses(deployment, a, b)).filter(|pair| !found.contains(pair))
        {
            found.push(pair);
        }
    }
    found
}

/// Which of two designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// The design as it is.
    Before,
    /// The design after the change.
    After,
}

/// The claims of both designs.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Those of the design as it is.
    pub before: ProofReport,
    /// Those of the design after the change.
    pub after: ProofReport,
}

impl Comparison {
    /// Tries the same faults on both designs, each as a live cluster of its own.
    ///
    /// # Errors
    /// If a cluster does not start, a proof runs into trouble, or somebody ends it.
    pub fn of(
        before: &Design,
        after: &Design,
        faults: &CommonFaults,
        trial: &Trial,
        progress: &mut dyn FnMut(Turn, Progress),
    ) -> Result<Self, LaboratoryError> {
        let mut side = |turn: Turn, design: &Design| {
            let mut deployment = deploy::expand(design);
            let experiments = faults.experiments(&deployment);
            let report = trial.carry_out(&mut deployment, experiments, None, &mut |p| progress(turn, p))?;
            if !report.trouble.is_empty() {
                return Err(LaboratoryError(format!("the proof stopped: {}", report.trouble)));
            }
            if trial.cancel.load(Ordering::Relaxed) {
                return Err(LaboratoryError("stopped before both designs were proven".to_owned()));
            }
            Ok(report)
        };
        Ok(Self { before: side(Turn::Before, before)?, after: side(Turn::After, after)? })
    }

    /// Each claim of the first design with the same of the second, where that has it.
    pub fn lines(&self) -> Vec<(&Claim, Option<&Claim>)> {
        let same =
            |c: &Claim| self.after.claims.iter().find(|d| d.fault == c.fault && d.journey == c.journey);
        self.before.claims.iter().map(|c| (c, same(c))).collect()
    }

    /// Claims confirmed as lost before.
    pub fn lost_before(&self) -> usize {
        self.before.claims.iter().filter(|c| is_confirmed_lost(c)).count()
    }

    /// Of those, claims confirmed as something better than lost after.
    pub fn kept_after(&self) -> usize {
        let kept = |d: &&Claim| d.verdict == Some(Verdict::Confirmed) && !is_confirmed_lost(d);
        self.lines().into_iter().filter(|(c, d)| is_confirmed_lost(c) && d.as_ref().is_some_and(kept)).count()
    }

    /// Whether every claim on both sides was confirmed.
    pub fn is_fine(&self) -> bool {
        let all = |r: &ProofReport| r.claims.iter().all(|c| c.verdict == Some(Verdict::Confirmed));
        all(&self.before) && all(&self.after)
    }
}

fn is_confirmed_lost(c: &Claim) -> bool {
    c.verdict == Some(Verdict::Confirmed) && matches!(c.predicted.outcome.as_str(), "lost" | "never")
}
