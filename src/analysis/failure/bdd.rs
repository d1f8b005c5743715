//! Binary decision diagrams: whether something has failed, exactly.
//!
//! Reduced and ordered. A variable is true where it has failed. Passes over a diagram give its probability, the
//! derivative of that by every variable (Birnbaum's importance), and its minimal cut sets.
//!
//! Source: Bryant 1986; Rauzy 1993 (minimal solutions) and 2001 (importance factors in one pass).

use super::effort::{Effort, Stop};
pub use super::table::Node;
use super::table::{BOTTOM, Table};
use super::zbdd::{Family, Sets};

/// Never.
pub const NO: Node = 0;
/// Always.
pub const YES: Node = 1;

const AND: u32 = 0;
const OR: u32 = 1;
const XOR: u32 = 2;
const HULL: u32 = 3;

/// Diagrams that share their nodes.
#[derive(Debug)]
pub struct Diagram<'a> {
    pub(super) table: Table<'a>,
}

impl<'a> Diagram<'a> {
    /// No diagram yet.
    pub fn new(effort: Effort<'a>) -> Self {
        Self { table: Table::new(effort) }
    }

    /// How many nodes were made.
    pub fn made(&self) -> usize {
        self.table.size()
    }

    /// The diagram with that level at its top.
    ///
    /// # Errors
    /// [`Stop`], as all that makes nodes.
    pub fn node(&mut self, level: u32, low: Node, high: Node) -> Result<Node, Stop> {
        if low == high { Ok(low) } else { self.table.node(level, low, high) }
    }

