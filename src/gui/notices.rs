//! What a thread of its own has to say, and the window reads between frames: the thread changes a view, the window takes a
//! copy when there is a new one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A view that one thread changes. Copies of it are the same view.
pub struct Notices<V> {
    pinned: Arc<Pinned<V>>,
}

struct Pinned<V> {
    view: Mutex<V>,
    generation: AtomicU64,
}

impl<V> Clone for Notices<V> {
    fn clone(&self) -> Self {
        Self { pinned: self.pinned.clone() }
    }
}

impl<V: Clone> Notices<V> {
    /// A view that nobody has read.
    pub fn new(view: V) -> Self {
        Self { pinned: Arc::new(Pinned { view: Mutex::new(view), generation: AtomicU64::new(1) }) }
    }

    /// Changes it; whoever reads will see all of the change or nothing.
    pub fn change(&self, change: impl FnOnce(&mut V)) {
        change(&mut self.pinned.view.lock().unwrap_or_else(PoisonError::into_inner));
        self.pinned.generation.fetch_add(1, Ordering::Release);
    }

    /// The view, if it has changed since the reader saw it last; `seen` is what the reader remembers, 0 at first.
    pub fn news(&self, seen: &mut u64) -> Option<V> {
        let generation = self.pinned.generation.load(Ordering::Acquire);
        if generation == *seen {
            return None;
        }
        *seen = generation;
        Some(self.pinned.view.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
