//! Firewall: lets requests pass up to a rate, by a token bucket of one second's worth.

use std::cell::Cell;

use tokio::time::Instant;

use crate::design::FirewallSettings;

/// A token bucket.
pub(super) struct Firewall {
    rate: Option<f64>,
    tokens: Cell<f64>,
    filled: Cell<Instant>,
}

impl Firewall {
    /// A full one.
    pub fn new(settings: &FirewallSettings) -> Self {
        let rate = settings.rate_limit.map(|r| r.get().max(0.0));
        Self { rate, tokens: Cell::new(rate.unwrap_or(0.0).max(1.0)), filled: Cell::new(Instant::now()) }
    }

    /// Takes one token; false where the bucket is empty.
    pub fn passes(&self) -> bool {
        let Some(rate) = self.rate else { return true };
        let now = Instant::now();
        let gained = now.duration_since(self.filled.replace(now)).as_secs_f64() * rate;
        let tokens = (self.tokens.get() + gained).min(rate.max(1.0));
        let passes = tokens >= 1.0;
        self.tokens.set(if passes { tokens - 1.0 } else { tokens });
        passes
    }
}
