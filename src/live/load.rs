//! What clients measured, by the time at which each request was meant to start.
//!
//! The only source of what a proof calls observed. Slices of a tenth of a second are kept for twenty minutes, then they
//! are folded into one sum.
//!
//! Never: what any other node says of itself.

use std::collections::{BTreeMap, BTreeSet};

use super::wire::{InstanceId, Latency, LoadReport, OutcomeCounts, SLICE_US, clock};
use crate::design::JourneyId;

/// Slices that are kept apart.
pub const SLICES_MAX: usize = 12_000;

type Key = (JourneyId, InstanceId);

/// Everything that clients have reported.
#[derive(Clone, Debug, Default)]
pub struct Load {
    slices: BTreeMap<u64, Slice>,
    before: Slice,
    resting: BTreeSet<InstanceId>,
}

#[derive(Clone, Debug, Default)]
struct Slice {
    counts: BTreeMap<Key, OutcomeCounts>,
    lag: Latency,
}

/// What became of the requests that were meant to start within a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Begins here…
    pub from_us: u64,
    /// …and ends before here.
    pub to_us: u64,
    /// By journey, all clients together.
    pub journeys: BTreeMap<JourneyId, OutcomeCounts>,
    /// By journey and client instance.
    pub clients: BTreeMap<(JourneyId, InstanceId), OutcomeCounts>,
    /// How much later than intended requests were sent.
    pub lag: Latency,
}

impl Window {
    /// Whether every request of it has ended.
    pub fn is_complete(&self) -> bool {
        self.journeys.values().all(OutcomeCounts::is_complete)
    }

    /// Requests a second that were meant to start, of a journey.
    pub fn rate(&self, journey: &str) -> f64 {
        let seconds = (self.to_us.saturating_sub(self.from_us)) as f64 / 1e6;
        let offered = self.journeys.get(journey).map_or(0, |c| c.offered);
        if seconds > 0.0 { offered as f64 / seconds } else { 0.0 }
    }

    /// 99th percentile of the lag in milliseconds; 0 if nothing was sent.
    pub fn lag_p99_ms(&self) -> f64 {
        self.lag.quantile_ms(0.99).unwrap_or(0.0)
    }

    fn add(&mut self, slice: &Slice) {
        for ((journey, client), counts) in &slice.counts {
            self.journeys.entry(journey.clone()).or_default().add(counts);
            self.clients.entry((journey.clone(), client.clone())).or_default().add(counts);
        }
        self.lag.add(&slice.lag);
    }
}

impl Load {
    /// Takes in a client's report.
    pub fn add(&mut self, client: &InstanceId, report: &LoadReport) {
        if report.at_rest {
            self.resting.insert(client.clone());
        } else {
            self.resting.remove(client);
        }
        for part in &report.slices {
            let slice = self.slices.entry(part.start_us).or_default();
            slice.counts.entry((part.journey.clone(), client.clone())).or_default().add(&part.counts);
        }
        if !report.lag.is_empty() {
            // The report does not say when; the latest that it speaks of is near enough.
            let latest = report.slices.iter().map(|s| s.start_us).max();
            let at = latest.unwrap_or_else(|| clock::now_us() / SLICE_US * SLICE_US);
            self.slices.entry(at).or_default().lag.add(&report.lag);
        }
        while self.slices.len() > SLICES_MAX {
            let Some((_, oldest)) = self.slices.pop_first() else { break };
            for (key, counts) in oldest.counts {
                self.before.counts.entry(key).or_default().add(&counts);
            }
            self.before.lag.add(&oldest.lag);
        }
    }

    /// Whether a client has last said that it is switched off, has nothing under way, and has told everything.
    pub fn is_at_rest(&self, client: &InstanceId) -> bool {
        self.resting.contains(client)
    }

    /// What became of requests that were meant to start between two times; only slices that lie wholly between count.
    pub fn between(&self, from_us: u64, to_us: u64) -> Window {
        let mut window = Window { from_us, to_us, ..Window::default() };
        if from_us < to_us {
            for (_, slice) in
                self.slices.range(from_us..to_us).filter(|(start, _)| *start + SLICE_US <= to_us)
            {
                window.add(slice);
            }
        }
        window
    }

    /// Everything since the start.
    pub fn total(&self) -> Window {
        let first = self.slices.keys().next().copied().unwrap_or_default();
        let last = self.slices.keys().next_back().map_or(0, |s| s + SLICE_US);
        let mut window = Window { from_us: first, to_us: last, ..Window::default() };
        window.add(&self.before);
        self.slices.values().for_each(|slice| window.add(slice));
        window
    }

    /// The slices from a time on, oldest first, all clients together: what a chart draws.
    pub fn series(&self, from_us: u64) -> Vec<Window> {
        let one = |(start, slice): (&u64, &Slice)| {
            let mut window = Window { from_us: *start, to_us: *start + SLICE_US, ..Window::default() };
            window.add(slice);
            window
        };
        self.slices.range(from_us..).map(one).collect()
    }
}
