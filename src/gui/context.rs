//! What every part of the window is told for a frame: the design, read only, and what is known about it.
//!
//! The parts that are measured or computed on other threads ([`ImpactView`], [`LiveView`], [`ProofView`]) are plain
//! data here, so that panels and canvas draw them without knowing where they come from, and tests can make them up.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use crate::analysis::Report;
use crate::analysis::failure::availability::{Availability, Method};
use crate::design::{ComponentId, Design, ElementId, JourneyId, LinkId};
use crate::scene::Theme;

pub use crate::impact::Outcome;

use super::command::CommandSender;
use super::figures::Figures;
use super::view::{ViewState, WhatIf};

/// What a part of the window is told, and where it pushes what it wants done.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// The design as it is now, a drag under way included.
    pub design: &'a Design,
    /// The file and the history.
    pub session: SessionInfo<'a>,
    /// What is seen and selected.
    pub view: &'a ViewState,
    /// What the rules say; `None` until they have first spoken. May be of a slightly older design.
    pub report: Option<&'a Report>,
    /// What losses would do.
    pub impact: &'a ImpactView,
    /// What the failure engine says of what is looked at.
    pub figures: &'a Figures,
    /// The live cluster, while there is one.
    pub live: Option<&'a LiveView>,
    /// Predicted beside measured.
    pub proof: &'a ProofView,
    /// The change that was tried beside the design last, or is being tried.
    pub comparison: Option<&'a ComparisonView>,
    /// What a change that is thought about would do; `None` while it is not known.
    pub preview: Option<&'a Preview>,
    /// The theme in force.
    pub theme: &'static Theme,
    /// Where requests are pushed.
    pub commands: &'a CommandSender,
}

impl<'a> Ctx<'a> {
    /// What the loss of one element would do; `None` while it is not known. Asking for it is enough to have it
    /// computed.
    pub fn impact_of(&self, element: &str) -> Option<&'a Impact> {
        self.impact.of_element(element)
    }
}

/// The file and the history of the design.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionInfo<'a> {
    /// Grows with every change.
    pub revision: u64,
    /// Whether the design differs from what is on disk.
    pub unsaved: bool,
    /// Where it came from.
    pub path: Option<&'a Path>,
    /// What undo would take back.
    pub undo_label: Option<&'a str>,
    /// What redo would do again.
    pub redo_label: Option<&'a str>,
}

/// How one journey, or one of its effects, fares in a world.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyImpact {
    /// The journey's id; of an effect `journey/effect`.
    pub id: String,
    /// The name to show.
    pub title: String,
    /// How it fares.
    pub outcome: Outcome,
    /// Share of its requests that is served, 0..=1.
    pub share: f64,
    /// Share of its requests that is served without something optional, 0..=1.
    pub degraded_share: f64,
}

/// What a world does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    /// Every journey, in file order.
    pub journeys: Vec<JourneyImpact>,
    /// Components that no longer do their work, and how badly; not those that are down themselves.
    pub elements: BTreeMap<ElementId, Outcome>,
    /// Components of which instances are down: how many are up, of how many.
    pub down: BTreeMap<ElementId, (u32, u32)>,
}

/// The share of a journey's requests that can be served in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongRun {
    /// The share, 0..=1.
    pub value: f64,
    /// Not less than this.
    pub lower: f64,
    /// Not more than this.
    pub upper: f64,
    /// Whether it is exact; otherwise drawn, and the bounds are those of 95 % confidence.
    pub exact: bool,
    /// By how much the last edit changed it, where it did.
    pub change: Option<f64>,
}

/// What is known about losses; filled by another thread as it is asked for.
#[derive(Debug, Default)]
pub struct ImpactView {
    /// The revision of the design that this is about.
    pub revision: u64,
    /// By the element that is lost.
    pub by_element: BTreeMap<ElementId, Impact>,
    /// By a world that is tried.
    pub by_world: BTreeMap<WhatIf, Impact>,
    /// The availability of each journey, by its id; of an older revision until the new one is known.
    pub availability: BTreeMap<String, LongRun>,
    /// Why nothing can be said; empty if something can.
    pub refused: String,
}

impl ImpactView {
    /// Takes a new availability, and remembers by how much it differs from the one before.
    pub fn take_availability(&mut self, journeys: &[Availability]) {
        let before = std::mem::take(&mut self.availability);
        for j in journeys {
            // Drawn figures wander a little by themselves.
            let noise = if j.method == Method::Exact { 1e-9 } else { j.upper - j.lower };
            let change =
                before.get(j.journey.as_str()).map(|b| j.value - b.value).filter(|d| d.abs() > noise);
            let (value, lower, upper) = (j.value, j.lower, j.upper);
            let exact = j.method == Method::Exact;
            self.availability.insert(j.journey.to_string(), LongRun { value, lower, upper, exact, change });
        }
    }

