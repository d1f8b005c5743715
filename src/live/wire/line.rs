//! One JSON value a line, of bounded length, over pipes.

use std::io::{self, BufRead, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line that is read, in bytes.
pub const LINE_BYTES_MAX: usize = 32 << 20;

/// Why a line could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The pipe failed.
    #[error("the pipe failed: {0}")]
    Io(#[from] io::Error),
    /// Longer than [`LINE_BYTES_MAX`].
    #[error("a line of more than {} MiB", LINE_BYTES_MAX >> 20)]
    TooLong,
    /// Not what was expected. The line itself is kept, shortened.
    #[error("not a line of the protocol ({why}): {text}")]
    Malformed {
        /// What the reader of JSON says.
        why: String,
        /// The beginning of the line.
        text: String,
    },
}

/// The value as one line, newline included.
///
/// Only values with string keys and finite numbers are ever sent; anything else would give an empty object.
pub fn encode<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}

/// Reads the value out of a line.
///
/// # Errors
/// [`LineError::Malformed`] with the beginning of the line.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, LineError> {
    serde_json::from_str(text).map_err(|error| LineError::Malformed {
        why: error.to_string(),
        text: text.trim_end().chars().take(200).collect(),
    })
}

/// Writes one line and flushes it.
///
/// # Errors
/// The pipe's.
pub fn write<T: Serialize>(to: &mut impl Write, value: &T) -> io::Result<()> {
    to.write_all(encode(value).as_bytes())?;
    to.flush()
}

/// Reads one line; `None` at the end.
///
/// # Errors
/// [`LineError`]; after [`LineError::Malformed`] the next line can be read.
pub fn read<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<Option<T>, LineError> {
    let mut bytes = Vec::new();
    from.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes)?;
    finish(bytes)
}

/// Reads one line; `None` at the end. Not safe to cancel halfway.
///
/// # Errors
/// [`LineError`]; after [`LineError::Malformed`] the next line can be read.
pub async fn read_async<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
) -> Result<Option<T>, LineError> {
    let mut bytes = Vec::new();
    from.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes).await?;
    finish(bytes)
}

fn finish<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<Option<T>, LineError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() > LINE_BYTES_MAX {
        return Err(LineError::TooLong);
    }
    decode(&String::from_utf8_lossy(&bytes)).map(Some)
}
