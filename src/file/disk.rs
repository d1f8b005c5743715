//! Files that are never half written.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::Path;

use super::fault::{FileError, Lines};
use super::syntax::BYTES_MAX;

/// Reads a whole text.
pub(super) fn read(path: &Path) -> Result<String, FileError> {
    let shown_name = path.display().to_string();
    let whole = |what: String, help: &str| FileError {
        path: shown_name.clone(),
        line: 0,
        column: 0,
        element: String::new(),
        what,
        help: help.to_owned(),
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => whole("there is no such file".to_owned(), "check the name and the folder"),
        io::ErrorKind::PermissionDenied => {
            whole("the file may not be read".to_owned(), "ask for the right to read it")
        }
        io::ErrorKind::IsADirectory => whole("this is a folder".to_owned(), "name a file in it"),
        _ => whole(format!("the file cannot be read ({error})"), "check the disk"),
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(whole("this is a folder".to_owned(), "name a file in it"));
    }
    if meta.len() > BYTES_MAX as u64 {
        let what = format!("the file has {} bytes, more than {BYTES_MAX}", meta.len());
        return Err(whole(what, "split the design"));
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..sound]).into_owned();
        let place = Lines::of(&text).locate(&text, sound as u32);
        let what = "the file is not text in UTF-8 from here on".to_owned();
        FileError { line: place.line, column: place.column, ..whole(what, "save it as UTF-8") }
    })
}

/// Tells one content from another within one run of the program.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
