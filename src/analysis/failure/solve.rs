//! Everything that is asked of a fault tree: minimal cut sets, their number by order, probability, importance.
//!
//! The tree is taken apart into modules; each is solved by itself, exactly where its diagram fits, and stands as one variable
//! in the next. What does not fit gets true bounds from its cut sets up to an order, and drawn worlds where those are
//! narrower. Every figure says how it was made.
//!
//! All of that shares one budget. A module may use its share of what is left, by its size, but always half of it: diagrams
//! first, then cut sets, then bounds. What comes last and is cheap (bounds gate by gate, single points) needs no budget.
//!
//! Source: Rauzy, Mathematical foundations of minimal cutsets (IEEE Trans. Reliability, 2001).

use std::sync::atomic::AtomicBool;

use super::bdd::{Diagram, Node};
use super::bounds::{Interval, gate_by_gate, of_union, up_to_weight};
use super::count::{Big, by_order};
use super::effort::{Budget, Clock, Effort, Stop, deep};
use super::list::listed;
use super::modules::{Module, Parts, Variable, parts};
use super::order::{Guess, levels};
use super::sample::sampled;
use super::tree::{FaultTree, Gate};
use super::zbdd::{EMPTY_SET, Family, NONE, Sets, UNLIMITED};
use super::{importance, zbdd};

/// What is asked of a tree, and how much it may cost.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Whether cut sets are wanted.
    pub cut_sets: bool,
    /// Only cut sets of at most so many events; `None` counts all.
    pub order: Option<u32>,
    /// Sets that are listed at most; only whole orders are listed.
    pub listed_max: usize,
    /// Whether the probability is wanted.
    pub probability: bool,
    /// Whether the importance of every event is wanted (with the probability).
    pub importance: bool,
    /// Nodes of all diagrams at a time, at most; a node takes some 40 bytes.
    pub nodes_max: usize,
    /// Units of work at most: nodes that are made and answers that are looked up in vain.
    pub work_max: u64,
    /// Ends the work earlier, if time matters. What was found until then is told.
    pub clock: Option<Clock<'a>>,
    /// Worlds that are drawn where bounds are wide.
    pub worlds: usize,
    /// Raised from outside to stop at once, with nothing to tell.
    pub cancel: Option<&'a AtomicBool>,
}

impl Default for Question<'_> {
    fn default() -> Self {
        Self {
            cut_sets: true,
            order: None,
            listed_max: 0,
            probability: true,
            importance: true,
            nodes_max: 4 << 20,
            work_max: 32 << 20,
            clock: None,
            worlds: 1 << 18,
            cancel: None,
        }
    }
}

/// How a probability was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// By a decision diagram.
    Exact,
    /// True bounds from cut sets and gates.
    Bounds,
    /// By drawing worlds; the bounds are a 95 % confidence interval.
    Sampled,
}

impl Method {
    /// The word for people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Bounds => "bounds",
            Method::Sampled => "sampled",
        }
    }
}

/// A probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The best figure.
    pub value: f64,
    /// Not less than this.
    pub lower: f64,
    /// Not more than this.
    pub upper: f64,
    /// How it was made.
    pub method: Method,
}

/// Minimal cut sets. Of a tree with negations: those of its coherent hull, the minimal sets of failures that can fail the top
/// while nothing else has failed.
#[derive(Clone, Debug, Default)]
pub struct CutSets {
    /// How many there are of each order; the first is of order 1.
    pub by_order: Vec<Big>,
    /// Whether the empty set is one: the top fails without any failure.
    pub always: bool,
    /// Orders up to which nothing is missing; `None`: nothing is missing at all.
    pub complete_to: Option<u32>,
    /// Sets of events, smallest first, and how many orders are listed whole (`None`: all).
    pub listed: Vec<Vec<u32>>,
    /// Orders up to which sets are listed; `None`: all that were counted.
    pub listed_to: Option<u32>,
}

impl CutSets {
    /// How many there are in all orders.
    pub fn total(&self) -> Big {
        let empty = Big::from(u64::from(self.always));
        self.by_order.iter().fold(empty, |sum, n| sum.and(n))
    }
}

