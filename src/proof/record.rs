//! A proof on disk: one line a claim, so that an interrupted proof goes on where it stopped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::claim::{Claim, Verdict};
use crate::deploy::mix;
use crate::design::Design;

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The record is of another design.
    #[error("{path} records a proof of another version of the design; remove it or choose another file")]
    OtherDesign {
        /// The file.
        path: PathBuf,
    },
}

/// An open record.
#[derive(Debug)]
pub struct Record {
    file: File,
    path: PathBuf,
    /// Claims that already have a sound verdict, by id.
    pub known: BTreeMap<String, Claim>,
}

impl Record {
    /// Opens a record for a design, creating it if it is not there.
    ///
    /// # Errors
    /// [`RecordError`]; a last line that was cut off by a crash is not one, it is left out.
    pub fn open(path: &Path, design: &Design) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: path.to_owned(), source };
        let print = fingerprint(design);
        let mut known = BTreeMap::new();
        let existed = path.exists();
        if existed {
            let mut lines = BufReader::new(File::open(path).map_err(io)?).lines();
            let head = lines.next().transpose().map_err(io)?.unwrap_or_default();
            if head.trim() != header(print) {
                return Err(RecordError::OtherDesign { path: path.to_owned() });
            }
            for line in lines {
                if let Ok(claim) = serde_json::from_str::<Claim>(&line.map_err(io)?)
                    && matches!(claim.verdict, Some(Verdict::Confirmed | Verdict::Refuted))
                {
                    known.insert(claim.id.clone(), claim);
                }
            }
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(io)?;
        if !existed {
            writeln!(file, "{}", header(print)).map_err(io)?;
        }
        Ok(Self { file, path: path.to_owned(), known })
    }

    /// Adds a claim.
    ///
    /// # Errors
    /// What the system says.
    pub fn add(&mut self, claim: &Claim) -> Result<(), RecordError> {
        let line = serde_json::to_string(claim).unwrap_or_default();
        writeln!(self.file, "{line}")
            .and_then(|()| self.file.flush())
            .map_err(|source| RecordError::Io { path: self.path.clone(), source })
    }
}

fn header(print: u64) -> String {
    format!("{{\"version\":1,\"design\":\"{print:016x}\"}}")
}

/// A fingerprint of all that a proof depends on: the design without its drawing and what people wrote on it.
pub fn fingerprint(design: &Design) -> u64 {
    let mut model = design.clone();
    model.drawing = Default::default();
    model.notes.clear();
    model.decisions.clear();
    model.accepted.clear();
    let text = serde_json::to_string(&model).unwrap_or_default();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| mix(h ^ u64::from(b)))
}
