//! `what-if`: what a world leaves of each journey.
//!
//! JSON, version 1: `{"version", "reading", "journeys": [{"id", "outcome", "share", "degraded_share", "reads", "writes",
//! "unstable", "effects": [{"id", "outcome", "done", "late", "never"}]}]}`. `reading` is `settled` or `at_once`; `outcome`
//! of a journey is `served`, `degraded`, `part` or `lost`, of an effect `done`, `late`, `never` or `part`; shares are
//! 0..1; `reads` and `writes` are null where the journey does none. Each journey also has `fails`, null or `{"path",
//! "gone", "why"}`: the needs from the client down to what is gone; `saved`, a list of `{"how", "lost", "by", "path"}`: who
//! takes over at each slot that lost a target; and `besides`, null where it is lost or read at once, else `{"sets", "more",
//! "known"}`: the smallest further sets (of one and two) that would lose it, and how many more there are.

use std::path::PathBuf;

use serde_json::json;

use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::analysis::failure::what_if::{Answer, Besides, what_if};
use crate::deploy;
use crate::design::ElementId;
use crate::impact::{self, Cut, Down, Failing, How, JourneyOutcome, Reading, Saved, World};

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
        let answers = what_if(&deployment, &world, reading);
        match self.format {
            Format::Json => {
                let journeys: Vec<_> = answers.iter().map(as_json).collect();
                let reading = if self.at_once { "at_once" } else { "settled" };
                write_json(io, &json!({ "version": 1, "reading": reading, "journeys": journeys }))?;
            }
            Format::Text => {
                let names = answers.iter().map(|a| a.outcome.journey.as_str().chars().count());
                let width = names.max().unwrap_or(0);
                for answer in &answers {
                    write_outcome(io, &answer.outcome, width)?;
                    write_reasons(io, answer, width)?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}

fn as_json(answer: &Answer) -> serde_json::Value {
    let o = &answer.outcome;
    let fails = answer.trace.failing.as_ref();
    let saved: Vec<_> = answer
        .trace
        .saved
        .iter()
        .map(|s| json!({ "how": s.how.word(), "lost": ids(&s.lost), "by": ids(&s.by), "path": ids(&s.path) }))
        .collect();
    let besides = answer.besides.as_ref().map(|b| {
        let sets: Vec<_> = b.sets.iter().map(|s| ids(s)).collect();
        json!({ "sets": sets, "more": b.more, "known": b.is_known })
    });
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
        "fails": fails.map(|f| json!({ "path": ids(&f.path), "gone": ids(&f.gone), "why": f.why.word() })),
        "saved": saved,
        "besides": besides,
    })
}

fn ids(elements: &[ElementId]) -> Vec<&str> {
    elements.iter().map(ElementId::as_str).collect()
}

/// The way that fails, who takes over, and what would have to fail besides; each on its own line.
fn write_reasons(io: &mut Io<'_>, answer: &Answer, width: usize) -> Result<(), Failure> {
    let indent = " ".repeat(width + 2);
    if let Some(failing) = &answer.trace.failing {
        writeln!(io.out, "{indent}fails:  {}", in_words(failing))?;
    }
    for saved in &answer.trace.saved {
        writeln!(io.out, "{indent}saved:  {}", saved_in_words(saved))?;
    }
    if let Some(besides) = &answer.besides {
        writeln!(io.out, "{indent}{}", besides_in_words(besides))?;
    }
    Ok(())
}

fn in_words(failing: &Failing) -> String {
    let why = failing.why.sentence(&some(&failing.gone), failing.gone.len() > 1);
    format!("{} ({why})", way(&failing.path))
}

/// The client and the targets in turn; links are told where the way ends at one.
fn way(path: &[ElementId]) -> String {
    let told =
        |(at, id): (usize, &ElementId)| (at % 2 == 0 || at + 1 == path.len()).then(|| id.as_str().to_owned());
    path.iter().enumerate().filter_map(told).collect::<Vec<_>>().join(" → ")
}

fn saved_in_words(saved: &Saved) -> String {
    let (lost, by) = (some(&saved.lost), some(&saved.by));
    let way = way(&saved.path);
    match saved.how {
        How::Others => format!("{by} for {lost} ({way})"),
        How::Copies => format!("{by} answers without {lost} ({way})"),
        How::Bypass => format!("{by} round {lost} ({way})"),
        How::Cached => format!("{by} answers by itself without {lost} ({way})"),
        How::Optional => format!("goes on without {lost}, which is optional ({way})"),
    }
}

/// The first few names; the rest is counted.
fn some(elements: &[ElementId]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<&str> = elements.iter().take(SHOWN).map(ElementId::as_str).collect();
    match elements.len().checked_sub(SHOWN + 1) {
        Some(more) => format!("{} and {} more", shown.join(", "), more + 1),
        None => shown.join(", "),
    }
}

fn besides_in_words(besides: &Besides) -> String {
    const SHOWN: usize = 6;
    if !besides.is_known {
        return "besides: too much to tell at once; ask `cut-sets`".to_owned();
    }
    if besides.sets.is_empty() {
        return "besides: no one or two further failures would lose it".to_owned();
    }
    let shown: Vec<String> = besides
        .sets
        .iter()
        .take(SHOWN)
        .map(|set| set.iter().map(ElementId::as_str).collect::<Vec<_>>().join(" + "))
        .collect();
    let more = besides.sets.len().saturating_sub(SHOWN) as u64 + besides.more;
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("besides: lost if also {}{rest}", shown.join("; "))
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
