//! `check`: every rule about a design, and the gate that a build can put up with it.
//!
//! JSON, version 1: `{"version", "findings": [{"id", "rule", "severity", "subjects", "journeys", "witness", "text",
//! "fix", "experiment", "accepted", "known", "line"}], "errors", "warnings", "infos", "accepted", "known", "untried"}`.
//! `severity` is `info`, `warning` or `error`; `fix` is null or `{"title", "changes"}`; `experiment` is null or
//! `{"down", "silent", "cut"}`; `accepted` of a finding is null or the acceptance with its reason; `known` says whether
//! the baseline has it already; `line` is that of its first subject in the file, or null. The counts leave accepted
//! findings out but for `accepted`, which counts them, and `known`, which counts those of the others that the baseline
//! has. `untried` counts the single losses that were left out because there are too many.
//!
//! What fails a build is decided by the severity, by what has been accepted, and by what was there before.

mod baseline;
mod junit;
mod markdown;
mod sarif;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::{Failure, Io, Outcome, read_document, write_json};
use crate::analysis::{self, Finding, Options, Report, Severity};
use crate::file::Document;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Design file; `-` reads standard input.
    design: PathBuf,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,
    /// The mildest severity that gives exit code 1; accepted findings never do. Default: that of the profile.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// How severe the gate is.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Findings that were there before and do not fail: an earlier result (JSON or SARIF), or an earlier design.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Ask only these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave out findings that the design accepts.
    #[arg(long)]
    hide_accepted: bool,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For build servers that show tests.
    Junit,
    /// For the comment on a pull request.
    Markdown,
}

/// The bar of exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors only.
    Error,
    /// Warnings and errors.
    Warning,
    /// Nothing.
    Never,
}

/// How severe the gate is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// Warnings fail too, and an acceptance counts only with a reason and an owner.
    Strict,
    /// Errors fail.
    #[default]
    Default,
    /// Nothing fails, and each finding says why it hurts and how it is mended.
    Teaching,
}

/// What a writer needs to know of a run.
struct Gate<'a> {
    report: &'a Report,
    document: &'a Document,
    /// Ids that the baseline has; absent without a baseline.
    known: Option<BTreeSet<String>>,
    bar: Option<Severity>,
    profile: Profile,
}

impl Gate<'_> {
    /// Whether the baseline has a finding.
    fn knows(&self, finding: &Finding) -> bool {
        self.known.as_ref().is_some_and(|known| known.contains(&finding.id))
    }

    /// Whether a finding fails the build.
    fn fails(&self, finding: &Finding) -> bool {
        let is_grave = self.bar.is_some_and(|bar| finding.severity >= bar);
        is_grave && finding.accepted.is_none() && !self.knows(finding)
    }

    /// Open findings by severity (errors, warnings, infos), accepted ones, and open ones that the baseline has.
    fn counts(&self) -> [usize; 5] {
        let of = |s| self.report.open().filter(|f| f.severity == s).count();
        let accepted = self.report.findings.len() - self.report.open().count();
        let known = self.report.open().filter(|f| self.knows(f)).count();
        [of(Severity::Error), of(Severity::Warning), of(Severity::Info), accepted, known]
    }

    /// `2 errors, 1 note, 3 accepted`.
    fn summary(&self) -> String {
        let [errors, warnings, infos, accepted, known] = self.counts();
        let mut parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (infos, "note")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, noun)| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") })
            .collect();
        if known > 0 {
            parts.push(format!("{known} of them known"));
        }
        if accepted > 0 {
            parts.push(format!("{accepted} accepted"));
        }
        if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") }
    }

    /// The line of a finding: that of its first subject that the file knows.
    fn line_of(&self, finding: &Finding) -> Option<u32> {
        finding.subjects.iter().find_map(|s| self.document.locate(s.as_str())).map(|place| place.line)
    }
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
        if self.profile == Profile::Strict {
            for finding in &mut report.findings {
                let stands =
                    |a: &crate::design::Accepted| !a.reason.trim().is_empty() && !a.owner.trim().is_empty();
                finding.accepted = finding.accepted.take().filter(stands);
            }
        }
        if self.hide_accepted {
            report.findings.retain(|f| f.accepted.is_none());
        }
        let known = self.baseline.as_deref().map(|path| baseline::ids(path, &options)).transpose()?;
        let default = match self.profile {
            Profile::Strict => FailOn::Warning,
            Profile::Default => FailOn::Error,
            Profile::Teaching => FailOn::Never,
        };
        let bar = match self.fail_on.unwrap_or(default) {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Never => None,
        };
        if report.untried > 0 {
            let untried = report.untried;
            writeln!(io.err, "linchpin: too many elements: {untried} single losses were not tried")?;
        }
        let gate = Gate { report: &report, document: &document, known, bar, profile: self.profile };
        match self.format {
            CheckFormat::Text => write_text(io, &gate)?,
            CheckFormat::Json => write_json(io, &as_json(&gate))?,
            CheckFormat::Sarif => write_json(io, &sarif::log(&gate))?,
            CheckFormat::Junit => write!(io.out, "{}", junit::report(&gate))?,
            CheckFormat::Markdown => write!(io.out, "{}", markdown::comment(&gate))?,
        }
        let found = report.findings.iter().any(|f| gate.fails(f));
        Ok(if found { Outcome::Found } else { Outcome::Fine })
    }
}

fn as_json(gate: &Gate<'_>) -> serde_json::Value {
    let [errors, warnings, infos, accepted, known] = gate.counts();
    let findings: Vec<serde_json::Value> = gate
        .report
        .findings
        .iter()
        .map(|f| {
            let mut value = json!(f);
            value["known"] = json!(gate.knows(f));
            value["line"] = json!(gate.line_of(f));
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
        "known": known,
        "untried": gate.report.untried,
    })
}

fn write_text(io: &mut Io<'_>, gate: &Gate<'_>) -> Result<(), Failure> {
    for finding in &gate.report.findings {
        write_finding(io, finding, gate)?;
    }
    writeln!(io.out, "{}", gate.summary())?;
    Ok(())
}

fn write_finding(io: &mut Io<'_>, f: &Finding, gate: &Gate<'_>) -> Result<(), Failure> {
    let mark = match f.accepted {
        Some(_) => "accepted",
        None if gate.knows(f) => "known",
        None => f.severity.label(),
    };
    writeln!(io.out, "{mark:<8} {}", f.text)?;
    let place =
        gate.line_of(f).map(|line| format!(" ({}:{line})", gate.document.shown_name())).unwrap_or_default();
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
        let by = [("by ", &accepted.owner), ("on ", &accepted.date), ("until ", &accepted.until)];
        let by: Vec<String> =
            by.into_iter().filter(|(_, v)| !v.is_empty()).map(|(word, v)| format!("{word}{v}")).collect();
        let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(" ")) };
        writeln!(io.out, "         because {}{by}", accepted.reason)?;
    }
    if gate.profile == Profile::Teaching
        && let Some(rule) = analysis::rule(f.rule)
    {
        for (head, text) in
            [("why", rule.card.why), ("mend", rule.card.fix), ("false alarm", rule.card.false_alarm)]
        {
            let mut lines = super::explain::wrapped(text, 96).into_iter();
            writeln!(io.out, "         {head}: {}", lines.next().unwrap_or_default())?;
            for line in lines {
                writeln!(io.out, "           {line}")?;
            }
        }
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
