//! Families of sets as zero-suppressed diagrams: minimal cut sets by the million in a few nodes.
//!
//! Every family here is minimal: none of its sets holds another. A limit on the order of sets is part of each operation, and
//! of the key under which its result is remembered, so that what is too large is never made. A variable may stand for a
//! whole module; it then weighs as much as the smallest cut set of that module.
//!
//! Source: Minato 1993; Rauzy 1993; Jung, Han and Ha 2004 for truncation inside the operations.

use super::effort::{Effort, Pace, Stop};
use super::table::{BOTTOM, Node, PAIRS_MAX, Remembered, Table};

/// Index of a family.
pub type Family = Node;

/// No set at all.
pub const NONE: Family = 0;
/// Only the empty set.
pub const EMPTY_SET: Family = 1;
/// No limit on the order.
pub const UNLIMITED: u32 = (1 << 24) - 1;

const UNION: u32 = 0;
const PRODUCT: u32 = 1;
const WITHOUT: u32 = 2;
const UP_TO: u32 = 3;

/// The smallest and the largest weight of a set of a family.
#[derive(Clone, Copy, Debug)]
struct Span {
    least: u32,
    most: u32,
}

/// Families that share their nodes.
#[derive(Debug)]
pub struct Sets<'a> {
    pub(super) table: Table<'a>,
    /// For each node.
    spans: Vec<Span>,
    /// For each level, at least 1.
    weights: Vec<u32>,
}

/// An operation with its limit, as one key.
fn key(operation: u32, limit: u32) -> u32 {
    limit << 2 | operation
}

/// What a limit leaves beside something of that weight; `None` where that is already too much.
fn less(limit: u32, weight: u32) -> Option<u32> {
    if limit == UNLIMITED { Some(UNLIMITED) } else { limit.checked_sub(weight) }
}

impl<'a> Sets<'a> {
    /// No family yet; with the weight of the variable of each level.
    pub fn new(effort: Effort<'a>, weights: Vec<u32>) -> Self {
        let none = Span { least: UNLIMITED, most: 0 };
        Self { table: Table::new(effort), spans: vec![none, Span { least: 0, most: 0 }], weights }
    }

    /// What is made from now on has that share of the budget.
    pub fn go_on_with(&mut self, effort: Effort<'a>) {
        self.table.go_on_with(effort);
    }

    /// How many nodes were made.
    pub fn made(&self) -> usize {
        self.table.size()
    }

    /// The weight of the lightest set; [`UNLIMITED`] where there is none.
    pub fn least(&self, family: Family) -> u32 {
        self.spans[family as usize].least
    }

    /// The weight of the heaviest set, counting each module as its lightest cut set.
    pub fn most(&self, family: Family) -> u32 {
        self.spans[family as usize].most
    }

    /// The weight of the variable of a level.
    pub fn weight(&self, level: u32) -> u32 {
        self.weights[level as usize]
    }

    /// The sets without the variable of that level, and those with it.
    ///
    /// # Errors
    /// [`Stop`], as all that makes nodes.
    pub fn family(&mut self, level: u32, without: Family, with: Family) -> Result<Family, Stop> {
        if with == NONE {
            return Ok(without);
        }
        let family = self.table.node(level, without, with)?;
        if family as usize == self.spans.len() {
            let (a, b) = (self.spans[without as usize], self.spans[with as usize]);
            let w = self.weights[level as usize];
            let grown = |x: u32| x.saturating_add(w).min(UNLIMITED - 1);
            self.spans.push(Span { least: a.least.min(grown(b.least)), most: a.most.max(grown(b.most)) });
        }
        Ok(family)
    }

