//! Where a verb gets its design from: a file, or standard input for `-`.

use std::io::Read as _;
use std::path::Path;

use super::{Failure, Io, is_dash};
use crate::file::{BYTES_MAX, Document};

/// Reads a design that can be expanded. What was not understood is told on standard error and kept.
///
/// # Errors
/// If the file cannot be read, is not a design, or is one with a problem; the first is named with its line.
pub fn read_document(path: &Path, io: &mut Io<'_>) -> Result<Document, Failure> {
    let document = if is_dash(path) {
        Document::parse(&read_input(io)?, "standard input")
    } else {
        Document::open(path)
    };
    let document = document.map_err(|e| Failure::new(e.to_string()))?;
    for warning in document.warnings() {
        writeln!(io.err, "linchpin: {}:{warning}", document.shown_name())?;
    }
    Ok(document)
}

/// Reads a design that may be half drawn.
///
/// # Errors
/// If the file cannot be read or is not a design.
pub fn read_unchecked(path: &Path, io: &mut Io<'_>) -> Result<Document, Failure> {
    let document = if is_dash(path) {
        Document::parse_unchecked(&read_input(io)?, "standard input")
    } else {
        Document::open_unchecked(path)
    };
    document.map_err(|e| Failure::new(e.to_string()))
}

/// The whole of standard input, within the limit of a file.
pub(super) fn read_input(io: &mut Io<'_>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io.input.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > BYTES_MAX {
        return Err(Failure::new(format!("standard input: more than {BYTES_MAX} bytes; split the design")));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new("standard input: not text in UTF-8; save it as UTF-8"))
}