/// What an event means to the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Importance {
    /// The event.
    pub event: u32,
    /// Derivative of the top's probability by the event's (Birnbaum).
    pub birnbaum: f64,
    /// Chance that the event has failed and decides, given that the top has failed.
    pub criticality: f64,
    /// Chance that a cut set with the event has failed, given that the top has failed (Fussell and Vesely).
    pub fussell_vesely: f64,
    /// Risk achievement worth: how many times as likely the top fails once the event has failed.
    pub raw: f64,
    /// Risk reduction worth: how many times less likely if the event never failed; infinite where nothing else fails the top.
    pub rrw: f64,
    /// By how much the top's probability falls if the event becomes two independent ones that must both fail.
    pub gain_if_doubled: f64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// Basic events below the top.
    pub events: usize,
    /// Other gates below the top.
    pub gates: usize,
    /// Whether more failures never mend anything.
    pub is_coherent: bool,
    /// Parts that were solved by themselves.
    pub modules: usize,
    /// Cut sets, if asked for and found.
    pub cut_sets: Option<CutSets>,
    /// Probability, if asked for and every event has one.
    pub probability: Option<Estimate>,
    /// Importance of every event below the top, in their order, if asked for and every event has a probability.
    pub importance: Vec<Importance>,
    /// How importance was made: exactly, or (`Bounds`) from sums over cut sets.
    pub importance_method: Option<Method>,
    /// Whether the figures of Fussell and Vesely are exact, not sums over cut sets.
    pub fussell_vesely_is_exact: bool,
}

/// A module, solved.
pub(super) struct Solved<'a> {
    pub(super) module: Module,
    /// The variable of each level.
    pub(super) variable_at: Vec<u32>,
    pub(super) diagram: Option<(Diagram<'a>, Node)>,
    pub(super) sets: Option<(Sets<'a>, Family)>,
    /// Up to this weight no set is missing.
    pub(super) complete_to: u32,
    /// Sets by number of basic events.
    counts: Vec<Big>,
    /// By level.
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) chance: Interval,
    pub(super) best: f64,
}

/// Answers a question about a tree.
///
/// # Errors
/// [`Stop::Cancelled`] if the flag was raised; a budget that runs out is no error.
pub fn solve(tree: &FaultTree, question: &Question<'_>) -> Result<Solution, Stop> {
    let budget = Budget::new(question.nodes_max.max(16), question.work_max, question.clock, question.cancel);
    let effort = Effort::of(&budget);
    deep(tree.gates.len(), || Solver { tree, question, effort }.solved())
}

/// The share of the budget that is kept for what comes after all modules.
const LAST: f64 = 0.1;

struct Solver<'t, 'a> {
    tree: &'t FaultTree,
    question: &'t Question<'t>,
    effort: Effort<'a>,
}