    /// One variable.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn variable(&mut self, level: u32) -> Result<Node, Stop> {
        self.table.node(level, NO, YES)
    }

    /// Both.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn and(&mut self, a: Node, b: Node) -> Result<Node, Stop> {
        match (a, b) {
            (NO, _) | (_, NO) => return Ok(NO),
            (YES, x) | (x, YES) => return Ok(x),
            _ if a == b => return Ok(a),
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        if let Some(known) = self.table.remembered(AND, a, b)? {
            return Ok(known);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        let low = self.and(a0, b0)?;
        let high = self.and(a1, b1)?;
        let result = self.node(level, low, high)?;
        self.table.remember(AND, a, b, result);
        Ok(result)
    }

    /// Either.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn or(&mut self, a: Node, b: Node) -> Result<Node, Stop> {
        match (a, b) {
            (YES, _) | (_, YES) => return Ok(YES),
            (NO, x) | (x, NO) => return Ok(x),
            _ if a == b => return Ok(a),
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        if let Some(known) = self.table.remembered(OR, a, b)? {
            return Ok(known);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        let low = self.or(a0, b0)?;
        let high = self.or(a1, b1)?;
        let result = self.node(level, low, high)?;
        self.table.remember(OR, a, b, result);
        Ok(result)
    }

    /// One but not both.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn xor(&mut self, a: Node, b: Node) -> Result<Node, Stop> {
        match (a, b) {
            (NO, x) | (x, NO) => return Ok(x),
            _ if a == b => return Ok(NO),
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        if let Some(known) = self.table.remembered(XOR, a, b)? {
            return Ok(known);
        }
        let (level, (a0, a1), (b0, b1)) = self.split(a, b);
        let low = self.xor(a0, b0)?;
        let high = self.xor(a1, b1)?;
        let result = self.node(level, low, high)?;
        self.table.remember(XOR, a, b, result);
        Ok(result)
    }

    /// Not.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn not(&mut self, a: Node) -> Result<Node, Stop> {
        self.xor(a, YES)
    }

    /// At least so many of these; each counts as often as it is named. O(k x operands) operations.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn at_least(&mut self, k: usize, operands: &[Node]) -> Result<Node, Stop> {
        if k == 0 {
            return Ok(YES);
        }
        if k > operands.len() {
            return Ok(NO);
        }
        // counts[j]: at least j + 1 of those so far.
        let mut counts = vec![NO; k];
        for (seen, operand) in operands.iter().enumerate() {
            // What can no longer reach k, or was never reached, is not made.
            let from = (k - 1).saturating_sub(operands.len() - 1 - seen);
            for j in (from..k.min(seen + 1)).rev() {
                let with = if j == 0 { *operand } else { self.and(counts[j - 1], *operand)? };
                counts[j] = self.or(counts[j], with)?;
            }
        }
        Ok(counts[k - 1])
    }

    /// The least monotone diagram above one: true wherever some of what has failed suffices.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn hull(&mut self, a: Node) -> Result<Node, Stop> {
        if a <= YES {
            return Ok(a);
        }
        if let Some(known) = self.table.remembered(HULL, a, a)? {
            return Ok(known);
        }
        let (level, low, high) = self.table.parts(a);
        let low = self.hull(low)?;
        let high = self.hull(high)?;
        let high = self.or(low, high)?;
        let result = self.node(level, low, high)?;
        self.table.remember(HULL, a, a, result);
        Ok(result)
    }

    #[inline]
    fn split(&self, a: Node, b: Node) -> (u32, (Node, Node), (Node, Node)) {
        let (la, a0, a1) = self.table.parts(a);
        let (lb, b0, b1) = self.table.parts(b);
        match la.cmp(&lb) {
            std::cmp::Ordering::Less => (la, (a0, a1), (b, b)),
            std::cmp::Ordering::Greater => (lb, (a, a), (b0, b1)),
            std::cmp::Ordering::Equal => (la, (a0, a1), (b0, b1)),
        }
    }

    /// How many nodes a diagram has, terminals included.
    pub fn size(&self, top: Node) -> usize {
        self.table.below(top).len()
    }

    /// The probability of a diagram whose variables are true independently with the given probabilities, by level. O(nodes).
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn probability(&self, top: Node, chance: &[f64]) -> Result<f64, Stop> {
        Ok(self.passed(top, chance)?.1[top as usize])
    }

    fn passed(&self, top: Node, chance: &[f64]) -> Result<(Vec<Node>, Vec<f64>), Stop> {
        let nodes = self.table.below(top);
        let mut value = vec![0.0; top as usize + 2];
        value[YES as usize] = 1.0;
        for (at, &n) in nodes.iter().enumerate().filter(|(_, n)| **n > YES) {
            self.table.pace(at)?;
            let (level, low, high) = self.table.parts(n);
            let p = chance[level as usize];
            value[n as usize] = (1.0 - p) * value[low as usize] + p * value[high as usize];
        }
        Ok((nodes, value))
    }

    /// The probability, and its derivative by the probability of every variable: one pass up, one down. O(nodes).
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn birnbaum(&self, top: Node, chance: &[f64]) -> Result<(f64, Vec<f64>), Stop> {
        let (nodes, value) = self.passed(top, chance)?;
        let mut reach = vec![0.0; top as usize + 1];
        reach[top as usize] = 1.0;
        let mut importance = vec![0.0; chance.len()];
        for (at, &n) in nodes.iter().enumerate().rev().filter(|(_, n)| **n > YES) {
            self.table.pace(at)?;
            let (level, low, high) = self.table.parts(n);
            let (p, r) = (chance[level as usize], reach[n as usize]);
            importance[level as usize] += r * (value[high as usize] - value[low as usize]);
            reach[low as usize] += (1.0 - p) * r;
            reach[high as usize] += p * r;
        }
        Ok((value[top as usize], importance))
    }

    /// The states, outside a variable, in which it belongs to a minimal cut set of what has failed: the hull of those in which
    /// it decides.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn where_needed(&mut self, top: Node, level: u32) -> Result<Node, Stop> {
        let decides = self.decided(top, level)?;
        self.hull(decides)
    }

    /// Where a variable decides: true with it and false without. Loops over the nodes, children first.
    fn decided(&mut self, top: Node, level: u32) -> Result<Node, Stop> {
        let nodes = self.table.below(top);
        let mut with = vec![NO; top as usize + 2];
        with[YES as usize] = YES;
        let mut without = with.clone();
        for &n in nodes.iter().filter(|n| **n > YES) {
            let (l, low, high) = self.table.parts(n);
            let (w, wo) = match l.cmp(&level) {
                std::cmp::Ordering::Greater => (n, n),
                std::cmp::Ordering::Equal => (high, low),
                std::cmp::Ordering::Less => (
                    self.node(l, with[low as usize], with[high as usize])?,
                    self.node(l, without[low as usize], without[high as usize])?,
                ),
            };
            with[n as usize] = w;
            without[n as usize] = wo;
        }
        let (with, without) = (with[top as usize], without[top as usize]);
        let not_without = self.not(without)?;
        self.and(with, not_without)
    }

    /// The minimal sets of variables whose truth, all others being false, makes a diagram true. For a monotone one these are
    /// its minimal cut sets, for another those of its coherent hull.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn minimal_sets(&self, top: Node, sets: &mut Sets<'_>) -> Result<Family, Stop> {
        let mut made: Vec<Family> = vec![super::zbdd::NONE; top as usize + 2];
        made[YES as usize] = super::zbdd::EMPTY_SET;
        for n in self.table.below(top).into_iter().filter(|n| *n > YES) {
            let (level, low, high) = self.table.parts(n);
            let without = made[low as usize];
            let with = sets.without(made[high as usize], without)?;
            made[n as usize] = sets.family(level, without, with)?;
        }
        Ok(made[top as usize])
    }

    /// The diagram that is true where one of the sets has failed whole.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn of_family(&mut self, sets: &Sets<'_>, top: Family) -> Result<Node, Stop> {
        let mut made = vec![NO; top as usize + 2];
        made[super::zbdd::EMPTY_SET as usize] = YES;
        for f in sets.table.below(top).into_iter().filter(|f| sets.table.level(*f) != BOTTOM) {
            let (level, low, high) = sets.table.parts(f);
            let low = made[low as usize];
            let high = self.or(low, made[high as usize])?;
            made[f as usize] = self.node(level, low, high)?;
        }
        Ok(made[top as usize])
    }
}
