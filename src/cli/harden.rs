//! `harden`: the fewest changes that reach an availability, tried on a copy one by one, and the design with them made.
//!
//! The goal is `--target`, or each journey's own objective, or, where there is neither, that no instance, zone or cause alone
//! stops it. Plans are found greedily by what a change gains for each element that it touches; what turns out not to be
//! needed is taken out, and one or two of the first advices are tried in place of a longer plan. `--advice` lists what would
//! remove each single point of failure and plans nothing. `--prove` runs both designs and tries on each what stopped the
//! first, alone or as a pair that the plan removes. Comments and unknown fields of the design stay.
//!
//! The search shows how far it is on a terminal; `--within` and Ctrl-C end it, and it tells what it has found until then.
//!
//! JSON, version 1: `{"version", "reached", "out_of_changes", "out_of_steps", "ended", "changes", "added_cost", "before",
//! "after", "steps": [{"title", "remedy", "cut", "class", "removes", "changes", "added_cost", "journeys"}], "unmet":
//! [{"journey", "target", "points"}], "output", "proof"}`, where `before` and `after` are `{"journeys", "cost_per_month",
//! "cost_unstated"}` and journeys `{"id", "availability", "lower", "upper", "method", "target", "points"}`; costs are null
//! where the design states none; `ended` is null, `time` or `interrupted`; `class` is `instance`, `zone`, `cause` or `pair`;
//! `removes` lists sets of one or two elements that no longer stop a journey; `proof` is null or `{"before", "after",
//! "claims": [{"fault", "journey", "before", "after"}], "confirmed_lost_before", "confirmed_kept_after"}`. With `--advice`:
//! `{"version", "ended", "cuts": [{"cut", "class", "journeys", "tried", "advices": [{"title", "remedy", "changes",
//! "added_cost", "journeys": [{"id", "before", "after"}]}]}]}`.

mod advice;
mod comparison;
mod report;
mod wait;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::report::Report;
use self::wait::{Ended, watched};
use super::trial::told;
use super::{Failure, Format, Io, Outcome, is_dash, read_document, write_json};
use crate::analysis::Fix;
use crate::analysis::harden::{Goal, Plan, plan_while};
use crate::deploy;
use crate::design::{Design, JourneyId, Millis};
use crate::edit::Session;
use crate::edit::commands::carry_out;
use crate::file::Document;
use crate::proof::{CommonFaults, Comparison, Progress, TOTAL_PER_S, Trial, Turn};

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
    /// Time for the search, `30s` or `2min`; then what it has found is told. Absent: as long as it takes, or until Ctrl-C.
    #[arg(long, value_name = "TIME")]
    within: Option<Millis>,
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
            return advice::list(&design, &journeys, self.within(), self.format, io);
        }
        self.refuse_overwriting()?;
        let goal =
            Goal { journeys, target: self.target, changes_max: self.max_changes, optional: self.optional };
        let (found, ended) = watched(self.within(), io, |watch| plan_while(&design, &goal, watch));
        let mut hardened = design.clone();
        for step in &found.steps {
            hardened = mended(&hardened, &step.fix)?;
        }
        let written = self.write(&mut document, &hardened, io)?;
        let is_interrupted = ended == Some(Ended::Interrupted);
        let proof = match self.prove && !found.steps.is_empty() && !is_interrupted {
            true => Some(self.compare(&design, &hardened, &found, io)?),
            false => None,
        };
        let report = Report {
            design: &design,
            plan: &found,
            goal: &goal,
            ended,
            written: written.as_deref(),
            proof: proof.as_ref(),
        };
        let to_out = !self.output.as_deref().is_some_and(is_dash);
        let mut io =
            Io { input: io.input, out: if to_out { io.out } else { io.err }, err: &mut std::io::sink() };
        match self.format {
            Format::Json => write_json(&mut io, &report.as_json())?,
            Format::Text => io.out.write_all(report.in_text().as_bytes())?,
        }
        if is_interrupted && self.prove {
            return Err(Failure::new("interrupted: the plan so far is told, and nothing was proven"));
        }
        let proven = proof.as_ref().is_none_or(Comparison::is_fine);
        Ok(if found.unmet.is_empty() && proven { Outcome::Fine } else { Outcome::Found })
    }

    fn within(&self) -> Option<Duration> {
        // A lifetime is as good as no limit.
        self.within.map(|within| Millis(within.get().min(1e12)).duration())
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

    /// Tries on the live clusters of both designs what alone stopped a journey of the first.
    fn compare(
        &self,
        design: &Design,
        hardened: &Design,
        found: &Plan,
        io: &mut Io<'_>,
    ) -> Result<Comparison, Failure> {
        let counts = |j: &JourneyId| self.journey.is_empty() || self.journey.iter().any(|k| *j == **k);
        let faults = CommonFaults::of_plan(found, design, counts);
        let trial = Trial {
            rate: self.rate,
            seed: self.seed,
            cancel: super::interruption::interruption(),
            ..Trial::default()
        };
        writeln!(
            io.err,
            "linchpin: proving both designs, first as it is, then hardened ({}, {})",
            counted(faults.alone.len(), "fault"),
            counted(faults.pairs.len(), "pair")
        )?;
        let made = told(io, |tell| {
            let tell = &mut |turn: Turn, progress| tell(named(turn, progress));
            Comparison::of(design, hardened, &faults, &trial, tell)
        });
        made.map_err(|e| Failure::new(e.to_string()))
    }
}

/// The progress of one of the two designs.
fn named(turn: Turn, progress: Progress) -> Progress {
    let of = match turn {
        Turn::Before => "as drawn",
        Turn::After => "hardened",
    };
    match progress {
        Progress::Trying { index, of: count, fault, attempt } => {
            Progress::Trying { index, of: count, fault: format!("{of}: {fault}"), attempt }
        }
        judged => judged,
    }
}

/// The design after a fix, by the same undoable command that the window makes of it.
///
/// # Errors
/// If the design would become unsound; nothing that an advice proposes does that.
fn mended(design: &Design, fix: &Fix) -> Result<Design, Failure> {
    let mut session = Session::new(design.clone());
    let command = carry_out(design, fix.title.as_str(), &fix.changes);
    session.apply(command).map_err(|e| Failure::new(format!("{}: {e}", fix.title)))?;
    Ok(session.design().clone())
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
