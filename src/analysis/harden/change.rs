//! One advice: a change that was drafted, applied to a copy, and found to remove its cut and to lose nothing else.

use std::collections::BTreeSet;

use super::alternative::alternatives;
use super::copies::copies;
use super::entry::second_entry;
use super::spread::{split, spread_out_of};
use super::standing::{Cost, Cut, CutClass, Standing};
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

/// The changes that remove a cut, the smallest first: by the elements that they touch, then by what they cost, then by the
/// availability that they give.
pub(super) fn advices(
    facts: &Facts<'_>,
    before: &Standing,
    cut: &Cut,
    journeys: &[JourneyId],
    care: Care,
) -> Vec<Advice> {
    let drafts = match cut.class {
        CutClass::Instance => {
            let mut drafts = copies(facts, cut.element.as_str());
            drafts.extend(alternatives(facts, cut.element.as_str(), journeys));
            drafts.extend(second_entry(facts, cut.element.as_str()));
            drafts
        }
        CutClass::Zone => spread_out_of(facts, cut, journeys),
        CutClass::Cause => {
            let mut drafts = split(facts, cut.element.as_str());
            drafts.extend(spread_out_of(facts, cut, journeys));
            drafts
        }
    };
    let mut advices: Vec<Advice> =
        drafts.into_iter().filter_map(|d| tried(facts, before, cut, journeys, d, care)).collect();
    let mut seen = BTreeSet::new();
    let key = |a: &Advice| (a.remedy == Remedy::Optional, a.changes, grown(facts.design, &a.design));
    advices.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| gained(b).total_cmp(&gained(a))));
    advices.retain(|a| seen.insert((a.remedy, a.fix.title.clone())));
    advices
}

/// Instances that a change adds.
fn grown(before: &Design, after: &Design) -> i64 {
    let count = |d: &Design| d.components.iter().map(|c| i64::from(c.shards() * c.replicas)).sum::<i64>();
    count(after) - count(before)
}

fn gained(advice: &Advice) -> f64 {
    advice.standing.availability.iter().map(|a| a.value).sum()
}

/// The advice of a draft, if it does what it is for. Parts of it that are not needed are left out.
fn tried(
    facts: &Facts<'_>,
    before: &Standing,
    cut: &Cut,
    journeys: &[JourneyId],
    draft: Draft,
    care: Care,
) -> Option<Advice> {
    let removes = |standing: &Standing| {
        facts.routes().iter().zip(&standing.points).all(|(route, points)| {
            !journeys.contains(&route.journey) || !points.iter().any(|p| cut.covers(p))
        })
    };
    let tried = |fix: &Fix| -> Option<(Design, Standing)> {
        let design = fix.applied_to(facts.design);
        if !design.problems().is_empty() {
            return None;
        }
        let standing = Standing::of(&design);
        // What makes a need optional is what it says: less than full service, on purpose.
        let is_fine = removes(&standing)
            && (draft.remedy == Remedy::Optional || before.plainly_worsened(&standing).is_none());
        is_fine.then_some((design, standing))
    };
    let is_sound = |standing: &Standing| {
        care == Care::Quick || draft.remedy == Remedy::Optional || before.worsened(standing).is_none()
    };
    let mut fix = draft.fix.clone();
    let (mut design, mut standing) = tried(&fix)?;
    let whole = (fix.clone(), design.clone(), standing.clone());
    let mut at = fix.changes.len();
    while fix.changes.len() > 1 && at > 0 {
        at -= 1;
        let mut less = fix.clone();
        less.changes.remove(at);
        if let Some(found) = tried(&less) {
            (design, standing) = found;
            fix = less;
        }
    }
    if !is_sound(&standing) {
        // What was left out may have been what kept it sound.
        (fix, design, standing) = whole;
        if !is_sound(&standing) {
            return None;
        }
    }
    let added_cost = Cost::added(facts.design, &design);
    Some(Advice {
        cut: cut.clone(),
        remedy: draft.remedy,
        changes: fix.changes.len(),
        fix,
        design,
        standing,
        added_cost,
    })
}
