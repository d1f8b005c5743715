//! A fault tree made smaller and taken apart into modules: parts that share no basic event with the rest.
//!
//! Constants and gates of one operand go, gates of one kind below each other become one, what operands share is taken out of them
//! ([`factors`](super::factors)), operands that nobody else uses are drawn together, and every part whose events occur nowhere else is solved by itself and stands as a single variable in
//! the part above. A part with negations stays whole, because a variable for it could not be taken back.
//!
//! Source: Dutuit and Rauzy, A linear-time algorithm to find modules of fault trees (IEEE Trans. Reliability, 1996).

use std::collections::HashMap;

use super::factors::factored;
use super::tree::{FaultTree, Gate, GateId};

/// A variable of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// A basic event of the tree.
    Event(u32),
    /// An earlier module.
    Module(usize),
}

/// A part that shares no event with the rest.
#[derive(Clone, Debug)]
pub struct Module {
    /// What its gates are about; `Gate::Event(v)` speaks of `variables[v]`.
    pub variables: Vec<Variable>,
    /// Gates, operands before users; the last is its top.
    pub gates: Vec<Gate>,
    /// Whether it has no negation.
    pub is_coherent: bool,
}

/// The modules of a tree, the parts before the wholes; the last one is the top. Or the tree is a constant.
#[derive(Clone, Debug)]
pub enum Parts {
    /// Always or never failed.
    Constant(bool),
    /// Modules.
    Modules(Vec<Module>),
}

/// Takes a tree apart. O(size of the tree).
pub fn parts(tree: &FaultTree) -> Parts {
    let (simple, top) = match simplified(tree) {
        Ok(constant) => return Parts::Constant(constant),
        Err(simple) => simple,
    };
    let (gates, top) = flattened(simple, top);
    let (mut gates, mut top) = match factored(&gates, top) {
        (_, Value::Constant(constant)) => return Parts::Constant(constant),
        (simple, Value::Gate(top)) => {
            let (gates, top) = in_order(&simple.gates, top);
            flattened(gates, top)
        }
    };
    let found = module_gates(&gates, top);
    drawn_together(&mut gates, &found);
    (gates, top) = in_order(&gates, top);
    let is_module = module_gates(&gates, top);
    Parts::Modules(taken_apart(&gates, top, &is_module))
}

/// The same tree without constants, gates of one operand and gates that nothing needs; an at-least is one in earnest.
pub fn simple(tree: &FaultTree) -> FaultTree {
    let mut simple = FaultTree { events: tree.events.clone(), ..FaultTree::new(tree.name.clone()) };
    match simplified(tree) {
        Ok(constant) => simple.top = simple.add(Gate::Constant(constant)),
        Err((gates, top)) => (simple.gates, simple.top) = (gates, top),
    }
    simple
}

/// Gates that are made once each, with constants and single operands taken out.
#[derive(Default)]
pub(super) struct Simple {
    pub(super) gates: Vec<Gate>,
    known: HashMap<Gate, GateId>,
}

/// A gate or what it is always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Constant(bool),
    Gate(GateId),
}

impl Simple {
    fn made(&mut self, gate: Gate) -> Value {
        if let Some(known) = self.known.get(&gate) {
            return Value::Gate(*known);
        }
        let new = self.gates.len() as GateId;
        self.gates.push(gate.clone());
        self.known.insert(gate, new);
        Value::Gate(new)
    }

    fn not(&mut self, value: Value) -> Value {
        match value {
            Value::Constant(c) => Value::Constant(!c),
            Value::Gate(g) => match self.gates[g as usize] {
                Gate::Not(inner) => Value::Gate(inner),
                _ => self.made(Gate::Not(g)),
            },
        }
    }

    /// A gate, by the values of its operands.
    pub(super) fn of(&mut self, gate: &Gate, values: &[Value]) -> Value {
        let of = |o: &GateId| values[*o as usize];
        match gate {
            Gate::Constant(c) => Value::Constant(*c),
            Gate::Event(e) => self.made(Gate::Event(*e)),
            Gate::And(all) => self.joined(false, all.iter().map(of)),
            Gate::Or(all) => self.joined(true, all.iter().map(of)),
            Gate::AtLeast(k, all) => self.at_least(*k as usize, all.iter().map(of)),
            Gate::Not(one) => self.not(of(one)),
            Gate::Xor(all) => self.odd(all.iter().map(of)),
        }
    }

    /// And, or where `decisive` is true.
    pub(super) fn joined(&mut self, decisive: bool, operands: impl Iterator<Item = Value>) -> Value {
        let mut open = Vec::new();
        for operand in operands {
            match operand {
                Value::Constant(c) if c == decisive => return Value::Constant(decisive),
                Value::Constant(_) => {}
                Value::Gate(g) => open.push(g),
            }
        }
        let mut seen = std::collections::HashSet::new();
        open.retain(|g| seen.insert(*g));
        match open[..] {
            [] => Value::Constant(!decisive),
            [one] => Value::Gate(one),
            _ => self.made(if decisive { Gate::Or(open) } else { Gate::And(open) }),
        }
    }

