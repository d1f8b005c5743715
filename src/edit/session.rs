//! A design being edited, with its history.

use crate::design::{Design, Problem};

use super::command::{Command, Edit, EditError, apply};
use super::undo::UndoLog;

/// A design with its undo log. The design changes through [`Session::apply`], the gesture functions, undo and redo,
/// and through nothing else.
#[derive(Clone, Debug)]
pub struct Session {
    design: Design,
    log: UndoLog,
    gesture: Option<Gesture>,
    revision: u64,
    /// What was wrong with the design before the first command; a command may not add to it.
    problems: Vec<Problem>,
}

/// A drag under way: shown as it goes, one step of the log when it ends.
#[derive(Clone, Debug)]
struct Gesture {
    label: String,
    inverse: Vec<Edit>,
}

impl Session {
    /// Begins to edit a design that is as it was saved.
    pub fn new(design: Design) -> Self {
        let problems = design.problems();
        Self { design, log: UndoLog::default(), gesture: None, revision: 0, problems }
    }

    /// Begins to edit a design that is not on disk as it stands: a recovered draft, an import.
    pub fn unsaved(design: Design) -> Self {
        let mut session = Self::new(design);
        session.log.mark_unsaved();
        session
    }

    /// The same, with revisions that go on from another session's: nothing that was said of that one's design can be
    /// taken for being about this one's.
    #[must_use]
    pub fn after(mut self, revision: u64) -> Self {
        self.revision = self.revision.max(revision + 1);
        self
    }

    /// The design as it is now, a gesture under way included.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What can be undone and redone.
    pub fn log(&self) -> &UndoLog {
        &self.log
    }

    /// Grows with every change of the design, undo and redo included.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the design is not what was last saved.
    pub fn is_unsaved(&self) -> bool {
        self.log.is_unsaved() || self.gesture.as_ref().is_some_and(|g| !g.inverse.is_empty())
    }

    /// Takes the design as it is for what is on disk.
    pub fn mark_saved(&mut self) {
        self.commit();
        self.log.mark_saved();
    }

    /// Carries a command out as one step of the log. A gesture under way is committed first.
    ///
    /// # Errors
    /// What an edit needs is missing, or the design would become unsound; nothing has changed then.
    pub fn apply(&mut self, command: Command) -> Result<(), EditError> {
        self.commit();
        let inverse = self.change(&command)?;
        if !inverse.is_empty() {
            self.log.push(command.label, inverse);
        }
        Ok(())
    }

    /// Begins a gesture: what [`Session::update`] does from now on is one step, once committed.
    pub fn begin(&mut self, label: impl Into<String>) {
        self.commit();
        self.gesture = Some(Gesture { label: label.into(), inverse: Vec::new() });
    }

    /// Whether a gesture is under way.
    pub fn in_gesture(&self) -> bool {
        self.gesture.is_some()
    }

    /// Shows what the gesture under way would do: the command takes the place of what the gesture did so far.
    /// Without a gesture it begins one.
    ///
    /// # Errors
    /// As [`Session::apply`]; the design is then as it was before the gesture.
    pub fn update(&mut self, command: &Command) -> Result<(), EditError> {
        self.roll_back();
        let inverse = self.change(command)?;
        let gesture =
            self.gesture.get_or_insert_with(|| Gesture { label: command.label.clone(), inverse: Vec::new() });
        gesture.inverse = inverse;
        Ok(())
    }

    /// Ends the gesture under way and keeps what it did, as one step.
    pub fn commit(&mut self) {
        if let Some(gesture) = self.gesture.take()
            && !gesture.inverse.is_empty()
        {
            self.log.push(gesture.label, gesture.inverse);
        }
    }

    /// Ends the gesture under way and takes back what it did.
    pub fn abort(&mut self) {
        self.roll_back();
        self.gesture = None;
    }

    /// Takes back the last step, or the gesture under way. Says whether there was one.
    pub fn undo(&mut self) -> bool {
        if self.gesture.is_some() {
            self.abort();
            return true;
        }
        let Some(step) = self.log.pop_undo() else { return false };
        let again = self.replay(&step.edits);
        self.log.undone(step, again);
        true
    }

    /// Does the last undone step again. Says whether there was one.
    pub fn redo(&mut self) -> bool {
        self.commit();
        let Some(step) = self.log.pop_redo() else { return false };
        let back = self.replay(&step.edits);
        self.log.redone(step, back);
        true
    }

    fn roll_back(&mut self) {
        if let Some(gesture) = &mut self.gesture {
            let inverse = std::mem::take(&mut gesture.inverse);
            if !inverse.is_empty() {
                self.replay(&inverse);
            }
        }
    }

    /// Applies edits that the log made for exactly this state.
    fn replay(&mut self, edits: &[Edit]) -> Vec<Edit> {
        self.revision += 1;
        apply(&mut self.design, edits).expect("the log fits the design, which nothing else changes")
    }

    fn change(&mut self, command: &Command) -> Result<Vec<Edit>, EditError> {
        let inverse = apply(&mut self.design, &command.edits)?;
        if inverse.is_empty() {
            return Ok(inverse);
        }
        if !command.only_draws()
            && let Some(problem) = self.design.problems().into_iter().find(|p| !self.problems.contains(p))
        {
            apply(&mut self.design, &inverse).expect("an inverse applies to the design it was made from");
            return Err(EditError::Unsound(problem));
        }
        self.revision += 1;
        Ok(inverse)
    }
}
