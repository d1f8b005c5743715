//! `recovery`: how long each journey is gone after each single failure, and how much of what was acknowledged is lost.
//!
//! A verb of its own like the other views of an analysis (`cut-sets`, `consistency`, `capacity`): it answers for every journey,
//! promised or not; `check` speaks only where a promise is broken, and its exit code is the gate.
//!
//! JSON, version 1: `{"version", "journeys": [{"id", "rto_ms", "rpo_ms", "failures": [{"element", "class", "alike",
//! "at_once": {"outcome", "share"}, "settled": {"outcome", "share"}, "back_ms", "needs_repair", "parts": [{"what", "ms",
//! "source", "basis"}], "loss": "nothing|up_to|everything", "loss_ms", "loss_parts", "loses", "why", "meets_rto",
//! "meets_rpo"}]}]}`. `class` is `instance`, `zone` or `cause`; `basis` is `stated`, `default` or `assumed`; `alike` counts
//! further instances of which the same is true; `back_ms` is the sum of the parts; `loss_ms`, `loses`, `why`, objectives
//! and `meets_…` are null where there is none. Beside `failures` a journey has `silent`, the same for its zones gone silent in
//! place of refusing, and `effects`: `[{"id", "failures": [{"element", "class", "alike", "at_once": {"outcome", "done", "late",
//! "never"}, "settled": {…}, "back_ms", "needs_repair", "parts"}]}]`, what leaves the work behind a queue undone for a while or for
//! good.

use std::path::PathBuf;

use serde_json::json;

use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::analysis::Facts;
use crate::analysis::recovery::{
    self, DataLoss, EffectFailure, EffectRecovery, Failure as Failed, JourneyRecovery, Part, Span, recoveries,
};
use crate::design::Millis;
use crate::impact::EffectOutcome;

