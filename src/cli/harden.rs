//! `harden`: the fewest changes that reach an availability, tried on a copy one by one, and the design with them made.
//!
//! The goal is `--target`, or each journey's own objective, or, where there is neither, that no instance, zone or cause alone
//! stops it. Plans are found greedily by what a change gains for each element that it touches; what turns out not to be
//! needed is taken out, and one or two of the first advices are tried in place of a longer plan. `--advice` lists what would
//! remove each single point of failure and plans nothing. `--prove` runs both designs and tries on each what stopped the
//! first. Comments and unknown fields of the design stay.
//!
//! JSON, version 1: `{"version", "reached", "out_of_changes", "changes", "added_cost", "before", "after", "steps": [{"title",
//! "remedy", "cut", "class", "changes", "added_cost", "journeys"}], "unmet": [{"journey", "target", "points"}], "output",
//! "proof"}`, where `before` and `after` are `{"journeys", "cost_per_month", "cost_unstated"}` and journeys `{"id",
//! "availability", "lower", "upper", "method", "target", "points"}`; costs are null where the design states none; `proof` is
//! null or `{"before", "after", "claims": [{"fault", "journey", "before", "after"}], "confirmed_lost_before",
//! "confirmed_kept_after"}`. With `--advice`: `{"version", "cuts": [{"cut", "class", "journeys", "advices": [{"title",
//! "remedy", "changes", "added_cost", "journeys": [{"id", "before", "after"}]}]}]}`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::mend::mended;
use super::prove::{claim_as_json, in_words, tell};
use super::{Failure, Format, Io, Outcome, is_dash, read_document, write_json};
use crate::analysis::failure::availability::Availability;
use crate::analysis::harden::{Advised, CutClass, Goal, Plan, Standing, advise, plan};
use crate::deploy;
use crate::design::{Design, JourneyId};
use crate::file::Document;
use crate::proof::{self, Claim, ClusterLaboratory, ProofReport, TOTAL_PER_S, Verdict, pace};

/// Arguments of `harden`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Only these journeys count. Absent: all of them.
    #[arg(long, value_name = "JOURNEY", value_delimiter = ',')]
    journey: Vec<String>,
    /// The availability to reach, as 99.95% or 0.9995. Absent: each journey's objective, or no single point of failure.
    #[arg(long, value_name = "AVAILABILITY", value_parser = read_target)]
    target: Option<f64>,
    /// Elements that may be altered or added in all.
    #[arg(long, value_name = "N")]
    max_changes: Option<usize>,
    /// Also make needs optional: requests may then be answered without what is gone.
    #[arg(long)]
    optional: bool,
    /// List what would remove each single point of failure, and plan nothing.
    #[arg(long, conflicts_with_all = ["target", "max_changes", "output", "in_place", "prove"])]
    advice: bool,
    /// Write the hardened design there; `-` is standard output, and the report then goes to standard error.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite a file that is there, but never the design itself.
    #[arg(long, requires = "output")]
    force: bool,
    /// Write the hardened design over the design; the text before is kept as `<name>.bak`.
    #[arg(long, conflicts_with = "output")]
    in_place: bool,
    /// Run both designs and try on each what alone stopped a journey of the first.
    #[arg(long)]
    prove: bool,
    /// Of `--prove`: fixes what the clusters do by chance.
    #[arg(long, default_value_t = 1, requires = "prove")]
    seed: u64,
    /// Of `--prove`: requests a second of all journeys together.
    #[arg(long, value_name = "RATE", default_value_t = TOTAL_PER_S, requires = "prove")]
    rate: f64,
    /// How the plan is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// `99.95%`, `99.95 %` or `0.9995`.
