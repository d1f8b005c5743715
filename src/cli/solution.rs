//! What was found about fault trees, for people and for programs; `cut-sets` and `fault-tree` say it alike.
//!
//! JSON, version 1: `{"version", "trees": [{"top", "events", "gates", "modules", "coherent", "counted", "cut_sets": {"total",
//! "by_order", "complete_to", "listed", "listed_to"}, "probability": {"value", "lower", "upper", "method"}, "importance":
//! [{"element", "birnbaum", "criticality", "fussell_vesely", "raw", "rrw", "gain_if_doubled"}], "importance_method",
//! "fussell_vesely_exact", "elapsed_ms"}]}`. Counts are strings of digits; the first of `by_order` is of order 1. `complete_to` is null
//! where nothing is missing, else the order up to which nothing is; `listed_to` is null where all that were counted are listed.
//! `counted` is `minimal cut sets`, or for a tree with negations `minimal cut sets of the coherent hull`. `probability` is null
//! where it was not asked for or an event has none; `rrw` is null where it is infinite. What does not fit the time, the nodes or
//! the memory allowed is answered with bounds, and with cut sets up to the order `complete_to`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Failure, Format, Io, Outcome, write_json};
use crate::analysis::failure::effort::Clock;
use crate::analysis::failure::loss::Loss;
use crate::analysis::failure::solve::{Method, Question, Solution, solve};
use crate::analysis::failure::tree::FaultTree;
use crate::design::Millis;

/// Sets that are listed at most.
const LISTED_MAX: usize = 200_000;
/// Sets that people are shown.
const SHOWN: usize = 40;

/// What both verbs can be asked.
#[derive(Debug, clap::Args)]
pub struct Asked {
    /// Only cut sets of at most so many elements.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    order: Option<u32>,
    /// Count cut sets and list none; no importance, and with --order no probability either.
    #[arg(long)]
    count_only: bool,
    /// Time for all of it together, `5s` or `2min`; what does not fit gets bounds instead of exact figures.
    #[arg(long, value_name = "TIME", default_value = "5s")]
    within: Millis,
    /// Nodes of decision diagrams at a time, in thousands; beyond them, too, there are bounds. A node takes some 40 bytes.
    #[arg(long, value_name = "THOUSANDS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    nodes: u32,
    /// How results are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Asked {
    /// Whether only numbers are asked for.
    pub(super) fn counts_only(&self) -> bool {
        self.count_only
    }

    /// The time for all of it.
    pub(super) fn within(&self) -> Duration {
        // A lifetime is as good as no limit.
        Millis(self.within.get().min(1e12)).duration()
    }

    /// Solves trees and writes what was found; with what elements take by themselves, where that is known.
    pub(super) fn answer(
        &self,
        trees: &[FaultTree],
        taken: Option<&Taken>,
        asked_at: Instant,
        io: &mut Io<'_>,
    ) -> Result<Outcome, Failure> {
        let asked = Question {
            order: self.order,
            listed_max: if self.count_only { 0 } else { LISTED_MAX },
            probability: !self.count_only || self.order.is_none(),
            importance: !self.count_only,
            nodes_max: self.nodes as usize * 1024,
            work_max: u64::MAX,
            ..Question::default()
        };
        let mut said = Vec::new();
        let end = asked_at + self.within();
        for (i, tree) in trees.iter().enumerate() {
            let begin = Instant::now();
            // An equal share of the time that is left; what one does not need is there for the next.
            let share = end.saturating_duration_since(begin).as_secs_f64() / (trees.len() - i) as f64;
            let clock = || begin.elapsed().as_secs_f64() / share.max(1e-9);
            let question = Question { clock: Some(Clock(&clock)), ..asked };
            let found = solve(tree, &question).map_err(|_| Failure::new("interrupted"))?;
            let elapsed_ms = begin.elapsed().as_secs_f64() * 1e3;
            match self.format {
                Format::Json => {
                    let mut tree_said = as_json(tree, &found, elapsed_ms);
                    if let Some(losses) = taken.and_then(|t| t.by_top.get(&tree.name)) {
                        tree_said["loss"] = losses_as_json(losses);
                    }
                    said.push(tree_said);
                }
                Format::Text => {
                    if i > 0 {
                        writeln!(io.out)?;
                    }
                    self.write(io, tree, &found)?;
                    if let Some(losses) = taken.and_then(|t| t.by_top.get(&tree.name)) {
                        write_losses(io, "  ", "", losses)?;
                    }
                }
            }
        }
        match self.format {
            Format::Json => {
                let mut all = json!({ "version": 1, "trees": said });
                if let Some(taken) = taken {
                    all["loss"] = losses_as_json(&taken.traffic);
                }
                write_json(io, &all)?;
            }
            Format::Text => {
                if let Some(taken) = taken.filter(|t| t.by_top.len() > 1) {
                    writeln!(io.out)?;
                    write_losses(io, "", " of all journeys, by their rates", &taken.traffic)?;
                }
            }
        }
        Ok(Outcome::Fine)
    }

