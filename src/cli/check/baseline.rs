//! What was found before: the ids of an earlier result or of an earlier design.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::sarif::FINGERPRINT;
use crate::analysis::{self, Options};
use crate::cli::Failure;
use crate::file::Document;

/// The ids of the findings in a file that `check` wrote as JSON or SARIF, or those of a design.
///
/// # Errors
/// If the file cannot be read or is neither of them.
pub(super) fn ids(path: &Path, options: &Options) -> Result<BTreeSet<String>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| Failure::new(format!("{shown}: {e}")))?;
    if let Ok(json) = serde_json::from_str::<Value>(&text) {
        return of_result(&json).ok_or_else(|| {
            Failure::new(format!(
                "{shown}: no findings in it; a baseline is what `check` wrote with `--format json` or `sarif`, or a design"
            ))
        });
    }
    let design = Document::parse(&text, &shown.to_string()).map_err(|e| Failure::new(e.to_string()))?;
    // What was accepted then was known then.
    Ok(analysis::run(design.design(), options).findings.into_iter().map(|f| f.id).collect())
}

fn of_result(json: &Value) -> Option<BTreeSet<String>> {
    if let Some(findings) = json["findings"].as_array() {
        return Some(findings.iter().filter_map(|f| f["id"].as_str()).map(str::to_owned).collect());
    }
    let runs = json["runs"].as_array()?;
    let results = runs.iter().filter_map(|r| r["results"].as_array()).flatten();
    Some(results.filter_map(|r| r["partialFingerprints"][FINGERPRINT].as_str()).map(str::to_owned).collect())
}
