//! A fault tree: what must fail for the top to fail.
//!
//! Gates stand in a list, operands before their users, so that shared parts are drawn once and no depth hurts. A gate may
//! be a negation or an exclusive or; a tree without them is *coherent*: more failures never mend anything.
//!
//! Source: Vesely et al., Fault Tree Handbook, NUREG-0492 (1981).

use super::effort::Stop;

/// Index of a gate in its tree.
pub type GateId = u32;

/// What a gate says of its operands, which are earlier gates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Always or never failed.
    Constant(bool),
    /// A basic event, by its index.
    Event(u32),
    /// All have failed.
    And(Vec<GateId>),
    /// One has failed.
    Or(Vec<GateId>),
    /// At least so many have failed; each counts as often as it is named.
    AtLeast(u32, Vec<GateId>),
    /// It has not failed.
    Not(GateId),
    /// An odd number has failed.
    Xor(Vec<GateId>),
}

impl Gate {
    /// Its operands.
    pub fn operands(&self) -> &[GateId] {
        match self {
            Gate::Constant(_) | Gate::Event(_) => &[],
            Gate::And(all) | Gate::Or(all) | Gate::AtLeast(_, all) | Gate::Xor(all) => all,
            Gate::Not(one) => std::slice::from_ref(one),
        }
    }
}

/// Something that fails by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct BasicEvent {
    /// Its name.
    pub name: String,
    /// Probability of having failed, 0..=1; `None` where nobody said.
    pub probability: Option<f64>,
}

/// A fault tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultTree {
    /// What the top is called.
    pub name: String,
    /// Basic events.
    pub events: Vec<BasicEvent>,
    /// Gates, operands before users.
    pub gates: Vec<Gate>,
    /// The gate that the tree is about.
    pub top: GateId,
}

impl FaultTree {
    /// An empty tree of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Adds a gate whose operands are there already, and gives its index.
    ///
    /// # Panics
    /// If an operand is not an earlier gate or an event does not exist: a fault of the caller.
    pub fn add(&mut self, gate: Gate) -> GateId {
        let new = self.gates.len() as GateId;
        assert!(gate.operands().iter().all(|o| *o < new), "operands come before their users");
        if let Gate::Event(e) = gate {
            assert!((e as usize) < self.events.len(), "an event is added before its gate");
        }
        self.gates.push(gate);
        new
    }

    /// Adds a basic event and its gate, and gives the gate's index.
    pub fn event(&mut self, name: impl Into<String>, probability: Option<f64>) -> GateId {
        self.events.push(BasicEvent { name: name.into(), probability });
        self.add(Gate::Event(self.events.len() as u32 - 1))
    }

    /// Whether more failures never mend anything: no negation and no exclusive or below the top.
    pub fn is_coherent(&self) -> bool {
        let below = self.below_top();
        !self.gates.iter().zip(below).any(|(g, below)| below && matches!(g, Gate::Not(_) | Gate::Xor(_)))
    }

    /// For each gate whether the top depends on it.
    pub fn below_top(&self) -> Vec<bool> {
        let mut below = vec![false; self.gates.len()];
        if let Some(top) = below.get_mut(self.top as usize) {
            *top = true;
        }
        for g in (0..self.gates.len()).rev().filter(|g| *g <= self.top as usize) {
            if below[g] {
                for o in self.gates[g].operands() {
                    below[*o as usize] = true;
                }
            }
        }
        below
    }

    /// How many basic events and how many other gates are below the top.
    pub fn counted(&self) -> (usize, usize) {
        let below = self.below_top();
        let mut events = vec![false; self.events.len()];
        let mut gates = 0;
        for (gate, _) in self.gates.iter().zip(below).filter(|(_, below)| *below) {
            match gate {
                Gate::Event(e) => events[*e as usize] = true,
                Gate::Constant(_) => {}
                _ => gates += 1,
            }
        }
        (events.into_iter().filter(|e| *e).count(), gates)
    }

    /// Whether the top has failed, for so many worlds at a time as `W` has bits of 64: bit w of `failed[e]` says whether
    /// event e has failed in world w.
    pub fn fails<const W: usize>(&self, failed: &[[u64; W]]) -> [u64; W] {
        let mut values = Vec::new();
        self.fails_with(|e| failed[e as usize], &mut values)
    }

    /// As [`fails`](Self::fails), with the events asked one by one and the values of gates in room that is used again.
    pub fn fails_with<const W: usize>(
        &self,
        failed: impl Fn(u32) -> [u64; W],
        values: &mut Vec<[u64; W]>,
    ) -> [u64; W] {
        values.clear();
        let none = [0_u64; W];
        for gate in &self.gates[..(self.top as usize + 1).min(self.gates.len())] {
            let value = match gate {
                Gate::Constant(c) => [if *c { u64::MAX } else { 0 }; W],
                Gate::Event(e) => failed(*e),
                Gate::And(all) => all.iter().fold([u64::MAX; W], |mut v, o| {
                    let other = &values[*o as usize];
                    for w in 0..W {
                        v[w] &= other[w];
                    }
                    v
                }),
                Gate::Or(all) => all.iter().fold(none, |mut v, o| {
                    let other = &values[*o as usize];
                    for w in 0..W {
                        v[w] |= other[w];
                    }
                    v
                }),
                Gate::Xor(all) => all.iter().fold(none, |mut v, o| {
                    let other = &values[*o as usize];
                    for w in 0..W {
                        v[w] ^= other[w];
                    }
                    v
                }),
                Gate::Not(one) => values[*one as usize].map(|v| !v),
                Gate::AtLeast(k, all) => at_least(*k as usize, all.iter().map(|o| values[*o as usize])),
            };
            values.push(value);
        }
        values.last().copied().unwrap_or(none)
    }

