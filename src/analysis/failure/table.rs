//! The table of nodes below every decision diagram: each node once, operations remembered, a budget kept.
//!
//! Nodes are appended and never freed, so children always come before their parents and a pass over a diagram is a loop. The
//! unique table is chained through the nodes; the cache of results is direct-mapped and forgets, which bounds its memory.
//!
//! Source: Bryant 1986; Brace, Rudell and Bryant 1990 for the tables.

use super::effort::{Effort, Stop};

/// Index of a node; two terminals come first.
pub type Node = u32;

/// The level of both terminals: below all others.
pub const BOTTOM: u32 = u32::MAX;
const NONE: u32 = u32::MAX;
/// Entries of the cache at most; 20 bytes each.
const CACHE_MAX: usize = 1 << 22;
/// The flag is looked at every so many pieces of work.
const LOOK_EVERY: u32 = 4096;

#[derive(Clone, Copy, Debug)]
struct Entry {
    level: u32,
    low: Node,
    high: Node,
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    operation: u32,
    a: Node,
    b: Node,
    result: Node,
}

const UNKNOWN: Known = Known { operation: NONE, a: NONE, b: NONE, result: NONE };

/// Nodes, each once.
#[derive(Debug)]
pub struct Table<'a> {
    nodes: Vec<Entry>,
    buckets: Vec<u32>,
    cache: Vec<Known>,
    effort: Effort<'a>,
    until_look: u32,
}

fn mixed(a: u32, b: u32, c: u32) -> usize {
    let x = (u64::from(a) | u64::from(b) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 29) ^ u64::from(c)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x ^ (x >> 32)) as usize
}

impl<'a> Table<'a> {
    /// A table that holds the two terminals.
    pub fn new(effort: Effort<'a>) -> Self {
        let terminal = |n: Node| Entry { level: BOTTOM, low: n, high: n, next: NONE };
        Self {
            nodes: vec![terminal(0), terminal(1)],
            buckets: vec![NONE; 256],
            cache: vec![UNKNOWN; 256],
            effort,
            until_look: LOOK_EVERY,
        }
    }

    /// How many nodes there are, terminals included.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// The level of a node.
    #[inline]
    pub fn level(&self, node: Node) -> u32 {
        self.nodes[node as usize].level
    }

    /// Where the variable is false.
    #[inline]
    pub fn low(&self, node: Node) -> Node {
        self.nodes[node as usize].low
    }

    /// Where the variable is true.
    #[inline]
    pub fn high(&self, node: Node) -> Node {
        self.nodes[node as usize].high
    }

    /// Level, false, true.
    #[inline]
    pub fn parts(&self, node: Node) -> (u32, Node, Node) {
        let e = self.nodes[node as usize];
        (e.level, e.low, e.high)
    }

    /// The node of these parts, made if there is none; whoever reduces has reduced before.
    #[inline]
    pub fn node(&mut self, level: u32, low: Node, high: Node) -> Result<Node, Stop> {
        let mut bucket = mixed(low, high, level) & (self.buckets.len() - 1);
        let mut at = self.buckets[bucket];
        while at != NONE {
            let e = &self.nodes[at as usize];
            if e.low == low && e.high == high && e.level == level {
                return Ok(at);
            }
            at = e.next;
        }
        if self.nodes.len() >= self.effort.nodes_max {
            return Err(Stop::Nodes);
        }
        if self.nodes.len() >= self.buckets.len() {
            self.grow();
            bucket = mixed(low, high, level) & (self.buckets.len() - 1);
        }
        let new = self.nodes.len() as Node;
        self.nodes.push(Entry { level, low, high, next: self.buckets[bucket] });
        self.buckets[bucket] = new;
        Ok(new)
    }

    fn grow(&mut self) {
        let size = self.buckets.len() * 4;
        self.buckets.clear();
        self.buckets.resize(size, NONE);
        for n in 2..self.nodes.len() {
            let Entry { level, low, high, .. } = self.nodes[n];
            let bucket = mixed(low, high, level) & (size - 1);
            self.nodes[n].next = self.buckets[bucket];
            self.buckets[bucket] = n as u32;
        }
        if self.cache.len() < CACHE_MAX && self.cache.len() < size {
            let old = std::mem::replace(&mut self.cache, vec![UNKNOWN; size.min(CACHE_MAX)]);
            for known in old.into_iter().filter(|k| k.operation != NONE) {
                self.remember(known.operation, known.a, known.b, known.result);
            }
        }
    }

    /// What an operation gave, if it is still remembered.
    #[inline]
    pub fn remembered(&mut self, operation: u32, a: Node, b: Node) -> Result<Option<Node>, Stop> {
        let k = &self.cache[mixed(a, b, operation) & (self.cache.len() - 1)];
        if k.a == a && k.b == b && k.operation == operation {
            return Ok(Some(k.result));
        }
        self.until_look -= 1;
        if self.until_look == 0 {
            self.until_look = LOOK_EVERY;
            self.effort.go_on()?;
        }
        Ok(None)
    }

    /// Remembers what an operation gave.
    #[inline]
    pub fn remember(&mut self, operation: u32, a: Node, b: Node, result: Node) {
        let at = mixed(a, b, operation) & (self.cache.len() - 1);
        self.cache[at] = Known { operation, a, b, result };
    }

    /// The nodes below one, itself and the terminals included, children first.
    pub fn below(&self, top: Node) -> Vec<Node> {
        let mut is_below = vec![false; top as usize + 1];
        is_below[top as usize] = true;
        let mut count = 0;
        for n in (0..=top as usize).rev() {
            if is_below[n] {
                count += 1;
                let e = &self.nodes[n];
                is_below[e.low as usize] = true;
                is_below[e.high as usize] = true;
            }
        }
        let mut all = Vec::with_capacity(count + 2);
        all.extend((0..=top).filter(|n| is_below[*n as usize]));
        all
    }
}