    fn at_least(&mut self, k: usize, operands: impl Iterator<Item = Value>) -> Value {
        let mut open = Vec::new();
        let mut k = k;
        for operand in operands {
            match operand {
                Value::Constant(true) => k = k.saturating_sub(1),
                Value::Constant(false) => {}
                Value::Gate(g) => open.push(g),
            }
        }
        if k == 0 {
            return Value::Constant(true);
        }
        if k > open.len() {
            return Value::Constant(false);
        }
        if k == 1 || k == open.len() {
            return self.joined(k == 1, open.into_iter().map(Value::Gate));
        }
        self.made(Gate::AtLeast(k as u32, open))
    }

    fn odd(&mut self, operands: impl Iterator<Item = Value>) -> Value {
        let mut odd = false;
        let mut open: Vec<GateId> = Vec::new();
        for operand in operands {
            match operand {
                Value::Constant(c) => odd ^= c,
                // Twice the same is nothing.
                Value::Gate(g) => match open.iter().position(|o| *o == g) {
                    Some(at) => drop(open.remove(at)),
                    None => open.push(g),
                },
            }
        }
        let value = match open[..] {
            [] => Value::Constant(false),
            [one] => Value::Gate(one),
            _ => self.made(Gate::Xor(open)),
        };
        if odd { self.not(value) } else { value }
    }
}

/// The tree without what says nothing; `Ok` if all of it says nothing but a constant.
fn simplified(tree: &FaultTree) -> Result<bool, (Vec<Gate>, GateId)> {
    let mut simple = Simple::default();
    let below = tree.below_top();
    let mut values = vec![Value::Constant(false); tree.gates.len()];
    for (g, gate) in tree.gates.iter().enumerate().filter(|(g, _)| below[*g]) {
        values[g] = simple.of(gate, &values);
    }
    match values.get(tree.top as usize) {
        None => Ok(false),
        Some(Value::Constant(c)) => Ok(*c),
        Some(Value::Gate(g)) => {
            let (gates, top) = in_order(&simple.gates, *g);
            Err((gates, top))
        }
    }
}

/// How many gates use each.
fn users(gates: &[Gate]) -> Vec<u32> {
    let mut users = vec![0; gates.len()];
    for o in gates.iter().flat_map(Gate::operands) {
        users[*o as usize] += 1;
    }
    users
}

/// An and that only an and uses becomes part of it; so with or.
fn flattened(mut gates: Vec<Gate>, top: GateId) -> (Vec<Gate>, GateId) {
    let users = users(&gates);
    for g in 0..gates.len() {
        let flat = |all: &[GateId], is_or: bool| -> Option<Vec<GateId>> {
            let inner = |o: &GateId| match &gates[*o as usize] {
                Gate::Or(inner) if is_or && users[*o as usize] == 1 => Some(inner),
                Gate::And(inner) if !is_or && users[*o as usize] == 1 => Some(inner),
                _ => None,
            };
            if !all.iter().any(|o| inner(o).is_some()) {
                return None;
            }
            let mut flat = Vec::new();
            for o in all {
                match inner(o) {
                    Some(more) => flat.extend_from_slice(more),
                    None => flat.push(*o),
                }
            }
            let mut seen = std::collections::HashSet::new();
            flat.retain(|g| seen.insert(*g));
            Some(flat)
        };
        let new = match &gates[g] {
            Gate::And(all) => flat(all, false).map(Gate::And),
            Gate::Or(all) => flat(all, true).map(Gate::Or),
            _ => None,
        };
        if let Some(new) = new {
            gates[g] = new;
        }
    }
    in_order(&gates, top)
}

/// The gates below the top and no others, operands before users, each operand in the order of its first use.
fn in_order(gates: &[Gate], top: GateId) -> (Vec<Gate>, GateId) {
    let mut new_of: Vec<Option<GateId>> = vec![None; gates.len()];
    let mut order: Vec<GateId> = Vec::new();
    // A gate and how many of its operands are done.
    let mut stack: Vec<(GateId, usize)> = vec![(top, 0)];
    let mut entered = vec![false; gates.len()];
    entered[top as usize] = true;
    while let Some((g, at)) = stack.pop() {
        match gates[g as usize].operands().get(at) {
            Some(&o) => {
                stack.push((g, at + 1));
                if !entered[o as usize] {
                    entered[o as usize] = true;
                    stack.push((o, 0));
                }
            }
            None => {
                new_of[g as usize] = Some(order.len() as GateId);
                order.push(g);
            }
        }
    }
    let renamed = |all: &[GateId]| -> Vec<GateId> {
        all.iter().map(|o| new_of[*o as usize].unwrap_or_default()).collect()
    };
    let sorted = order
        .iter()
        .map(|g| match &gates[*g as usize] {
            Gate::And(all) => Gate::And(renamed(all)),
            Gate::Or(all) => Gate::Or(renamed(all)),
            Gate::AtLeast(k, all) => Gate::AtLeast(*k, renamed(all)),
            Gate::Xor(all) => Gate::Xor(renamed(all)),
            Gate::Not(one) => Gate::Not(renamed(&[*one])[0]),
            other => other.clone(),
        })
        .collect();
    (sorted, order.len() as GateId - 1)
}

