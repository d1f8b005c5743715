//! The clock of a run: microseconds since the Unix epoch, the same in every process, never going back within one.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

struct Origin {
    instant: Instant,
    unix_us: u64,
}

fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| Origin {
        instant: Instant::now(),
        unix_us: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as u64,
    })
}

/// Now, in microseconds.
///
/// The system's clock is read once per process and then followed by the monotonic one, so that a step of the system's
/// clock in the middle of a run moves nothing.
pub fn now_us() -> u64 {
    at_us(Instant::now())
}

/// The time of an instant, in microseconds.
pub fn at_us(instant: Instant) -> u64 {
    let origin = origin();
    match instant.checked_duration_since(origin.instant) {
        Some(later) => origin.unix_us + later.as_micros() as u64,
        None => origin.unix_us.saturating_sub((origin.instant - instant).as_micros() as u64),
    }
}

/// The instant of a time; a time before the process began gives its beginning.
pub fn instant_of(at_us: u64) -> Instant {
    let origin = origin();
    origin.instant + Duration::from_micros(at_us.saturating_sub(origin.unix_us))
}
