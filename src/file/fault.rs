//! What can be wrong with a file, and where: one clear line for people.
//!
//! [`FileError`] is what leaves this module; [`Fault`] is the same while only the offset in the text is known.

use std::fmt;

use serde::de::{self, Unexpected};

/// Why a file cannot be used: the first reason, where it is, and what to do about it.
///
/// Shown as `shop.ron:14:9: components[web].replicas: expected a whole number, found "three"; write for example 3`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// The name of the file as it was given; empty where there is none.
    pub path: String,
    /// Line from 1; 0 where the whole file is meant.
    pub line: u32,
    /// Column in characters from 1; 0 where the whole file is meant.
    pub column: u32,
    /// The element as a path of field names and ids, `components[web].replicas`; empty for the whole file.
    pub element: String,
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do about it, without a full stop.
    pub help: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = self.path.clone();
        if self.line > 0 {
            let colon = if place.is_empty() { "" } else { ":" };
            place = format!("{place}{colon}{}:{}", self.line, self.column);
        }
        for part in [&place, &self.element] {
            if !part.is_empty() {
                write!(f, "{}: ", one_line(part))?;
            }
        }
        f.write_str(&one_line(&self.what))?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "; {}", one_line(&self.help)) }
    }
}

/// A message stays one line whatever a file puts into it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Something in a file that was not understood and is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Line from 1.
    pub line: u32,
    /// Column in characters from 1.
    pub column: u32,
    /// The element as a path of field names and ids.
    pub path: String,
    /// What was met and what was done with it.
    pub what: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, one_line(&self.path), one_line(&self.what))
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Line from 1.
    pub line: u32,
    /// Column in characters from 1.
    pub column: u32,
}

/// A fault with its offset: becomes a [`FileError`] when text and name are at hand.
///
/// Boxed, so that the `Result`s of the hot loops stay small.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Box<FaultParts>);

#[derive(Debug)]
pub(super) struct FaultParts {
    /// Byte offset; none while a value's own reader has spoken and the place is not known yet.
    pub(super) at: Option<u32>,
    /// Path of field names and ids.
    pub(super) path: String,
    pub(super) what: String,
    pub(super) help: String,
    /// The id of the element that is being read, until the list around it takes it into the path.
    pub(super) owner: Option<String>,
    /// The required field that is not there.
    pub(super) missing: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(at: u32, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self(Box::new(FaultParts {
            at: Some(at),
            path: String::new(),
            what: what.into(),
            help: help.into(),
            owner: None,
            missing: None,
        }))
    }

    /// Puts the name of the field around it before the path.
    pub(super) fn within_field(mut self, name: &str) -> Self {
        let dot = if self.0.path.is_empty() || self.0.path.starts_with('[') { "" } else { "." };
        self.0.path = format!("{name}{dot}{}", self.0.path);
        self
    }

    /// Puts the list element around it before the path: its id, or its position from 0.
    pub(super) fn within_element(mut self, position: usize) -> Self {
        let name = self.0.owner.take().unwrap_or_else(|| format!("#{}", position + 1));
        let dot = if self.0.path.is_empty() || self.0.path.starts_with('[') { "" } else { "." };
        self.0.path = format!("[{name}]{dot}{}", self.0.path);
        self
    }

    pub(super) fn into_error(self, shown_name: &str, text: &str, lines: &Lines) -> FileError {
        let place = lines.locate(text, self.0.at.unwrap_or(0));
        FileError {
            path: shown_name.to_owned(),
            line: place.line,
            column: place.column,
            element: self.0.path,
            what: self.0.what,
            help: self.0.help,
        }
    }
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub(super) struct Lines(Vec<u32>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    pub(super) fn locate(&self, text: &str, at: u32) -> Location {
        let line = self.0.partition_point(|start| *start <= at).max(1);
        let start = self.0[line - 1] as usize;
        let mut end = (at as usize).clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // One line can be the whole file; beyond some length nobody counts columns.
        let column = text[start..end].chars().take(100_000).count() as u32 + 1;
        Location { line: line as u32, column }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.0.what, self.0.help)
    }
}

impl std::error::Error for Fault {}

fn unplaced(what: String, help: &str) -> Fault {
    let mut fault = Fault::new(0, what, help);
    fault.0.at = None;
    fault
}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        // Quantities say what they want after "is not"; that part is the help.
        let message = message.to_string();
        match message.split_once(" such as ") {
            Some((what, examples)) => unplaced(what.to_owned(), &format!("write for example {examples}")),
            None => unplaced(message, "correct the value or leave it out"),
        }
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        let found = match found {
            Unexpected::Other(other) => other.to_owned(),
            Unexpected::Bool(b) => b.to_string(),
            other => other.to_string(),
        };
        Self::custom(format_args!("expected {}", Wanted(wanted, &found)))
    }

    fn missing_field(field: &'static str) -> Self {
        let mut fault = unplaced(format!("the field `{field}` is missing"), &format!("add `{field}: …`"));
        fault.0.missing = Some(field);
        fault
    }

    fn duplicate_field(field: &'static str) -> Self {
        unplaced(format!("the field `{field}` is written twice"), "take one of the two out")
    }
}

/// What was wanted and found, with the examples last.
struct Wanted<'a>(&'a dyn de::Expected, &'a str);

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let wanted = self.0.to_string();
        match wanted.split_once(" such as ") {
            Some((kind, examples)) => write!(f, "{kind}, found {} such as {examples}", self.1),
            None => write!(f, "{wanted}, found {}", self.1),
        }
    }
}