/// For each gate whether everything below it is used nowhere else and has no negation; the top always counts.
///
/// Gates are visited depth first with a clock. A gate is a module if all that is below it is first and last visited between its
/// own first and second visit.
fn module_gates(gates: &[Gate], top: GateId) -> Vec<bool> {
    let n = gates.len();
    let (mut first, mut second, mut last) = (vec![0_u32; n], vec![0_u32; n], vec![0_u32; n]);
    let mut clock = 1;
    first[top as usize] = clock;
    let mut stack: Vec<(GateId, usize)> = vec![(top, 0)];
    while let Some((g, at)) = stack.pop() {
        let gate = g as usize;
        clock += 1;
        match gates[gate].operands().get(at) {
            Some(&o) => {
                stack.push((g, at + 1));
                if first[o as usize] == 0 {
                    first[o as usize] = clock;
                    stack.push((o, 0));
                } else {
                    last[o as usize] = clock;
                }
            }
            None => {
                second[gate] = clock;
                last[gate] = clock;
            }
        }
    }
    let mut is_coherent = vec![true; n];
    let (mut earliest, mut latest) = (vec![u32::MAX; n], vec![0_u32; n]);
    (0..n)
        .map(|g| {
            is_coherent[g] = !matches!(gates[g], Gate::Not(_) | Gate::Xor(_));
            for o in gates[g].operands() {
                let o = *o as usize;
                earliest[g] = earliest[g].min(first[o]).min(earliest[o]);
                latest[g] = latest[g].max(last[o]).max(latest[o]);
                is_coherent[g] &= is_coherent[o];
            }
            g == top as usize || (is_coherent[g] && earliest[g] > first[g] && latest[g] < second[g])
        })
        .collect()
}

/// Operands of an and or an or that are modules and that nobody else uses become one gate of their own: a module.
fn drawn_together(gates: &mut Vec<Gate>, is_module: &[bool]) {
    let users = users(gates);
    for g in 0..is_module.len() {
        let (Gate::And(all) | Gate::Or(all)) = &gates[g] else { continue };
        let own = |o: &GateId| users[*o as usize] == 1 && is_module[*o as usize];
        let (private, mut others): (Vec<GateId>, Vec<GateId>) = all.iter().partition(|o| own(o));
        if private.len() < 2 || others.is_empty() {
            continue;
        }
        let new = gates.len() as GateId;
        others.insert(0, new);
        if matches!(gates[g], Gate::And(_)) {
            gates.push(Gate::And(private));
            gates[g] = Gate::And(others);
        } else {
            gates.push(Gate::Or(private));
            gates[g] = Gate::Or(others);
        }
    }
}

/// One module for each gate that is one.
fn taken_apart(gates: &[Gate], top: GateId, is_module: &[bool]) -> Vec<Module> {
    let mut modules = Vec::new();
    let mut module_of: Vec<Option<usize>> = vec![None; gates.len()];
    // The local index of a gate, with the module that it was given for.
    let mut local: Vec<(usize, GateId)> = vec![(usize::MAX, 0); gates.len()];
    for root in 0..gates.len() {
        let has_operands = !gates[root].operands().is_empty();
        if !is_module[root] || !(has_operands || root == top as usize) {
            continue;
        }
        let this = modules.len();
        let mut module = Module { variables: Vec::new(), gates: Vec::new(), is_coherent: true };
        let mut stack: Vec<(GateId, usize)> = vec![(root as GateId, 0)];
        while let Some((g, at)) = stack.pop() {
            let i = g as usize;
            if local[i].0 == this {
                continue;
            }
            let variable = match (&gates[i], module_of[i]) {
                (Gate::Event(e), _) => Some(Variable::Event(*e)),
                (_, Some(m)) => Some(Variable::Module(m)),
                _ => None,
            };
            let gate = if let Some(variable) = variable {
                module.variables.push(variable);
                Gate::Event(module.variables.len() as u32 - 1)
            } else if let Some(&o) = gates[i].operands().get(at) {
                stack.push((g, at + 1));
                stack.push((o, 0));
                continue;
            } else {
                let renamed =
                    |all: &[GateId]| -> Vec<GateId> { all.iter().map(|o| local[*o as usize].1).collect() };
                match &gates[i] {
                    Gate::And(all) => Gate::And(renamed(all)),
                    Gate::Or(all) => Gate::Or(renamed(all)),
                    Gate::AtLeast(k, all) => Gate::AtLeast(*k, renamed(all)),
                    Gate::Xor(all) => Gate::Xor(renamed(all)),
                    Gate::Not(one) => Gate::Not(renamed(&[*one])[0]),
                    other => other.clone(),
                }
            };
            module.is_coherent &= !matches!(gate, Gate::Not(_) | Gate::Xor(_));
            local[i] = (this, module.gates.len() as GateId);
            module.gates.push(gate);
        }
        modules.push(module);
        module_of[root] = Some(this);
    }
    modules
}
