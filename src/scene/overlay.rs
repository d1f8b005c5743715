//! What is laid over a design when it is drawn: findings, focus, outcomes, and how it runs. Plain data.

use std::collections::BTreeMap;

use crate::design::ElementId;

/// What is laid over a design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// By the id of a component, zone or link; what has no mark is drawn plainly. A note is `note:0`, `note:1`…
    pub marks: BTreeMap<ElementId, Mark>,
    /// Whether what has no mark, or a mark that says neither `selected`, `hovered`, `witness` nor `loss`, steps back
    /// to 32 %: something else is in focus.
    pub focus: bool,
    /// Whether cards show their running state, also those without a mark of their own.
    pub running: bool,
}

impl Overlay {
    /// The mark of an element, to be changed.
    pub fn mark(&mut self, id: impl Into<ElementId>) -> &mut Mark {
        self.marks.entry(id.into()).or_default()
    }
}

/// What is laid over one element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// The worst finding about it.
    pub severity: Option<Severity>,
    /// It is selected.
    pub selected: bool,
    /// The pointer is over it.
    pub hovered: bool,
    /// It steps back to 32 %.
    pub dim: bool,
    /// What becomes of it in the world that is being looked at.
    pub loss: Option<Loss>,
    /// Instances up in that world, of how many; nothing is shown where they are equal.
    pub up: Option<(u32, u32)>,
    /// It lies on the witness path of a finding.
    pub witness: bool,
    /// How it runs.
    pub live: Option<Live>,
    /// What its loss would cost.
    pub heat: Option<Heat>,
}

/// What the loss of an element would cost: a tint, and always words with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// How much, 0..=1 of the most there can be.
    pub level: f32,
    /// The same in words, short enough for the second line of a card.
    pub words: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Advice,
    /// Doubtful.
    Warning,
    /// Wrong.
    Error,
}

/// What becomes of an element in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Works, without something optional.
    Degraded,
    /// Works for a share of requests.
    Part,
    /// Does not work, because of something else.
    Lost,
    /// Is itself what is broken.
    Down,
}

/// How an element runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// Its state; of a component, of all its instances together.
    pub state: LiveState,
    /// Instances up, of how many; nothing is shown where they are equal.
    pub up: Option<(u32, u32)>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// Share of them that failed, 0..=1.
    pub error_share: Option<f64>,
    /// A typical (median) time of a request, in milliseconds.
    pub latency_ms: Option<f64>,
}

/// The state of something that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LiveState {
    /// Not up yet.
    Starting,
    /// Up and well.
    #[default]
    Up,
    /// Up, but some instances are not, or requests fail.
    Impaired,
    /// Held.
    Paused,
    /// Of a link or a zone: cut off.
    Cut,
    /// Gone.
    Killed,
}