    /// What the loss of one element would do, where known.
    pub fn of_element(&self, element: &str) -> Option<&Impact> {
        self.by_element.get(element)
    }

    /// What a world would do, where known.
    pub fn of_world(&self, world: &WhatIf) -> Option<&Impact> {
        self.by_world.get(world)
    }
}

/// What a change that is thought about would do to what the rules say and to how long journeys are served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// Why it cannot be made; empty if it can.
    pub refused: String,
    /// Findings that it takes away.
    pub gone: Vec<String>,
    /// Findings that it brings.
    pub come: Vec<String>,
    /// The share of each journey's requests that can be served in the long run then, by the journey's id.
    pub availability: BTreeMap<String, f64>,
}

/// Where a live cluster stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LivePhase {
    /// Processes are starting.
    Starting {
        /// Ready so far.
        ready: u32,
        /// Of how many.
        of: u32,
    },
    /// All are up, or were.
    Running,
    /// Processes are ending.
    Stopping,
    /// It could not start, or broke off: what, where, how to go on.
    Failed(String),
}

/// How a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeState {
    /// Started and not ready yet.
    Starting,
    /// Ready.
    Up,
    /// Held: it does not answer.
    Paused,
    /// Ended by hand or by itself.
    Down,
}

impl NodeState {
    /// The plain word.
    pub fn label(self) -> &'static str {
        match self {
            NodeState::Starting => "starting",
            NodeState::Up => "up",
            NodeState::Paused => "paused",
            NodeState::Down => "down",
        }
    }
}

/// One instance while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceLive {
    /// How it stands.
    pub state: NodeState,
    /// Its process.
    pub pid: Option<u32>,
    /// Where it listens.
    pub address: String,
    /// Requests a second that it is asked.
    pub rate: Option<f64>,
    /// Share of them that it failed, 0..=1.
    pub error_share: Option<f64>,
    /// Median time of a request, in milliseconds.
    pub latency_ms: Option<f64>,
}

/// One link while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkLive {
    /// Requests a second along it.
    pub rate: f64,
    /// Share of them that failed, 0..=1.
    pub error_share: f64,
    /// Median time, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Whether it is cut.
    pub cut: bool,
}

/// One second of a journey as its clients measured it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Since the start, in milliseconds.
    pub at_ms: u64,
    /// Requests meant to be sent.
    pub offered: u64,
    /// Answered as they should be.
    pub ok: u64,
    /// Answered with an error, or not at all.
    pub failed: u64,
    /// Median, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, in milliseconds.
    pub p99_ms: Option<f64>,
}

/// One journey while it runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JourneyLive {
    /// Share of the last seconds' requests that were answered as they should be, 0..=1; `None` before any.
    pub success: Option<f64>,
    /// The last minutes, oldest first, a second each.
    pub samples: VecDeque<Sample>,
    /// Share that is predicted for the faults in force, 0..=1.
    pub predicted_share: Option<f64>,
    /// What is predicted for the faults in force.
    pub predicted: Option<Outcome>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Since the start, in milliseconds.
    pub at_ms: u64,
    /// How it is meant.
    pub tone: super::command::Tone,
    /// What happened.
    pub text: String,
    /// What it is about.
    pub subject: Option<ElementId>,
}

/// A stretch of time in which something was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSpan {
    /// When it began, since the start, in milliseconds.
    pub from_ms: u64,
    /// When it ended; `None` while it lasts.
    pub to_ms: Option<u64>,
    /// What was done.
    pub label: String,
    /// To what.
    pub subject: Option<ElementId>,
}

/// A live cluster as it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveView {
    /// Where it stands.
    pub phase: LivePhase,
    /// Since the start, in milliseconds.
    pub elapsed_ms: u64,
    /// By the instance's name (`web/2`).
    pub instances: BTreeMap<ElementId, InstanceLive>,
    /// By the link's id.
    pub links: BTreeMap<LinkId, LinkLive>,
    /// By the journey's id.
    pub journeys: BTreeMap<JourneyId, JourneyLive>,
    /// What is cut, by its two sides.
    pub cuts: Vec<(ElementId, ElementId)>,
    /// What happened, oldest first; bounded.
    pub events: VecDeque<LiveEvent>,
    /// What was broken when.
    pub faults: Vec<FaultSpan>,
    /// The last lines of the selected instances, oldest first: instance and line.
    pub log: VecDeque<(ElementId, String)>,
}

impl Default for LiveView {
    fn default() -> Self {
        Self {
            phase: LivePhase::Starting { ready: 0, of: 0 },
            elapsed_ms: 0,
            instances: BTreeMap::new(),
            links: BTreeMap::new(),
            journeys: BTreeMap::new(),
            cuts: Vec::new(),
            events: VecDeque::new(),
            faults: Vec::new(),
            log: VecDeque::new(),
        }
    }
}

