//! What is seen, selected and open: all that belongs to the person at the window and not to the design.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::design::{Design, ElementId, JourneyId, Kind, ZoneKind};

use super::figures::{self, Extent};

/// Everything that is seen of a design and about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewState {
    /// What the person is doing.
    pub mode: Mode,
    /// What the pointer does on the canvas.
    pub tool: Tool,
    /// What is selected.
    pub selection: Selection,
    /// What the pointer was over in the last frame, on the canvas or in a panel.
    pub hovered: Option<ElementId>,
    /// The finding whose witness is shown, by its id.
    pub finding: Option<String>,
    /// The world that is tried.
    pub what_if: Option<WhatIf>,
    /// The change that is thought about before it is made.
    pub preview: Option<crate::edit::Command>,
    /// What the cards say of their own loss.
    pub heat: Heat,
    /// What is looked at in the tab of reliability.
    pub reliability: ReliabilityView,
    /// What is open; kept beside the design, not in it.
    pub layout: WindowLayout,
}

/// What the person is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Draws.
    #[default]
    Design,
    /// Watches it run and breaks it.
    Run,
    /// Holds predictions against what happens.
    Prove,
    /// Hands it to others.
    Share,
}

impl Mode {
    /// All of them, in order.
    pub const ALL: [Mode; 4] = [Mode::Design, Mode::Run, Mode::Prove, Mode::Share];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Mode::Design => "Design",
            Mode::Run => "Run",
            Mode::Prove => "Prove",
            Mode::Share => "Share",
        }
    }

    /// The tabs at the bottom in that mode.
    pub fn tabs(self) -> &'static [BottomTab] {
        use BottomTab as T;
        match self {
            Mode::Design | Mode::Share => {
                &[T::Findings, T::Journeys, T::Reliability, T::Consistency, T::Sharding, T::Proof]
            }
            Mode::Run => &[T::Live, T::Timeline, T::Journeys, T::Proof, T::Log],
            Mode::Prove => &[T::Proof, T::Comparison, T::Findings, T::Journeys, T::Live, T::Log],
        }
    }
}

/// A tab of the bottom panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BottomTab {
    /// What the rules say.
    #[default]
    Findings,
    /// What users do.
    Journeys,
    /// What fails together, what matters most, how long it takes to be back.
    Reliability,
    /// What partitions cost.
    Consistency,
    /// How data is spread.
    Sharding,
    /// Predicted beside measured.
    Proof,
    /// A change beside the design as it is, both measured.
    Comparison,
    /// Charts of the running cluster.
    Live,
    /// What happened when.
    Timeline,
    /// What the nodes say.
    Log,
}

impl BottomTab {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            BottomTab::Findings => "Findings",
            BottomTab::Journeys => "Journeys",
            BottomTab::Reliability => "Reliability",
            BottomTab::Consistency => "Consistency",
            BottomTab::Sharding => "Sharding",
            BottomTab::Proof => "Proof",
            BottomTab::Comparison => "Side by side",
            BottomTab::Live => "Live",
            BottomTab::Timeline => "Timeline",
            BottomTab::Log => "Log",
        }
    }
}

/// What is looked at in the tab of reliability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReliabilityView {
    /// The page.
    pub page: ReliabilityPage,
    /// The journey; where it names none that there is, the first.
    pub journey: Option<JourneyId>,
    /// Whether elements are ranked by what they cost all journeys together.
    pub all_traffic: bool,
    /// How much of the journey is meant to be lost.
    pub extent: Extent,
}

impl ReliabilityView {
    /// The journey that is looked at; `None` if the design has none.
    pub fn journey(&self, design: &Design) -> Option<JourneyId> {
        let all = figures::journeys(design);
        let wanted = self.journey.as_ref().filter(|j| all.contains(j)).cloned();
        wanted.or_else(|| all.into_iter().next())
    }
}

/// A page of the tab of reliability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReliabilityPage {
    /// What must fail together to lose the journey.
    #[default]
    CutSets,
    /// What every element means to it, and costs.
    Elements,
    /// How long each single failure is felt.
    Recovery,
}

impl ReliabilityPage {
    /// All of them, in order.
    pub const ALL: [ReliabilityPage; 3] =
        [ReliabilityPage::CutSets, ReliabilityPage::Elements, ReliabilityPage::Recovery];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            ReliabilityPage::CutSets => "Cut sets",
            ReliabilityPage::Elements => "Elements",
            ReliabilityPage::Recovery => "Recovery",
        }
    }
}

/// What every card says of its own loss, and is tinted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Heat {
    /// Nothing.
    #[default]
    Off,
    /// The share of all requests that fails while it is down.
    Loss,
    /// The same, times how long it is down in a year.
    Year,
    /// The share of all losses of a journey that it has a part in, after Fussell and Vesely.
    Importance,
    /// How many failures, its own among them, lose a journey.
    Distance,
}

