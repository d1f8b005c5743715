//! Where a verb gets its design from: a file, or standard input for `-`.

use std::io::Read as _;
use std::path::Path;

use super::{Failure, Io, is_dash};
use crate::design::Design;

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Reads the text of a file, or of standard input for `-`.
///
/// # Errors
/// If it cannot be read, is larger than 32 MB, or is not UTF-8.
pub fn read_text(path: &Path, io: &mut Io<'_>) -> Result<String, Failure> {
    let name = shown(path);
    let failed = |e: std::io::Error| Failure::new(format!("{name}: {}", plain(&e)));
    let mut bytes = Vec::new();
    if is_dash(path) {
        io.input.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::new(format!("{name}: the file is larger than 32 MB")));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(format!("{name}: the file is not UTF-8 text")))
}

/// Reads a design that can be expanded.
///
/// # Errors
/// If the file cannot be read or parsed, or the design has problems; the first is named.
pub fn read_design(path: &Path, io: &mut Io<'_>) -> Result<Design, Failure> {
    let text = read_text(path, io)?;
    let design = parse(&text).map_err(|e| Failure::new(format!("{}: {e}", shown(path))))?;
    if let Some(problem) = design.problems().first() {
        return Err(Failure::new(format!("{}: {problem}", shown(path))));
    }
    Ok(design)
}

fn parse(text: &str) -> Result<Design, String> {
    ron::Options::default()
        .with_default_extension(ron::extensions::Extensions::all())
        .from_str(text)
        .map_err(|e| format!("{}: {}", e.span.start, e.code))
}

/// How a path is named in a message.
pub fn shown(path: &Path) -> String {
    if is_dash(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// An error of the system without its number.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "is a directory, not a design".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}
