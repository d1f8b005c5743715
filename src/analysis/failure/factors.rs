//! What the operands of a gate have in common, taken out of them: `(z ∨ a) ∧ (z ∨ b)` is `z ∨ (a ∧ b)`.
//!
//! Copies in one zone all fail with the zone, and all that call the same service fail with it. Taken out, what is left are
//! the copies alone: a module, where before a hundred copies in three zones hung together. The commonest operand goes first;
//! the result says the same and need not be the shortest.
//!
//! Source: algebraic factoring, Brayton, Rudell, Sangiovanni-Vincentelli and Wang, MIS: A multiple-level logic optimization
//! system (IEEE Trans. CAD 6, 1987).

use std::collections::BTreeMap;

use super::modules::{Simple, Value};
use super::tree::{Gate, GateId};

/// Operands of operands at most: beyond, a gate stays as it is, for every round counts them all.
const OPERANDS_MAX: usize = 4096;

/// The same tree with common operands taken out, or the constant that it turns out to be. O(gates + rounds x operands) for each
/// gate.
pub(super) fn factored(gates: &[Gate], top: GateId) -> (Simple, Value) {
    let mut simple = Simple::default();
    let mut values: Vec<Value> = Vec::with_capacity(gates.len());
    for gate in gates {
        let value = match gate {
            Gate::And(all) => joined(&mut simple, false, all.iter().map(|o| values[*o as usize]).collect()),
            Gate::Or(all) => joined(&mut simple, true, all.iter().map(|o| values[*o as usize]).collect()),
            other => simple.of(other, &values),
        };
        values.push(value);
    }
    (simple, values[top as usize])
}

/// And, or where `is_or`, of some operands, after what they share is taken out.
fn joined(simple: &mut Simple, is_or: bool, operands: Vec<Value>) -> Value {
    let operands: Vec<GateId> = match simple.joined(is_or, operands.into_iter()) {
        Value::Constant(c) => return Value::Constant(c),
        Value::Gate(g) => match (&simple.gates[g as usize], is_or) {
            (Gate::Or(all), true) | (Gate::And(all), false) => all.clone(),
            _ => return Value::Gate(g),
        },
    };
    // Of an and each operand as an or of factors; of an or as an and.
    let mut sums: Vec<Vec<GateId>> = operands
        .iter()
        .map(|o| match (&simple.gates[*o as usize], is_or) {
            (Gate::Or(inner), false) | (Gate::And(inner), true) => inner.clone(),
            _ => vec![*o],
        })
        .collect();
    if sums.iter().map(Vec::len).sum::<usize>() > OPERANDS_MAX {
        return simple.joined(is_or, operands.into_iter().map(Value::Gate));
    }
    while let Some(common) = commonest(&sums) {
        let (with, without): (Vec<_>, Vec<_>) = sums.into_iter().partition(|s| s.contains(&common));
        sums = without;
        let rests = with
            .into_iter()
            .map(|sum| {
                let rest = sum.into_iter().filter(|f| *f != common).map(Value::Gate);
                simple.joined(!is_or, rest)
            })
            .collect();
        match joined(simple, is_or, rests) {
            // One that is nothing but the common operand absorbs the others.
            Value::Constant(c) if c == is_or => sums.push(vec![common]),
            Value::Constant(_) => {}
            Value::Gate(rest) => {
                let mut sum = vec![common];
                match (&simple.gates[rest as usize], is_or) {
                    (Gate::Or(inner), false) | (Gate::And(inner), true) => sum.extend(inner),
                    _ => sum.push(rest),
                }
                sums.push(sum);
            }
        }
    }
    let each: Vec<Value> =
        sums.into_iter().map(|sum| simple.joined(!is_or, sum.into_iter().map(Value::Gate))).collect();
    simple.joined(is_or, each.into_iter())
}

/// The factor that most sums hold, if more than one does; of several the one made first.
fn commonest(sums: &[Vec<GateId>]) -> Option<GateId> {
    let mut counts: BTreeMap<GateId, usize> = BTreeMap::new();
    for factor in sums.iter().flatten() {
        *counts.entry(*factor).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(factor, n)| (**n, std::cmp::Reverse(**factor)))?;
    (*most.1 > 1).then_some(*most.0)
}
