//! `what-if`: what a world leaves of each journey.
//!
//! JSON, version 1: `{"version", "reading", "journeys": [{"id", "outcome", "share", "degraded_share", "reads", "writes",
//! "unstable", "effects": [{"id", "outcome", "done", "late", "never"}]}]}`. `reading` is `settled` or `at_once`; `outcome`
//! of a journey is `served`, `degraded`, `part` or `lost`, of an effect `done`, `late`, `never` or `part`; shares are
//! 0..1; `reads` and `writes` are null where the journey does none.

use std::path::PathBuf;

use serde_json::json;

use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::deploy;
use crate::design::ElementId;
use crate::impact::{self, Cut, Down, JourneyOutcome, Reading, World};

/// Arguments of `what-if`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// Instances, components, zones, links or causes that are gone: connections to them are refused.
    #[arg(long, value_name = "ELEMENT", value_delimiter = ',', num_args = 1..)]
    down: Vec<String>,
    /// Elements that no longer answer, as if paused.
    #[arg(long, value_name = "ELEMENT", value_delimiter = ',', num_args = 1..)]
    silent: Vec<String>,
    /// A:B cuts both ways between two zones, components or instances, A>B only messages from A to B; * is the rest.
    #[arg(long, value_name = "A:B", value_delimiter = ',', num_args = 1..)]
    cut: Vec<String>,
    /// Before anything but the callers' own retries has acted, not after detection and failover.
    #[arg(long)]
    at_once: bool,
    /// How outcomes are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let document = read_document(&self.design, io)?;
        let mut world = World::fresh();
        for element in &self.down {
            world = world.and_down(ElementId::new(element), Down::Refusing);
        }
        for element in &self.silent {
            world = world.and_down(ElementId::new(element), Down::Silent);
        }
        for cut in &self.cut {
            world = world.and_cut(Cut::parse(cut).map_err(Failure::new)?);
        }
        let deployment = deploy::expand(document.design());
        if let Some(unknown) = world.unknown(&deployment).first() {
            return Err(Failure::new(format!(
                "{}: there is no `{unknown}` that could be broken; name an instance, component, zone, link or cause, and \
                 no client",
                document.shown_name()
            )));
        }
        let reading = if self.at_once { Reading::AtOnce } else { Reading::Settled };
        let outcomes = impact::evaluate(&deployment, &world, reading);
        match self.format {
            Format::Json => {
                let journeys: Vec<_> = outcomes.iter().map(as_json).collect();
                let reading = if self.at_once { "at_once" } else { "settled" };
                write_json(io, &json!({ "version": 1, "reading": reading, "journeys": journeys }))?;
            }
            Format::Text => {
                let width = outcomes.iter().map(|o| o.journey.as_str().chars().count()).max().unwrap_or(0);
                for o in &outcomes {
                    write_outcome(io, o, width)?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}

fn as_json(o: &JourneyOutcome) -> serde_json::Value {
    let effects: Vec<_> = o
        .effects
        .iter()
        .map(|e| json!({ "id": e.id, "outcome": e.word(), "done": e.done, "late": e.late, "never": e.never }))
        .collect();
    json!({
        "id": o.journey.as_str(),
        "outcome": o.outcome.word(),
        "share": o.share,
        "degraded_share": o.degraded_share,
        "reads": o.reads,
        "writes": o.writes,
        "unstable": o.unstable,
        "effects": effects,
    })
}

fn write_outcome(io: &mut Io<'_>, o: &JourneyOutcome, width: usize) -> Result<(), Failure> {
    let mut line = format!("{:<width$}  {:<8}", o.journey.as_str(), o.outcome.word());
    if o.outcome == impact::Outcome::Part {
        line.push_str(&format!("  {:.1} % of requests", 100.0 * o.share));
        if let (Some(reads), Some(writes)) = (o.reads, o.writes)
            && (reads - writes).abs() > 1e-9
        {
            line.push_str(&format!(" (reads {:.1} %, writes {:.1} %)", 100.0 * reads, 100.0 * writes));
        }
    }
    if o.degraded_share > 1e-9 {
        line.push_str(&format!("  {:.1} % without something optional", 100.0 * o.degraded_share));
    }
    if o.unstable {
        line.push_str("  unstable: several leaders are possible");
    }
    writeln!(io.out, "{}", line.trim_end())?;
    for e in &o.effects {
        let short = e.id.split('/').next_back().unwrap_or(&e.id);
        let mut line = format!("{:<width$}  {short}: {}", "", e.word());
        if e.word() == "part" {
            line.push_str(&format!(
                " ({:.1} % done, {:.1} % late, {:.1} % never)",
                100.0 * e.done,
                100.0 * e.late,
                100.0 * e.never
            ));
        }
        writeln!(io.out, "{line}")?;
    }
    Ok(())
}