impl<'a> Solver<'_, 'a> {
    fn solved(&self) -> Result<Solution, Stop> {
        let (events, gates) = self.tree.counted();
        let below = self.tree.below_top();
        let asked = self.tree.gates.iter().zip(&below).filter(|(_, below)| **below);
        let mut chance = vec![0.0; self.tree.events.len()];
        let mut is_known = true;
        for (gate, _) in asked {
            if let Gate::Event(e) = gate {
                match self.tree.events[*e as usize].probability {
                    Some(p) => chance[*e as usize] = p,
                    None => is_known = false,
                }
            }
        }
        let chance = (is_known && self.question.probability).then_some(chance);
        let mut solution =
            Solution { events, gates, is_coherent: self.tree.is_coherent(), ..Solution::default() };
        // Points alone need no diagram, and no parts.
        if self.question.order == Some(1) && self.question.cut_sets && chance.is_none() {
            solution.cut_sets = Some(self.single_points()?);
            return Ok(solution);
        }
        let modules = match parts(self.tree) {
            Parts::Constant(c) => {
                self.constant(c, chance.is_some(), &mut solution);
                return Ok(solution);
            }
            Parts::Modules(modules) => modules,
        };
        solution.modules = modules.len();
        let mut solved: Vec<Solved<'a>> = Vec::with_capacity(modules.len());
        let mut rest: usize = modules.iter().map(|m| m.gates.len()).sum();
        let for_modules = self.effort.part(1.0 - LAST);
        for module in modules {
            self.effort.go_on()?;
            let own = module.gates.len();
            // What is not small by itself may turn out hard, whatever its size.
            let share = (own as f64 / rest as f64).max(0.5);
            rest -= own;
            let next = self.module(module, &solved, chance.as_deref(), for_modules.part(share))?;
            solved.push(next);
        }
        if self.question.cut_sets {
            solution.cut_sets = self.cut_sets(&solved)?;
        }
        if let Some(chance) = &chance
            && let Some(top) = solved.last()
        {
            let estimate = self.estimate(top, chance)?;
            solution.probability = Some(estimate);
            // Without a diagram or sets of every part there is nothing to tell it from.
            let is_known = solved.iter().all(|s| s.diagram.is_some() || s.sets.is_some());
            if self.question.importance && is_known {
                let exact = solved.iter().all(|s| s.diagram.is_some());
                let (list, fussell_vesely_is_exact) =
                    importance::of(self.tree, &mut solved, chance, estimate.value, self.effort)?;
                solution.importance = list;
                solution.fussell_vesely_is_exact = fussell_vesely_is_exact;
                solution.importance_method = Some(if exact { Method::Exact } else { Method::Bounds });
            }
        }
        Ok(solution)
    }

    fn constant(&self, fails: bool, with_probability: bool, solution: &mut Solution) {
        let value = f64::from(u8::from(fails));
        if self.question.cut_sets {
            let listed = if fails && self.question.listed_max > 0 { vec![Vec::new()] } else { Vec::new() };
            solution.cut_sets = Some(CutSets { always: fails, listed, ..CutSets::default() });
        }
        if with_probability {
            solution.probability =
                Some(Estimate { value, lower: value, upper: value, method: Method::Exact });
        }
    }

    fn single_points(&self) -> Result<CutSets, Stop> {
        let mut values: Vec<[u64; 1]> = Vec::new();
        let always = self.tree.fails_with::<1>(|_| [0], &mut values)[0] & 1 == 1;
        let points = self.tree.points(|| self.effort.go_on())?;
        let by_order = if points.is_empty() { Vec::new() } else { vec![Big::from(points.len() as u64)] };
        let mut listed: Vec<Vec<u32>> = if always { vec![Vec::new()] } else { Vec::new() };
        listed.extend(points.into_iter().map(|p| vec![p]));
        if listed.len() > self.question.listed_max {
            listed.clear();
        }
        // Where the empty set is one, it is the only one.
        Ok(CutSets { by_order, always, complete_to: (!always).then_some(1), listed, listed_to: None })
    }

    fn module(
        &self,
        module: Module,
        before: &[Solved<'a>],
        chance: Option<&[f64]>,
        effort: Effort<'a>,
    ) -> Result<Solved<'a>, Stop> {
        let wanted = chance.is_some() || (self.question.cut_sets && self.question.order.is_none());
        let mut level = levels(&module, Guess::AsDrawn);
        let mut diagram = None;
        if wanted || !module.is_coherent {
            (diagram, level) = self.diagram(&module, effort.part(0.5))?;
        }
        let mut variable_at = vec![0_u32; level.len()];
        for (v, l) in level.iter().enumerate() {
            variable_at[*l as usize] = v as u32;
        }
        let interval = |v: &Variable| match v {
            Variable::Event(e) => Interval::exactly(chance.map_or(0.0, |c| c[*e as usize])),
            Variable::Module(m) => before[*m].chance,
        };
        let by_level: Vec<Interval> =
            variable_at.iter().map(|v| interval(&module.variables[*v as usize])).collect();
        let best: Vec<f64> = variable_at
            .iter()
            .map(|v| match module.variables[*v as usize] {
                Variable::Event(e) => chance.map_or(0.0, |c| c[e as usize]),
                Variable::Module(m) => before[m].best,
            })
            .collect();
        let mut solved = Solved {
            lower: by_level.iter().map(|i| i.lower).collect(),
            upper: by_level.iter().map(|i| i.upper).collect(),
            module,
            variable_at,
            diagram,
            sets: None,
            complete_to: 0,
            counts: Vec::new(),
            chance: Interval { lower: 0.0, upper: 1.0 },
            best: 0.0,
        };
        if let Some((diagram, top)) = &solved.diagram
            && chance.is_some()
        {
            solved.best = diagram.probability(*top, &best)?;
            if solved.module.is_coherent || by_level.iter().all(|i| i.lower == i.upper) {
                solved.chance = Interval {
                    lower: diagram.probability(*top, &solved.lower)?,
                    upper: diagram.probability(*top, &solved.upper)?,
                };
            }
        }
        // Cut sets also make the bounds, and importance where there is no diagram.
        if self.question.cut_sets || (solved.diagram.is_none() && chance.is_some()) {
            self.sets(&mut solved, &level, before, chance.is_some(), effort)?;
        }
        Ok(solved)
    }

    /// The diagram of a module in the best of some orders, each of which gets the same growing number of nodes; without any,
    /// the first order.
    fn diagram(
        &self,
        module: &Module,
        effort: Effort<'a>,
    ) -> Result<(Option<(Diagram<'a>, Node)>, Vec<u32>), Stop> {
        const FIRST: usize = 1 << 13;
        let mut orders: Vec<Vec<u32>> = Vec::new();
        for guess in Guess::ALL {
            let order = levels(module, guess);
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        let mut nodes_max = FIRST.min(effort.nodes_max);
        loop {
            for order in &orders {
                let mut diagram = Diagram::new(effort.with_nodes(nodes_max));
                match built(module, order, &mut diagram) {
                    Ok(top) => return Ok((Some(self.compacted(&diagram, top)?), order.clone())),
                    Err(Stop::Cancelled) => return Err(Stop::Cancelled),
                    Err(Stop::Budget) => {}
                }
                if effort.left() == 0.0 {
                    return Ok((None, orders.swap_remove(0)));
                }
            }
            if nodes_max >= effort.nodes_max {
                return Ok((None, orders.swap_remove(0)));
            }
            nodes_max = (nodes_max * 4).min(effort.nodes_max);
        }
    }

    /// A diagram without what was made on the way.
    fn compacted(&self, diagram: &Diagram<'_>, top: Node) -> Result<(Diagram<'a>, Node), Stop> {
        let mut small = Diagram::new(self.effort.to_the_end());
        let mut new: Vec<Node> = vec![0; top as usize + 2];
        new[1] = 1;
        for n in diagram.table.below(top).into_iter().filter(|n| *n > 1) {
            let (level, low, high) = diagram.table.parts(n);
            new[n as usize] = small.node(level, new[low as usize], new[high as usize])?;
        }
        Ok((small, new[top as usize]))
    }

    /// Cut sets, as many as fit; bounds with them where there is no diagram.
    fn sets(
        &self,
        solved: &mut Solved<'a>,
        level: &[u32],
        before: &[Solved<'a>],
        with_chance: bool,
        effort: Effort<'a>,
    ) -> Result<(), Stop> {
        let limit = self.question.order.unwrap_or(UNLIMITED);
        let module = &solved.module;
        let weight = |v: u32| match module.variables[v as usize] {
            Variable::Event(_) => 1,
            Variable::Module(m) => before[m].least(),
        };
        let weights: Vec<u32> = solved.variable_at.iter().map(|v| weight(*v)).collect();
        let fresh = |effort: Effort<'a>| Sets::new(effort, weights.clone());
        let mut found: Option<(Sets<'a>, Family, u32)> = None;
        let mut chance = (module.is_coherent && solved.diagram.is_none() && with_chance).then(|| {
            let by_variable: Vec<Interval> = level
                .iter()
                .map(|l| Interval { lower: solved.lower[*l as usize], upper: solved.upper[*l as usize] })
                .collect();
            gate_by_gate(module, &by_variable)
        });
        // Where bounds are made of them, those take their time too.
        let effort_of_sets = effort.part(if chance.is_some() { 0.7 } else { 0.9 });
        if let Some((diagram, top)) = &solved.diagram
            && (limit == UNLIMITED || !module.is_coherent)
        {
            let mut sets = fresh(effort_of_sets.part(0.5));
            let all = diagram.minimal_sets(*top, &mut sets).and_then(|all| sets.up_to(all, limit));
            found = fits(all)?.map(|all| (sets, all, limit));
        }
        if found.is_none() && module.is_coherent {
            let first = effort_of_sets.part(if limit == UNLIMITED { 0.3 } else { 0.5 });
            let mut sets = fresh(first);
            let all = up_to_weight(module, level, &mut sets, limit, None, first).map(|r| r.0);
            found = fits(all)?.map(|all| (sets, all, limit));
            let is_whole = found.is_some();
            let mut next = 1;
            while !is_whole && next < limit {
                let mut sets = fresh(effort_of_sets);
                let some = up_to_weight(module, level, &mut sets, next, None, effort_of_sets).map(|r| r.0);
                let Some(some) = fits(some)? else { break };
                if let Some(known) = &mut chance {
                    let tails = effort_of_sets.part(0.5);
                    let above = with_left_out(module, level, &mut sets, (some, next), &solved.upper, tails)?;
                    known.upper = known.upper.min(above);
                }
                found = Some((sets, some, next));
                next += 1;
            }
        }
        let Some((mut sets, family, to)) = found else {
            if let Some(chance) = chance {
                solved.chance = chance;
                solved.best = (chance.lower + chance.upper) / 2.0;
            }
            return Ok(());
        };
        if let Some(known) = &mut chance {
            sets.go_on_with(effort);
            let union =
                of_union(&mut sets, family, &solved.lower, &solved.upper, effort.with_nodes(1 << 20))?;
            known.lower = known.lower.max(union.lower);
            let whole = if to == limit && limit != UNLIMITED {
                with_left_out(module, level, &mut sets, (family, to), &solved.upper, effort.part(0.8))?
            } else if to == UNLIMITED {
                union.upper
            } else {
                1.0
            };
            known.upper = known.upper.min(whole);
            solved.chance = *known;
            // The sets that are known, nearly independent of each other, are the best guess.
            solved.best = union.upper.clamp(known.lower, known.upper);
        }
        let mut complete_to = to;
        for v in &module.variables {
            if let Variable::Module(m) = v {
                complete_to = complete_to.min(before[*m].complete_to);
            }
        }
        let factors: Vec<Option<Vec<Big>>> = solved
            .variable_at
            .iter()
            .map(|v| match module.variables[*v as usize] {
                Variable::Event(_) => None,
                Variable::Module(m) => Some(before[m].counts.clone()),
            })
            .collect();
        match by_order(&sets, family, &factors, complete_to, self.effort) {
            Ok(counts) => solved.counts = counts,
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            // Sets that cannot even be counted are as good as not found.
            Err(Stop::Budget) => return Ok(()),
        }
        solved.complete_to = complete_to;
        sets.go_on_with(self.effort.to_the_end());
        solved.sets = Some((sets, family));
        Ok(())
    }

    fn cut_sets(&self, solved: &[Solved<'a>]) -> Result<Option<CutSets>, Stop> {
        let Some(top) = solved.last() else { return Ok(None) };
        let Some((_, family)) = &top.sets else {
            // Nothing fits; what alone fails the top is always told.
            let mut points = self.single_points()?;
            points.complete_to = points.complete_to.map(|_| 1);
            return Ok(Some(points));
        };
        let mut counts = top.counts.clone();
        let always = *family == EMPTY_SET;
        let by_order = if counts.is_empty() { Vec::new() } else { counts.split_off(1) };
        let complete_to = (top.complete_to != UNLIMITED).then_some(top.complete_to);
        let mut found = CutSets { by_order, always, complete_to, ..CutSets::default() };
        if self.question.listed_max > 0 {
            let max = self.question.listed_max as f64;
            let mut sum = 0.0;
            let mut to = 0;
            for n in &found.by_order {
                sum += n.to_f64();
                if sum > max {
                    break;
                }
                to += 1;
            }
            found.listed_to = (to < found.by_order.len() as u32).then_some(to);
            found.listed = if always { vec![Vec::new()] } else { listed(solved, to, self.effort)? };
        }
        Ok(Some(found))
    }

    fn estimate(&self, top: &Solved<'a>, chance: &[f64]) -> Result<Estimate, Stop> {
        let Interval { lower, upper } = top.chance;
        if lower == upper {
            return Ok(Estimate { value: lower, lower, upper, method: Method::Exact });
        }
        let known = lower > 0.0 || upper < 1.0;
        // Bounds within a twentieth of each other are good enough.
        if known && upper - lower <= 0.05 * upper {
            return Ok(Estimate {
                value: top.best.clamp(lower, upper),
                lower,
                upper,
                method: Method::Bounds,
            });
        }
        let (value, low, high) = sampled(self.tree, chance, self.question.worlds, self.effort.part(0.5))?;
        // One interval in twenty is wrong; one that lies outside true bounds is known to be.
        let (low, high) = (low.max(lower), high.min(upper));
        if low < high && (!known || high - low < upper - lower) {
            let value = value.clamp(low, high);
            return Ok(Estimate { value, lower: low, upper: high, method: Method::Sampled });
        }
        Ok(Estimate { value: top.best.clamp(lower, upper), lower, upper, method: Method::Bounds })
    }
}

impl Solved<'_> {
    /// The number of events of the smallest cut set; one more than was asked for where none is known.
    pub(super) fn least(&self) -> u32 {
        match &self.sets {
            Some((sets, family)) if *family != NONE => sets.least(*family).min(zbdd::UNLIMITED - 1),
            Some(_) => self.complete_to.saturating_add(1).min(zbdd::UNLIMITED - 1),
            None => 1,
        }
    }
}

/// What was made, if it fitted its budget.
fn fits<T>(result: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match result {
        Ok(made) => Ok(Some(made)),
        Err(Stop::Budget) => Ok(None),
        Err(Stop::Cancelled) => Err(Stop::Cancelled),
    }
}

/// An upper bound of the chance that a module fails, from its cut sets up to a weight: what they add up to, and what was left out
/// on the way to them; 1 where the budget ends before. Most of the way is remembered.
fn with_left_out<'a>(
    module: &Module,
    level: &[u32],
    sets: &mut Sets<'a>,
    (family, to): (Family, u32),
    upper: &[f64],
    effort: Effort<'a>,
) -> Result<f64, Stop> {
    sets.go_on_with(effort);
    let tail = up_to_weight(module, level, sets, to, Some(upper), effort).map(|r| r.1);
    Ok((sets.sum(family, upper)? + fits(tail)?.unwrap_or(1.0)).min(1.0))
}

/// The diagram of a module with the given level of each variable.
fn built(module: &Module, level: &[u32], diagram: &mut Diagram<'_>) -> Result<Node, Stop> {
    let mut of: Vec<Node> = Vec::with_capacity(module.gates.len());
    for gate in &module.gates {
        let mut operands: Vec<Node> = gate.operands().iter().map(|o| of[*o as usize]).collect();
        // From the bottom up, so that what is joined on lies above.
        operands.sort_by_key(|n| std::cmp::Reverse(diagram.table.level(*n)));
        let node = match gate {
            Gate::Constant(c) => Node::from(*c),
            Gate::Event(v) => diagram.variable(level[*v as usize])?,
            Gate::And(_) => {
                let mut all = super::bdd::YES;
                for o in operands {
                    all = diagram.and(o, all)?;
                }
                all
            }
            Gate::Or(_) => {
                let mut any = super::bdd::NO;
                for o in operands {
                    any = diagram.or(o, any)?;
                }
                any
            }
            Gate::AtLeast(k, _) => diagram.at_least(*k as usize, &operands)?,
            Gate::Not(_) => diagram.not(operands[0])?,
            Gate::Xor(_) => {
                let mut odd = super::bdd::NO;
                for o in operands {
                    odd = diagram.xor(o, odd)?;
                }
                odd
            }
        };
        of.push(node);
    }
    Ok(of.last().copied().unwrap_or(super::bdd::NO))
}
