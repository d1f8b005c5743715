//! Latencies as HDR histograms, and their form on the wire.
//!
//! Two significant digits from 1 µs to 2 minutes: percentiles are exact to 1 %. On the wire a histogram is the list of
//! its filled buckets.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest latency told apart, in microseconds; longer ones count as this.
pub const LATENCY_US_MAX: u64 = 120_000_000;

/// Buckets that are kept as a list; a histogram with more becomes an array of all of them.
const LISTED_MAX: usize = 48;

/// A histogram of times in microseconds.
#[derive(Clone)]
pub struct Latency(Form);

/// A whole histogram is some 20 kB: too much for the few times of one journey in a tenth of a second.
#[derive(Clone)]
enum Form {
    /// The highest value of each filled bucket and its count, ascending.
    Listed(Vec<(u64, u64)>),
    Whole(Box<Histogram<u64>>),
}

/// The highest value that cannot be told from this one: two significant digits, that is buckets of a 256th at most.
fn bucket_top(time_us: u64) -> u64 {
    let shift = (64 - time_us.leading_zeros()).saturating_sub(8);
    (((time_us >> shift) + 1) << shift) - 1
}

fn empty_histogram() -> Box<Histogram<u64>> {
    Box::new(Histogram::new_with_bounds(1, LATENCY_US_MAX, 2).expect("constant bounds are valid"))
}

impl Latency {
    /// An empty one. Takes no memory until something is recorded.
    pub const fn new() -> Self {
        Self(Form::Listed(Vec::new()))
    }

    /// Records one time.
    pub fn record(&mut self, time: Duration) {
        self.record_us(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), 1);
    }

    /// Records a time, in microseconds, `count` times.
    pub fn record_us(&mut self, time_us: u64, count: u64) {
        if count == 0 {
            return;
        }
        let top = bucket_top(time_us.clamp(1, LATENCY_US_MAX));
        match &mut self.0 {
            Form::Listed(list) => match list.binary_search_by_key(&top, |(value, _)| *value) {
                Ok(at) => list[at].1 += count,
                Err(at) if list.len() < LISTED_MAX => list.insert(at, (top, count)),
                Err(_) => {
                    let mut whole = empty_histogram();
                    list.iter().for_each(|(value, n)| whole.saturating_record_n(*value, *n));
                    whole.saturating_record_n(top, count);
                    self.0 = Form::Whole(whole);
                }
            },
            Form::Whole(whole) => whole.saturating_record_n(top, count),
        }
    }

    /// The filled buckets: the highest value and the count of each, ascending.
    pub fn buckets(&self) -> Vec<(u64, u64)> {
        match &self.0 {
            Form::Listed(list) => list.clone(),
            Form::Whole(whole) => {
                whole.iter_recorded().map(|s| (s.value_iterated_to(), s.count_at_value())).collect()
            }
        }
    }

    /// Adds all that another has.
    pub fn add(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (Form::Whole(mine), Form::Whole(theirs)) => {
                mine.add(&**theirs).expect("both have the same bounds")
            }
            (_, Form::Listed(list)) => list.iter().for_each(|(value, n)| self.record_us(*value, *n)),
            _ => other.buckets().into_iter().for_each(|(value, n)| self.record_us(value, n)),
        }
    }

    /// How many times have been recorded.
    pub fn count(&self) -> u64 {
        match &self.0 {
            Form::Listed(list) => list.iter().map(|(_, n)| n).sum(),
            Form::Whole(whole) => whole.len(),
        }
    }

    /// The time, in milliseconds, that the share `quantile` (0..1) of all times does not exceed; `None` if empty.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        match &self.0 {
            Form::Listed(list) => {
                let wanted = ((quantile * self.count() as f64).ceil() as u64).max(1);
                let mut seen = 0;
                let found = list.iter().find(|(_, n)| {
                    seen += n;
                    seen >= wanted
                });
                found.or(list.last()).map(|(value, _)| *value as f64 / 1e3)
            }
            Form::Whole(whole) => Some(whole.value_at_quantile(quantile) as f64 / 1e3),
        }
    }

    /// The longest time in milliseconds; `None` if empty.
    pub fn max_ms(&self) -> Option<f64> {
        self.quantile_ms(1.0)
    }

    /// The mean in milliseconds; `None` if empty.
    pub fn mean_ms(&self) -> Option<f64> {
        let count = self.count();
        let sum: f64 = self.buckets().iter().map(|(value, n)| *value as f64 * *n as f64).sum();
        (count > 0).then(|| sum / count as f64 / 1e3)
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Form::Listed(list) if list.is_empty())
    }

    /// Takes what there is and leaves it empty.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

impl PartialEq for Latency {
    fn eq(&self, other: &Self) -> bool {
        self.buckets() == other.buckets()
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99) = (self.quantile_ms(0.5), self.quantile_ms(0.99));
        write!(f, "Latency {{ count: {}, p50_ms: {p50:?}, p99_ms: {p99:?} }}", self.count())
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.buckets())
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut out = Self::new();
        for (time_us, count) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            out.record_us(time_us, count);
        }
        Ok(out)
    }
}