fn read_target(text: &str) -> Result<f64, String> {
    let bad = || format!("`{text}` is not an availability; write 99.95% or 0.9995");
    let (number, by) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    let value: f64 = number.parse().map_err(|_| bad())?;
    let value = value / by;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(bad()) }
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let mut document = read_document(&self.design, io)?;
        let design = document.design().clone();
        let deployment = deploy::expand(&design);
        if deployment.routes.is_empty() {
            return Err(Failure::new(
                "there is no journey to harden: draw a client, something that it calls, and try again",
            ));
        }
        for journey in &self.journey {
            if !deployment.routes.iter().any(|r| r.journey == **journey) {
                let known: Vec<&str> = deployment.routes.iter().map(|r| r.journey.as_str()).collect();
                return Err(Failure::new(format!(
                    "{}: there is no journey `{journey}`; there is {}",
                    document.shown_name(),
                    known.join(", ")
                )));
            }
        }
        let journeys: Vec<JourneyId> = self.journey.iter().map(|j| JourneyId::new(j.as_str())).collect();
        if self.advice {
            return self.list(&design, &journeys, io);
        }
        self.refuse_overwriting()?;
        let goal =
            Goal { journeys, target: self.target, changes_max: self.max_changes, optional: self.optional };
        let found = plan(&design, &goal);
        let mut hardened = design.clone();
        for step in &found.steps {
            hardened = mended(&hardened, &step.fix)?;
        }
        let written = self.write(&mut document, &hardened, io)?;
        let proof = match self.prove && !found.steps.is_empty() {
            true => Some(self.compare(&design, &hardened, &found, io)?),
            false => None,
        };
        let report = match self.format {
            Format::Json => {
                let json = as_json(&design, &found, &goal, written.as_deref(), proof.as_ref());
                let text = serde_json::to_string_pretty(&json).map_err(|e| Failure::new(e.to_string()))?;
                format!("{text}\n")
            }
            Format::Text => in_text(&design, &found, &goal, written.as_deref(), proof.as_ref()),
        };
        let to_out = !self.output.as_deref().is_some_and(is_dash);
        if to_out {
            io.out.write_all(report.as_bytes())?
        } else {
            io.err.write_all(report.as_bytes())?
        }
        let proven = proof.as_ref().is_none_or(Comparison::is_fine);
        Ok(if found.unmet.is_empty() && proven { Outcome::Fine } else { Outcome::Found })
    }

    /// The input is never written over but by `--in-place`, another file only by `--force`.
    fn refuse_overwriting(&self) -> Result<(), Failure> {
        if self.in_place && is_dash(&self.design) {
            return Err(Failure::new("standard input cannot be written in place; name a file with --output"));
        }
        let Some(output) = self.output.as_deref().filter(|o| !is_dash(o)) else { return Ok(()) };
        let same =
            |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if same(output, &self.design) {
            return Err(Failure::new(format!(
                "{}: that is the design itself; --in-place writes over it",
                output.display()
            )));
        }
        if output.exists() && !self.force {
            return Err(Failure::new(format!(
                "{}: the file is there already; --force overwrites it",
                output.display()
            )));
        }
        Ok(())
    }

    /// Writes the hardened design where it was asked for, and says where.
    fn write(
        &self,
        document: &mut Document,
        hardened: &Design,
        io: &mut Io<'_>,
    ) -> Result<Option<String>, Failure> {
        if self.in_place {
            let name = document.shown_name().to_owned();
            document.save(hardened).map_err(|e| Failure::new(e.to_string()))?;
            return Ok(Some(name));
        }
        let Some(output) = &self.output else { return Ok(None) };
        let text = document.render(hardened);
        // Nothing is written that could not be opened again.
        let again = Document::parse(&text, "the hardened design").map_err(|e| Failure::new(e.to_string()))?;
        if again.design() != hardened {
            return Err(Failure::new(
                "the text would say something else than the design; report this as a defect",
            ));
        }
        if is_dash(output) {
            io.out.write_all(text.as_bytes())?;
            return Ok(None);
        }
        let name = output.display().to_string();
        std::fs::write(output, text).map_err(|e| Failure::new(format!("{name}: {e}")))?;
        Ok(Some(name))
    }

    /// Every cut with what removes it.
    fn list(&self, design: &Design, journeys: &[JourneyId], io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let before = Standing::of(design);
        let mut advised = advise(design);
        advised.retain(|a| journeys.is_empty() || a.journeys.iter().any(|j| journeys.contains(j)));
        match self.format {
            Format::Json => {
                let cuts: Vec<Value> = advised.iter().map(|a| advised_as_json(&before, a)).collect();
                write_json(io, &json!({ "version": 1, "cuts": cuts }))?;
            }
            Format::Text => {
                for a in &advised {
                    write_advised(&before, a, io)?;
                }
                if advised.is_empty() {
                    writeln!(io.out, "no instance, zone or cause alone stops a journey")?;
                }
            }
        }
        Ok(if advised.is_empty() { Outcome::Fine } else { Outcome::Found })
    }

    /// Tries on the live clusters of both designs what alone stopped a journey of the first.
    fn compare(
        &self,
        design: &Design,
        hardened: &Design,
        found: &Plan,
        io: &mut Io<'_>,
    ) -> Result<Comparison, Failure> {
        let counts = |j: &JourneyId| self.journey.is_empty() || self.journey.iter().any(|k| *j == **k);
        let of = found.before.availability.iter().zip(&found.before.points);
        let faults: BTreeSet<String> = of
            .filter(|(a, _)| counts(&a.journey))
            .flat_map(|(_, points)| points.iter().map(|p| p.element.to_string()))
            .collect();
        let cancel = super::interruption::interruption();
        writeln!(io.err, "linchpin: proving the design as it is ({} faults)", faults.len())?;
        let before = self.proven(design, &faults, &cancel, io)?;
        writeln!(io.err, "linchpin: proving the hardened design")?;
        let after = self.proven(hardened, &faults, &cancel, io)?;
        Ok(Comparison { before, after })
    }

    fn proven(
        &self,
        design: &Design,
        faults: &BTreeSet<String>,
        cancel: &Arc<AtomicBool>,
        io: &mut Io<'_>,
    ) -> Result<ProofReport, Failure> {
        let mut deployment = deploy::expand(design);
        let mut experiments = proof::plan(&deployment);
        experiments.retain(|e| faults.contains(&e.fault));
        let options = pace(&mut deployment, &experiments, self.rate);
        let mut laboratory =
            ClusterLaboratory::launch(&deployment, self.seed, &BTreeMap::new(), cancel.clone())
                .map_err(|e| Failure::new(e.to_string()))?;
        let watched = std::io::stderr().is_terminal();
        let report = proof::run(experiments, &options, &mut laboratory, None, cancel, &mut |progress| {
            tell(io.err, watched, &progress);
        });
        laboratory.stop();
        if watched {
            let _ = write!(io.err, "\r\x1b[K");
        }
        if !report.trouble.is_empty() {
            return Err(Failure::new(format!("the proof stopped: {}", report.trouble)));
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::new("stopped before both designs were proven"));
        }
        Ok(report)
    }
}

