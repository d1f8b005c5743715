//! `prove`: predicted beside measured.
//!
//! JSON, version 1: `{"version", "claims": [{"id", "fault", "journey", "predicted", "predicted_share", "observed",
//! "observed_share", "requests", "verdict", "attempts", "why"}], "confirmed", "refuted", "inconclusive", "untried",
//! "cancelled", "trouble"}`. `predicted` and `observed` are the words of `what-if`; `observed` is null where nothing was
//! measured; `verdict` is `confirmed`, `refuted`, `inconclusive` or null; `attempts` is how often it was tried.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::trial::told;
use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::deploy;
use crate::design::ElementId;
use crate::live::spec::Sabotage;
use crate::proof::{self, ProofReport, Record, TOTAL_PER_S, Trial, Verdict, pair, pairs, plan, sample};

/// Arguments of `prove`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Only these faults: an instance, a zone, a cause, or `ZONE:*` for a boundary; a component means its instances, and
    /// `A+B` two of them at once.
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    only: Vec<String>,
    /// Only that many of the faults, chosen by the seed so that every class and outcome is among them.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// In place of single faults, so many pairs that lose a journey only together and as many that lose none, drawn by the
    /// seed.
    #[arg(long, value_name = "N", conflicts_with_all = ["only", "sample"])]
    pairs: Option<usize>,
    /// Fixes the sample, the pairs and what the cluster does by chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests a second of all journeys together; each gets as many as its claims need.
    #[arg(long, value_name = "RATE", default_value_t = TOTAL_PER_S)]
    rate: f64,
    /// Writes each verdict there, and goes on from what is there.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Makes every instance of a component wrong on purpose; the proof should then refute something.
    #[arg(long, value_name = "COMPONENT=HOW")]
    sabotage: Vec<String>,
    /// How claims are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let document = read_document(&self.design, io)?;
        let design = document.design();
        let mut deployment = deploy::expand(design);
        let mut experiments = match self.pairs {
            Some(count) => pairs(&deployment, count, self.seed),
            None => plan(&deployment),
        };
        if self.pairs.is_some() && experiments.is_empty() && !deployment.routes.is_empty() {
            return Err(Failure::new(
                "there is no pair to try: ask for at least one, in a design with two things that may fail apart",
            ));
        }
        if experiments.is_empty() || deployment.routes.is_empty() {
            return Err(Failure::new(
                "there is nothing to prove: draw a client, something that it calls, and try again",
            ));
        }
        if !self.only.is_empty() {
            let mut together = Vec::new();
            for only in &self.only {
                if let Some((a, b)) = only.split_once('+') {
                    for one in [a, b] {
                        if one.contains(':') || !experiments.iter().any(|e| e.fault == one) {
                            return Err(Failure::new(format!(
                                "there is no fault `{one}` that can be one of two; name an instance, a zone or a cause"
                            )));
                        }
                    }
                    together.push(pair(&deployment, ElementId::new(a), ElementId::new(b)));
                } else if !experiments.iter().any(|e| is_asked(&e.fault, only)) {
                    return Err(Failure::new(format!(
                        "there is no fault `{only}`; name an instance, a component, a zone, a cause or ZONE:*"
                    )));
                }
            }
            experiments.retain(|e| self.only.iter().any(|only| is_asked(&e.fault, only)));
            experiments.extend(together);
        }
        if let Some(count) = self.sample {
            experiments = sample(experiments, count, self.seed);
        }
        let sabotage =
            self.sabotage.iter().map(|text| read_sabotage(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
        let mut record = match &self.record {
            Some(path) => Some(Record::open(path, design).map_err(|e| Failure::new(e.to_string()))?),
            None => None,
        };

        let cancel = super::interruption::interruption();
        let trial = Trial { rate: self.rate, seed: self.seed, sabotage, cancel: cancel.clone() };
        let report = told(io, |tell| trial.carry_out(&mut deployment, experiments, record.as_mut(), tell))
            .map_err(|e| Failure::new(e.to_string()))?;
        match self.format {
            Format::Json => write_json(io, &as_json(&report))?,
            Format::Text => write_text(io, &report)?,
        }
        if !report.trouble.is_empty() {
            return Err(Failure::new(format!("the proof stopped: {}", report.trouble)));
        }
        if cancel.load(Ordering::Relaxed) && report.untried() > 0 {
            return Err(Failure::new(format!("stopped with {} claims untried", report.untried())));
        }
        let fine = report.count(Verdict::Refuted) == 0 && report.count(Verdict::Inconclusive) == 0;
        Ok(if fine { Outcome::Fine } else { Outcome::Found })
    }
}

