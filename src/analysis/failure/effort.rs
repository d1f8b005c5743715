//! How much work an analysis may do, and how it is told to stop.
//!
//! One [`Budget`] is shared by everything that one question costs: nodes that are alive at a time (memory), units of work (nodes
//! made and answers looked up in vain) and, where the caller has a clock, time. All of them are looked at every [`LOOK_EVERY`] units
//! of work. Each piece of work is an [`Effort`]: it may go on until a given share of the budget is used up, so that what comes
//! after it, down to the last cheap bound, has its share too. The analysis itself never looks at a clock: without one, the same
//! question has the same answer on every machine.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// The budget and the flag are looked at every so many units of work; a unit takes some 20 to 300 ns.
pub const LOOK_EVERY: u32 = 1024;

/// Why a piece of work was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its share of the budget ran out: of nodes, of work or of time.
    Budget,
    /// Somebody raised the flag.
    Cancelled,
}

/// The share of the allowed time that has passed: 0 at the beginning, 1 at the end, more after it.
#[derive(Clone, Copy)]
pub struct Clock<'a>(pub &'a (dyn Fn() -> f64 + Sync));

impl std::fmt::Debug for Clock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// What one question may cost in all, and what it has cost so far.
#[derive(Debug)]
pub struct Budget<'a> {
    nodes_max: usize,
    work_max: u64,
    clock: Option<Clock<'a>>,
    cancel: Option<&'a AtomicBool>,
    nodes: AtomicUsize,
    work: AtomicU64,
}

impl<'a> Budget<'a> {
    /// A budget of so many nodes at a time and so many units of work, ended earlier by a clock or a flag.
    pub fn new(
        nodes_max: usize,
        work_max: u64,
        clock: Option<Clock<'a>>,
        cancel: Option<&'a AtomicBool>,
    ) -> Self {
        let (nodes, work) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self { nodes_max, work_max: work_max.max(1), clock, cancel, nodes, work }
    }

    /// Share of it that is used up, of work or of time: the larger one.
    pub fn used(&self) -> f64 {
        let work = self.work.load(Ordering::Relaxed) as f64 / self.work_max as f64;
        self.clock.map_or(work, |clock| work.max((clock.0)()))
    }

    /// Units of work so far, in steps of [`LOOK_EVERY`].
    pub fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }
}

/// A share of a budget for one piece of work.
#[derive(Clone, Copy, Debug)]
pub struct Effort<'a> {
    budget: &'a Budget<'a>,
    /// Nodes that one table may hold.
    pub nodes_max: usize,
    /// Share of the whole budget at which this work ends; infinite for what must be done in any case and is cheap.
    until: f64,
}

impl<'a> Effort<'a> {
    /// The whole budget.
    pub fn of(budget: &'a Budget<'a>) -> Self {
        Self { budget, nodes_max: budget.nodes_max, until: 1.0 }
    }

    /// The same with that many nodes in one table.
    pub fn with_nodes(self, nodes_max: usize) -> Self {
        Self { nodes_max: nodes_max.min(self.nodes_max), ..self }
    }

    /// For work that must be done in any case: only the flag ends it.
    pub fn to_the_end(self) -> Self {
        Self { nodes_max: usize::MAX, until: f64::INFINITY, ..self }
    }

    /// That part, 0..=1, of what is left of it from now on.
    pub fn part(self, part: f64) -> Self {
        let used = self.budget.used();
        Self { until: used + part * (self.until - used).max(0.0), ..self }
    }

    /// The share of the budget that this has left, 0 if it is over.
    pub fn left(&self) -> f64 {
        (self.until - self.budget.used()).max(0.0)
    }

    /// Accounts for work, and for nodes that a table has made since it last said so, and looks whether to go on.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn look(&self, work: u32, new_nodes: usize) -> Result<(), Stop> {
        let budget = self.budget;
        budget.work.fetch_add(u64::from(work), Ordering::Relaxed);
        let alive = budget.nodes.fetch_add(new_nodes, Ordering::Relaxed) + new_nodes;
        self.go_on()?;
        if self.until == f64::INFINITY {
            return Ok(());
        }
        if alive > budget.nodes_max || budget.used() >= self.until { Err(Stop::Budget) } else { Ok(()) }
    }

    /// Gives nodes back that were accounted for.
    pub(super) fn free(&self, nodes: usize) {
        self.budget.nodes.fetch_sub(nodes, Ordering::Relaxed);
    }

    /// Goes on unless the flag is up.
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn go_on(&self) -> Result<(), Stop> {
        if self.budget.cancel.is_some_and(|c| c.load(Ordering::Relaxed)) {
            Err(Stop::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// A countdown to the next look, for loops that make no nodes.
#[derive(Debug)]
pub struct Pace<'a> {
    effort: Effort<'a>,
    left: u32,
}

impl<'a> Pace<'a> {
    /// A look every [`LOOK_EVERY`] steps.
    pub fn new(effort: Effort<'a>) -> Self {
        Self { effort, left: LOOK_EVERY }
    }

    /// One step.
    ///
    /// # Errors
    /// [`Stop`].
    #[inline]
    pub fn step(&mut self) -> Result<(), Stop> {
        self.left -= 1;
        if self.left == 0 {
            self.left = LOOK_EVERY;
            return self.effort.look(LOOK_EVERY, 0);
        }
        Ok(())
    }

    /// That many steps.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn steps(&mut self, steps: usize) -> Result<(), Stop> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.left.checked_sub(steps).filter(|left| *left > 0) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = LOOK_EVERY;
                self.effort.look(steps.max(LOOK_EVERY), 0)
            }
        }
    }
}

/// Runs work that may call itself as deep as there are levels, on a stack that is large enough for it.
pub fn deep<T: Send>(levels: usize, work: impl FnOnce() -> T + Send) -> T {
    const SHALLOW: usize = 500;
    const BYTES_A_LEVEL: usize = 2 << 10;
    const BYTES_MAX: usize = 4 << 30;
    if levels <= SHALLOW {
        return work();
    }
    let bytes = levels.saturating_mul(BYTES_A_LEVEL).saturating_add(16 << 20).min(BYTES_MAX);
    match rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(bytes).build() {
        // Pages of a stack are only taken when they are touched.
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
