//! Latencies as HDR histograms, and their form on the wire.
//!
//! Two significant digits from 1 µs to 2 minutes: percentiles are exact to 1 %. On the wire a histogram is the list of
//! its filled buckets.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest latency told apart, in microseconds; longer ones count as this.
pub const LATENCY_US_MAX: u64 = 120_000_000;

/// A histogram of times in microseconds.
#[derive(Clone, PartialEq)]
pub struct Latency(Option<Box<Histogram<u64>>>);

impl Latency {
    /// An empty one. Takes no memory until something is recorded.
    pub const fn new() -> Self {
        Self(None)
    }

    fn histogram(&mut self) -> &mut Histogram<u64> {
        self.0.get_or_insert_with(|| {
            Box::new(Histogram::new_with_bounds(1, LATENCY_US_MAX, 2).expect("constant bounds are valid"))
        })
    }

    /// Records one time.
    pub fn record(&mut self, time: Duration) {
        self.record_us(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), 1);
    }

    /// Records a time, in microseconds, `count` times.
    pub fn record_us(&mut self, time_us: u64, count: u64) {
        if count > 0 {
            self.histogram().saturating_record_n(time_us.clamp(1, LATENCY_US_MAX), count);
        }
    }

    /// Adds all that another has.
    pub fn add(&mut self, other: &Self) {
        if let Some(theirs) = &other.0 {
            for step in theirs.iter_recorded() {
                self.record_us(step.value_iterated_to(), step.count_at_value());
            }
        }
    }

    /// How many times have been recorded.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |h| h.len())
    }

    /// The time, in milliseconds, that the share `quantile` (0..1) of all times does not exceed; `None` if empty.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        let histogram = self.0.as_ref().filter(|h| !h.is_empty())?;
        Some(histogram.value_at_quantile(quantile) as f64 / 1e3)
    }

    /// The longest time in milliseconds; `None` if empty.
    pub fn max_ms(&self) -> Option<f64> {
        let histogram = self.0.as_ref().filter(|h| !h.is_empty())?;
        Some(histogram.max() as f64 / 1e3)
    }

    /// The mean in milliseconds; `None` if empty.
    pub fn mean_ms(&self) -> Option<f64> {
        let histogram = self.0.as_ref().filter(|h| !h.is_empty())?;
        Some(histogram.mean() / 1e3)
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Takes what there is and leaves it empty.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
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
        match &self.0 {
            None => serializer.collect_seq(std::iter::empty::<(u64, u64)>()),
            Some(h) => {
                serializer.collect_seq(h.iter_recorded().map(|s| (s.value_iterated_to(), s.count_at_value())))
            }
        }
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