    /// The one set of one variable, if the limit lets it.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn variable(&mut self, level: u32, limit: u32) -> Result<Family, Stop> {
        if self.weights[level as usize] > limit { Ok(NONE) } else { self.family(level, NONE, EMPTY_SET) }
    }

    /// The sets that are not too heavy.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn up_to(&mut self, a: Family, limit: u32) -> Result<Family, Stop> {
        let span = self.spans[a as usize];
        if span.most <= limit {
            return Ok(a);
        }
        if span.least > limit {
            return Ok(NONE);
        }
        if let Some(known) = self.table.remembered(key(UP_TO, limit), a, a)? {
            return Ok(known);
        }
        let (level, low, high) = self.table.parts(a);
        let without = self.up_to(low, limit)?;
        let with = match less(limit, self.weights[level as usize]) {
            Some(rest) => self.up_to(high, rest)?,
            None => NONE,
        };
        let result = self.family(level, without, with)?;
        self.table.remember(key(UP_TO, limit), a, a, result);
        Ok(result)
    }

    /// The sets of both, minimal and not too heavy.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn union(&mut self, a: Family, b: Family, limit: u32) -> Result<Family, Stop> {
        if a == EMPTY_SET || b == EMPTY_SET {
            return Ok(EMPTY_SET);
        }
        if a == NONE || a == b {
            return self.up_to(b, limit);
        }
        if b == NONE {
            return self.up_to(a, limit);
        }
        let (a, b) = (a.min(b), a.max(b));
        if self.least(a) > limit {
            return self.up_to(b, limit);
        }
        if self.least(b) > limit {
            return self.up_to(a, limit);
        }
        if let Some(known) = self.table.remembered(key(UNION, limit), a, b)? {
            return Ok(known);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        let without = self.union(a0, b0, limit)?;
        let with = match less(limit, self.weights[level as usize]) {
            Some(rest) => {
                let with = self.union(a1, b1, rest)?;
                self.without(with, without)?
            }
            None => NONE,
        };
        let result = self.family(level, without, with)?;
        self.table.remember(key(UNION, limit), a, b, result);
        Ok(result)
    }

    /// Every union of a set of one with a set of the other, minimal and not too heavy.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn product(&mut self, a: Family, b: Family, limit: u32) -> Result<Family, Stop> {
        if a == NONE || b == NONE {
            return Ok(NONE);
        }
        if a == EMPTY_SET || a == b {
            return self.up_to(b, limit);
        }
        if b == EMPTY_SET {
            return self.up_to(a, limit);
        }
        let (a, b) = (a.min(b), a.max(b));
        if self.least(a).max(self.least(b)) > limit {
            return Ok(NONE);
        }
        if let Some(known) = self.table.remembered(key(PRODUCT, limit), a, b)? {
            return Ok(known);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        let without = self.product(a0, b0, limit)?;
        let with = match less(limit, self.weights[level as usize]) {
            Some(rest) => {
                let either = self.union(b0, b1, rest)?;
                let first = self.product(a1, either, rest)?;
                let second = self.product(a0, b1, rest)?;
                let with = self.union(first, second, rest)?;
                self.without(with, without)?
            }
            None => NONE,
        };
        let result = self.family(level, without, with)?;
        self.table.remember(key(PRODUCT, limit), a, b, result);
        Ok(result)
    }

    /// The sets of the first that hold no set of the second.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn without(&mut self, a: Family, b: Family) -> Result<Family, Stop> {
        if a == NONE || b == EMPTY_SET || a == b {
            return Ok(NONE);
        }
        // What is lighter than all of the second holds none of it.
        if b == NONE || self.most(a) < self.least(b) {
            return Ok(a);
        }
        if let Some(known) = self.table.remembered(WITHOUT, a, b)? {
            return Ok(known);
        }
        let (la, a0, a1) = self.table.parts(a);
        let (lb, b0, b1) = self.table.parts(b);
        let result = match la.cmp(&lb) {
            std::cmp::Ordering::Less => {
                let without = self.without(a0, b)?;
                let with = self.without(a1, b)?;
                self.family(la, without, with)?
            }
            std::cmp::Ordering::Greater => self.without(a, b0)?,
            std::cmp::Ordering::Equal => {
                let without = self.without(a0, b0)?;
                let with = self.without(a1, b0)?;
                let with = self.without(with, b1)?;
                self.family(la, without, with)?
            }
        };
        self.table.remember(WITHOUT, a, b, result);
        Ok(result)
    }

    /// Sets that are in at least k of the families, minimal and not too heavy.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn at_least(&mut self, k: usize, operands: &[Family], limit: u32) -> Result<Family, Stop> {
        if k == 0 {
            return Ok(EMPTY_SET);
        }
        if k > operands.len() {
            return Ok(NONE);
        }
        let mut counts = vec![NONE; k];
        for (seen, operand) in operands.iter().enumerate() {
            let from = (k - 1).saturating_sub(operands.len() - 1 - seen);
            for j in (from..k.min(seen + 1)).rev() {
                let with = if j == 0 { *operand } else { self.product(counts[j - 1], *operand, limit)? };
                counts[j] = self.union(counts[j], with, limit)?;
            }
        }
        Ok(counts[k - 1])
    }

    #[inline]
    pub(super) fn split(&self, a: Family, b: Family) -> (u32, (Family, Family), (Family, Family)) {
        let (la, a0, a1) = self.table.parts(a);
        let (lb, b0, b1) = self.table.parts(b);
        match la.cmp(&lb) {
            std::cmp::Ordering::Less => (la, (a0, a1), (b, NONE)),
            std::cmp::Ordering::Greater => (lb, (a, NONE), (b0, b1)),
            std::cmp::Ordering::Equal => (la, (a0, a1), (b0, b1)),
        }
    }

    /// The sum over all sets of the product of their chances: the rare-event bound. O(nodes).
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn sum(&self, top: Family, chance: &[f64]) -> Result<f64, Stop> {
        Ok(self.summed(top, chance)?.1[top as usize])
    }

    fn summed(&self, top: Family, chance: &[f64]) -> Result<(Vec<Family>, Vec<f64>), Stop> {
        let nodes = self.table.below(top);
        let mut sum = vec![0.0; top as usize + 2];
        sum[EMPTY_SET as usize] = 1.0;
        for (at, &f) in nodes.iter().enumerate().filter(|(_, f)| **f > EMPTY_SET) {
            self.table.pace(at)?;
            let (level, low, high) = self.table.parts(f);
            sum[f as usize] = sum[low as usize] + chance[level as usize] * sum[high as usize];
        }
        Ok((nodes, sum))
    }

    /// The derivative of [`sum`](Self::sum) by the chance of each variable. O(nodes).
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn sum_importance(&self, top: Family, chance: &[f64]) -> Result<Vec<f64>, Stop> {
        let (nodes, sum) = self.summed(top, chance)?;
        let mut reach = vec![0.0; top as usize + 2];
        reach[top as usize] = 1.0;
        let mut importance = vec![0.0; chance.len()];
        for (at, &f) in nodes.iter().enumerate().rev().filter(|(_, f)| **f > EMPTY_SET) {
            self.table.pace(at)?;
            let (level, low, high) = self.table.parts(f);
            let r = reach[f as usize];
            importance[level as usize] += r * sum[high as usize];
            reach[low as usize] += r;
            reach[high as usize] += r * chance[level as usize];
        }
        Ok(importance)
    }

    /// The sum over all pairs of a set of one and a set of the other of the probability that both fail.
    ///
    /// # Errors
    /// [`Stop`], also where there are too many different pairs of nodes.
    pub fn pairs(&self, a: Family, b: Family, chance: &[f64], effort: Effort<'_>) -> Result<f64, Stop> {
        let mut known = Remembered::default();
        self.pairs_of(a, b, chance, &mut known, &mut Pace::new(effort))
    }

    fn pairs_of(
        &self,
        a: Family,
        b: Family,
        chance: &[f64],
        known: &mut Remembered<(Family, Family), f64>,
        pace: &mut Pace<'_>,
    ) -> Result<f64, Stop> {
        if a == NONE || b == NONE {
            return Ok(0.0);
        }
        if a == EMPTY_SET && b == EMPTY_SET {
            return Ok(1.0);
        }
        let (a, b) = (a.min(b), a.max(b));
        if let Some(sum) = known.get(&(a, b)) {
            return Ok(*sum);
        }
        pace.step()?;
        if known.len() >= PAIRS_MAX {
            return Err(Stop::Budget);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        debug_assert!(level != BOTTOM);
        let without = self.pairs_of(a0, b0, chance, known, pace)?;
        let with = self.pairs_of(a1, b1, chance, known, pace)?
            + self.pairs_of(a1, b0, chance, known, pace)?
            + self.pairs_of(a0, b1, chance, known, pace)?;
        let sum = without + chance[level as usize] * with;
        known.insert((a, b), sum);
        Ok(sum)
    }
}
