//! What a person can ask for, in three families: how things are seen ([`Action`]), how the design changes
//! ([`edit::Command`](crate::edit::Command), undoable), and what happens outside ([`Effect`]).
//!
//! Everything in the window pushes [`Request`]s on a [`CommandSender`]; they are carried out once, at the end of the
//! frame. [`UiCommand`](registry::UiCommand) names those that have no data: the one list behind menu, keys and palette.

pub mod registry;

use std::cell::RefCell;
use std::path::PathBuf;

use crate::design::{ElementId, Kind, ZoneId, ZoneKind};
use crate::edit;

use super::view::{BottomTab, Heat, Mode, Place, ReliabilityView, ThemeChoice, Tool, WhatIf};
pub use registry::UiCommand;

/// One thing asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// See things differently.
    View(Action),
    /// Change the design, as one step that can be undone.
    Edit(edit::Command),
    /// Change the design for as long as a control is dragged; takes the place of what the gesture did so far.
    Gesture(edit::Command),
    /// The control was let go: what the gesture did is one step.
    GestureEnd,
    /// The drag was called off: what the gesture did is taken back.
    GestureAbort,
    /// Do something outside the design.
    Effect(Effect),
    /// A named command.
    Named(UiCommand),
}

/// How things are seen. Never undone, never in the design.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Switches to another mode.
    SetMode(Mode),
    /// Takes up a tool.
    SetTool(Tool),
    /// Takes up a component of a kind, to be put down on the canvas with a click.
    PickUp(Kind),
    /// Takes up a zone of a kind, to be drawn on the canvas.
    PickUpZone(ZoneKind),
    /// Selects these and nothing else.
    Select(Vec<ElementId>),
    /// Adds to the selection, or takes out of it.
    Toggle(ElementId),
    /// Says what the pointer is over outside the canvas, for a frame: its blast radius is shown.
    Hover(ElementId),
    /// Shows the witness of a finding, by the finding's id; `None` shows nothing of the sort.
    FocusFinding(Option<String>),
    /// Moves the camera so that these can be seen well.
    ZoomTo(Vec<ElementId>),
    /// Shows the whole drawing.
    ZoomFit,
    /// Shows the selection.
    ZoomSelection,
    /// Back to life size.
    ZoomReset,
    /// Closer, or further away, by a factor.
    ZoomBy(f32),
    /// Shows a tab at the bottom, and the bottom panel.
    SetTab(BottomTab),
    /// Looks at another page or journey in the tab of reliability.
    ShowReliability(ReliabilityView),
    /// Shows or hides a place of the window.
    TogglePlace(Place),
    /// Dark, light, or as the system.
    SetTheme(ThemeChoice),
    /// Opens the command palette.
    OpenPalette,
    /// Opens the gallery of templates.
    OpenGallery,
    /// Opens the list of keys.
    OpenHelp,
    /// Begins to change a name on the canvas.
    BeginName(ElementId),
    /// Shows what a world would take down; `None` ends the what-if.
    SetWhatIf(Option<WhatIf>),
    /// Adds an element to what is down in the what-if, or takes it out.
    ToggleDown(ElementId),
    /// Thinks about a change before it is made; `None` drops it.
    Preview(Option<edit::Command>),
    /// Puts away the change that was tried beside the design.
    DropComparison,
    /// Plans the changes that harden the design, and thinks about them.
    Harden,
    /// Goes to the next finding, or to the one before.
    StepFinding {
        /// Whether to the one before.
        back: bool,
    },
    /// Shows on every card what its loss would cost, or no longer.
    SetHeat(Heat),
    /// Motion or none.
    SetReducedMotion(bool),
    /// Says something to the person in passing.
    Say(Say),
}

/// A passing message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// How it went.
    pub tone: Tone,
    /// What happened, in a line.
    pub title: String,
    /// Where, and how to go on; empty where the title says it all.
    pub text: String,
}

impl Say {
    /// Something was done.
    pub fn done(title: impl Into<String>) -> Self {
        Self { tone: Tone::Good, title: title.into(), text: String::new() }
    }

