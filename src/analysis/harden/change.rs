//! One advice: a change that was drafted, applied to a copy, and found to remove its cut and to lose nothing else.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::alternative::alternatives;
use super::copies::copies;
use super::entry::second_entry;
use super::spread::{split, spread_out_of};
use super::standing::{Cost, Cut, CutClass, Standing};
use super::trials::{Sketch, Trials};
use crate::analysis::failure::availability::Availability;
use crate::analysis::{Change, Facts, Fix};
use crate::design::{Design, JourneyId};

/// What sort of change an advice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// One more instance, in another zone where there is one.
    Replica,
    /// Copies of data whose majority chooses who leads.
    Quorum,
    /// Copies over more zones.
    Spread,
    /// A second target under an `any` need with health checks.
    Alternative,
    /// A way round an inline cache.
    Bypass,
    /// A second entry behind names that fail over.
    SecondEntry,
    /// A cause taken apart, so that it never strikes all copies at once.
    Stagger,
    /// The need made optional: requests go on without it. Whether they may is for a person to say.
    Optional,
}

impl Remedy {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Remedy::Replica => "replica",
            Remedy::Quorum => "quorum",
            Remedy::Spread => "spread",
            Remedy::Alternative => "alternative",
            Remedy::Bypass => "bypass",
            Remedy::SecondEntry => "second_entry",
            Remedy::Stagger => "stagger",
            Remedy::Optional => "optional",
        }
    }
}

/// A change that removes a cut and loses nothing else.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The cut that it removes.
    pub cut: Cut,
    /// What sort of change it is.
    pub remedy: Remedy,
    /// The change.
    pub fix: Fix,
    /// Elements that it alters or adds.
    pub changes: usize,
    /// The design after it.
    pub design: Design,
    /// Where the design stands after it.
    pub standing: Standing,
    /// What it costs more a month; `None` where the design does not say.
    pub added_cost: Option<f64>,
}

impl Advice {
    /// The availability of a journey after it.
    pub fn availability(&self, journey: &JourneyId) -> Option<&Availability> {
        self.standing.availability.iter().find(|a| a.journey == *journey)
    }
}

/// How much is asked of an advice before it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// That its cut is gone, that no other has come and that no journey is less available: for a search, which asks the rest
    /// of what it picks.
    Quick,
    /// Everything.
    Full,
}

/// A change that has not been tried yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) remedy: Remedy,
    pub(super) fix: Fix,
}

impl Draft {
    pub(super) fn new(remedy: Remedy, title: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { remedy, fix: Fix { title: title.into(), changes } }
    }
}

/// A cut of some journeys of a design, against which changes are tried.
pub(super) struct Case<'c> {
    pub(super) facts: &'c Facts<'c>,
    pub(super) before: &'c Standing,
    pub(super) cut: &'c Cut,
    /// The journeys that it stops.
    pub(super) journeys: &'c [JourneyId],
    pub(super) care: Care,
    /// Only the change of this sort and title.
    pub(super) only: Option<(Remedy, &'c str)>,
    pub(super) trials: &'c Trials<'c>,
}

