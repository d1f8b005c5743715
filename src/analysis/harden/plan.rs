//! Plans: advices strung together until a target is reached, with few changes.
//!
//! The search is greedy: each step takes the advice that brings the journeys nearest to their targets for each element that
//! it touches, and is verified in full before it is taken. What an advice gained at an earlier step stands for what it gains now
//! until it would be picked (Minoux 1978, lazy evaluation). What the greedy way turns out not to need is taken out again, and
//! every single one and every pair of the first advices is tried in place of the plan. So a plan is small, not proven
//! smallest: three changes where another three would do with two are possible.

use std::collections::BTreeSet;

use super::change::{Advice, Care, Remedy};
use super::standing::{Cost, Cut, Standing};
use super::{Advised, advise_on};
use crate::analysis::failure::availability::{Availability, Method};
use crate::analysis::{Change, Fix};
use crate::design::{Design, JourneyId};

/// Steps of a plan at most.
const STEPS_MAX: usize = 40;
/// Steps of the longest plan whose advices are asked for anew where one is left out that others build on.
const REPLAYED_MAX: usize = 6;
/// First advices of which pairs are tried in place of a longer plan.
const PAIRED_MAX: usize = 12;

/// What a plan is to reach.
#[derive(Clone, Debug, Default)]
pub struct Goal {
    /// The journeys that count; empty: all.
    pub journeys: Vec<JourneyId>,
    /// The availability that each must have, 0..1. Absent: what its objective says; where it says nothing, that no instance,
    /// zone or cause alone stops it.
    pub target: Option<f64>,
    /// Elements that may be altered or added in all.
    pub changes_max: Option<usize>,
    /// Whether needs may be made optional: a promise taken back, so that nobody does it unasked.
    pub optional: bool,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct PlanStep {
    /// The cut that it removes.
    pub cut: Cut,
    /// What sort of change it is.
    pub remedy: Remedy,
    /// The change, to be made after those before it.
    pub fix: Fix,
    /// Elements that it alters or adds.
    pub changes: usize,
    /// The availability of each journey after it, in route order.
    pub availability: Vec<Availability>,
    /// What alone still stops each journey after it: how many of each, in route order.
    pub points: Vec<usize>,
    /// What it costs more a month; `None` where the design does not say.
    pub added_cost: Option<f64>,
}

/// A journey that a plan leaves short of what it is to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    /// The journey.
    pub journey: JourneyId,
    /// Its target, where it has one.
    pub target: Option<f64>,
    /// What still stops it alone.
    pub points: Vec<Cut>,
}

/// Steps that lead to a target, or as near to it as verified advices lead.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the design stands before.
    pub before: Standing,
    /// What is done, in order.
    pub steps: Vec<PlanStep>,
    /// The design after all steps.
    pub design: Design,
    /// Where it stands then.
    pub after: Standing,
    /// Journeys that are short of the goal; empty: it is reached.
    pub unmet: Vec<Unmet>,
    /// Whether the goal was given up because more changes than allowed would be needed.
    pub is_out_of_changes: bool,
}

impl Plan {
    /// Elements altered or added in all.
    pub fn changes(&self) -> usize {
        self.steps.iter().map(|s| s.changes).sum()
    }

    /// What all of it costs more a month than a design; `None` where something that is added has no stated cost.
    pub fn added_cost(&self, before: &Design) -> Option<f64> {
        Cost::added(before, &self.design)
    }

    /// All steps as one fix: one undoable command.
    pub fn fix(&self) -> Fix {
        let count = self.steps.len();
        let title = match &self.steps[..] {
            [only] => only.fix.title.clone(),
            _ => format!("Harden the design in {count} steps"),
        };
        let mut changes: Vec<Change> = Vec::new();
        for change in self.steps.iter().flat_map(|s| &s.fix.changes) {
            lay_over(&mut changes, change);
        }
        Fix { title, changes }
    }
}

/// Adds a change to those before it; of what was changed or added before, only the last state is kept.
fn lay_over(changes: &mut Vec<Change>, change: &Change) {
    let done = changes.iter_mut().any(|before| match (before, change) {
        (
            Change::ReplaceComponent(old) | Change::AddComponent { component: old, .. },
            Change::ReplaceComponent(new),
        ) if old.id == new.id => {
            old.clone_from(new);
            true
        }
        (Change::ReplaceLink(old) | Change::AddLink(old), Change::ReplaceLink(new)) if old.id == new.id => {
            old.clone_from(new);
            true
        }
        (Change::ReplaceJourney(old) | Change::AddJourney(old), Change::ReplaceJourney(new))
            if old.id == new.id =>
        {
            old.clone_from(new);
            true
        }
        (Change::ReplaceCause(old) | Change::AddCause(old), Change::ReplaceCause(new))
            if old.id == new.id =>
        {
            old.clone_from(new);
            true
        }
        _ => false,
    });
    if !done {
        changes.push(change.clone());
    }
}

