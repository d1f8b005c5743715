//! The search for a plan: advices strung together until a target is reached, with few changes.
//!
//! It is greedy: each step takes the advice that brings the journeys nearest to their targets for each element that it touches,
//! and is verified in full before it is taken. What an advice gained at an earlier step stands for what it gains now until it
//! would be picked (Minoux 1978, lazy evaluation). Single points come first; pairs are asked about where no advice against a
//! single point gains anything any more and a target is still missed. What the greedy way turns out not to need is taken out again,
//! and every single one and every pair of the first advices is tried in place of the plan. So a plan is small, not proven
//! smallest: three changes where another three would do with two are possible.

use std::collections::BTreeSet;

use super::change::{Advice, Care, Remedy, is_sound};
use super::pair::worst_pairs;
use super::plan::{Goal, Plan, PlanStep, STEPS_MAX, Unmet};
use super::standing::{Cost, Cut, Standing};
use super::trials::{Sketch, Trials};
use super::watch::Watch;
use super::{advised, single_points};
use crate::analysis::failure::availability::{Availability, Method};
use crate::analysis::{Change, Fix};
use crate::design::{Design, JourneyId};

/// Steps of the longest plan whose advices are asked for anew where one is left out that others build on.
const REPLAYED_MAX: usize = 6;
/// First advices of which pairs are tried in place of a longer plan.
const PAIRED_MAX: usize = 12;
/// Pairs of failures of each journey that are advised against at a time.
const PAIRS_MAX: usize = 8;

/// Looks for a plan. A design with problems gets none and counts as unmet.
pub fn plan(design: &Design, goal: &Goal) -> Plan {
    plan_while(design, goal, Watch::NOBODY)
}

/// As [`plan()`]; when it is ended, the plan has the steps that were found until then, each of them verified.
pub fn plan_while(design: &Design, goal: &Goal, watch: Watch<'_>) -> Plan {
    let trials = &Trials::new(watch);
    let before = trials.standing(design);
    let start =
        State { design: design.clone(), standing: before.clone(), steps: Vec::new(), pairs: Vec::new() };
    let search = Search { goal, trials };
    trials.tell_plan(0, search.unmet(&start.design, &start.standing).len());
    let first = if search.is_met(&start) { Vec::new() } else { search.advices(&start) };
    let (mut best, mut is_out_of_changes) = search.greedy(start.clone(), &first);
    if search.is_met(&best) {
        search.thin_out(&start, &mut best);
        search.fewer(&start, &first, &mut best);
    } else if best.steps.is_empty() {
        is_out_of_changes &= !first.is_empty();
    }
    let unmet = search.unmet(&best.design, &best.standing);
    is_out_of_changes &= !unmet.is_empty();
    let is_ended = !trials.go_on();
    Plan {
        before,
        steps: best.steps,
        design: best.design,
        after: best.standing,
        unmet,
        is_out_of_changes,
        is_ended,
    }
}

/// A plan in the making.
#[derive(Clone)]
struct State {
    design: Design,
    standing: Standing,
    steps: Vec<PlanStep>,
    /// The worst pairs that are known to stop journeys, by the position of the route.
    pairs: Vec<(usize, Cut)>,
}

impl State {
    fn after(&self, advice: Advice) -> State {
        let mut removes = removed(&self.standing, &advice.standing);
        let mut pairs = self.pairs.clone();
        if advice.cut.beside.is_some() {
            let sketch = Sketch::of(&advice.design);
            let (left, gone): (Vec<_>, Vec<_>) =
                pairs.into_iter().partition(|(route, pair)| sketch.is_stopped_by(*route, pair));
            for (_, pair) in gone {
                if !removes.contains(&pair) {
                    removes.push(pair);
                }
            }
            pairs = left;
        }
        let step = PlanStep {
            cut: advice.cut,
            removes,
            remedy: advice.remedy,
            changes: advice.changes,
            fix: advice.fix,
            availability: advice.standing.availability.clone(),
            points: advice.standing.points.iter().map(BTreeSet::len).collect(),
            added_cost: advice.added_cost,
        };
        let steps = self.steps.iter().cloned().chain([step]).collect();
        State { design: advice.design, standing: advice.standing, steps, pairs }
    }

