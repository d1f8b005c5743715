//! The design as it is beside the hardened one: the same faults tried on the live clusters of both.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::counted;
use crate::analysis::harden::{Cut, CutClass};
use crate::cli::prove::{claim_as_json, in_words};
use crate::cli::trial::Trial;
use crate::cli::{Failure, Io};
use crate::deploy;
use crate::design::{Design, ElementId};
use crate::impact::{Down, Outcome, Reading, World, evaluate};
use crate::proof::{self, Claim, ProofReport, Verdict};

/// Pairs that are tried at most: each takes as long as a fault.
const PAIRS_MAX: usize = 12;

/// The claims of both designs.
pub(super) struct Comparison {
    before: ProofReport,
    after: ProofReport,
}

impl Comparison {
    /// Tries the same faults on both designs, each as a live cluster of its own.
    ///
    /// # Errors
    /// If a cluster does not start, a proof runs into trouble, or somebody ends it.
    pub(super) fn of(
        before: &Design,
        after: &Design,
        faults: &BTreeSet<String>,
        pairs: &[Cut],
        trial: &Trial,
        io: &mut Io<'_>,
    ) -> Result<Self, Failure> {
        let pairs = concrete(before, pairs);
        writeln!(
            io.err,
            "linchpin: proving the design as it is ({}, {})",
            counted(faults.len(), "fault"),
            counted(pairs.len(), "pair")
        )?;
        let before = proven(before, faults, &pairs, trial, io)?;
        writeln!(io.err, "linchpin: proving the hardened design")?;
        let after = proven(after, faults, &pairs, trial, io)?;
        Ok(Self { before, after })
    }

    /// Each claim of the first design with the same of the second.
    fn pairs(&self) -> Vec<(&Claim, Option<&Claim>)> {
        let same =
            |c: &Claim| self.after.claims.iter().find(|d| d.fault == c.fault && d.journey == c.journey);
        self.before.claims.iter().map(|c| (c, same(c))).collect()
    }

    /// Claims confirmed as lost before.
    fn lost_before(&self) -> usize {
        self.before.claims.iter().filter(|c| is_confirmed_lost(c)).count()
    }

    /// Of those, claims confirmed as something better than lost after.
    fn kept_after(&self) -> usize {
        let kept = |d: &&Claim| d.verdict == Some(Verdict::Confirmed) && !is_confirmed_lost(d);
        self.pairs().into_iter().filter(|(c, d)| is_confirmed_lost(c) && d.as_ref().is_some_and(kept)).count()
    }

    /// Whether every claim on both sides was confirmed.
    pub(super) fn is_fine(&self) -> bool {
        let all = |r: &ProofReport| r.claims.iter().all(|c| c.verdict == Some(Verdict::Confirmed));
        all(&self.before) && all(&self.after)
    }

    /// A table of both, line by line.
    pub(super) fn in_text(&self, line: &mut impl FnMut(String)) {
        line(String::new());
        let cell = |c: Option<&Claim>| -> String {
            let Some(c) = c else { return "not there".to_owned() };
            let seen = c.observed.as_ref().map_or("not measured".to_owned(), |o| {
                format!("{} of {}", in_words(o.outcome(c.effect), o.share), o.requests)
            });
            format!("{}, {}", seen, c.verdict.map_or("untried", Verdict::word))
        };
        let rows: Vec<[String; 4]> = self
            .pairs()
            .into_iter()
            .map(|(c, d)| [c.fault.clone(), c.journey.clone(), cell(Some(c)), cell(d)])
            .collect();
        let head = ["lost", "journey", "as drawn", "hardened"].map(str::to_owned);
        let width = |k: usize| rows.iter().chain([&head]).map(|r| r[k].chars().count()).max().unwrap_or(0);
        let (a, b, c) = (width(0), width(1), width(2));
        for [fault, journey, before, after] in std::iter::once(&head).chain(&rows) {
            line(format!("{fault:<a$}  {journey:<b$}  {before:<c$}  {after}"));
        }
        line(format!(
            "{} confirmed as lost before; of those {} confirmed as kept after",
            counted(self.lost_before(), "claim"),
            self.kept_after()
        ));
    }

    /// As `proof` of the verb's JSON.
    pub(super) fn as_json(&self) -> Value {
        let claims: Vec<Value> = self
        .pairs()
        .into_iter()
        .map(|(c, d)| json!({ "fault": c.fault, "journey": c.journey, "before": claim_as_json(c), "after": d.map(claim_as_json) }))
        .collect();
        let counts = |r: &ProofReport| {
            json!({
                "confirmed": r.count(Verdict::Confirmed),
                "refuted": r.count(Verdict::Refuted),
                "inconclusive": r.count(Verdict::Inconclusive),
            })
        };
        json!({
            "before": counts(&self.before),
            "after": counts(&self.after),
            "claims": claims,
            "confirmed_lost_before": self.lost_before(),
            "confirmed_kept_after": self.kept_after(),
        })
    }
}

fn is_confirmed_lost(c: &Claim) -> bool {
    c.verdict == Some(Verdict::Confirmed) && matches!(c.predicted.outcome.as_str(), "lost" | "never")
}

/// For each pair two elements that can be taken down: of a component, the first of its instances that lose a journey with the
/// other, in the design as it is.
fn concrete(design: &Design, pairs: &[Cut]) -> Vec<(ElementId, ElementId)> {
    let deployment = deploy::expand(design);
    let elements = |(class, element): (CutClass, &ElementId)| -> Vec<ElementId> {
        match class {
            CutClass::Zone | CutClass::Cause => vec![element.clone()],
            CutClass::Instance => {
                let instances = deployment.instances_of(element.as_str());
                instances.into_iter().map(|i| deployment.instances[i].id.clone()).collect()
            }
        }
    };
    let loses = |(a, b): &(ElementId, ElementId)| {
        let world = World::losing(a.clone()).and_down(b.clone(), Down::Refusing);
        evaluate(&deployment, &world, Reading::Settled).iter().any(|o| o.outcome == Outcome::Lost)
    };
    let mut found = Vec::new();
    for pair in pairs.iter().take(PAIRS_MAX) {
        let members: Vec<Vec<ElementId>> = pair.members().map(elements).collect();
        let [these, those] = &members[..] else { continue };
        let both = these.iter().flat_map(|a| those.iter().map(move |b| (a.clone(), b.clone())));
        let mut apart = both.filter(|(a, b)| a != b);
        if let Some(pair) = apart.find(loses).filter(|pair| !found.contains(pair)) {
            found.push(pair);
        }
    }
    found
}

fn proven(
    design: &Design,
    faults: &BTreeSet<String>,
    pairs: &[(ElementId, ElementId)],
    trial: &Trial,
    io: &mut Io<'_>,
) -> Result<ProofReport, Failure> {
    let mut deployment = deploy::expand(design);
    let mut experiments = proof::plan(&deployment);
    experiments.retain(|e| faults.contains(&e.fault));
    let both = pairs.iter().map(|(a, b)| proof::pair(&deployment, a.clone(), b.clone()));
    experiments.extend(both.collect::<Vec<_>>());
    let report = trial.carry_out(&mut deployment, experiments, None, io)?;
    if !report.trouble.is_empty() {
        return Err(Failure::new(format!("the proof stopped: {}", report.trouble)));
    }
    if trial.cancel.load(Ordering::Relaxed) {
        return Err(Failure::new("stopped before both designs were proven"));
    }
    Ok(report)
}