/// A plan in the making.
#[derive(Clone)]
struct State {
    design: Design,
    standing: Standing,
    steps: Vec<PlanStep>,
}

impl State {
    fn after(&self, advice: Advice) -> State {
        let step = PlanStep {
            cut: advice.cut,
            remedy: advice.remedy,
            changes: advice.changes,
            fix: advice.fix,
            availability: advice.standing.availability.clone(),
            points: advice.standing.points.iter().map(BTreeSet::len).collect(),
            added_cost: advice.added_cost,
        };
        let steps = self.steps.iter().cloned().chain([step]).collect();
        State { design: advice.design, standing: advice.standing, steps }
    }

    fn changes(&self) -> usize {
        self.steps.iter().map(|s| s.changes).sum()
    }
}

/// What names an advice in whatever design it is asked for.
type Key = (Cut, Remedy, String);

fn key(advice: &Advice) -> Key {
    (advice.cut.clone(), advice.remedy, advice.fix.title.clone())
}

/// Looks for a plan. A design with problems gets none and counts as unmet.
pub fn plan(design: &Design, goal: &Goal) -> Plan {
    let before = Standing::of(design);
    let start = State { design: design.clone(), standing: before.clone(), steps: Vec::new() };
    let search = Search { goal };
    let first = search.advices(&start, None);
    let (mut best, mut is_out_of_changes) = search.greedy(start.clone(), &first);
    if search.is_met(&best) {
        search.thin_out(&start, &mut best);
        search.fewer(&start, &first, &mut best);
    } else if best.steps.is_empty() {
        is_out_of_changes &= !first.is_empty();
    }
    let unmet = search.unmet(&best);
    is_out_of_changes &= !unmet.is_empty();
    Plan { before, steps: best.steps, design: best.design, after: best.standing, unmet, is_out_of_changes }
}

struct Search<'g> {
    goal: &'g Goal,
}