/// The claims of both designs.
struct Comparison {
    before: ProofReport,
    after: ProofReport,
}

impl Comparison {
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
    fn is_fine(&self) -> bool {
        let all = |r: &ProofReport| r.claims.iter().all(|c| c.verdict == Some(Verdict::Confirmed));
        all(&self.before) && all(&self.after)
    }
}

fn is_confirmed_lost(c: &Claim) -> bool {
    c.verdict == Some(Verdict::Confirmed) && matches!(c.predicted.outcome.as_str(), "lost" | "never")
}

/// A share as a percentage with as many digits as its nines need: 99.95 %, 99.99987 %.
fn percent(share: f64) -> String {
    let missing = 100.0 * (1.0 - share);
    let digits = if missing > 0.0 { (1.0 - missing.log10().floor()).clamp(1.0, 9.0) as usize } else { 0 };
    let text = format!("{:.digits$}", 100.0 * share);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

fn money(added: Option<f64>) -> String {
    match added {
        Some(0.0) => "at no cost".to_owned(),
        Some(cost) => format!("{cost:+.2} a month"),
        None => "cost not given".to_owned(),
    }
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn target_of(design: &Design, goal: &Goal, journey: &JourneyId) -> Option<f64> {
    let objective = || design.journey(journey.as_str())?.objective.as_ref()?.availability;
    goal.target.or_else(objective)
}

fn is_counted(goal: &Goal, journey: &JourneyId) -> bool {
    goal.journeys.is_empty() || goal.journeys.contains(journey)
}

fn in_text(
    design: &Design,
    plan: &Plan,
    goal: &Goal,
    written: Option<&str>,
    proof: Option<&Comparison>,
) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let of = |standing: &Standing| -> Vec<(JourneyId, f64, usize)> {
        let both = standing.availability.iter().zip(&standing.points);
        both.map(|(a, p)| (a.journey.clone(), a.value, p.len())).collect()
    };
    let width =
        plan.before.availability.iter().map(|a| a.journey.as_str().chars().count()).max().unwrap_or(0);
    let mut was = of(&plan.before);
    for (at, step) in plan.steps.iter().enumerate() {
        line(format!("{}. {}", at + 1, step.fix.title));
        line(format!(
            "   against {} {}; {}, {}",
            step.cut.class.word(),
            step.cut.element,
            counted(step.changes, "change"),
            money(step.added_cost)
        ));
        for (j, (a, points)) in step.availability.iter().zip(&step.points).enumerate() {
            if is_counted(goal, &a.journey) && ((a.value - was[j].1).abs() > 1e-12 || *points != was[j].2) {
                line(format!(
                    "   {:<width$}  {} → {}, {} → {} single points of failure",
                    a.journey.as_str(),
                    percent(was[j].1),
                    percent(a.value),
                    was[j].2,
                    points
                ));
            }
            was[j] = (a.journey.clone(), a.value, *points);
        }
    }
    if !plan.steps.is_empty() {
        line(String::new());
    }
    for ((id, before, points), (_, after, left)) in of(&plan.before).iter().zip(of(&plan.after)) {
        if !is_counted(goal, id) {
            continue;
        }
        let unmet = plan.unmet.iter().find(|u| u.journey == *id);
        let goal = match target_of(design, goal, id) {
            Some(target) => format!("target {}", percent(target)),
            None => "no single point of failure".to_owned(),
        };
        let reached = if unmet.is_none() { "reached" } else { "not reached" };
        line(format!(
            "{:<width$}  {} → {}, {points} → {left} single points of failure; {goal}: {reached}",
            id.as_str(),
            percent(*before),
            percent(after)
        ));
        if let Some(unmet) = unmet.filter(|u| !u.points.is_empty()) {
            let left: Vec<&str> = unmet.points.iter().map(|p| p.element.as_str()).collect();
            line(format!("{:<width$}  still stopped by {} alone", "", left.join(", ")));
        }
    }
    line(format!(
        "{} in {}, {}",
        counted(plan.changes(), "change"),
        counted(plan.steps.len(), "step"),
        money(plan.added_cost(design))
    ));
    if plan.is_out_of_changes {
        line("more changes would lead further; --max-changes allows no more".to_owned());
    } else if !plan.unmet.is_empty() {
        line("nothing else that was tried leads further without losing something".to_owned());
    }
    if let Some(written) = written {
        line(format!("written to {written}"));
    }
    if let Some(proof) = proof {
        proof_in_text(proof, &mut line);
    }
    out
}

fn proof_in_text(proof: &Comparison, line: &mut impl FnMut(String)) {
    line(String::new());
    let cell = |c: Option<&Claim>| -> String {
        let Some(c) = c else { return "not there".to_owned() };
        let seen = c.observed.as_ref().map_or("not measured".to_owned(), |o| {
            format!("{} of {}", in_words(o.outcome(c.effect), o.share), o.requests)
        });
        format!("{}, {}", seen, c.verdict.map_or("untried", Verdict::word))
    };
    let rows: Vec<[String; 4]> = proof
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
        counted(proof.lost_before(), "claim"),
        proof.kept_after()
    ));
}

