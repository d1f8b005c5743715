//! Counts of minimal cut sets by order, without making the sets: a polynomial for each node of the diagram.
//!
//! The coefficient at n of a family's polynomial is the number of its sets of n basic events. A module stands in it with its own
//! polynomial. Counts outgrow every machine word, so that 64 bits are tried first, then 128, then as many as it takes.

use super::effort::{Effort, Pace, Stop};
use super::zbdd::{EMPTY_SET, Family, Sets};

/// A number that may turn out too small for what it has to hold.
trait Number: Clone + Default {
    fn one() -> Self;
    fn plus(&self, other: &Self) -> Option<Self>;
    fn times(&self, other: &Self) -> Option<Self>;
    fn is_nothing(&self) -> bool;
    fn to_big(&self) -> Big;
    fn from_big(big: &Big) -> Option<Self>;
}

macro_rules! machine_number {
    ($word:ty) => {
        impl Number for $word {
            fn one() -> Self {
                1
            }
            fn plus(&self, other: &Self) -> Option<Self> {
                self.checked_add(*other)
            }
            fn times(&self, other: &Self) -> Option<Self> {
                self.checked_mul(*other)
            }
            fn is_nothing(&self) -> bool {
                *self == 0
            }
            fn to_big(&self) -> Big {
                let mut rest = u128::from(*self);
                let mut limbs = Vec::new();
                while rest > 0 {
                    limbs.push((rest % u128::from(LIMB)) as u64);
                    rest /= u128::from(LIMB);
                }
                Big { limbs }
            }
            fn from_big(big: &Big) -> Option<Self> {
                let mut value: Self = 0;
                for limb in big.limbs.iter().rev() {
                    value = value.checked_mul(Self::from(LIMB))?.checked_add(Self::from(*limb))?;
                }
                Some(value)
            }
        }
    };
}

machine_number!(u64);
machine_number!(u128);

/// A limb holds eighteen decimal digits, so that a number is written as it stands.
const LIMB: u64 = 1_000_000_000_000_000_000;

/// A natural number of any size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Big {
    /// Least first; no zero at the end.
    limbs: Vec<u64>,
}

impl Big {
    /// As a floating-point number, rounded; infinite where that has no room.
    pub fn to_f64(&self) -> f64 {
        self.limbs.iter().rev().fold(0.0, |value, limb| value * LIMB as f64 + *limb as f64)
    }

    /// The sum.
    pub fn and(&self, other: &Self) -> Self {
        let mut limbs = Vec::with_capacity(self.limbs.len().max(other.limbs.len()) + 1);
        let mut carry = 0;
        for i in 0..self.limbs.len().max(other.limbs.len()) {
            let limb = |n: &Self| n.limbs.get(i).copied().unwrap_or(0);
            let sum = limb(self) + limb(other) + carry;
            limbs.push(sum % LIMB);
            carry = sum / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
        Self { limbs }
    }

    /// The product.
    pub fn by(&self, other: &Self) -> Self {
        let mut limbs = vec![0_u64; self.limbs.len() + other.limbs.len() + 1];
        for (i, a) in self.limbs.iter().enumerate() {
            let mut carry = 0_u128;
            for (j, slot) in limbs[i..].iter_mut().enumerate() {
                let b = other.limbs.get(j).copied().unwrap_or(0);
                let sum = u128::from(*slot) + u128::from(*a) * u128::from(b) + carry;
                *slot = (sum % u128::from(LIMB)) as u64;
                carry = sum / u128::from(LIMB);
            }
        }
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { limbs }
    }
}

impl From<u64> for Big {
    fn from(n: u64) -> Self {
        n.to_big()
    }
}

impl std::fmt::Display for Big {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.limbs.split_last() {
            None => write!(f, "0"),
            Some((most, rest)) => {
                write!(f, "{most}")?;
                rest.iter().rev().try_for_each(|limb| write!(f, "{limb:018}"))
            }
        }
    }
}

impl Number for Big {
    fn one() -> Self {
        1_u64.to_big()
    }
    fn plus(&self, other: &Self) -> Option<Self> {
        Some(self.and(other))
    }
    fn times(&self, other: &Self) -> Option<Self> {
        Some(self.by(other))
    }
    fn is_nothing(&self) -> bool {
        self.limbs.is_empty()
    }
    fn to_big(&self) -> Big {
        self.clone()
    }
    fn from_big(big: &Big) -> Option<Self> {
        Some(big.clone())
    }
}

