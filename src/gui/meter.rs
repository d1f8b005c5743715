//! How often each process is asked, and how often it fails: from the counters that processes report now and then to
//! figures that stand still enough to be read.
//!
//! A figure is the growth of a counter over the last seconds by the process's own clock, never between two looks of
//! the window: reports come late from a machine that is busy, and two of them in one look would double every rate.

use std::collections::{BTreeMap, VecDeque};

use crate::design::{Design, ElementId, Interaction, LinkId};

/// A figure is over that much time.
const WINDOW_US: u64 = 3_000_000;
/// What has not been heard of for so long says nothing any more.
const SILENT_US: u64 = 2_500_000;

/// Requests and errors by the caller; both only grow.
pub type Counts = BTreeMap<ElementId, (u64, u64)>;

/// What is remembered of the reports.
#[derive(Debug, Default)]
pub struct Meter {
    of: BTreeMap<ElementId, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    counts: VecDeque<(u64, Counts)>,
    latency: Option<(u64, f64)>,
}

/// How often something happens, a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Requests.
    pub asked: f64,
    /// Those of them that were answered with an error.
    pub failed: f64,
}

impl Meter {
    /// Takes a report of an instance: when it was made, what it had counted since its first start, and the median of
    /// what it served since its last report, in milliseconds.
    pub fn take(&mut self, instance: &ElementId, at_us: u64, counts: Counts, latency_ms: Option<f64>) {
        if at_us == 0 {
            return;
        }
        let seen = self.of.entry(instance.clone()).or_default();
        match seen.counts.back() {
            Some((last, _)) if *last == at_us => return,
            // A process that was started again on a clock of its own.
            Some((last, _)) if *last > at_us => seen.counts.clear(),
            _ => {}
        }
        seen.counts.push_back((at_us, counts));
        while seen.counts.get(1).is_some_and(|(at, _)| at + WINDOW_US <= at_us) {
            seen.counts.pop_front();
        }
        if let Some(ms) = latency_ms {
            seen.latency = Some((at_us, ms));
        }
    }

    /// How often each caller asks an instance; nothing of one that is silent.
    pub fn rates(&self, instance: &ElementId, now_us: u64) -> BTreeMap<&ElementId, Rate> {
        let Some((first, last)) =
            self.of.get(instance).and_then(|s| Some((s.counts.front()?, s.counts.back()?)))
        else {
            return BTreeMap::new();
        };
        if last.0 <= first.0 || last.0 + SILENT_US < now_us {
            return BTreeMap::new();
        }
        let secs = (last.0 - first.0) as f64 / 1e6;
        let grown = |now: u64, before: u64| now.saturating_sub(before) as f64 / secs;
        (last.1.iter())
            .map(|(caller, (requests, errors))| {
                let (r, e) = first.1.get(caller).copied().unwrap_or_default();
                (caller, Rate { asked: grown(*requests, r), failed: grown(*errors, e) })
            })
            .filter(|(_, rate)| rate.asked > 0.0)
            .collect()
    }

    /// The median of what an instance served lately, in milliseconds.
    pub fn latency_ms(&self, instance: &ElementId, now_us: u64) -> Option<f64> {
        let (at, ms) = self.of.get(instance)?.latency?;
        (at + WINDOW_US >= now_us).then_some(ms)
    }
}

/// What a request between two processes is, seen on the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Work, along a link; a caller that was told where to go by a resolver goes along the resolver's link.
    Work(Option<LinkId>),
    /// What members of a group, voters and pollers say to each other: no work of any journey, and "I am not the
    /// leader" is an answer there, no failure.
    Among(Option<LinkId>),
}

/// What a request from one instance to another is.
pub fn passage(design: &Design, from: &ElementId, to: &ElementId) -> Passage {
    let whole = |id: &ElementId| id.as_str().split('/').next().unwrap_or_default().to_owned();
    let (from, to) = (whole(from), whole(to));
    if from == to {
        return Passage::Among(None);
    }
    let between = |a: &str, b: &str| design.links.iter().find(|l| l.from == *a && l.to == *b);
    if let Some(link) = between(&from, &to) {
        return match link.interaction {
            Interaction::Replicate | Interaction::Heartbeat => Passage::Among(Some(link.id.clone())),
            _ => Passage::Work(Some(link.id.clone())),
        };
    }
    // Told where to go: by a resolver, or by one that it was told of.
    let mut resolvers = vec![from.as_str()];
    for _ in 0..4 {
        let next: Vec<&str> = (design.links.iter())
            .filter(|l| l.interaction == Interaction::Resolve && resolvers.contains(&l.from.as_str()))
            .map(|l| l.to.as_str())
            .filter(|id| !resolvers.contains(id))
            .collect();
        if let Some(link) = next.iter().find_map(|r| between(r, &to)) {
            return Passage::Work(Some(link.id.clone()));
        }
        if next.is_empty() {
            break;
        }
        resolvers.extend(next);
    }
    if let Some(back) = between(&to, &from) {
        return Passage::Among(match back.interaction {
            // What a backup says to its primary belongs to their link.
            Interaction::Replicate | Interaction::Heartbeat => Some(back.id.clone()),
            // A consumer that polls: its work is counted where it is done.
            _ => None,
        });
    }
    let votes = |id: &str| design.component(id).is_some_and(|c| c.kind == crate::design::Kind::Coordinator);
    if votes(&from) || votes(&to) { Passage::Among(None) } else { Passage::Work(None) }
}
