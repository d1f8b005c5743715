//! Function: stateless, and slow on the first request after it has idled.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::design::FunctionSettings;

/// When a function was last used.
pub(super) struct Function {
    settings: FunctionSettings,
    used: Cell<Option<Instant>>,
}

impl Function {
    /// A cold one.
    pub fn new(settings: FunctionSettings) -> Self {
        Self { settings, used: Cell::new(None) }
    }

    /// Extra time of a request that begins now.
    pub fn start(&self) -> Duration {
        let now = Instant::now();
        let warm =
            self.used.replace(Some(now)).is_some_and(|u| now - u < self.settings.idle_after().duration());
        if warm { Duration::ZERO } else { self.settings.cold_start().duration() }
    }
}
