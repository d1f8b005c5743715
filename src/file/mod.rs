//! Designs on disk: RON text that keeps what people wrote.
//!
//! A [`Document`] is a design with the text it came from: a lossless tree, so that comments, unknown fields and
//! values that only a newer version understands survive every edit, and every error and finding has a line.
//! The way in is `syntax` (text to `tree`), `migrate` (old formats to the present one), `decode` (tree to design); the
//! way out is `encode` (design to canonical tree), `merge` (changes laid over the author's tree), `print` (tree to
//! text), `disk` (text to a file that is never half written).
//!
//! A design file is data: reading one runs nothing and opens no other file.
//!
//! Never: analysis, processes, egui.

mod decode;
pub mod disk;
mod document;
pub mod draft;
mod encode;
mod fault;
mod literal;
mod merge;
mod migrate;
mod print;
mod schema;
mod suggest;
mod syntax;
mod template;
mod tree;

pub use disk::SaveError;
pub use document::Document;
pub use fault::{FileError, Location, Warning};
pub use migrate::FORMAT;
pub use schema::schema;
pub use syntax::{BYTES_MAX, DEPTH_MAX, FIELDS_MAX, VALUES_MAX};
pub use template::{TEMPLATES, Template};

/// Reads any value written in RON, with the same errors as a design: drills, lessons, corpora.
///
/// Fields that the value does not know are ignored.
///
/// # Errors
/// When the text is not RON or not such a value.
pub fn read_as<T: serde::de::DeserializeOwned>(text: &str, shown_name: &str) -> Result<T, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = || decode::decode(&syntax::parse(text, None)?.root, "");
    match read() {
        Ok(decoded) => Ok(decoded.value),
        Err(fault) => Err(fault.into_error(shown_name, text, &fault::Lines::of(text))),
    }
}

/// The canonical form of the text of a design.
///
/// The design may have [problems](crate::design::Problem): what is half drawn can be formatted too.
///
/// # Errors
/// When the text is not a design.
pub fn format_text(text: &str) -> Result<String, FileError> {
    let document = Document::parse_unchecked(text, "")?;
    Ok(document.render(document.design()))
}
