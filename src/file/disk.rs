//! Files that are never half written.
//!
//! The new text goes to a file of its own in the same folder and is flushed to the disk; what stood there is copied
//! to `<name>.bak`; then the new file takes the name in one step (POSIX `rename`), and the folder is flushed. Whoever
//! reads the name at any moment, also after a crash, finds the old text or the new one.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::fault::{FileError, Lines};
use super::syntax::BYTES_MAX;

/// Why a design was not saved. What stood in the file before still stands there, unless said otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has written the file since it was read.
    #[error("{}: the file has changed on disk since it was opened; open it again, save under another name, or overwrite it", path.display())]
    ChangedOnDisk {
        /// The file.
        path: PathBuf,
    },
    /// The document has no file yet.
    #[error("the design has no file yet; save it under a name")]
    NoFile,
    /// The folder or the disk did not take it.
    #[error("{}: {what}; {help}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        what: String,
        /// What to do about it.
        help: String,
    },
    /// The text would not read back as the same design; nothing was written.
    #[error("the design cannot be saved because it would not read back: {0}")]
    Unreadable(FileError),
}

/// One step of a save, in order. Tests fail or stop at each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveStep {
    /// The new text is written under a name of its own.
    WriteNew,
    /// It is flushed to the disk.
    FlushNew,
    /// What stood in the file is kept as `<name>.bak`.
    KeepPrevious,
    /// The new file takes the name.
    Replace,
    /// The folder is flushed to the disk.
    FlushFolder,
}

impl SaveStep {
    /// Every step, in order.
    pub const ALL: [SaveStep; 5] = [
        SaveStep::WriteNew,
        SaveStep::FlushNew,
        SaveStep::KeepPrevious,
        SaveStep::Replace,
        SaveStep::FlushFolder,
    ];
}

/// What becomes of the text that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previous {
    /// It stays as `<name>.bak`.
    Kept,
    /// It goes.
    Dropped,
}

/// Writes a whole file so that a crash leaves the old text or the new one. `before` is called before each step; its
/// error ends the save as if the step had failed.
///
/// # Errors
/// [`SaveError::Refused`]. The old text still stands, except after a failed [`SaveStep::FlushFolder`], when the new
/// one does but might not outlive a power cut.
pub fn write(
    path: &Path,
    text: &str,
    previous: Previous,
    before: &mut dyn FnMut(SaveStep) -> io::Result<()>,
) -> Result<(), SaveError> {
    let refuse = |what: &str, help: &str| {
        Err(SaveError::Refused { path: path.to_owned(), what: what.to_owned(), help: help.to_owned() })
    };
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (Some(name), Some(folder)) = (target.file_name(), target.parent()) else {
        return refuse("this is not the name of a file", "name a file");
    };
    let old = fs::metadata(&target).ok();
    match &old {
        Some(old) if !old.is_file() => return refuse("this is not a plain file", "save under another name"),
        Some(old) if old.permissions().readonly() => {
            return refuse("the file is read-only", "allow writing to it or save under another name");
        }
        _ => {}
    }
    let name = name.to_string_lossy();
    let id = std::process::id();
    let new = folder.join(format!(".{name}.{id}.new"));
    let copy = folder.join(format!(".{name}.{id}.old"));
    let mut steps = || -> io::Result<()> {
        before(SaveStep::WriteNew)?;
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        if let Some(old) = &old {
            file.set_permissions(old.permissions())?;
        }
        before(SaveStep::FlushNew)?;
        file.sync_all()?;
        drop(file);
        before(SaveStep::KeepPrevious)?;
        if old.is_some() && previous == Previous::Kept {
            fs::copy(&target, &copy)?;
            File::open(&copy)?.sync_all()?;
            fs::rename(&copy, folder.join(format!("{name}.bak")))?;
        }
        before(SaveStep::Replace)?;
        fs::rename(&new, &target)
    };
    if let Err(error) = steps() {
        let _ = fs::remove_file(&new);
        let _ = fs::remove_file(&copy);
        return Err(refused(path, &error));
    }
    before(SaveStep::FlushFolder).and_then(|()| flush_folder(folder)).map_err(|error| SaveError::Refused {
        path: path.to_owned(),
        what: format!("the file is written, but the disk has not confirmed it ({error})"),
        help: "save again".to_owned(),
    })
}

#[cfg(unix)]
fn flush_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(folder).and_then(|f| f.sync_all()) {
        // Some file systems know no flushing of folders, and some folders may be written but not read.
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What a failed write means for the person who saves.
pub(super) fn refused(path: &Path, error: &io::Error) -> SaveError {
    use io::ErrorKind as Kind;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (what, help) = match error.kind() {
        Kind::NotFound | Kind::NotADirectory => {
            (format!("there is no folder {}", folder.display()), "create the folder or save elsewhere")
        }
        Kind::PermissionDenied => (
            format!("the folder {} may not be written to", folder.display()),
            "save elsewhere or ask for the right to",
        ),
        Kind::ReadOnlyFilesystem => ("the disk is read-only".to_owned(), "save elsewhere"),
        Kind::StorageFull | Kind::QuotaExceeded => {
            ("the disk is full".to_owned(), "make room and save again; the file is as it was")
        }
        Kind::InvalidFilename => ("the name is too long or not allowed".to_owned(), "choose another name"),
        _ => (format!("the file cannot be written ({error})"), "save elsewhere; the file is as it was"),
    };
    SaveError::Refused { path: path.to_owned(), what, help: help.to_owned() }
}

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
    // A pipe tells no length and need not end.
    let mut bytes = Vec::new();
    io::Read::read_to_end(
        &mut io::Read::take(File::open(path).map_err(failed)?, BYTES_MAX as u64 + 1),
        &mut bytes,
    )
    .map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..sound]).into_owned();
        let place = Lines::of(&text).locate(&text, sound as u32);
        let what = "the file is not text in UTF-8 from here on".to_owned();
        FileError { line: place.line, column: place.column, ..whole(what, "save it as UTF-8") }
    })
}

/// The content of a file as a digest; none where it cannot be read.
pub(super) fn digest_of(path: &Path) -> io::Result<u64> {
    fs::read(path).map(|bytes| digest(&bytes))
}

/// Tells one content from another within one run of the program.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