/// How many sets of each number of basic events a family has: at n, those of n. `variables[level]` is the polynomial of what the
/// variable stands for, `None` for a basic event. Sets of more than `limit` events are not counted.
///
/// # Errors
/// [`Stop`].
pub fn by_order(
    sets: &Sets<'_>,
    top: Family,
    variables: &[Option<Vec<Big>>],
    limit: u32,
    effort: Effort<'_>,
) -> Result<Vec<Big>, Stop> {
    if let Some(counts) = counted::<u64>(sets, top, variables, limit, effort)? {
        return Ok(counts);
    }
    if let Some(counts) = counted::<u128>(sets, top, variables, limit, effort)? {
        return Ok(counts);
    }
    Ok(counted::<Big>(sets, top, variables, limit, effort)?.unwrap_or_default())
}

/// The polynomial of a node: coefficients from `low` on.
#[derive(Clone, Copy, Default)]
struct Place {
    low: u32,
    start: usize,
    length: u32,
}

fn counted<N: Number>(
    sets: &Sets<'_>,
    top: Family,
    variables: &[Option<Vec<Big>>],
    limit: u32,
    effort: Effort<'_>,
) -> Result<Option<Vec<Big>>, Stop> {
    let mut of_variables: Vec<Option<Vec<N>>> = Vec::with_capacity(variables.len());
    for variable in variables {
        let converted = match variable {
            None => None,
            Some(counts) => match counts.iter().map(N::from_big).collect::<Option<Vec<N>>>() {
                None => return Ok(None),
                some => some,
            },
        };
        of_variables.push(converted);
    }
    // All coefficients in one list, so that a million nodes are not a million small lists.
    let mut all: Vec<N> = vec![N::one()];
    let mut places = vec![Place::default(); top as usize + 2];
    places[EMPTY_SET as usize] = Place { low: 0, start: 0, length: 1 };
    let mut pace = Pace::new(effort);
    for f in sets.table.below(top).into_iter().filter(|f| *f > EMPTY_SET) {
        let (level, low, high) = sets.table.parts(f);
        let (without, with) = (places[low as usize], places[high as usize]);
        let factor = of_variables[level as usize].as_deref();
        let one_event = [N::default(), N::one()];
        let factor = factor.unwrap_or(&one_event);
        let from = factor.iter().position(|n| !n.is_nothing()).unwrap_or(0) as u32;
        // The product spans from.low + from to the sum of both ends.
        let (low_a, end_a) = (without.low, without.low + without.length);
        let (low_b, end_b) = if factor.is_empty() || with.length == 0 {
            (u32::MAX, 0)
        } else {
            (with.low + from, with.low + with.length + factor.len() as u32 - 1)
        };
        let place_low = match (without.length, low_b) {
            (0, u32::MAX) => 0,
            (0, low) => low,
            (_, low) => low_a.min(low),
        };
        let place_end = end_a.max(end_b).min(limit.saturating_add(1)).max(place_low);
        // A step for every sixteen coefficients that are touched.
        pace.steps(1 + (without.length as usize + with.length as usize * factor.len()) / 16)?;
        let start = all.len();
        all.resize(start + (place_end - place_low) as usize, N::default());
        for i in 0..without.length {
            let order = without.low + i;
            if order < place_end {
                all[start + (order - place_low) as usize] = all[without.start + i as usize].clone();
            }
        }
        for i in 0..with.length {
            for (j, times) in factor.iter().enumerate().skip(from as usize) {
                let order = with.low + i + j as u32;
                if order >= place_end || times.is_nothing() {
                    continue;
                }
                let Some(more) = all[with.start + i as usize].times(times) else { return Ok(None) };
                let at = start + (order - place_low) as usize;
                match all[at].plus(&more) {
                    Some(sum) => all[at] = sum,
                    None => return Ok(None),
                }
            }
        }
        places[f as usize] = Place { low: place_low, start, length: place_end - place_low };
    }
    let place = places[top as usize];
    let mut counts = vec![Big::default(); place.low as usize];
    counts.extend(all[place.start..place.start + place.length as usize].iter().map(Number::to_big));
    while counts.last().is_some_and(Number::is_nothing) {
        counts.pop();
    }
    Ok(Some(counts))
}
