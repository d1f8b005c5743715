//! Binary decision diagrams: the exact probability that a structure function holds.
//!
//! Reduced and ordered (Bryant 1986), with one unique table per question and a budget of nodes, so that a structure that
//! does not fit is given up in time instead of filling memory. Variables are basic events in the order in which the
//! structure function first uses them (depth first, left most).
//!
//! Never: worlds, designs; only gates.

use std::collections::HashMap;

use crate::impact::{Gate, Structure};

/// Index of a node; the two terminals come first.
pub type Node = u32;

/// The terminal that says no.
pub const NO: Node = 0;
/// The terminal that says yes.
pub const YES: Node = 1;

/// The budget of nodes ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfNodes;

/// A shared diagram over numbered variables.
#[derive(Debug)]
pub struct Diagram {
    /// Variable, node if broken, node if fine.
    nodes: Vec<(u32, Node, Node)>,
    unique: HashMap<(u32, Node, Node), Node>,
    both: HashMap<(Node, Node), Node>,
    either: HashMap<(Node, Node), Node>,
    nodes_max: usize,
}

impl Diagram {
    /// An empty diagram that may grow to so many nodes.
    pub fn new(nodes_max: usize) -> Self {
        Self {
            nodes: vec![(u32::MAX, NO, NO), (u32::MAX, YES, YES)],
            unique: HashMap::new(),
            both: HashMap::new(),
            either: HashMap::new(),
            nodes_max,
        }
    }

    /// How many nodes there are, terminals included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the terminals.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 2
    }

    fn node(&mut self, variable: u32, broken: Node, fine: Node) -> Result<Node, OutOfNodes> {
        if broken == fine {
            return Ok(broken);
        }
        if let Some(known) = self.unique.get(&(variable, broken, fine)) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.nodes_max {
            return Err(OutOfNodes);
        }
        let new = self.nodes.len() as Node;
        self.nodes.push((variable, broken, fine));
        self.unique.insert((variable, broken, fine), new);
        Ok(new)
    }

    /// The diagram of one variable being fine.
    ///
    /// # Errors
    /// [`OutOfNodes`].
    pub fn variable(&mut self, variable: u32) -> Result<Node, OutOfNodes> {
        self.node(variable, NO, YES)
    }

    /// Both. O(nodes of a x nodes of b).
    ///
    /// # Errors
    /// [`OutOfNodes`].
    pub fn and(&mut self, a: Node, b: Node) -> Result<Node, OutOfNodes> {
        match (a, b) {
            (NO, _) | (_, NO) => return Ok(NO),
            (YES, x) | (x, YES) => return Ok(x),
            _ if a == b => return Ok(a),
            _ => {}
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.both.get(&key) {
            return Ok(*known);
        }
        let (variable, (a0, a1), (b0, b1)) = self.split(a, b);
        let broken = self.and(a0, b0)?;
        let fine = self.and(a1, b1)?;
        let result = self.node(variable, broken, fine)?;
        self.both.insert(key, result);
        Ok(result)
    }

    /// Either. O(nodes of a x nodes of b).
    ///
    /// # Errors
    /// [`OutOfNodes`].
    pub fn or(&mut self, a: Node, b: Node) -> Result<Node, OutOfNodes> {
        match (a, b) {
            (YES, _) | (_, YES) => return Ok(YES),
            (NO, x) | (x, NO) => return Ok(x),
            _ if a == b => return Ok(a),
            _ => {}
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.either.get(&key) {
            return Ok(*known);
        }
        let (variable, (a0, a1), (b0, b1)) = self.split(a, b);
        let broken = self.or(a0, b0)?;
        let fine = self.or(a1, b1)?;
        let result = self.node(variable, broken, fine)?;
        self.either.insert(key, result);
        Ok(result)
    }

    /// The upper variable of two nodes, and what each becomes if it is broken and if it is fine.
    fn split(&self, a: Node, b: Node) -> (u32, (Node, Node), (Node, Node)) {
        let (va, a0, a1) = self.nodes[a as usize];
        let (vb, b0, b1) = self.nodes[b as usize];
        match va.cmp(&vb) {
            std::cmp::Ordering::Less => (va, (a0, a1), (b, b)),
            std::cmp::Ordering::Greater => (vb, (a, a), (b0, b1)),
            std::cmp::Ordering::Equal => (va, (a0, a1), (b0, b1)),
        }
    }

    /// The diagram of a structure function; variable e is its event e.
    ///
    /// # Errors
    /// [`OutOfNodes`].
    pub fn of(&mut self, structure: &Structure) -> Result<Node, OutOfNodes> {
        let mut built: Vec<Node> = Vec::with_capacity(structure.gates.len());
        for gate in &structure.gates {
            let node = match gate {
                Gate::True => YES,
                Gate::False => NO,
                Gate::Event(e) => self.variable(*e as u32)?,
                Gate::And(operands) => {
                    let mut all = YES;
                    for o in operands.iter().rev() {
                        all = self.and(built[*o], all)?;
                    }
                    all
                }
                Gate::Or(operands) => {
                    let mut any = NO;
                    for o in operands.iter().rev() {
                        any = self.or(built[*o], any)?;
                    }
                    any
                }
                Gate::AtLeast(k, operands) => {
                    // counts[j]: at least j + 1 of those so far.
                    let mut counts = vec![NO; *k];
                    for o in operands {
                        for j in (0..*k).rev() {
                            let with = if j == 0 { built[*o] } else { self.and(counts[j - 1], built[*o])? };
                            counts[j] = self.or(counts[j], with)?;
                        }
                    }
                    counts.last().copied().unwrap_or(YES)
                }
            };
            built.push(node);
        }
        Ok(built[structure.top])
    }

    /// The probability that a node says yes, with independent variables that are fine with the given probabilities.
    /// O(nodes).
    pub fn probability(&self, node: Node, fine: &[f64]) -> f64 {
        let mut known: Vec<f64> = vec![0.0, 1.0];
        known.reserve(self.nodes.len());
        // Children are always made before their parents.
        for (variable, broken, good) in &self.nodes[2..=(node as usize).max(1)] {
            let p = fine[*variable as usize];
            known.push((1.0 - p) * known[*broken as usize] + p * known[*good as usize]);
        }
        known[node as usize]
    }
}