impl Heat {
    /// The next of them.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Heat::Off => Heat::Loss,
            Heat::Loss => Heat::Year,
            Heat::Year => Heat::Importance,
            Heat::Importance => Heat::Distance,
            Heat::Distance => Heat::Off,
        }
    }
}

/// What the pointer does on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Selects and moves.
    #[default]
    Select,
    /// Draws links.
    Connect,
    /// Moves the view.
    Pan,
    /// Puts down a component of a kind.
    Place(Kind),
    /// Draws a zone of a kind.
    Zone(ZoneKind),
    /// Chooses what is down, and cuts.
    WhatIf,
}

/// A place of the window that can be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The components.
    Left,
    /// The inspector.
    Right,
    /// The tabs.
    Bottom,
    /// The map.
    Minimap,
    /// Left, right and bottom together.
    All,
}

/// Dark, light, or as the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// As the system.
    #[default]
    System,
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// What is selected, in the order of selecting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    ids: Vec<ElementId>,
}

impl Selection {
    /// The selected elements: components, zones, links, causes, journeys, instances (`web/2`) or notes (`note:0`).
    pub fn ids(&self) -> &[ElementId] {
        &self.ids
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The one that is selected, if it is one.
    pub fn single(&self) -> Option<&ElementId> {
        match self.ids.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether that is.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.iter().any(|i| *i == *id)
    }

    /// Selects these and nothing else.
    pub fn set(&mut self, ids: impl IntoIterator<Item = ElementId>) {
        let mut seen = BTreeSet::new();
        self.ids = ids.into_iter().filter(|id| seen.insert(id.clone())).collect();
    }

    /// Adds one, or takes it out.
    pub fn toggle(&mut self, id: ElementId) {
        match self.ids.iter().position(|i| *i == id) {
            Some(at) => {
                self.ids.remove(at);
            }
            None => self.ids.push(id),
        }
    }

    /// Forgets what the design no longer has.
    pub fn purge(&mut self, design: &Design) {
        self.ids.retain(|id| {
            let text = id.as_str();
            let whole = text.split('/').next().unwrap_or_default();
            design.has_id(whole)
                || text
                    .strip_prefix("note:")
                    .and_then(|n| n.parse().ok())
                    .is_some_and(|n: usize| n < design.notes.len())
        });
    }
}

/// A world that is tried by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WhatIf {
    /// Elements that are down.
    pub down: BTreeSet<ElementId>,
    /// Cuts between two elements or zones, both ways.
    pub cuts: BTreeSet<(ElementId, ElementId)>,
}

impl WhatIf {
    /// Whether nothing is broken in it.
    pub fn is_empty(&self) -> bool {
        self.down.is_empty() && self.cuts.is_empty()
    }
}

/// What is open and how wide; kept in a side file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowLayout {
    /// The components.
    pub left: bool,
    /// The inspector.
    pub right: bool,
    /// The tabs.
    pub bottom: bool,
    /// The map.
    pub minimap: bool,
    /// Height of the bottom panel, in points.
    pub bottom_height: f32,
    /// The tab that is shown while designing.
    pub design_tab: BottomTab,
    /// The tab that is shown while running.
    pub run_tab: BottomTab,
    /// The tab that is shown while proving.
    pub prove_tab: BottomTab,
    /// Dark, light, or as the system.
    pub theme: ThemeChoice,
    /// Whether nothing moves that need not.
    pub reduced_motion: bool,
}

impl Default for WindowLayout {
    fn default() -> Self {
        Self {
            left: true,
            right: true,
            bottom: true,
            minimap: true,
            bottom_height: 236.0,
            design_tab: BottomTab::Findings,
            run_tab: BottomTab::Live,
            prove_tab: BottomTab::Proof,
            theme: ThemeChoice::System,
            reduced_motion: false,
        }
    }
}

impl ViewState {
    /// The tab that is shown in the mode at hand.
    pub fn tab(&self) -> BottomTab {
        match self.mode {
            Mode::Design | Mode::Share => self.layout.design_tab,
            Mode::Run => self.layout.run_tab,
            Mode::Prove => self.layout.prove_tab,
        }
    }

    /// Shows a tab in the mode at hand.
    pub fn set_tab(&mut self, tab: BottomTab) {
        match self.mode {
            Mode::Design | Mode::Share => self.layout.design_tab = tab,
            Mode::Run => self.layout.run_tab = tab,
            Mode::Prove => self.layout.prove_tab = tab,
        }
        self.layout.bottom = true;
    }
}