/// Whether a fault is what was asked for: itself, or an instance of the component.
fn is_asked(fault: &str, asked: &str) -> bool {
    fault == asked || fault.strip_prefix(asked).is_some_and(|rest| rest.starts_with('/'))
}

fn read_sabotage(text: &str) -> Result<(String, Sabotage), Failure> {
    let (component, how) = text
        .split_once('=')
        .ok_or_else(|| Failure::new(format!("`{text}` is not a sabotage; write COMPONENT=HOW")))?;
    let how: Sabotage = serde_json::from_value(json!(how))
        .map_err(|e| Failure::new(format!("`{how}` is no way to be wrong: {e}")))?;
    Ok((component.to_owned(), how))
}

/// A claim as it is relied on: see the module's words.
pub(super) fn claim_as_json(c: &proof::Claim) -> serde_json::Value {
    json!({
        "id": c.id,
        "fault": c.fault,
        "journey": c.journey,
        "predicted": c.predicted.outcome,
        "predicted_share": c.predicted.share,
        "observed": c.observed.as_ref().map(|o| o.outcome(c.effect)),
        "observed_share": c.observed.as_ref().map(|o| o.share),
        "requests": c.observed.as_ref().map_or(0, |o| o.requests),
        "verdict": c.verdict.map(Verdict::word),
        "attempts": c.attempts.len(),
        "why": c.attempts.last().map_or("", |a| a.why.as_str()),
    })
}

fn as_json(report: &ProofReport) -> serde_json::Value {
    let claims: Vec<_> = report.claims.iter().map(claim_as_json).collect();
    json!({
        "version": 1,
        "claims": claims,
        "confirmed": report.count(Verdict::Confirmed),
        "refuted": report.count(Verdict::Refuted),
        "inconclusive": report.count(Verdict::Inconclusive),
        "untried": report.untried(),
        "cancelled": report.cancelled,
        "trouble": report.trouble,
    })
}

fn write_text(io: &mut Io<'_>, report: &ProofReport) -> Result<(), Failure> {
    let width = |of: &dyn Fn(&proof::Claim) -> usize| report.claims.iter().map(of).max().unwrap_or(0);
    let fault = width(&|c| c.fault.chars().count());
    let journey = width(&|c| c.journey.chars().count());
    for c in &report.claims {
        let predicted = in_words(&c.predicted.outcome, c.predicted.share);
        let observed = c.observed.as_ref().map_or("-".to_owned(), |o| {
            format!("{} of {}", in_words(o.outcome(c.effect), o.share), o.requests)
        });
        let verdict = c.verdict.map_or("untried", Verdict::word);
        writeln!(
            io.out,
            "{:<fault$}  {:<journey$}  {predicted:<16}  {observed:<26}  {verdict}",
            c.fault, c.journey
        )?;
    }
    writeln!(
        io.out,
        "{} confirmed, {} refuted, {} inconclusive, {} untried",
        report.count(Verdict::Confirmed),
        report.count(Verdict::Refuted),
        report.count(Verdict::Inconclusive),
        report.untried()
    )?;
    Ok(())
}

pub(super) fn in_words(outcome: &str, share: f64) -> String {
    if outcome == "part" { format!("part {:.1} %", share * 100.0) } else { outcome.to_owned() }
}
