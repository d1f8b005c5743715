//! The one line on standard error that says how far something is: written over again and again for whoever waits at a terminal,
//! and now and then as a line that stays in a log.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Goes back to the beginning of the line and empties it.
const CLEAR: &str = "\r\x1b[K";

/// Between two lines of a log: often enough to tell that something still goes on.
const LOGGED_EVERY: Duration = Duration::from_secs(60);

/// That line. A line that cannot be written is no reason to stop.
pub(super) struct Status {
    watched: bool,
    /// When the log was written to last, or this was made.
    logged: Cell<Instant>,
}

impl Status {
    /// One that is written over if standard error is a terminal.
    pub(super) fn new() -> Self {
        Self { watched: std::io::stderr().is_terminal(), logged: Cell::new(Instant::now()) }
    }

    /// Shows a text in place of the one before.
    pub(super) fn show(&self, err: &mut dyn Write, text: &str) {
        if self.watched {
            let _ = write!(err, "{CLEAR}{text}");
            let _ = err.flush();
        } else if self.logged.get().elapsed() >= LOGGED_EVERY {
            self.say(err, text);
        }
    }

    /// Writes a line that stays, watched or not.
    pub(super) fn say(&self, err: &mut dyn Write, line: &str) {
        self.clear(err);
        self.logged.set(Instant::now());
        let _ = writeln!(err, "{line}");
        let _ = err.flush();
    }

    /// Takes the text away.
    pub(super) fn clear(&self, err: &mut dyn Write) {
        if self.watched {
            let _ = write!(err, "{CLEAR}");
            let _ = err.flush();
        }
    }
}