    fn changes(&self) -> usize {
        self.steps.iter().map(|s| s.changes).sum()
    }
}

/// What alone stopped a journey and no longer does, by component.
fn removed(before: &Standing, after: &Standing) -> Vec<Cut> {
    let mut gone: BTreeSet<Cut> = BTreeSet::new();
    for (was, is) in before.points.iter().zip(&after.points) {
        let left: BTreeSet<Cut> = is.iter().map(Cut::whole).collect();
        gone.extend(was.iter().map(Cut::whole).filter(|cut| !left.contains(cut)));
    }
    gone.into_iter().collect()
}

/// What names an advice in whatever design it is asked for.
type Key = (Cut, Remedy, String);

fn key(advice: &Advice) -> Key {
    (advice.cut.clone(), advice.remedy, advice.fix.title.clone())
}

struct Search<'s> {
    goal: &'s Goal,
    trials: &'s Trials<'s>,
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

    fn unmet(&self, design: &Design, standing: &Standing) -> Vec<Unmet> {
        let of = standing.availability.iter().zip(&standing.points).filter(|(a, _)| self.counts(&a.journey));
        of.filter_map(|(a, points)| {
            let target = self.target(design, &a.journey);
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
        self.unmet(&state.design, &state.standing).is_empty()
    }

    fn is_allowed(&self, state: &State) -> bool {
        self.goal.changes_max.is_none_or(|most| state.changes() <= most)
    }

    /// What could be done next for the journeys that count, against all single points, quickly tried; whoever picks one asks
    /// whether it [is sound](is_sound).
    fn advices(&self, state: &State) -> Vec<Advice> {
        self.against(state, single_points(&state.design, &state.standing, |j| self.counts(j)), None)
    }

    /// The same advice in another state, if it is still offered there: its cut may be gone.
    fn again(&self, state: &State, wanted: &Key) -> Option<Advice> {
        let (cut, remedy, title) = wanted;
        let journeys = match &cut.beside {
            Some(_) => self.stopped_by(state, cut),
            None => single_points(&state.design, &state.standing, |j| self.counts(j))
                .remove(cut)
                .unwrap_or_default(),
        };
        let only = Some((*remedy, title.as_str()));
        self.against(state, [(cut.clone(), journeys)], only).pop()
    }

    fn against(
        &self,
        state: &State,
        cuts: impl IntoIterator<Item = (Cut, Vec<JourneyId>)>,
        only: Option<(Remedy, &str)>,
    ) -> Vec<Advice> {
        let cuts = cuts.into_iter().filter(|(_, journeys)| !journeys.is_empty());
        advised(&state.design, &state.standing, cuts, Care::Quick, only, self.trials)
            .into_iter()
            .flat_map(|a| a.advices)
            .filter(|a| self.goal.optional || a.remedy != Remedy::Optional)
            .collect()
    }

    /// The journeys that count and that a pair stops.
    fn stopped_by(&self, state: &State, pair: &Cut) -> Vec<JourneyId> {
        let sketch = Sketch::of(&state.design);
        let of = state.standing.availability.iter().enumerate();
        of.filter(|(route, a)| self.counts(&a.journey) && sketch.is_stopped_by(*route, pair))
            .map(|(_, a)| a.journey.clone())
            .collect()
    }

    /// The worst pairs of the journeys that miss a target, by the position of the route.
    fn worst_pairs(&self, state: &State) -> Vec<(usize, Cut)> {
        let sketch = Sketch::of(&state.design);
        let unmet = self.unmet(&state.design, &state.standing);
        let misses = |j: &JourneyId| unmet.iter().any(|u| u.journey == *j && u.target.is_some());
        let of = state.standing.availability.iter().enumerate().filter(|(_, a)| misses(&a.journey));
        of.flat_map(|(route, _)| {
            let pairs = worst_pairs(&sketch, route, PAIRS_MAX, self.trials);
            pairs.into_iter().map(move |pair| (route, pair))
        })
        .collect()
    }

    /// What could be done against the worst pairs, which are noted.
    fn advices_on_pairs(&self, state: &mut State) -> Vec<Advice> {
        state.pairs = self.worst_pairs(state);
        let mut cuts: Vec<(Cut, Vec<JourneyId>)> = Vec::new();
        for (route, pair) in &state.pairs {
            let journey = state.standing.availability[*route].journey.clone();
            match cuts.iter_mut().find(|(known, _)| known == pair) {
                Some((_, journeys)) => journeys.push(journey),
                None => cuts.push((pair.clone(), vec![journey])),
            }
        }
        self.against(state, cuts, None)
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
        let found =
            |state: &State, advices: Vec<Advice>, refused: &BTreeSet<Key>| -> Vec<(f64, usize, Advice)> {
                let fresh = advices.into_iter().filter(|a| !refused.contains(&key(a)));
                fresh.map(|a| (gain(state, &a), state.steps.len(), a)).collect()
            };
        let mut refused: BTreeSet<Key> = BTreeSet::new();
        let mut open = found(&state, first.to_vec(), &refused);
        // The steps at which all single points, and all pairs, were last asked about.
        let (mut singles_at, mut pairs_at) = (0, None);
        while !self.is_met(&state) && state.steps.len() < STEPS_MAX && self.trials.go_on() {
            let now = state.steps.len();
            let best = open
                .iter()
                .enumerate()
                .filter(|(_, o)| o.0 > 1e-9)
                .reduce(|best, next| if next.1.0 > best.1.0 { next } else { best })
                .map(|(at, _)| at);
            let Some(at) = best else {
                if singles_at != now {
                    singles_at = now;
                    open = found(&state, self.advices(&state), &refused);
                } else if pairs_at != Some(now) {
                    pairs_at = Some(now);
                    let advices = self.advices_on_pairs(&mut state);
                    open.extend(found(&state, advices, &refused));
                } else {
                    break;
                }
                continue;
            };
            if open[at].1 < now {
                match self.again(&state, &key(&open[at].2)) {
                    Some(advice) => open[at] = (gain(&state, &advice), now, advice),
                    None => drop(open.remove(at)),
                }
                continue;
            }
            let (_, _, advice) = open.remove(at);
            let is_allowed =
                self.goal.changes_max.is_none_or(|most| state.changes() + advice.changes <= most);
            passed_over |= !is_allowed;
            if is_allowed && self.is_sound(&state, &advice) {
                state = state.after(advice);
                self.trials.tell_plan(state.steps.len(), self.unmet(&state.design, &state.standing).len());
            } else {
                refused.insert(key(&advice));
            }
        }
        (state, passed_over)
    }

    /// Whether an advice loses nothing that the design before it kept.
    fn is_sound(&self, before: &State, advice: &Advice) -> bool {
        is_sound(&before.standing, &advice.standing, advice.remedy, self.trials)
    }

    /// The same advices on a design, as far as they are still offered there.
    fn replayed(&self, start: &State, keys: &[Key]) -> Option<State> {
        let mut state = start.clone();
        for wanted in keys {
            // What is no longer a cut needs no advice.
            if let Some(advice) = self.again(&state, wanted) {
                if !self.is_sound(&state, &advice) {
                    return None;
                }
                if advice.cut.beside.is_some() {
                    state.pairs = self.worst_pairs(&state);
                }
                state = state.after(advice);
            }
        }
        (self.is_met(&state) && self.is_allowed(&state)).then_some(state)
    }

    /// Takes out, one by one, the steps without which the goal is reached all the same. Nothing is taken out once the search is
    /// over.
    fn thin_out(&self, start: &State, best: &mut State) {
        let mut thin = best.clone();
        let mut at = thin.steps.len();
        while at > 0 && thin.steps.len() > 1 && self.trials.go_on() {
            at -= 1;
            let others = || thin.steps.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, s)| s);
            let own = touched(&thin.steps[at].fix);
            if others().all(|s| touched(&s.fix).is_disjoint(&own)) {
                if let Some((design, standing)) = self.ends_well(start, others()) {
                    thin.steps.remove(at);
                    (thin.design, thin.standing) = (design, standing);
                }
            } else if thin.steps.len() <= REPLAYED_MAX {
                let keys: Vec<Key> =
                    others().map(|s| (s.cut.clone(), s.remedy, s.fix.title.clone())).collect();
                if let Some(less) = self.replayed(start, &keys).filter(|s| s.changes() < thin.changes()) {
                    thin = less;
                    at = at.min(thin.steps.len());
                }
            }
        }
        if thin.steps.len() < best.steps.len() {
            let thin = self.remade(start, &thin.steps);
            if self.trials.go_on() {
                *best = thin;
            }
        }
    }

    /// Where steps lead, if they reach the goal and lose nothing.
    fn ends_well<'s>(
        &self,
        start: &State,
        steps: impl Iterator<Item = &'s PlanStep> + Clone,
    ) -> Option<(Design, Standing)> {
        let design = steps.clone().fold(start.design.clone(), |d, s| s.fix.applied_to(&d));
        let sketch = Sketch::of(&design);
        let mut of = start.standing.availability.iter().zip(&sketch.points);
        // Where a journey is to have no single points, a look at them is enough.
        if of.any(|(a, points)| {
            self.counts(&a.journey) && self.target(&design, &a.journey).is_none() && !points.is_empty()
        }) {
            return None;
        }
        let standing = self.trials.finished(sketch);
        if !self.unmet(&design, &standing).is_empty() {
            return None;
        }
        let is_optional = steps.clone().any(|s| s.remedy == Remedy::Optional);
        let remedy = if is_optional { Remedy::Optional } else { Remedy::Replica };
        is_sound(&start.standing, &standing, remedy, self.trials).then_some((design, standing))
    }

    /// The same steps made one after the other.
    fn remade(&self, start: &State, steps: &[PlanStep]) -> State {
        let mut state = start.clone();
        for step in steps {
            let design = step.fix.applied_to(&state.design);
            let standing = self.trials.standing(&design);
            let mut removes = removed(&state.standing, &standing);
            removes.extend(step.removes.iter().filter(|cut| cut.beside.is_some()).cloned());
            state.steps.push(PlanStep {
                removes,
                availability: standing.availability.clone(),
                points: standing.points.iter().map(BTreeSet::len).collect(),
                added_cost: Cost::added(&state.design, &design),
                ..step.clone()
            });
            (state.design, state.standing) = (design, standing);
        }
        state
    }

    /// One or two of the first advices in place of the plan, if they touch less.
    fn fewer(&self, start: &State, first: &[Advice], best: &mut State) {
        for advice in first.iter().filter(|_| self.trials.go_on()) {
            if advice.changes < best.changes() {
                let alone = start.after(advice.clone());
                if self.is_met(&alone) && self.is_allowed(&alone) && self.is_sound(start, advice) {
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
                    && self.trials.go_on()
                    && let Some(pair) = self.replayed(start, &[key(a), key(b)])
                    && pair.changes() < best.changes()
                {
                    *best = pair;
                }
            }
        }
    }
}

/// The ids that a fix alters or adds.
fn touched(fix: &Fix) -> BTreeSet<&str> {
    fix.changes.iter().map(Change::id).collect()
}

/// What is held against a target: never more than is certain, where certainty is to be had.
fn sure(a: &Availability) -> f64 {
    if a.method == Method::Sampled { a.value } else { a.lower }
}
