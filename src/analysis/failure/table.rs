//! The table of nodes below every decision diagram: each node once, operations remembered, a budget kept.
//!
//! Nodes are appended and never freed, so children always come before their parents and a pass over a diagram is a loop. The
//! unique table is chained through the nodes; the cache of results is direct-mapped and forgets, which bounds its memory.
//!
//! Source: Bryant 1986; Brace, Rudell and Bryant 1990 for the tables.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::effort::{Effort, LOOK_EVERY, Stop};

/// Index of a node; two terminals come first.
pub type Node = u32;

/// The level of both terminals: below all others.
pub const BOTTOM: u32 = u32::MAX;
const NONE: u32 = u32::MAX;
/// Entries of the cache at most; 16 bytes each.
const CACHE_MAX: usize = 1 << 22;
/// Entries to begin with: there may be a table for each of many small modules.
const FIRST: usize = 32;
/// Loops over nodes look at the flag every so many.
const PASS: usize = 1 << 16;

#[derive(Clone, Copy, Debug)]
struct Entry {
    level: u32,
    low: Node,
    high: Node,
    next: u32,
}

/// One more than the operation, its two operands, the result. All zero where nothing is known, so that a large cache costs
/// nothing until it is written to.
type Known = [u32; 4];

/// Nodes, each once.
#[derive(Debug)]
pub struct Table<'a> {
    nodes: Vec<Entry>,
    buckets: Vec<u32>,
    cache: Vec<Known>,
    effort: Effort<'a>,
    until_look: u32,
    /// Nodes that the budget knows of.
    accounted: usize,
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        self.effort.free(self.accounted);
    }
}

/// Pairs of nodes that are remembered at most, beside a table.
pub(super) const PAIRS_MAX: usize = 1 << 20;

/// What was found of pairs of nodes; nobody chooses the keys to do harm.
pub(super) type Remembered<K, V> = HashMap<K, V, BuildHasherDefault<Mixed>>;

/// A fast hash of a few small numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_i64(&mut self, n: i64) {
        self.write_u64(n.cast_unsigned());
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ (self.0 >> 29) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
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
            buckets: vec![NONE; FIRST],
            cache: vec![[0; 4]; FIRST],
            effort,
            until_look: LOOK_EVERY,
            accounted: 0,
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
            return Err(Stop::Budget);
        }
        self.step()?;
        if self.nodes.len() >= self.buckets.len() {
            self.grow()?;
            bucket = mixed(low, high, level) & (self.buckets.len() - 1);
        }
        let new = self.nodes.len() as Node;
        self.nodes.push(Entry { level, low, high, next: self.buckets[bucket] });
        self.buckets[bucket] = new;
        Ok(new)
    }

    /// One unit of work.
    #[inline]
    fn step(&mut self) -> Result<(), Stop> {
        self.until_look -= 1;
        if self.until_look == 0 { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self) -> Result<(), Stop> {
        self.until_look = LOOK_EVERY;
        let new = self.nodes.len() - self.accounted;
        self.accounted = self.nodes.len();
        self.effort.look(LOOK_EVERY, new)
    }

    /// Whoever is cancelled here throws the table away.
    #[cold]
    fn grow(&mut self) -> Result<(), Stop> {
        let size = self.buckets.len() * 4;
        self.buckets.clear();
        self.buckets.resize(size, NONE);
        for n in 2..self.nodes.len() {
            self.pace(n)?;
            let Entry { level, low, high, .. } = self.nodes[n];
            let bucket = mixed(low, high, level) & (size - 1);
            self.nodes[n].next = self.buckets[bucket];
            self.buckets[bucket] = n as u32;
        }
        if self.cache.len() < CACHE_MAX && self.cache.len() < size {
            let old = std::mem::replace(&mut self.cache, vec![[0; 4]; size.min(CACHE_MAX)]);
            for (n, [operation, a, b, result]) in old.into_iter().enumerate().filter(|(_, k)| k[0] != 0) {
                self.pace(n)?;
                self.remember(operation - 1, a, b, result);
            }
        }
        Ok(())
    }

    /// Looks at the flag now and then in a loop over nodes that makes none.
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    #[inline]
    pub fn pace(&self, at: usize) -> Result<(), Stop> {
        if at.is_multiple_of(PASS) { self.effort.go_on() } else { Ok(()) }
    }

    /// What is made from now on has that share of the budget.
    pub fn go_on_with(&mut self, effort: Effort<'a>) {
        self.effort = effort;
    }

    /// What an operation gave, if it is still remembered.
    #[inline]
    pub fn remembered(&mut self, operation: u32, a: Node, b: Node) -> Result<Option<Node>, Stop> {
        let k = &self.cache[mixed(a, b, operation) & (self.cache.len() - 1)];
        if k[1] == a && k[2] == b && k[0] == operation + 1 {
            return Ok(Some(k[3]));
        }
        self.step()?;
        Ok(None)
    }

    /// Remembers what an operation gave.
    #[inline]
    pub fn remember(&mut self, operation: u32, a: Node, b: Node, result: Node) {
        let at = mixed(a, b, operation) & (self.cache.len() - 1);
        self.cache[at] = [operation + 1, a, b, result];
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
