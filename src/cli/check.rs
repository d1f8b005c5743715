//! `check`: every rule about a design.
//!
//! JSON, version 1: `{"version", "findings": [{"id", "rule", "severity", "subjects", "journeys", "witness", "text",
//! "fix", "experiment", "accepted", "line"}], "errors", "warnings", "infos", "accepted"}`. `severity` is `info`,
//! `warning` or `error`; `fix` is null or `{"title", "changes"}`; `experiment` is null or `{"down", "silent", "cut"}`;
//! `accepted` of a finding is null or the acceptance with its reason; `line` is that of its first subject in the file, or
//! null. The counts leave accepted findings out but for the last.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::{Failure, Format, Io, Outcome, read_document, write_json};
use crate::analysis::{self, Finding, Options, Report, Severity};
use crate::file::Document;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The mildest severity that gives exit code 1; accepted findings never do.
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
    /// Ask only these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave out findings that the design accepts.
    #[arg(long)]
    hide_accepted: bool,
}

/// The bar of exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings and errors.
    Warning,
    /// Nothing.
    Never,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        for id in &self.only {
            if analysis::rule(id).is_none() {
                return Err(super::explain::unknown_rule(id));
            }
        }
        let document = read_document(&self.design, io)?;
        let options = Options { today: Some(today()), only: self.only };
        let mut report = analysis::run(document.design(), &options);
        if self.hide_accepted {
            report.findings.retain(|f| f.accepted.is_none());
        }
        match self.format {
            Format::Json => write_json(io, &as_json(&report, &document))?,
            Format::Text => write_text(io, &report, &document)?,
        }
        let bar = match self.fail_on {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Never => None,
        };
        let found = bar.is_some_and(|bar| report.worst().is_some_and(|worst| worst >= bar));
        Ok(if found { Outcome::Found } else { Outcome::Fine })
    }
}

fn counts(report: &Report) -> [usize; 4] {
    let of = |s| report.open().filter(|f| f.severity == s).count();
    let accepted = report.findings.len() - report.open().count();
    [of(Severity::Error), of(Severity::Warning), of(Severity::Info), accepted]
}

/// The line of a finding: that of its first subject that the file knows.
fn line_of(finding: &Finding, document: &Document) -> Option<u32> {
    finding.subjects.iter().find_map(|s| document.locate(s.as_str())).map(|place| place.line)
}

fn as_json(report: &Report, document: &Document) -> serde_json::Value {
    let [errors, warnings, infos, accepted] = counts(report);
    let findings: Vec<serde_json::Value> = report
        .findings
        .iter()
        .map(|f| {
            let mut value = json!(f);
            value["line"] = json!(line_of(f, document));
            value
        })
        .collect();
    json!({
        "version": 1,
        "findings": findings,
        "errors": errors,
        "warnings": warnings,
        "infos": infos,
        "accepted": accepted,
    })
}

fn write_text(io: &mut Io<'_>, report: &Report, document: &Document) -> Result<(), Failure> {
    for finding in &report.findings {
        write_finding(io, finding, document)?;
    }
    let [errors, warnings, infos, accepted] = counts(report);
    let mut parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (infos, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") })
        .collect();
    if accepted > 0 {
        parts.push(format!("{accepted} accepted"));
    }
    let summary = if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") };
    writeln!(io.out, "{summary}")?;
    Ok(())
}

fn write_finding(io: &mut Io<'_>, f: &Finding, document: &Document) -> Result<(), Failure> {
    let mark = if f.accepted.is_some() { "accepted" } else { f.severity.label() };
    writeln!(io.out, "{mark:<8} {}", f.text)?;
    let place =
        line_of(f, document).map(|line| format!(" ({}:{line})", document.shown_name())).unwrap_or_default();
    writeln!(io.out, "         {}{place}", f.id)?;
    if !f.witness.is_empty() {
        let way: Vec<&str> = f.witness.iter().take(16).map(|e| e.as_str()).collect();
        let more = if f.witness.len() > 16 { " …" } else { "" };
        writeln!(io.out, "         through {}{more}", way.join(" > "))?;
    }
    if let Some(fix) = &f.fix {
        writeln!(io.out, "         fix: {}", fix.title)?;
    }
    if let Some(experiment) = &f.experiment {
        writeln!(io.out, "         try: what-if {}", experiment.arguments().join(" "))?;
    }
    if let Some(accepted) = &f.accepted {
        writeln!(io.out, "         because {}", accepted.reason)?;
    }
    writeln!(io.out)?;
    Ok(())
}

/// The present day in UTC as year-month-day.
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(i64::try_from(now.as_secs() / 86_400).unwrap_or_default());
    format!("{year:04}-{month:02}-{day:02}")
}

/// The date of a day counted from 1970-01-01 in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    let (mut year, mut rest) = (1970, days);
    let is_leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if rest < length {
            break;
        }
        rest -= length;
        year += 1;
    }
    let months = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    (year, month, rest + 1)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_723), (2024, 1, 1));
        assert_eq!(civil(20_148), (2025, 3, 1));
    }
}
