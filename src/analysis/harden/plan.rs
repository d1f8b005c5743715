//! Plans: advices strung together until a target is reached, with few changes.
//!
//! The search is greedy: each step takes, among the advices that are verified for the design as it stands, the one that
//! brings the journeys nearest to their targets for each element that it touches. What the greedy way does not need is then
//! taken out again, and every single advice and every pair of those that the first step could choose from is tried in its
//! place; a plan that needs three changes where another three would do with two is possible, one that needs them where one or
//! two of the first advices would do is not.

use super::change::{Advice, Remedy};
use super::standing::{Cost, Cut, Standing};
use super::{Advised, advise_on};
use crate::analysis::failure::availability::{Availability, Method};
use crate::analysis::{Change, Fix};
use crate::design::{Design, JourneyId};

/// Steps of a plan at most.
const STEPS_MAX: usize = 40;
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
            points: advice.standing.points.iter().map(std::collections::BTreeSet::len).collect(),
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
    let first = search.advices(&start);
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

    /// How far each journey that counts is from its goal: in orders of magnitude of unavailability where it has a target, in
    /// cuts where it has none.
    fn distance(&self, design: &Design, standing: &Standing) -> f64 {
        let of = standing.availability.iter().zip(&standing.points).filter(|(a, _)| self.counts(&a.journey));
        of.map(|(a, points)| match self.target(design, &a.journey) {
            Some(target) => {
                let allowed = (1.0 - target).max(1e-12);
                ((1.0 - sure(a)).max(1e-15) / allowed).log10().max(0.0)
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

    /// What could be done next for the journeys that count.
    fn advices(&self, state: &State) -> Vec<Advice> {
        let advised: Vec<Advised> = advise_on(&state.design, &state.standing, |j| self.counts(j));
        advised
            .into_iter()
            .flat_map(|a| a.advices)
            .filter(|a| self.goal.optional || a.remedy != Remedy::Optional)
            .collect()
    }

    /// Step by step the advice that gains most for each element that it touches. Also says whether an advice was passed over
    /// because it would touch too many.
    fn greedy(&self, start: State, first: &[Advice]) -> (State, bool) {
        let mut state = start;
        let mut passed_over = false;
        while !self.is_met(&state) && state.steps.len() < STEPS_MAX {
            let open = if state.steps.is_empty() { first.to_vec() } else { self.advices(&state) };
            let distance = self.distance(&state.design, &state.standing);
            let all = open.len();
            let allowed: Vec<Advice> = open
                .into_iter()
                .filter(|a| self.goal.changes_max.is_none_or(|most| state.changes() + a.changes <= most))
                .collect();
            passed_over |= allowed.len() < all;
            let gain =
                |a: &Advice| (distance - self.distance(&a.design, &a.standing)) / a.changes.max(1) as f64;
            let best = allowed
                .into_iter()
                .map(|a| (gain(&a), a))
                .filter(|(gain, _)| *gain > 1e-9)
                // Among equals the first, which is the smallest.
                .reduce(|best, next| if next.0 > best.0 + 1e-12 { next } else { best });
            let Some((_, best)) = best else { break };
            state = state.after(best);
        }
        (state, passed_over)
    }

    /// The same advices on a design, as far as they are still offered there.
    fn replayed(&self, start: &State, keys: &[Key]) -> Option<State> {
        let mut state = start.clone();
        for wanted in keys {
            let advice = self.advices(&state).into_iter().find(|a| key(a) == *wanted);
            // What is no longer a cut needs no advice.
            if let Some(advice) = advice {
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
            let keys: Vec<Key> = best
                .steps
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != at)
                .map(|(_, s)| (s.cut.clone(), s.remedy, s.fix.title.clone()))
                .collect();
            if let Some(less) = self.replayed(start, &keys).filter(|s| s.changes() < best.changes()) {
                *best = less;
                at = at.min(best.steps.len());
            }
        }
    }

    /// One or two of the first advices in place of the plan, if they touch less.
    fn fewer(&self, start: &State, first: &[Advice], best: &mut State) {
        for advice in first {
            if advice.changes < best.changes() {
                let alone = start.after(advice.clone());
                if self.is_met(&alone) && self.is_allowed(&alone) {
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

/// What is held against a target: never more than is certain, where certainty is to be had.
fn sure(a: &Availability) -> f64 {
    if a.method == Method::Sampled { a.value } else { a.lower }
}
