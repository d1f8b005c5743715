//! The work of one request itself: how long it takes and how much of it goes on at once.
//!
//! Work is slept, not burned, so that thirty nodes fit on two cores. A worker is busy for its own work only, not while it
//! waits for others: what an outage costs in threads is a question of load, which the meaning of a drawing leaves out.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::request::millis;
use crate::design::{Distribution, Service};

/// Places for requests in work and in waiting.
pub(super) struct Work {
    places: Semaphore,
    waiting: std::cell::Cell<u32>,
    waiting_max: u32,
    median_ms: f64,
    distribution: Distribution,
}

/// Too many wait already.
#[derive(Debug)]
pub(super) struct Shed;

impl Work {
    /// The places that a drawing gives.
    pub fn new(service: &Service) -> Self {
        Self {
            places: Semaphore::new(service.concurrency().clamp(1, 1 << 20) as usize),
            waiting: std::cell::Cell::new(0),
            waiting_max: service.queue(),
            median_ms: service.time().get().clamp(0.0, 600_000.0),
            distribution: service.distribution,
        }
    }

    /// Waits for a place and works.
    ///
    /// # Errors
    /// [`Shed`] where too many wait already.
    pub async fn once(&self, extra: Duration) -> Result<(), Shed> {
        let _place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => {
                if self.waiting.get() >= self.waiting_max {
                    return Err(Shed);
                }
                let _waiting = Waiting::new(&self.waiting);
                self.places.acquire().await.map_err(|_| Shed)?
            }
        };
        let time = self.time() + extra;
        // A timer is a millisecond coarse: shorter work is no work to it.
        if time >= Duration::from_micros(300) {
            tokio::time::sleep(time).await;
        }
        Ok(())
    }

    /// How many wait now.
    pub fn waiting(&self) -> u64 {
        u64::from(self.waiting.get())
    }

    fn time(&self) -> Duration {
        let chance = || fastrand::f64().max(1e-12);
        millis(match self.distribution {
            Distribution::Fixed => self.median_ms,
            Distribution::Exponential => self.median_ms / std::f64::consts::LN_2 * -chance().ln(),
            Distribution::LogNormal { p99_ratio } => {
                // The 99th percentile of a standard normal is 2.326; Box and Muller give one from two uniforms.
                let sigma = p99_ratio.max(1.0).ln() / 2.326;
                let normal = (-2.0 * chance().ln()).sqrt() * (std::f64::consts::TAU * chance()).cos();
                self.median_ms * (sigma * normal).exp()
            }
        })
    }
}

/// Counts one that waits for as long as it is held, whatever becomes of it.
struct Waiting<'a>(&'a std::cell::Cell<u32>);

impl<'a> Waiting<'a> {
    fn new(count: &'a std::cell::Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
