//! True bounds of a probability whose diagram does not fit.
//!
//! Two families of bounds, of which the tighter counts. *Gate by gate*: failures of a coherent tree of independent events
//! are associated, so that an or fails at most as often as if its operands were independent, an and at least as often. *Cut
//! sets up to an order*: their union is a lower bound, and with what was left out on the way, added up, an upper one.
//!
//! Source: Esary, Proschan and Walkup 1967 (association); Bonferroni 1936.

use super::bdd::Diagram;
use super::effort::{Effort, Pace, Stop};
use super::modules::Module;
use super::table::{PAIRS_MAX, Remembered};
use super::tree::Gate;
use super::zbdd::{EMPTY_SET, Family, NONE, Sets};

/// Not less than this, not more than that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

impl Interval {
    /// What is known exactly.
    pub fn exactly(value: f64) -> Self {
        Self { lower: value, upper: value }
    }

    /// What both say.
    pub fn both(self, other: Self) -> Self {
        Self { lower: self.lower.max(other.lower), upper: self.upper.min(other.upper) }
    }
}

/// Bounds of the top of a coherent module, gate by gate, from those of its variables. O(size of the module).
pub fn gate_by_gate(module: &Module, chance: &[Interval]) -> Interval {
    let mut of: Vec<Interval> = Vec::with_capacity(module.gates.len());
    for gate in &module.gates {
        let operands = gate.operands().iter().map(|o| of[*o as usize]);
        let bound = match gate {
            Gate::Event(v) => chance[*v as usize],
            Gate::And(_) => operands.fold(Interval::exactly(1.0), |a, b| Interval {
                lower: a.lower * b.lower,
                upper: a.upper.min(b.upper),
            }),
            Gate::Or(_) => {
                let none = operands.clone().map(|o| 1.0 - o.upper).product::<f64>();
                Interval { lower: operands.map(|o| o.lower).fold(0.0, f64::max), upper: 1.0 - none }
            }
            Gate::AtLeast(k, _) => {
                let k = *k as usize;
                let mut lower: Vec<f64> = operands.clone().map(|o| o.lower).collect();
                lower.sort_by(|a, b| b.total_cmp(a));
                let upper = operands.map(|o| o.upper).sum::<f64>() / k as f64;
                Interval { lower: lower[..k.min(lower.len())].iter().product(), upper: upper.min(1.0) }
            }
            Gate::Constant(c) => Interval::exactly(f64::from(u8::from(*c))),
            Gate::Not(_) | Gate::Xor(_) => Interval { lower: 0.0, upper: 1.0 },
        };
        of.push(bound);
    }
    of.last().copied().unwrap_or(Interval { lower: 0.0, upper: 1.0 })
}

/// The minimal cut sets of a coherent module up to a weight, and, where chances by level are given, at most how likely the
/// module fails without any of them.
///
/// # Errors
/// [`Stop`].
pub fn up_to_weight(
    module: &Module,
    levels: &[u32],
    sets: &mut Sets<'_>,
    limit: u32,
    chance: Option<&[f64]>,
    effort: Effort<'_>,
) -> Result<(Family, f64), Stop> {
    let mut left =
        LeftOut { chance, limit, pairs: Remembered::default(), sums: Vec::new(), pace: Pace::new(effort) };
    let mut of: Vec<Cut> = Vec::with_capacity(module.gates.len());
    for gate in &module.gates {
        let mut operands: Vec<Cut> = gate.operands().iter().map(|o| of[*o as usize]).collect();
        // From the bottom up, so that what is joined on lies above.
        operands.sort_by_key(|c| std::cmp::Reverse((sets.table.level(c.family), c.family)));
        let cut = match gate {
            Gate::Event(v) => {
                let level = levels[*v as usize];
                let family = sets.variable(level, limit)?;
                let tail = chance.map_or(0.0, |c| if family == NONE { c[level as usize] } else { 0.0 });
                Cut { family, tail }
            }
            Gate::Or(_) => {
                let mut joined = Cut { family: NONE, tail: 0.0 };
                for operand in operands {
                    joined = left.or(sets, joined, operand)?;
                }
                joined
            }
            Gate::And(_) => {
                // Small ones first: products stay small.
                operands.sort_by_key(|c| c.family);
                let mut joined = Cut { family: EMPTY_SET, tail: 0.0 };
                for operand in operands {
                    joined = left.and(sets, joined, operand)?;
                }
                joined
            }
            Gate::AtLeast(k, _) => {
                let k = *k as usize;
                let mut counts = vec![Cut { family: NONE, tail: 0.0 }; k];
                for (seen, operand) in operands.iter().enumerate() {
                    let from = (k - 1).saturating_sub(operands.len() - 1 - seen);
                    for j in (from..k.min(seen + 1)).rev() {
                        let with = if j == 0 { *operand } else { left.and(sets, counts[j - 1], *operand)? };
                        counts[j] = left.or(sets, counts[j], with)?;
                    }
                }
                counts[k - 1]
            }
            Gate::Constant(c) => Cut { family: if *c { EMPTY_SET } else { NONE }, tail: 0.0 },
            Gate::Not(_) | Gate::Xor(_) => return Err(Stop::Budget),
        };
        of.push(cut);
    }
    Ok(of.last().map_or((NONE, 0.0), |c| (c.family, c.tail)))
}

/// Cut sets of a gate, and at most how likely it fails without any of them.
#[derive(Clone, Copy)]
struct Cut {
    family: Family,
    tail: f64,
}

