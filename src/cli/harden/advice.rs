//! Every single point of failure with what would remove it.

use std::time::Duration;

use serde_json::{Value, json};

use super::counted;
use super::report::{money, percent};
use super::wait::{Ended, watched};
use crate::analysis::harden::{Advised, CutClass, Standing, advise_while};
use crate::cli::{Failure, Format, Io, Outcome, write_json};
use crate::design::{Design, JourneyId};

/// Lists them, of some journeys or of all.
pub(super) fn list(
    design: &Design,
    journeys: &[JourneyId],
    within: Option<Duration>,
    format: Format,
    io: &mut Io<'_>,
) -> Result<Outcome, Failure> {
    let before = Standing::of(design);
    let (mut advised, ended) = watched(within, io, |watch| advise_while(design, watch));
    advised.retain(|a| journeys.is_empty() || a.journeys.iter().any(|j| journeys.contains(j)));
    match format {
        Format::Json => {
            let cuts: Vec<Value> = advised.iter().map(|a| as_json(&before, a)).collect();
            write_json(io, &json!({ "version": 1, "ended": ended.map(Ended::word), "cuts": cuts }))?;
        }
        Format::Text => {
            for a in &advised {
                write(&before, a, io)?;
            }
            if advised.is_empty() {
                writeln!(io.out, "no instance, zone or cause alone stops a journey")?;
            }
            if let Some(ended) = ended {
                writeln!(io.out, "{}: not everything was tried", ended.because())?;
            }
        }
    }
    Ok(if advised.is_empty() { Outcome::Fine } else { Outcome::Found })
}

fn as_json(before: &Standing, advised: &Advised) -> Value {
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
        "tried": advised.is_tried,
        "advices": advices,
    })
}

fn write(before: &Standing, advised: &Advised, io: &mut Io<'_>) -> Result<(), Failure> {
    let journeys: Vec<&str> = advised.journeys.iter().map(JourneyId::as_str).collect();
    let what = match advised.cut.class {
        CutClass::Instance => "an instance of",
        CutClass::Zone => "zone",
        CutClass::Cause => "cause",
    };
    writeln!(io.out, "{what} {} alone stops {}", advised.cut.element, journeys.join(", "))?;
    if advised.advices.is_empty() {
        writeln!(
            io.out,
            "  {}",
            match advised.is_tried {
                true => "nothing that was tried removes this without losing something else",
                false => "not tried in the time",
            }
        )?;
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
