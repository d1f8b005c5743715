//! Which figures of the failure engine are looked at, so that they are made.

use std::collections::BTreeSet;

use super::App;
use crate::gui::figures::{self, Extent, Figure, Figures};
use crate::gui::view::{BottomTab, Heat, ReliabilityPage};

impl App {
    /// Takes in figures, and has those made that are looked at. Only after the findings, and not during a drag.
    pub(super) fn reckon(&mut self, revision: u64) {
        if self.session.in_gesture() {
            return;
        }
        self.reckoner.look(revision, self.session.design(), &mut self.known.figures);
        self.reckoner.take(&mut self.known.figures);
        let is_sound = self.known.complete == Some(revision) && self.known.impact.refused.is_empty();
        let wanted = if is_sound { self.looked_at() } else { BTreeSet::new() };
        self.reckoner.want(&wanted, &self.known.figures);
    }

    fn looked_at(&self) -> BTreeSet<Figure> {
        let mut out = BTreeSet::new();
        let design = self.session.design();
        let layout = &self.view.layout;
        // The inspector says what the element at hand costs; not while something is measured.
        let measures = self.known.live.is_some() || self.known.measuring().is_some();
        let can_fail = self.view.selection.single().is_some_and(|id| {
            let whole = id.as_str().split('/').next().unwrap_or_default();
            design.component(whole).is_some() || design.zone(whole).is_some() || design.cause(whole).is_some()
        });
        if layout.right && can_fail && !measures {
            out.insert(Figure::Losses);
        }
        if matches!(self.view.heat, Heat::Importance | Heat::Distance) && !measures {
            out.extend(figures::journeys(design).into_iter().map(|j| Figure::CutSets(j, Extent::Whole)));
        }
        if !layout.bottom || self.view.tab() != BottomTab::Reliability {
            return out;
        }
        let shown = &self.view.reliability;
        let Some(journey) = shown.journey(design) else { return out };
        match shown.page {
            ReliabilityPage::CutSets => {
                out.insert(Figure::CutSets(journey, shown.extent));
            }
            ReliabilityPage::Elements => {
                out.insert(Figure::Losses);
                if !shown.all_traffic {
                    out.insert(Figure::CutSets(journey, shown.extent));
                }
            }
            ReliabilityPage::Recovery => {
                out.insert(Figure::Recovery(journey));
            }
        }
        out
    }

    /// Forgets all figures: another design is at hand.
    pub(super) fn forget_figures(&mut self) {
        // Meanings go on growing, so that no figure of the last design fits the next.
        self.known.figures = Figures { meaning: self.known.figures.meaning, ..Figures::default() };
        self.view.reliability = Default::default();
    }
}
