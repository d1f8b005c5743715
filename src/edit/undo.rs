//! The undo log: what was done, each step with the edits that take it back.

use std::collections::VecDeque;

use super::command::Edit;

/// How many steps can be undone; the oldest are forgotten first.
pub const STEPS_MAX: usize = 500;

/// One step of the log: on the undo side the edits that take it back, on the redo side those that do it again.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub label: String,
    pub edits: Vec<Edit>,
    /// Names the state that the step leads to.
    state: u64,
}

/// What can be undone and redone, and which of these states is on disk.
#[derive(Clone, Debug)]
pub struct UndoLog {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    /// The state before the oldest step.
    base: u64,
    last: u64,
    /// The state that was saved; `None` once it cannot be reached any more, or if there never was one.
    saved: Option<u64>,
}

impl Default for UndoLog {
    fn default() -> Self {
        Self { undo: VecDeque::new(), redo: Vec::new(), base: 0, last: 0, saved: Some(0) }
    }
}

impl UndoLog {
    /// What undo would take back, as the Edit menu says it.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.back().map(|s| s.label.as_str())
    }

    /// What redo would do again, as the Edit menu says it.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|s| s.label.as_str())
    }

    /// The labels of what can be undone, latest first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.undo.iter().rev().map(|s| s.label.as_str())
    }

    /// Whether the design is not what was last saved.
    pub fn is_unsaved(&self) -> bool {
        self.saved != Some(self.state())
    }

    fn state(&self) -> u64 {
        self.undo.back().map_or(self.base, |s| s.state)
    }

    pub(super) fn mark_saved(&mut self) {
        self.saved = Some(self.state());
    }

    pub(super) fn mark_unsaved(&mut self) {
        self.saved = None;
    }

    pub(super) fn push(&mut self, label: String, inverse: Vec<Edit>) {
        self.last += 1;
        self.redo.clear();
        self.undo.push_back(Step { label, edits: inverse, state: self.last });
        while self.undo.len() > STEPS_MAX
            && let Some(oldest) = self.undo.pop_front()
        {
            self.base = oldest.state;
        }
    }

    pub(super) fn pop_undo(&mut self) -> Option<Step> {
        self.undo.pop_back()
    }

    pub(super) fn pop_redo(&mut self) -> Option<Step> {
        self.redo.pop()
    }

    /// Puts an undone step on the redo side; `edits` do it again.
    pub(super) fn undone(&mut self, step: Step, edits: Vec<Edit>) {
        self.redo.push(Step { edits, ..step });
    }

    /// Puts a redone step back on the undo side; `edits` take it back.
    pub(super) fn redone(&mut self, step: Step, edits: Vec<Edit>) {
        self.undo.push_back(Step { edits, ..step });
    }
}