fn availability_as_json(a: &Availability) -> Value {
    json!({
        "id": a.journey.as_str(),
        "availability": a.value,
        "lower": a.lower,
        "upper": a.upper,
        "method": a.method.word(),
    })
}

fn standing_as_json(design: &Design, standing: &Standing, goal: &Goal) -> Value {
    let journeys: Vec<Value> = standing
        .availability
        .iter()
        .zip(&standing.points)
        .filter(|(a, _)| is_counted(goal, &a.journey))
        .map(|(a, points)| {
            let mut json = availability_as_json(a);
            json["target"] = json!(target_of(design, goal, &a.journey));
            json["points"] = points.iter().map(|p| p.element.as_str()).collect();
            json
        })
        .collect();
    let cost = &standing.cost;
    let unstated: Vec<&str> = cost.unstated.iter().map(|c| c.as_str()).collect();
    json!({
        "journeys": journeys,
        "cost_per_month": (cost.stated > 0.0).then_some(cost.stated),
        "cost_unstated": unstated,
    })
}

fn as_json(
    design: &Design,
    plan: &Plan,
    goal: &Goal,
    written: Option<&str>,
    proof: Option<&Comparison>,
) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|s| {
            let journeys: Vec<Value> = s
                .availability
                .iter()
                .zip(&s.points)
                .filter(|(a, _)| is_counted(goal, &a.journey))
                .map(|(a, points)| {
                    let mut json = availability_as_json(a);
                    json["points"] = json!(points);
                    json
                })
                .collect();
            json!({
                "title": s.fix.title,
                "remedy": s.remedy.word(),
                "cut": s.cut.element.as_str(),
                "class": s.cut.class.word(),
                "changes": s.changes,
                "added_cost": s.added_cost,
                "journeys": journeys,
            })
        })
        .collect();
    let unmet: Vec<Value> = plan
        .unmet
        .iter()
        .map(|u| {
            let points: Vec<&str> = u.points.iter().map(|p| p.element.as_str()).collect();
            json!({ "journey": u.journey.as_str(), "target": u.target, "points": points })
        })
        .collect();
    json!({
        "version": 1,
        "reached": plan.unmet.is_empty(),
        "out_of_changes": plan.is_out_of_changes,
        "changes": plan.changes(),
        "added_cost": plan.added_cost(design),
        "before": standing_as_json(design, &plan.before, goal),
        "after": standing_as_json(design, &plan.after, goal),
        "steps": steps,
        "unmet": unmet,
        "output": written,
        "proof": proof.map(proof_as_json),
    })
}

