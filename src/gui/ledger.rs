//! What proofs have found, kept beside the window's memory from one day to the next: one file a design, named after its
//! path. A verdict carries the fingerprint of the design on which it was found, so that it comes back as one of an
//! older revision where the design has changed since.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::context::{ClaimRow, ClaimVerdict};
use super::prover::outcome;
use crate::deploy::mix;

/// Ledgers that are kept; the oldest go first.
const KEPT_MAX: usize = 64;

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    design: PathBuf,
    claims: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    fault: String,
    elements: Vec<String>,
    journey: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    effect: String,
    predicted: String,
    predicted_share: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observed_share: Option<f64>,
    requests: u64,
    verdict: String,
    attempts: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
    tried_on: String,
    tried_at_s: u64,
}

/// Where the verdicts of a design are kept: in `proofs`, in the folder of the window's memory.
pub fn path_of(folder: &Path, design: &Path) -> PathBuf {
    let whole = design.canonicalize().unwrap_or_else(|_| design.to_owned());
    let hash = whole
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| mix(h ^ u64::from(*b)));
    let name = design.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    folder.join("proofs").join(format!("{name}-{hash:016x}.json"))
}

/// What was found about a design; nothing if it cannot be read, as trying again brings it back.
pub fn load(file: &Path) -> Vec<ClaimRow> {
    let kept: Option<Kept> =
        std::fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok());
    kept.filter(|k| k.version == 1).map(|k| k.claims.into_iter().map(row).collect()).unwrap_or_default()
}

/// Writes down what was found about a design; what was never tried is not kept.
///
/// # Errors
/// Where the folder cannot be written.
pub fn save(file: &Path, design: &Path, claims: &[ClaimRow]) -> std::io::Result<()> {
    let tried = claims.iter().filter(|c| c.tried_on != 0).map(line).collect();
    let kept = Kept { version: 1, design: design.to_owned(), claims: tried };
    let text = serde_json::to_string(&kept).map_err(std::io::Error::other)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
        prune(folder);
    }
    let beside = file.with_extension("json.new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, file)
}

/// Forgets the ledgers that have not been written for longest.
fn prune(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .filter(|(_, p)| p.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    let surplus = files.len().saturating_sub(KEPT_MAX);
    for (_, path) in files.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}

fn line(row: &ClaimRow) -> Line {
    // One that is being tried is not tried yet.
    let verdict = if row.verdict == ClaimVerdict::Trying { ClaimVerdict::Waiting } else { row.verdict };
    Line {
        id: row.id.clone(),
        fault: row.fault.clone(),
        elements: row.elements.iter().map(ToString::to_string).collect(),
        journey: row.journey.to_string(),
        effect: row.effect.clone(),
        predicted: row.predicted.word().to_owned(),
        predicted_share: row.predicted_share,
        observed_share: row.observed_share,
        requests: row.requests,
        verdict: verdict.label().to_owned(),
        attempts: row.attempts,
        note: row.note.clone(),
        tried_on: format!("{:016x}", row.tried_on),
        tried_at_s: row.tried_at_s,
    }
}

fn row(line: Line) -> ClaimRow {
    let verdicts = [ClaimVerdict::Confirmed, ClaimVerdict::Refuted, ClaimVerdict::Inconclusive];
    let verdict = verdicts.into_iter().find(|v| v.label() == line.verdict).unwrap_or(ClaimVerdict::Waiting);
    ClaimRow {
        id: line.id,
        fault: line.fault,
        elements: line.elements.into_iter().map(Into::into).collect(),
        journey: line.journey.as_str().into(),
        effect: line.effect,
        predicted: outcome(&line.predicted),
        predicted_share: line.predicted_share,
        observed_share: line.observed_share,
        requests: line.requests,
        verdict,
        attempts: line.attempts,
        note: line.note,
        tried_on: u64::from_str_radix(&line.tried_on, 16).unwrap_or_default(),
        tried_at_s: line.tried_at_s,
    }
}
