//! `fault-tree`: minimal cut sets, probability and importance of fault trees in the Open-PSA format.
//!
//! JSON, version 1: that of [`solution`](super::solution).

use std::path::PathBuf;
use std::time::Instant;

use super::solution::Asked;
use super::source::read_input;
use super::{Failure, Io, Outcome, is_dash};
use crate::import::mef::{self, Reading};

/// A file may be so large, bytes.
const BYTES_MAX: u64 = 1 << 30;

/// Arguments of `fault-tree`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files of one model; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The gate to take as top. Absent: every gate that no other uses.
    #[arg(long, value_name = "GATE")]
    top: Option<String>,
    /// Leave common-cause groups out: their members fail independently.
    #[arg(long)]
    no_ccf: bool,
    /// Mission time where the model states none, hours.
    #[arg(long, value_name = "HOURS", default_value_t = 8760.0)]
    mission_time: f64,
    #[command(flatten)]
    asked: Asked,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let begin = Instant::now();
        let mut texts = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let shown = if is_dash(file) { "standard input".to_owned() } else { file.display().to_string() };
            let text = if is_dash(file) {
                read_input(io)?
            } else {
                let wrong = |e: std::io::Error| Failure::new(format!("{shown}: {e}"));
                let length = std::fs::metadata(file).map_err(wrong)?.len();
                if length > BYTES_MAX {
                    return Err(Failure::new(format!("{shown}: more than {BYTES_MAX} bytes")));
                }
                let bytes = std::fs::read(file).map_err(wrong)?;
                String::from_utf8(bytes)
                    .map_err(|_| Failure::new(format!("{shown}: not text in UTF-8; save it as UTF-8")))?
            };
            texts.push((shown, text));
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
        let reading =
            Reading { top: self.top.clone(), common_causes: !self.no_ccf, mission_time_h: self.mission_time };
        let model = mef::read(&texts, &reading).map_err(|e| Failure::new(e.to_string()))?;
        for note in &model.notes {
            writeln!(io.err, "linchpin: {note}")?;
        }
        self.asked.answer(&model.trees, None, begin, io)
    }
}
