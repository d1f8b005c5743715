//! How much work an analysis may do, and how it is told to stop.
//!
//! Work is counted in nodes made and answers looked up in vain, never in time, so that the same question has the same answer on
//! every machine. Whoever has a clock raises the flag.

use std::sync::atomic::{AtomicBool, Ordering};

/// Why a piece of work was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its budget of nodes ran out.
    Nodes,
    /// Somebody raised the flag.
    Cancelled,
}

/// A budget of nodes and a flag.
#[derive(Clone, Copy, Debug)]
pub struct Effort<'a> {
    /// Nodes that one table may hold.
    pub nodes_max: usize,
    /// Raised from outside to stop.
    pub cancel: Option<&'a AtomicBool>,
}

impl<'a> Effort<'a> {
    /// A budget that nobody interrupts.
    pub fn of(nodes_max: usize) -> Self {
        Self { nodes_max, cancel: None }
    }

    /// The same flag with another budget.
    pub fn with_nodes(self, nodes_max: usize) -> Effort<'a> {
        Self { nodes_max, ..self }
    }

    /// Whether the flag is up.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|c| c.load(Ordering::Relaxed))
    }

    /// Goes on unless the flag is up.
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn go_on(&self) -> Result<(), Stop> {
        if self.is_cancelled() { Err(Stop::Cancelled) } else { Ok(()) }
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