impl LiveView {
    /// The instances of a component, in the order of their names.
    pub fn instances_of<'a>(
        &'a self,
        component: &'a ComponentId,
    ) -> impl Iterator<Item = (&'a ElementId, &'a InstanceLive)> {
        self.instances.iter().filter(move |(id, _)| id.as_str().split('/').next() == Some(component.as_str()))
    }
}

/// How a prediction came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimVerdict {
    /// Not tried yet.
    Waiting,
    /// Being tried.
    Trying,
    /// As predicted.
    Confirmed,
    /// Not as predicted.
    Refuted,
    /// It cannot be told, and why is in the claim's note.
    Inconclusive,
}

impl ClaimVerdict {
    /// The plain word.
    pub fn label(self) -> &'static str {
        match self {
            ClaimVerdict::Waiting => "not tried",
            ClaimVerdict::Trying => "trying",
            ClaimVerdict::Confirmed => "confirmed",
            ClaimVerdict::Refuted => "refuted",
            ClaimVerdict::Inconclusive => "inconclusive",
        }
    }
}

/// One prediction beside what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRow {
    /// Stable.
    pub id: String,
    /// What is broken, in words.
    pub fault: String,
    /// What is broken.
    pub elements: Vec<ElementId>,
    /// Of which journey it speaks.
    pub journey: JourneyId,
    /// Of which effect of the journey, by its id; empty: of the requests themselves.
    pub effect: String,
    /// What is predicted.
    pub predicted: Outcome,
    /// The share that is predicted to be served, 0..=1.
    pub predicted_share: f64,
    /// The share that was served, 0..=1; `None` before it was tried.
    pub observed_share: Option<f64>,
    /// Requests in the window that was judged.
    pub requests: u64,
    /// How it came out.
    pub verdict: ClaimVerdict,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it is inconclusive, or what was seen.
    pub note: String,
    /// The fingerprint of the design on which it was tried last; 0 if it was not.
    pub tried_on: u64,
    /// When it was tried last, in seconds since 1970.
    pub tried_at_s: u64,
}

impl ClaimRow {
    /// Its try was called off before there was a verdict.
    pub fn leave(&mut self) {
        if self.verdict == ClaimVerdict::Trying {
            self.verdict = ClaimVerdict::Waiting;
        }
    }

    /// Whether it is confirmed that nobody is served.
    pub fn is_confirmed_lost(&self) -> bool {
        self.verdict == ClaimVerdict::Confirmed && self.predicted == Outcome::Lost
    }

    /// Whether it was tried to a verdict.
    pub fn is_judged(&self) -> bool {
        !matches!(self.verdict, ClaimVerdict::Waiting | ClaimVerdict::Trying)
    }
}

/// A change that is tried beside the design as it is: the same faults on the live clusters of both.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonView {
    /// The change.
    pub command: crate::edit::Command,
    /// The fingerprints of the design before and after it.
    pub designs: (u64, u64),
    /// Whether it is under way.
    pub running: bool,
    /// What is going on, or why it ended early, in a line; empty where there is nothing to say.
    pub status: String,
    /// Every claim of the design as it is, with the same claim about the design after the change, where that has it.
    pub rows: Vec<(ClaimRow, Option<ClaimRow>)>,
}

impl ComparisonView {
    /// Every claim of both sides.
    pub fn claims(&self) -> impl Iterator<Item = &ClaimRow> {
        self.rows.iter().flat_map(|(before, after)| std::iter::once(before).chain(after))
    }

    /// Claims that were confirmed as lost before the change, and how many of those were confirmed as something better after.
    pub fn lost_and_kept(&self) -> (usize, usize) {
        let lost = self.rows.iter().filter(|(before, _)| before.is_confirmed_lost());
        let is_kept =
            |after: &ClaimRow| after.verdict == ClaimVerdict::Confirmed && after.predicted != Outcome::Lost;
        (lost.clone().count(), lost.filter(|(_, after)| after.as_ref().is_some_and(is_kept)).count())
    }
}

/// Predictions beside what was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProofView {
    /// Whether claims are being tried now.
    pub running: bool,
    /// Every claim, in the order of trying.
    pub claims: Vec<ClaimRow>,
    /// What is going on, in a line; empty when nothing is.
    pub status: String,
    /// The fingerprint of the design as it is now.
    pub design: u64,
}

impl ProofView {
    /// Whether a claim was tried on another revision of the design: what was found then need not hold now.
    pub fn is_old(&self, claim: &ClaimRow) -> bool {
        claim.tried_on != 0 && claim.tried_on != self.design
    }
}