    /// The basic events that alone make the top fail, in their order; nothing if it fails without any. For a coherent tree
    /// in one pass, O(gates + what alone fails each of them); else 256 worlds at a time, O(events x gates / 256).
    pub fn single_points(&self) -> Vec<u32> {
        self.points(|| Ok(())).unwrap_or_default()
    }

    /// As [`single_points`](Self::single_points); now and then it is asked whether to go on.
    pub(super) fn points(&self, go_on: impl Fn() -> Result<(), Stop>) -> Result<Vec<u32>, Stop> {
        match Alone::of(self, &go_on)? {
            Some(found) => Ok(found),
            None => self.points_one_by_one(&go_on),
        }
    }

    fn points_one_by_one(&self, go_on: &impl Fn() -> Result<(), Stop>) -> Result<Vec<u32>, Stop> {
        const W: usize = 4;
        let mut values: Vec<[u64; W]> = Vec::new();
        if self.gates.is_empty() || self.fails_with::<W>(|_| [0; W], &mut values)[0] & 1 == 1 {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let worlds = 64 * W;
        for first in (0..self.events.len()).step_by(worlds) {
            go_on()?;
            let failed = self.fails_with::<W>(
                |e| {
                    let mut word = [0_u64; W];
                    if let Some(bit) = (e as usize).checked_sub(first).filter(|b| *b < worlds) {
                        word[bit / 64] = 1 << (bit % 64);
                    }
                    word
                },
                &mut values,
            );
            for bit in (0..worlds).filter(|b| failed[b / 64] >> (b % 64) & 1 == 1) {
                found.push((first + bit) as u32);
            }
        }
        Ok(found)
    }
}

/// For each gate the events that alone make it fail, all in one list.
struct Alone {
    events: Vec<u32>,
    /// Begin and end in the list; `None` for a gate that fails without any.
    of: Vec<Option<(usize, usize)>>,
    /// Room for what is being joined.
    room: Vec<u32>,
}

impl Alone {
    /// More than this is not kept; the tree is then tried world by world.
    const KEPT_MAX: usize = 1 << 24;

    /// The events that alone make the top fail; `None` for a tree that is not coherent, or too tangled.
    fn of(tree: &FaultTree, go_on: &impl Fn() -> Result<(), Stop>) -> Result<Option<Vec<u32>>, Stop> {
        let gates = &tree.gates[..(tree.top as usize + 1).min(tree.gates.len())];
        let mut alone = Self { events: Vec::new(), of: Vec::with_capacity(gates.len()), room: Vec::new() };
        let mut looked = 0;
        for (g, gate) in gates.iter().enumerate() {
            if g % 4096 == 0 || alone.events.len() - looked > 1 << 18 {
                looked = alone.events.len();
                go_on()?;
            }
            let found = match gate {
                Gate::Constant(true) => None,
                Gate::Constant(false) => Some((0, 0)),
                Gate::Event(e) => {
                    alone.events.push(*e);
                    Some((alone.events.len() - 1, alone.events.len()))
                }
                Gate::Or(all) => alone.in_at_least(1, all),
                Gate::And(all) => alone.in_at_least(all.len(), all),
                Gate::AtLeast(k, all) => alone.in_at_least(*k as usize, all),
                Gate::Not(_) | Gate::Xor(_) => return Ok(None),
            };
            alone.of.push(found);
            if alone.events.len() > Self::KEPT_MAX {
                return Ok(None);
            }
        }
        Ok(Some(match alone.of.last() {
            Some(Some((begin, end))) => alone.events[*begin..*end].to_vec(),
            _ => Vec::new(),
        }))
    }

    /// What makes at least k of the operands fail.
    fn in_at_least(&mut self, k: usize, operands: &[GateId]) -> Option<(usize, usize)> {
        let mut k = k;
        let (mut some, mut only) = (0, (0, 0));
        for o in operands {
            match self.of[*o as usize] {
                None => k = k.saturating_sub(1),
                Some((begin, end)) if begin < end => (some, only) = (some + 1, (begin, end)),
                Some(_) => {}
            }
        }
        if k == 0 {
            return None;
        }
        if some < k {
            return Some((0, 0));
        }
        if some == 1 {
            return Some(only);
        }
        self.room.clear();
        for (begin, end) in operands.iter().filter_map(|o| self.of[*o as usize]) {
            self.room.extend_from_slice(&self.events[begin..end]);
        }
        self.room.sort_unstable();
        let begin = self.events.len();
        for same in self.room.chunk_by(|a, b| a == b).filter(|same| same.len() >= k) {
            self.events.push(same[0]);
        }
        Some((begin, self.events.len()))
    }
}

/// Bit-sliced counting: for each world whether at least k of the words have its bit.
fn at_least<const W: usize>(k: usize, words: impl ExactSizeIterator<Item = [u64; W]>) -> [u64; W] {
    if k == 0 {
        return [u64::MAX; W];
    }
    if k > words.len() {
        return [0; W];
    }
    // reached[j] has the bits of the worlds in which at least j + 1 words so far were set.
    let mut reached = vec![[0_u64; W]; k];
    for word in words {
        for j in (0..k).rev() {
            let before = if j == 0 { [u64::MAX; W] } else { reached[j - 1] };
            for w in 0..W {
                reached[j][w] |= before[w] & word[w];
            }
        }
    }
    reached[k - 1]
}
