//! Work that has not been saved yet, kept beside the file in case the program ends unexpectedly.
//!
//! The draft of `shop.ron` is `.shop.ron.draft` in the same folder. A save discards it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::disk::{self, SaveError};

/// Work that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where it is kept.
    pub path: PathBuf,
    /// The text of the design.
    pub text: String,
    /// When it was written.
    pub modified: SystemTime,
}

/// Where the draft of a file is kept.
pub fn path_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.draft"))
}

/// Keeps the text of a design as the draft of a file, which need not exist.
///
/// # Errors
/// When the folder does not take it; the draft before it then still stands.
pub fn write(file: &Path, text: &str) -> Result<(), SaveError> {
    disk::write(&path_of(file), text, disk::Previous::Dropped, &mut |_| Ok(()))
}

/// The draft of a file, if there is one that is not older than the file and says something else.
pub fn find(file: &Path) -> Option<Draft> {
    let path = path_of(file);
    let modified = fs::metadata(&path).and_then(|m| m.modified()).ok()?;
    let text = disk::read(&path).ok()?;
    if let Ok(saved) = fs::metadata(file).and_then(|m| m.modified())
        && (modified < saved || disk::read(file).is_ok_and(|saved| saved == text))
    {
        return None;
    }
    Some(Draft { path, text, modified })
}

/// Throws the draft of a file away, if there is one.
///
/// # Errors
/// When there is one and the folder does not let it go.
pub fn discard(file: &Path) -> Result<(), SaveError> {
    let path = path_of(file);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk::refused(&path, &error)),
        _ => Ok(()),
    }
}