impl Search<'_> {
    fn counts(&self, journey: &JourneyId) -> bool {
        self.goal.journeys.is_empty() || self.goal.journeys.contains(journey)
    }

    fn target(&self, design: &Design, journey: &JourneyId) -> Option<f64> {
        let objective = || design.journey(journey.as_str())?.objective.as_ref()?.availability;
        self.goal.target.or_else(objective)
    }

    /// How far each journey that counts is from its goal: what it is unavailable beyond what its target allows, in units of
    /// that; where it has no target, in cuts. Single points add up in either, so that steps can be compared one by one.
    fn distance(&self, design: &Design, standing: &Standing) -> f64 {
        let of = standing.availability.iter().zip(&standing.points).filter(|(a, _)| self.counts(&a.journey));
        of.map(|(a, points)| match self.target(design, &a.journey) {
            Some(target) => {
                let allowed = (1.0 - target).max(1e-12);
                ((1.0 - sure(a) - allowed) / allowed).max(0.0)
            }
            None => points.len() as f64,
        })
        .sum()
    }

    fn unmet(&self, state: &State) -> Vec<Unmet> {
        let standing = &state.standing;
        let of = standing.availability.iter().zip(&standing.points).filter(|(a, _)| self.counts(&a.journey));
        of.filter_map(|(a, points)| {
            let target = self.target(&state.design, &a.journey);
            let met = target.map_or(points.is_empty(), |t| sure(a) >= t);
            (!met).then(|| Unmet {
                journey: a.journey.clone(),
                target,
                points: points.iter().cloned().collect(),
            })
        })
        .collect()
    }

    fn is_met(&self, state: &State) -> bool {
        self.unmet(state).is_empty()
    }

    fn is_allowed(&self, state: &State) -> bool {
        self.goal.changes_max.is_none_or(|most| state.changes() <= most)
    }

    /// What could be done next for the journeys that count, quickly tried; whoever picks one asks whether it
    /// [is sound](is_sound).
    fn advices(&self, state: &State, only: Option<&Cut>) -> Vec<Advice> {
        let advised: Vec<Advised> =
            advise_on(&state.design, &state.standing, |j| self.counts(j), only, Care::Quick);
        advised
            .into_iter()
            .flat_map(|a| a.advices)
            .filter(|a| self.goal.optional || a.remedy != Remedy::Optional)
            .collect()
    }

    /// Step by step the advice that gains most for each element that it touches. What an advice gained before the last step
    /// stands for what it gains now until it would be picked; then it is asked for anew. Also says whether an advice was
    /// passed over because it would touch too many.
    fn greedy(&self, start: State, first: &[Advice]) -> (State, bool) {
        let mut state = start;
        let mut passed_over = false;
        let gain = |state: &State, a: &Advice| {
            let was = self.distance(&state.design, &state.standing);
            (was - self.distance(&a.design, &a.standing)) / a.changes.max(1) as f64
        };
        // Gain, the step that it was found at, and the advice; among equals the first, which is the smallest.
        let mut open: Vec<(f64, usize, Advice)> =
            first.iter().map(|a| (gain(&state, a), 0, a.clone())).collect();
        while !self.is_met(&state) && state.steps.len() < STEPS_MAX {
            let now = state.steps.len();
            let best = open
                .iter()
                .enumerate()
                .filter(|(_, o)| o.0 > 1e-9)
                .reduce(|best, next| if next.1.0 > best.1.0 { next } else { best })
                .map(|(at, _)| at);
            let Some(at) = best else { break };
            if open[at].1 < now {
                let cut = open[at].2.cut.clone();
                open.retain(|o| o.2.cut != cut);
                let anew = self.advices(&state, Some(&cut)).into_iter();
                open.extend(anew.map(|a| (gain(&state, &a), now, a)).collect::<Vec<_>>());
                continue;
            }
            let (_, _, advice) = open.remove(at);
            let is_allowed =
                self.goal.changes_max.is_none_or(|most| state.changes() + advice.changes <= most);
            passed_over |= !is_allowed;
            if is_allowed && is_sound(&state, &advice) {
                state = state.after(advice);
            }
        }
        (state, passed_over)
    }

    /// The same advices on a design, as far as they are still offered there.
    fn replayed(&self, start: &State, keys: &[Key]) -> Option<State> {
        let mut state = start.clone();
        for wanted in keys {
            let advice = self.advices(&state, Some(&wanted.0)).into_iter().find(|a| key(a) == *wanted);
            // What is no longer a cut needs no advice.
            if let Some(advice) = advice {
                if !is_sound(&state, &advice) {
                    return None;
                }
                state = state.after(advice);
            }
        }
        (self.is_met(&state) && self.is_allowed(&state)).then_some(state)
    }

    /// Takes out, one by one, the steps without which the goal is reached all the same.
    fn thin_out(&self, start: &State, best: &mut State) {
        let mut at = best.steps.len();
        while at > 0 && best.steps.len() > 1 {
            at -= 1;
            let others = || best.steps.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, s)| s);
            let own = touched(&best.steps[at].fix);
            let less = if others().all(|s| touched(&s.fix).is_disjoint(&own)) {
                self.rebuilt(start, others())
            } else if best.steps.len() <= REPLAYED_MAX {
                let keys: Vec<Key> =
                    others().map(|s| (s.cut.clone(), s.remedy, s.fix.title.clone())).collect();
                self.replayed(start, &keys)
            } else {
                None
            };
            if let Some(less) = less.filter(|s| s.changes() < best.changes()) {
                *best = less;
                at = at.min(best.steps.len());
            }
        }
    }

    /// Steps that do not touch what was left out, made again one after the other, if they reach the goal.
    fn rebuilt<'s>(&self, start: &State, steps: impl Iterator<Item = &'s PlanStep> + Clone) -> Option<State> {
        let design = steps.clone().fold(start.design.clone(), |d, s| s.fix.applied_to(&d));
        let end = State { standing: Standing::of(&design), design, steps: Vec::new() };
        let is_optional = steps.clone().any(|s| s.remedy == Remedy::Optional);
        let is_sound = is_optional || start.standing.worsened(&end.standing).is_none();
        if !self.is_met(&end) || !is_sound {
            return None;
        }
        let mut state = start.clone();
        for step in steps {
            let design = step.fix.applied_to(&state.design);
            let standing = Standing::of(&design);
            let added_cost = Cost::added(&state.design, &design);
            let mut steps = std::mem::take(&mut state.steps);
            steps.push(PlanStep {
                availability: standing.availability.clone(),
                points: standing.points.iter().map(BTreeSet::len).collect(),
                added_cost,
                ..step.clone()
            });
            state = State { design, standing, steps };
        }
        Some(state)
    }

    /// One or two of the first advices in place of the plan, if they touch less.
    fn fewer(&self, start: &State, first: &[Advice], best: &mut State) {
        for advice in first {
            if advice.changes < best.changes() {
                let alone = start.after(advice.clone());
                if self.is_met(&alone) && self.is_allowed(&alone) && is_sound(start, advice) {
                    *best = alone;
                }
            }
        }
        if best.steps.len() <= 2 || first.len() > PAIRED_MAX {
            return;
        }
        for (i, a) in first.iter().enumerate() {
            for b in &first[i + 1..] {
                if a.cut != b.cut
                    && a.changes + b.changes < best.changes()
                    && let Some(pair) = self.replayed(start, &[key(a), key(b)])
                    && pair.changes() < best.changes()
                {
                    *best = pair;
                }
            }
        }
    }
}

/// Whether an advice loses nothing that the design before it kept.
fn is_sound(before: &State, advice: &Advice) -> bool {
    advice.remedy == Remedy::Optional || before.standing.worsened(&advice.standing).is_none()
}

/// The ids that a fix alters or adds.
fn touched(fix: &Fix) -> BTreeSet<&str> {
    fix.changes.iter().map(Change::id).collect()
}

/// What is held against a target: never more than is certain, where certainty is to be had.
fn sure(a: &Availability) -> f64 {
    if a.method == Method::Sampled { a.value } else { a.lower }
}