    /// Something was refused or needs attention.
    pub fn warn(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone: Tone::Warn, title: title.into(), text: text.into() }
    }

    /// Something failed: what, where, and how to go on.
    pub fn error(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, title: title.into(), text: text.into() }
    }
}

/// How a passing message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// Look at it.
    Warn,
    /// It did not go.
    Bad,
}

/// What happens outside the design: files, the live cluster, the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Begins an empty design; asks first if the one at hand is not saved.
    New,
    /// Asks for a file and opens it.
    Open,
    /// Opens that file.
    OpenPath(PathBuf),
    /// Begins from a template, by its name.
    OpenTemplate(String),
    /// Writes the design where it came from; asks where, if it came from nowhere.
    Save,
    /// Asks where and writes the design there.
    SaveAs,
    /// Asks where and writes a picture: `svg` or `png`.
    Export(String),
    /// Closes the window; asks first if the design is not saved.
    Quit,
    /// Starts the design as a live cluster.
    Run,
    /// Ends the live cluster.
    Stop,
    /// Does something to the live cluster.
    Fault(Fault),
    /// Tries predictions on the live cluster: the claims of these ids, or of all if there are none.
    Prove(Vec<String>),
    /// Ends the proof under way; what is known stays.
    CancelProof,
    /// Tries a change beside the design as it is, each as a live cluster of its own.
    Compare(edit::Command),
    /// Ends that; what has been judged stays.
    CancelComparison,
    /// Puts a text on the clipboard.
    CopyText(String),
}

/// What is done to a live cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Ends a component's instances, or one instance (`web/2`), at once.
    Kill(ElementId),
    /// Holds it: it no longer answers.
    Pause(ElementId),
    /// Lets a held one go on.
    Resume(ElementId),
    /// Starts it again.
    Restart(ElementId),
    /// Ends all that stands in a zone.
    FailZone(ZoneId),
    /// Starts all that stands in a zone again.
    RestoreZone(ZoneId),
    /// Cuts what lies between two components, instances or zones: in one direction or both.
    Cut {
        /// One side.
        from: ElementId,
        /// The other.
        to: ElementId,
        /// Whether the way back is cut too.
        both: bool,
    },
    /// Mends what lies between two components, instances or zones, both ways.
    Heal {
        /// One side.
        from: ElementId,
        /// The other.
        to: ElementId,
    },
    /// Cuts a zone off from everything outside it.
    IsolateZone(ZoneId),
    /// Mends every cut and restarts all that is down.
    HealAll,
}

/// Where requests are pushed; shared by all parts of the window for a frame.
#[derive(Debug, Default)]
pub struct CommandSender {
    queue: RefCell<Vec<Request>>,
}

impl CommandSender {
    /// Asks for anything.
    pub fn send(&self, request: Request) {
        self.queue.borrow_mut().push(request);
    }

    /// Asks to see things differently.
    pub fn view(&self, action: Action) {
        self.send(Request::View(action));
    }

    /// Asks for a change of the design.
    pub fn edit(&self, command: edit::Command) {
        self.send(Request::Edit(command));
    }

    /// Asks for a change of the design, or says why there is none.
    pub fn try_edit(&self, command: Result<edit::Command, edit::EditError>) {
        match command {
            Ok(command) => self.edit(command),
            Err(error) => self.view(Action::Say(Say::warn("That cannot be done", error.to_string()))),
        }
    }

    /// Asks for a change that goes on while a control is dragged; end it with [`Self::gesture_end`].
    pub fn gesture(&self, command: edit::Command) {
        self.send(Request::Gesture(command));
    }

    /// Ends a gesture and keeps what it did.
    pub fn gesture_end(&self) {
        self.send(Request::GestureEnd);
    }

    /// Asks for something outside the design.
    pub fn effect(&self, effect: Effect) {
        self.send(Request::Effect(effect));
    }

    /// Asks for a named command.
    pub fn named(&self, command: UiCommand) {
        self.send(Request::Named(command));
    }

    /// What has been asked for so far, in order; nothing is left.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.queue.borrow_mut())
    }
}
