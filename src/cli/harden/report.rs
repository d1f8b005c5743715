//! A plan told to people and to programs: its steps, where each journey stands before and after, what it costs, and how far it
//! came.

use serde_json::{Value, json};

use super::comparison;
use super::counted;
use super::wait::Ended;
use crate::analysis::failure::availability::Availability;
use crate::analysis::harden::{Cost, Cut, Goal, Plan, PlanStep, STEPS_MAX, Standing};
use crate::design::{Design, JourneyId};
use crate::proof::Comparison;

/// What a step removes that is named; the rest is counted.
const NAMED_MAX: usize = 6;

/// Everything that is told.
pub(super) struct Report<'r> {
    /// The design as it is.
    pub(super) design: &'r Design,
    pub(super) plan: &'r Plan,
    pub(super) goal: &'r Goal,
    /// Why the search was ended, if it was.
    pub(super) ended: Option<Ended>,
    /// Where the hardened design was written.
    pub(super) written: Option<&'r str>,
    pub(super) proof: Option<&'r Comparison>,
}

/// A share as a percentage with as many digits as its nines need: 99.95 %, 99.99987 %.
pub(super) fn percent(share: f64) -> String {
    let missing = 100.0 * (1.0 - share);
    let digits = if missing > 0.0 { (1.0 - missing.log10().floor()).clamp(1.0, 9.0) as usize } else { 0 };
    let text = format!("{:.digits$}", 100.0 * share);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

/// What a change costs more a month, in the design's currency.
pub(super) fn money(added: Option<f64>) -> String {
    match added {
        Some(0.0) => "at no cost".to_owned(),
        Some(cost) => format!("{cost:+.2} a month"),
        None => "no price drawn".to_owned(),
    }
}

/// What all that has a price costs a month before and after.
fn monthly(before: &Cost, after: &Cost) -> Option<String> {
    let without = match after.unstated.len() {
        0 => String::new(),
        n => format!("; {} without a price left out", counted(n, "component")),
    };
    (after.stated > 0.0).then(|| format!("{:.2} → {:.2} a month{without}", before.stated, after.stated))
}

/// A cut in a sentence: `instance web`, `zone a`, `instance web + zone b`.
fn named(cut: &Cut) -> String {
    // Two of a component are two instances of it.
    if cut.beside.as_ref().is_some_and(|(_, other)| *other == cut.element) {
        return format!("two instances of {}", cut.element);
    }
    cut.members()
        .map(|(class, element)| format!("{} {element}", class.word()))
        .collect::<Vec<_>>()
        .join(" + ")
}

impl Report<'_> {
    fn target_of(&self, journey: &JourneyId) -> Option<f64> {
        let objective = || self.design.journey(journey.as_str())?.objective.as_ref()?.availability;
        self.goal.target.or_else(objective)
    }

    fn is_counted(&self, journey: &JourneyId) -> bool {
        self.goal.journeys.is_empty() || self.goal.journeys.contains(journey)
    }

    /// For people.
    pub(super) fn in_text(&self) -> String {
        let plan = self.plan;
        let mut out = String::new();
        let mut line = |text: String| {
            out.push_str(text.trim_end());
            out.push('\n');
        };
        let journeys = || plan.before.availability.iter().map(|a| a.journey.as_str());
        let width = journeys().map(|j| j.chars().count()).max().unwrap_or(0);
        let mut was = figures(&plan.before);
        for (at, step) in plan.steps.iter().enumerate() {
            line(format!("{}. {}", at + 1, step.fix.title));
            line(format!(
                "   against {}; {}, {}",
                named(&step.cut),
                counted(step.changes, "change"),
                money(step.added_cost)
            ));
            if let Some(removes) = removed(step) {
                line(format!("   removes {removes}"));
            }
            for (j, (a, points)) in step.availability.iter().zip(&step.points).enumerate() {
                let is_same = (a.value - was[j].1).abs() <= 1e-12 && *points == was[j].2;
                if self.is_counted(&a.journey) && !is_same {
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
        for ((id, before, points), (_, after, left)) in figures(&plan.before).iter().zip(figures(&plan.after))
        {
            if !self.is_counted(id) {
                continue;
            }
            let unmet = plan.unmet.iter().find(|u| u.journey == *id);
            let goal = match self.target_of(id) {
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
            money(plan.added_cost(self.design))
        ));
        if let Some(monthly) = monthly(&plan.before.cost, &plan.after.cost) {
            line(monthly);
        }
        if let Some(ended) = self.ended {
            line(format!("{}: this is what it had found; more time may find more or less", ended.because()));
        } else if plan.is_out_of_changes {
            line("more changes would lead further; --max-changes allows no more".to_owned());
        } else if plan.is_out_of_steps() {
            line(format!("a plan has at most {STEPS_MAX} steps: ask again once these are made"));
        } else if !plan.unmet.is_empty() {
            line("nothing else that was tried leads further without losing something".to_owned());
        }
        if let Some(written) = self.written {
            line(format!("written to {written}"));
        }
        if let Some(proof) = self.proof {
            comparison::in_text(proof, &mut line);
        }
        out
    }

    fn standing_as_json(&self, standing: &Standing) -> Value {
        let journeys: Vec<Value> = standing
            .availability
            .iter()
            .zip(&standing.points)
            .filter(|(a, _)| self.is_counted(&a.journey))
            .map(|(a, points)| {
                let mut json = availability_as_json(a);
                json["target"] = json!(self.target_of(&a.journey));
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

    fn step_as_json(&self, s: &PlanStep) -> Value {
        let journeys: Vec<Value> = s
            .availability
            .iter()
            .zip(&s.points)
            .filter(|(a, _)| self.is_counted(&a.journey))
            .map(|(a, points)| {
                let mut json = availability_as_json(a);
                json["points"] = json!(points);
                json
            })
            .collect();
        let elements = |cut: &Cut| -> Vec<String> { cut.members().map(|(_, e)| e.to_string()).collect() };
        json!({
            "title": s.fix.title,
            "remedy": s.remedy.word(),
            "cut": s.cut.title(),
            "class": s.cut.beside.as_ref().map_or(s.cut.class.word(), |_| "pair"),
            "removes": s.removes.iter().map(elements).collect::<Vec<_>>(),
            "changes": s.changes,
            "added_cost": s.added_cost,
            "journeys": journeys,
        })
    }

    /// For programs: see the verb's words.
    pub(super) fn as_json(&self) -> Value {
        let plan = self.plan;
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
            "out_of_steps": plan.is_out_of_steps(),
            "ended": self.ended.map(Ended::word),
            "changes": plan.changes(),
            "added_cost": plan.added_cost(self.design),
            "before": self.standing_as_json(&plan.before),
            "after": self.standing_as_json(&plan.after),
            "steps": plan.steps.iter().map(|s| self.step_as_json(s)).collect::<Vec<_>>(),
            "unmet": unmet,
            "output": self.written,
            "proof": self.proof.map(comparison::as_json),
        })
    }
}

/// Each journey with its availability and the number of its single points of failure.
fn figures(standing: &Standing) -> Vec<(JourneyId, f64, usize)> {
    let both = standing.availability.iter().zip(&standing.points);
    both.map(|(a, p)| (a.journey.clone(), a.value, p.len())).collect()
}

/// What a step removes, in words; nothing where that is what it was chosen against, and no more.
fn removed(step: &PlanStep) -> Option<String> {
    if step.removes.iter().all(|cut| *cut == step.cut) {
        return None;
    }
    let mut names: Vec<String> = step.removes.iter().take(NAMED_MAX).map(named).collect();
    if step.removes.len() > NAMED_MAX {
        names.push(format!("{} more", step.removes.len() - NAMED_MAX));
    }
    Some(names.join(", "))
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