fn proof_as_json(proof: &Comparison) -> Value {
    let claims: Vec<Value> = proof
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
        "before": counts(&proof.before),
        "after": counts(&proof.after),
        "claims": claims,
        "confirmed_lost_before": proof.lost_before(),
        "confirmed_kept_after": proof.kept_after(),
    })
}

fn advised_as_json(before: &Standing, advised: &Advised) -> Value {
    let was = |j: &JourneyId| before.availability.iter().find(|a| a.journey == *j).map(|a| a.value);
    let advices: Vec<Value> = advised
        .advices
        .iter()
        .map(|a| {
            let journeys: Vec<Value> = advised
                .journeys
                .iter()
                .map(|j| json!({ "id": j.as_str(), "before": was(j), "after": a.availability(j).map(|a| a.value) }))
                .collect();
            json!({
                "title": a.fix.title,
                "remedy": a.remedy.word(),
                "changes": a.changes,
                "added_cost": a.added_cost,
                "journeys": journeys,
            })
        })
        .collect();
    let journeys: Vec<&str> = advised.journeys.iter().map(JourneyId::as_str).collect();
    json!({
        "cut": advised.cut.element.as_str(),
        "class": advised.cut.class.word(),
        "journeys": journeys,
        "advices": advices,
    })
}

fn write_advised(before: &Standing, advised: &Advised, io: &mut Io<'_>) -> Result<(), Failure> {
    let journeys: Vec<&str> = advised.journeys.iter().map(JourneyId::as_str).collect();
    let what = match advised.cut.class {
        CutClass::Instance => "an instance of",
        CutClass::Zone => "zone",
        CutClass::Cause => "cause",
    };
    writeln!(io.out, "{what} {} alone stops {}", advised.cut.element, journeys.join(", "))?;
    if advised.advices.is_empty() {
        writeln!(io.out, "  nothing that was tried removes this without losing something else")?;
    }
    for a in &advised.advices {
        writeln!(io.out, "  {} ({}, {})", a.fix.title, counted(a.changes, "change"), money(a.added_cost))?;
        // The journey that gains most stands for all.
        let was =
            |j: &JourneyId| before.availability.iter().find(|b| b.journey == *j).map_or(0.0, |b| b.value);
        let gain = |j: &&JourneyId| a.availability(j).map_or(0.0, |b| b.value) - was(j);
        if let Some(j) = advised.journeys.iter().max_by(|x, y| gain(x).total_cmp(&gain(y)))
            && let Some(after) = a.availability(j)
        {
            writeln!(io.out, "    {j}: {} → {}", percent(was(j)), percent(after.value))?;
        }
    }
    Ok(())
}