impl Case<'_> {
    /// The changes that remove the cut, the smallest first: by the elements that they touch, then by what they cost, then by the
    /// availability that they give.
    pub(super) fn advices(&self) -> Vec<Advice> {
        let mut drafts = self.drafts();
        drafts.retain(|d| self.only.is_none_or(|only| only == (d.remedy, d.fix.title.as_str())));
        let mut advices: Vec<Advice> = drafts.into_par_iter().filter_map(|d| self.tried(d)).collect();
        let mut seen = BTreeSet::new();
        let key = |a: &Advice| (a.remedy == Remedy::Optional, a.changes, grown(self.facts.design, &a.design));
        advices.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| gained(b).total_cmp(&gained(a))));
        advices.retain(|a| seen.insert((a.remedy, a.fix.title.clone())));
        advices
    }

    fn drafts(&self) -> Vec<Draft> {
        let facts = self.facts;
        let mut drafts = Vec::new();
        let mut seen = BTreeSet::new();
        for (class, element) in self.cut.members().filter(|m| seen.insert(*m)) {
            let id = element.as_str();
            match class {
                CutClass::Instance => {
                    drafts.extend(copies(facts, id, self.cut.beside.is_some()));
                    drafts.extend(alternatives(facts, id, self.journeys));
                    drafts.extend(second_entry(facts, id));
                }
                CutClass::Zone => {}
                CutClass::Cause => drafts.extend(split(facts, id)),
            }
        }
        drafts.extend(spread_out_of(facts, self.cut, self.journeys));
        drafts
    }

    /// Whether a sketch no longer has the cut, and no new one.
    fn removes(&self, sketch: &Sketch) -> bool {
        let mut of = self.facts.routes().iter().zip(&sketch.points).enumerate();
        of.all(|(r, (route, points))| {
            !self.journeys.contains(&route.journey)
                || if self.cut.beside.is_some() {
                    !sketch.is_stopped_by(r, self.cut)
                } else {
                    !points.iter().any(|p| self.cut.covers(p))
                }
        })
    }

    /// A design with a fix made, if that removes the cut and brings no other.
    fn sketched(&self, remedy: Remedy, fix: &Fix) -> Option<(Design, Sketch)> {
        if !self.trials.go_on() {
            return None;
        }
        let design = fix.applied_to(self.facts.design);
        if !design.problems().is_empty() {
            return None;
        }
        let sketch = Sketch::of(&design);
        self.trials.tell_tried();
        // What makes a need optional is what it says: less than full service, on purpose.
        let brings_none = remedy == Remedy::Optional || self.before.newly_stopped(&sketch.points).is_none();
        (brings_none && self.removes(&sketch)).then_some((design, sketch))
    }

    /// Where a sketched design stands, if no journey is less available.
    fn finished(&self, remedy: Remedy, sketch: Sketch) -> Option<Standing> {
        let standing = self.trials.finished(sketch);
        let is_fine = match self.care {
            _ if remedy == Remedy::Optional => true,
            Care::Quick => self.before.plainly_worsened(&standing).is_none(),
            Care::Full => is_sound(self.before, &standing, remedy, self.trials),
        };
        (is_fine && self.trials.go_on()).then_some(standing)
    }

    /// The advice of a draft, if it does what it is for. Parts of it that are not needed are left out.
    fn tried(&self, draft: Draft) -> Option<Advice> {
        let Draft { remedy, fix: whole } = draft;
        let (whole_design, whole_sketch) = self.sketched(remedy, &whole)?;
        let mut fix = whole.clone();
        let mut least = None;
        let mut at = fix.changes.len();
        while fix.changes.len() > 1 && at > 0 {
            at -= 1;
            let mut less = fix.clone();
            less.changes.remove(at);
            if let Some(found) = self.sketched(remedy, &less) {
                least = Some(found);
                fix = less;
            }
        }
        let least = least.and_then(|(design, sketch)| Some((design, self.finished(remedy, sketch)?)));
        let (fix, design, standing) = match least {
            Some((design, standing)) => (fix, design, standing),
            // What was left out may have been what kept it sound.
            None => (whole, whole_design, self.finished(remedy, whole_sketch)?),
        };
        let added_cost = Cost::added(self.facts.design, &design);
        Some(Advice {
            cut: self.cut.clone(),
            remedy,
            changes: fix.changes.len(),
            fix,
            design,
            standing,
            added_cost,
        })
    }
}

/// Whether a design loses nothing that the one before it kept. Once the search is over nothing more is found sound.
pub(super) fn is_sound(before: &Standing, after: &Standing, remedy: Remedy, trials: &Trials<'_>) -> bool {
    let is_sound = remedy == Remedy::Optional || before.worsened_while(after, trials).is_none();
    is_sound && trials.go_on()
}

/// Instances that a change adds.
fn grown(before: &Design, after: &Design) -> i64 {
    let count = |d: &Design| d.components.iter().map(|c| i64::from(c.shards() * c.replicas)).sum::<i64>();
    count(after) - count(before)
}

fn gained(advice: &Advice) -> f64 {
    advice.standing.availability.iter().map(|a| a.value).sum()
}
