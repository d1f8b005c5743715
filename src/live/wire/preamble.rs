//! The line with which a caller opens a connection at the fabric.
//!
//! `LP1 <run> <from> <to> <link or ->\n`, answered by one byte: connected, refused, or stranger. Silence means that
//! something between the two swallows what is sent.

use std::fmt::Write as _;

use super::{InstanceId, MaybeLink, RunId};
use crate::design::LinkId;

/// The longest preamble, newline included.
pub const PREAMBLE_BYTES_MAX: usize = 512;

/// The target took the connection.
pub const ANSWER_CONNECTED: u8 = b'+';
/// Nothing listens there: the target's process is gone.
pub const ANSWER_REFUSED: u8 = b'-';
/// The preamble is not one of this run.
pub const ANSWER_STRANGER: u8 = b'!';

/// Who calls whom, along which link, in which run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// The run.
    pub run: RunId,
    /// The caller.
    pub from: InstanceId,
    /// The target.
    pub to: InstanceId,
    /// The link, where a drawn one carries the call.
    pub link: MaybeLink,
}

/// A line that is not a preamble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a preamble: {0}")]
pub struct BadPreamble(String);

impl Preamble {
    /// The line, newline included.
    pub fn encode(&self) -> String {
        let mut line = String::with_capacity(96);
        let link = self.link.as_ref().map_or("-", LinkId::as_str);
        // Writing to a string cannot fail.
        let _ = writeln!(line, "LP1 {} {} {} {link}", self.run, self.from, self.to);
        line
    }

    /// Reads the line, with or without its newline.
    ///
    /// # Errors
    /// Not five words, not this version, or not a run id.
    pub fn parse(line: &str) -> Result<Self, BadPreamble> {
        let bad = || BadPreamble(line.trim_end().chars().take(80).collect());
        let mut words = line.trim_end_matches('\n').split(' ');
        let mut word = || words.next().filter(|w| !w.is_empty()).ok_or_else(bad);
        if word()? != "LP1" {
            return Err(bad());
        }
        let run = word()?.parse().map_err(|_| bad())?;
        let (from, to, link) = (word()?, word()?, word()?);
        if words.next().is_some() {
            return Err(bad());
        }
        let link = (link != "-").then(|| LinkId::new(link));
        Ok(Self { run, from: InstanceId::new(from), to: InstanceId::new(to), link })
    }
}