/// What was left out on the way.
struct LeftOut<'c, 'e> {
    chance: Option<&'c [f64]>,
    limit: u32,
    /// Chance that both of a pair fail, added up over the pairs that are too heavy together; a limit below 0 counts all.
    pairs: Remembered<(Family, Family, i64), f64>,
    /// For each family that there is, the sum of the chances of its sets.
    sums: Vec<f64>,
    pace: Pace<'e>,
}

impl LeftOut<'_, '_> {
    fn or(&mut self, sets: &mut Sets<'_>, a: Cut, b: Cut) -> Result<Cut, Stop> {
        Ok(Cut { family: sets.union(a.family, b.family, self.limit)?, tail: (a.tail + b.tail).min(1.0) })
    }

    fn and(&mut self, sets: &mut Sets<'_>, a: Cut, b: Cut) -> Result<Cut, Stop> {
        let family = sets.product(a.family, b.family, self.limit)?;
        let Some(chance) = self.chance else { return Ok(Cut { family, tail: 0.0 }) };
        self.sum_up(sets, a.family.max(b.family), chance)?;
        let upper = |c: Cut| (self.sums[c.family as usize] + c.tail).min(1.0);
        let (upper_a, upper_b) = (upper(a), upper(b));
        let dropped = self.dropped(sets, a.family, b.family, i64::from(self.limit), chance)?;
        let tail = a.tail.min(upper_b) + b.tail.min(upper_a) + dropped;
        Ok(Cut { family, tail: tail.min(upper_a).min(upper_b) })
    }

    /// Sums of all families up to one; what a family is made of was made before it.
    fn sum_up(&mut self, sets: &Sets<'_>, to: Family, chance: &[f64]) -> Result<(), Stop> {
        for family in self.sums.len() as Family..=to {
            let sum = match family {
                NONE => 0.0,
                EMPTY_SET => 1.0,
                _ => {
                    self.pace.step()?;
                    let (level, low, high) = sets.table.parts(family);
                    self.sums[low as usize] + chance[level as usize] * self.sums[high as usize]
                }
            };
            self.sums.push(sum);
        }
        Ok(())
    }

    fn dropped(
        &mut self,
        sets: &Sets<'_>,
        a: Family,
        b: Family,
        limit: i64,
        chance: &[f64],
    ) -> Result<f64, Stop> {
        if a == NONE || b == NONE {
            return Ok(0.0);
        }
        if limit >= 0 && i64::from(sets.most(a)) + i64::from(sets.most(b)) <= limit {
            return Ok(0.0);
        }
        if a == EMPTY_SET && b == EMPTY_SET {
            return Ok(if limit < 0 { 1.0 } else { 0.0 });
        }
        let (a, b, limit) = (a.min(b), a.max(b), limit.max(-1));
        if let Some(sum) = self.pairs.get(&(a, b, limit)) {
            return Ok(*sum);
        }
        self.pace.step()?;
        if self.pairs.len() >= PAIRS_MAX {
            self.pairs.clear();
        }
        let (level, (a0, a1), (b0, b1)) = sets.split(a, b);
        let rest = limit - i64::from(sets.weight(level));
        let without = self.dropped(sets, a0, b0, limit, chance)?;
        let with = self.dropped(sets, a1, b1, rest, chance)?
            + self.dropped(sets, a1, b0, rest, chance)?
            + self.dropped(sets, a0, b1, rest, chance)?;
        let sum = without + chance[level as usize] * with;
        self.pairs.insert((a, b, limit), sum);
        Ok(sum)
    }
}

/// Bounds of the probability that one of the sets of a family fails whole: exact where its diagram fits the effort, else between
/// Bonferroni's two sums.
///
/// # Errors
/// [`Stop::Cancelled`].
pub fn of_union(
    sets: &mut Sets<'_>,
    family: Family,
    lower: &[f64],
    upper: &[f64],
    effort: Effort<'_>,
) -> Result<Interval, Stop> {
    if let Some(union) = by_diagram(sets, family, lower, upper, effort.part(0.4))? {
        return Ok(union);
    }
    let sum = sets.sum(family, lower)?;
    // Every pair stands twice among all pairs, and each set once with itself.
    let bonferroni = match sets.pairs(family, family, lower, effort.part(0.4)) {
        Ok(pairs) => sum - (pairs - sum) / 2.0,
        Err(Stop::Budget) => 0.0,
        Err(Stop::Cancelled) => return Err(Stop::Cancelled),
    };
    let above = sets.sum(family, upper)?.min(1.0);
    // Fewer sets are a lower bound too, and their diagram may fit.
    let mut best = bonferroni.max(0.0);
    let mut limit = sets.most(family);
    while limit > sets.least(family) && effort.left() > 0.0 {
        limit -= 1;
        let fewer = match sets.up_to(family, limit) {
            Ok(fewer) => fewer,
            Err(Stop::Budget) => break,
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
        };
        if let Some(union) = by_diagram(sets, fewer, lower, upper, effort.part(0.5))? {
            best = best.max(union.lower);
            break;
        }
    }
    Ok(Interval { lower: best.min(above), upper: above })
}

/// The probability of the union of sets, if its diagram fits.
fn by_diagram(
    sets: &Sets<'_>,
    family: Family,
    lower: &[f64],
    upper: &[f64],
    effort: Effort<'_>,
) -> Result<Option<Interval>, Stop> {
    let mut diagram = Diagram::new(effort);
    match diagram.of_family(sets, family) {
        Ok(top) => Ok(Some(Interval {
            lower: diagram.probability(top, lower)?,
            upper: diagram.probability(top, upper)?,
        })),
        Err(Stop::Budget) => Ok(None),
        Err(Stop::Cancelled) => Err(Stop::Cancelled),
    }
}
