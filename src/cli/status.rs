//! The one line on standard error that says how far something is, written over again and again for whoever waits at a terminal.

use std::io::{IsTerminal, Write};

/// Goes back to the beginning of the line and empties it.
const CLEAR: &str = "\r\x1b[K";

/// That line. A line that cannot be written is no reason to stop.
pub(super) struct Status {
    watched: bool,
}

impl Status {
    /// One that is shown if standard error is a terminal.
    pub(super) fn new() -> Self {
        Self { watched: std::io::stderr().is_terminal() }
    }

    /// Shows a text in place of the one before.
    pub(super) fn show(&self, err: &mut dyn Write, text: &str) {
        if self.watched {
            let _ = write!(err, "{CLEAR}{text}");
            let _ = err.flush();
        }
    }

    /// Writes a line that stays, watched or not.
    pub(super) fn say(&self, err: &mut dyn Write, line: &str) {
        self.clear(err);
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