    fn write(&self, io: &mut Io<'_>, tree: &FaultTree, found: &Solution) -> Result<(), Failure> {
        writeln!(io.out, "{}: {} basic events, {} gates", tree.name, found.events, found.gates)?;
        if let Some(p) = found.probability {
            let how = match p.method {
                Method::Exact => "exact".to_owned(),
                Method::Bounds => format!("between {:.6e} and {:.6e}, true bounds", p.lower, p.upper),
                Method::Sampled => {
                    format!("between {:.6e} and {:.6e} with 95 % confidence, sampled", p.lower, p.upper)
                }
            };
            writeln!(io.out, "  fails with probability {:.6e} ({how})", p.value)?;
        }
        if let Some(sets) = &found.cut_sets {
            let counts: Vec<String> = sets
                .by_order
                .iter()
                .enumerate()
                .filter(|(_, n)| n.to_string() != "0")
                .map(|(i, n)| format!("{n} of order {}", i + 1))
                .collect();
            let of = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
            let missing = match sets.complete_to {
                Some(order) if self.order == Some(order) => format!(" up to order {order}"),
                Some(order) => format!(" up to order {order}; larger ones did not fit the budget"),
                None => String::new(),
            };
            writeln!(io.out, "  {} {}{missing}{of}", sets.total(), counted(found))?;
            for set in sets.listed.iter().take(SHOWN) {
                let names: Vec<&str> = set.iter().map(|e| tree.events[*e as usize].name.as_str()).collect();
                writeln!(
                    io.out,
                    "    {}",
                    if names.is_empty() { "(always)".to_owned() } else { names.join(" + ") }
                )?;
            }
            if sets.listed.len() > SHOWN {
                writeln!(io.out, "    … and {} more; --format json lists them", sets.listed.len() - SHOWN)?;
            }
        }
        let mut heaviest: Vec<_> = found.importance.iter().collect();
        heaviest.sort_by(|a, b| b.criticality.total_cmp(&a.criticality));
        if heaviest.len() > 1 {
            let how = match found.importance_method {
                Some(Method::Exact) => "",
                _ => ", from sums over cut sets",
            };
            writeln!(io.out, "  what matters most (share of failures in which it decides{how}):")?;
            for i in heaviest.iter().take(10).filter(|i| i.criticality > 0.0) {
                let name = &tree.events[i.event as usize].name;
                writeln!(io.out, "    {:>6.2} %  {name}", 100.0 * i.criticality)?;
            }
        }
        Ok(())
    }
}

/// What elements take by themselves from journeys, by the name of the tree, and from all traffic.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) by_top: BTreeMap<String, Vec<Loss>>,
    pub(super) traffic: Vec<Loss>,
}

fn losses_as_json(losses: &[Loss]) -> Value {
    let one = |l: &Loss| json!({ "element": l.element.as_str(), "share_lost": l.share_lost, "expected": l.expected });
    losses.iter().map(one).collect()
}

fn write_losses(io: &mut Io<'_>, indent: &str, whose: &str, losses: &[Loss]) -> Result<(), Failure> {
    if losses.is_empty() {
        return Ok(());
    }
    writeln!(
        io.out,
        "{indent}what costs most by itself{whose} (expected share of requests lost; share lost while it is down):"
    )?;
    for loss in losses.iter().take(10) {
        // A cause without a rate is as likely as nobody said.
        let expected =
            if loss.expected > 0.0 { format!("{:.2e}", loss.expected) } else { "no rate".to_owned() };
        writeln!(io.out, "{indent}  {expected:>7}  {:>6.2} %  {}", 100.0 * loss.share_lost, loss.element)?;
    }
    if losses.len() > 10 {
        writeln!(io.out, "{indent}  … and {} more; --format json lists them", losses.len() - 10)?;
    }
    Ok(())
}

fn counted(found: &Solution) -> &'static str {
    if found.is_coherent { "minimal cut sets" } else { "minimal cut sets of the coherent hull" }
}

fn as_json(tree: &FaultTree, found: &Solution, elapsed_ms: f64) -> Value {
    let name = |e: u32| tree.events[e as usize].name.as_str();
    let sets = found.cut_sets.as_ref().map(|sets| {
        let by_order: Vec<String> = sets.by_order.iter().map(ToString::to_string).collect();
        let listed: Vec<Vec<&str>> =
            sets.listed.iter().map(|set| set.iter().map(|e| name(*e)).collect()).collect();
        json!({
            "total": sets.total().to_string(),
            "by_order": by_order,
            "complete_to": sets.complete_to,
            "listed": listed,
            "listed_to": sets.listed_to,
        })
    });
    let probability = found
        .probability
        .map(|p| json!({ "value": p.value, "lower": p.lower, "upper": p.upper, "method": p.method.word() }));
    let importance: Vec<Value> = found
        .importance
        .iter()
        .map(|i| {
            json!({
                "element": name(i.event),
                "birnbaum": i.birnbaum,
                "criticality": i.criticality,
                "fussell_vesely": i.fussell_vesely,
                "raw": i.raw,
                "rrw": i.rrw.is_finite().then_some(i.rrw),
                "gain_if_doubled": i.gain_if_doubled,
            })
        })
        .collect();
    json!({
        "top": tree.name,
        "events": found.events,
        "gates": found.gates,
        "modules": found.modules,
        "coherent": found.is_coherent,
        "counted": counted(found),
        "cut_sets": sets,
        "probability": probability,
        "importance": importance,
        "importance_method": found.importance_method.map(Method::word),
        "fussell_vesely_exact": found.fussell_vesely_is_exact,
        "elapsed_ms": elapsed_ms,
    })
}
