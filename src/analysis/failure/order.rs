//! In which order variables are asked: a few cheap guesses, none of which is best for every tree.
//!
//! All follow the gates depth first from the top; they differ in which operand comes first.

use super::modules::Module;
use super::tree::Gate;

/// Which operand of a gate is visited first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// As drawn.
    AsDrawn,
    /// Basic events before gates.
    EventsFirst,
    /// Small parts before large ones.
    SmallFirst,
    /// Large parts before small ones.
    LargeFirst,
}

impl Guess {
    /// Every guess, in the order in which they are tried.
    pub const ALL: [Guess; 4] = [Guess::AsDrawn, Guess::EventsFirst, Guess::SmallFirst, Guess::LargeFirst];
}

/// The level of each variable of a module. O(size of the module x log of its widest gate).
pub fn levels(module: &Module, guess: Guess) -> Vec<u32> {
    let gates = &module.gates;
    let mut size = vec![1_u64; gates.len()];
    for (g, gate) in gates.iter().enumerate() {
        for o in gate.operands() {
            size[g] = size[g].saturating_add(size[*o as usize]);
        }
    }
    let mut level = vec![u32::MAX; module.variables.len()];
    let mut next = 0;
    let mut seen = vec![false; gates.len()];
    let mut stack = vec![gates.len() as u32 - 1];
    while let Some(g) = stack.pop() {
        if std::mem::replace(&mut seen[g as usize], true) {
            continue;
        }
        if let Gate::Event(v) = &gates[g as usize] {
            level[*v as usize] = next;
            next += 1;
            continue;
        }
        let mut operands = gates[g as usize].operands().to_vec();
        match guess {
            Guess::AsDrawn => {}
            Guess::EventsFirst => operands.sort_by_key(|o| !matches!(gates[*o as usize], Gate::Event(_))),
            Guess::SmallFirst => operands.sort_by_key(|o| size[*o as usize]),
            Guess::LargeFirst => operands.sort_by_key(|o| std::cmp::Reverse(size[*o as usize])),
        }
        stack.extend(operands.into_iter().rev());
    }
    level
}