/// Arguments of `recovery`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Only this journey. Absent: all of them.
    #[arg(long, value_name = "JOURNEY")]
    journey: Option<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let document = read_document(&self.design, io)?;
        let facts = Facts::new(document.design());
        let all = recoveries(&facts, |r| self.journey.as_ref().is_none_or(|j| r.journey == **j));
        if let (Some(journey), true) = (&self.journey, all.is_empty()) {
            let known: Vec<&str> = facts.routes().iter().map(|r| r.journey.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::new(format!(
                "{}: there is no journey `{journey}`; there is {known}",
                document.shown_name()
            )));
        }
        match self.format {
            Format::Json => {
                let journeys: Vec<_> = all.iter().map(as_json).collect();
                write_json(io, &json!({ "version": 1, "journeys": journeys }))?;
            }
            Format::Text => {
                for (i, of) in all.iter().enumerate() {
                    if i > 0 {
                        writeln!(io.out)?;
                    }
                    write_journey(io, &facts, of)?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}

fn parts(span: &Span) -> Vec<serde_json::Value> {
    let one = |p: &Part| json!({ "what": p.what, "ms": p.takes.get(), "source": p.source, "basis": p.basis.word() });
    span.parts.iter().map(one).collect()
}

fn effect_as_json(of: &EffectRecovery) -> serde_json::Value {
    let outcome =
        |e: &EffectOutcome| json!({ "outcome": e.word(), "done": e.done, "late": e.late, "never": e.never });
    let one = |f: &EffectFailure| {
        json!({
            "element": f.element.as_str(),
            "class": f.class.word(),
            "alike": f.alike,
            "at_once": outcome(&f.at_once),
            "settled": outcome(&f.settled),
            "back_ms": f.back.total().get(),
            "needs_repair": f.needs_repair,
            "parts": parts(&f.back),
        })
    };
    json!({ "id": of.effect, "failures": of.failures.iter().map(one).collect::<Vec<_>>() })
}

fn as_json(of: &JourneyRecovery) -> serde_json::Value {
    let one = |f: &Failed| {
        let (word, ms, loss_parts, why) = match &f.loss {
            DataLoss::Nothing => ("nothing", Some(0.0), Vec::new(), None),
            DataLoss::UpTo(span) => ("up_to", Some(span.total().get()), parts(span), None),
            DataLoss::Everything(why) => ("everything", None, Vec::new(), Some(why)),
        };
        json!({
            "element": f.element.as_str(),
            "class": f.class.word(),
            "alike": f.alike,
            "at_once": { "outcome": f.at_once.0.word(), "share": f.at_once.1 },
            "settled": { "outcome": f.settled.0.word(), "share": f.settled.1 },
            "back_ms": f.back.total().get(),
            "needs_repair": f.needs_repair,
            "parts": parts(&f.back),
            "loss": word,
            "loss_ms": ms,
            "loss_parts": loss_parts,
            "loses": f.loses.as_ref().map(|c| c.as_str()),
            "why": why,
            "meets_rto": of.meets_rto(f),
            "meets_rpo": of.meets_rpo(f),
        })
    };
    json!({
        "id": of.journey.as_str(),
        "rto_ms": of.rto.map(Millis::get),
        "rpo_ms": of.rpo.map(Millis::get),
        "failures": of.failures.iter().map(one).collect::<Vec<_>>(),
        "silent": of.silent.iter().map(one).collect::<Vec<_>>(),
        "effects": of.effects.iter().map(effect_as_json).collect::<Vec<_>>(),
    })
}

fn write_journey(io: &mut Io<'_>, facts: &Facts<'_>, of: &JourneyRecovery) -> Result<(), Failure> {
    let promises: Vec<String> = [
        of.rto.map(|t| format!("to be back within {t}")),
        of.rpo.map(|t| if t.get() > 0.0 { format!("may lose {t}") } else { "may lose nothing".to_owned() }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let promises = if promises.is_empty() { "promises nothing".to_owned() } else { promises.join(", ") };
    writeln!(io.out, "{}: {promises}", of.title)?;
    for f in &of.failures {
        write_failure(io, facts, of, f)?;
    }
    for f in of.felt_silent() {
        writeln!(
            io.out,
            "  {} gone silent: {}; {}",
            facts.element_name(f.element.as_str()),
            now(f.at_once.0.word(), f.settled.0.word()),
            back(&f.back, of.meets_rto(f))
        )?;
        for part in &f.back.parts {
            write_part(io, part)?;
        }
    }
    for effect in of.effects.iter().filter(|e| !e.failures.is_empty()) {
        writeln!(io.out, "  {}, behind a queue:", effect.effect)?;
        for f in &effect.failures {
            writeln!(
                io.out,
                "    {}{} ({}): {}; {}",
                facts.element_name(f.element.as_str()),
                others(f.alike),
                f.element,
                now(f.at_once.word(), f.settled.word()),
                back(&f.back, None)
            )?;
            for part in &f.back.parts {
                write_part(io, part)?;
            }
        }
    }
    Ok(())
}

fn others(alike: usize) -> String {
    if alike == 0 { String::new() } else { format!(" and {alike} alike") }
}

/// What is left at once, and then.
fn now(at_once: &str, settled: &str) -> String {
    if at_once == settled { at_once.to_owned() } else { format!("{at_once}, then {settled}") }
}

fn back(span: &Span, meets: Option<bool>) -> String {
    if span.parts.is_empty() {
        "not felt".to_owned()
    } else {
        format!("back after {}{}", span.total(), late(meets))
    }
}

fn write_failure(
    io: &mut Io<'_>,
    facts: &Facts<'_>,
    of: &JourneyRecovery,
    f: &Failed,
) -> Result<(), Failure> {
    let others = others(f.alike);
    let now = now(f.at_once.0.word(), f.settled.0.word());
    let back = back(&f.back, of.meets_rto(f));
    let loss = match &f.loss {
        DataLoss::Nothing => "loses nothing".to_owned(),
        DataLoss::UpTo(span) => format!("loses up to {}{}", span.total(), late(of.meets_rpo(f))),
        DataLoss::Everything(_) => format!("loses everything{}", late(of.meets_rpo(f))),
    };
    writeln!(
        io.out,
        "  {}{others} ({}): {now}; {back}; {loss}",
        facts.element_name(f.element.as_str()),
        f.element
    )?;
    for part in &f.back.parts {
        write_part(io, part)?;
    }
    let whose = f.loses.as_ref().and_then(|c| facts.component(c)).map_or("", |c| facts.name(c));
    match &f.loss {
        DataLoss::Nothing => {}
        DataLoss::UpTo(span) => {
            writeln!(io.out, "      of {whose}")?;
            for part in &span.parts {
                write_part(io, part)?;
            }
        }
        DataLoss::Everything(why) => writeln!(io.out, "      of {whose}: {why}")?,
    }
    Ok(())
}

/// What is worse than promised is marked.
fn late(meets: Option<bool>) -> &'static str {
    if meets == Some(false) { " (promise broken)" } else { "" }
}

fn write_part(io: &mut Io<'_>, part: &Part) -> Result<(), Failure> {
    let source = match (part.basis, part.source.as_str()) {
        (recovery::Basis::Stated, source) => source.to_owned(),
        (basis, "") => basis.word().to_owned(),
        (basis, source) => format!("{}: {source}", basis.word()),
    };
    writeln!(io.out, "      {:>8}  {}  [{source}]", part.takes.to_string(), part.what)?;
    Ok(())
}
