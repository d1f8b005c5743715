//! Markdown for the comment on a pull request: what fails first, what is known or accepted folded away.

use std::fmt::Write as _;

use super::Gate;
use crate::analysis::{Finding, Severity};

/// The whole comment.
pub(super) fn comment(gate: &Gate<'_>) -> String {
    let design = gate.document.design();
    let name = if design.name.is_empty() { gate.document.shown_name() } else { &design.name };
    let mut out = format!("## {}: {}\n", text(name), gate.summary());
    let fresh = |f: &&Finding| f.accepted.is_none() && !gate.knows(f);
    let of = |s: Severity| -> Vec<&Finding> {
        gate.report.findings.iter().filter(fresh).filter(|f| f.severity == s).collect()
    };
    table(&mut out, gate, "Errors", &of(Severity::Error));
    table(&mut out, gate, "Warnings", &of(Severity::Warning));
    folded(&mut out, gate, "Notes", &of(Severity::Info));
    let known: Vec<&Finding> = gate.report.open().filter(|f| gate.knows(f)).collect();
    folded(&mut out, gate, "Known before", &known);
    let accepted: Vec<&Finding> = gate.report.findings.iter().filter(|f| f.accepted.is_some()).collect();
    folded(&mut out, gate, "Accepted", &accepted);
    out
}

fn folded(out: &mut String, gate: &Gate<'_>, head: &str, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>{head} ({})</summary>", findings.len());
    rows(out, gate, findings);
    out.push_str("\n</details>\n");
}

fn table(out: &mut String, gate: &Gate<'_>, head: &str, findings: &[&Finding]) {
    if !findings.is_empty() {
        let _ = writeln!(out, "\n### {head}");
        rows(out, gate, findings);
    }
}

fn rows(out: &mut String, gate: &Gate<'_>, findings: &[&Finding]) {
    out.push_str("\n| Finding | Where | What mends it |\n| --- | --- | --- |\n");
    for f in findings {
        let place =
            gate.line_of(f).map_or_else(String::new, |l| format!("{}:{l}", gate.document.shown_name()));
        let mend = match (&f.accepted, &f.fix) {
            (Some(accepted), _) if accepted.owner.is_empty() => text(&accepted.reason),
            (Some(accepted), _) => format!("{} ({})", text(&accepted.reason), text(&accepted.owner)),
            (None, Some(fix)) => text(&fix.title),
            (None, None) => crate::analysis::rule(f.rule).map_or_else(String::new, |r| text(r.card.fix)),
        };
        let _ = writeln!(
            out,
            "| {} <br> `{}` | {} | {mend} |",
            text(&f.text),
            f.id.replace('`', "'"),
            text(&place)
        );
    }
}

/// Text that stays text in a table cell.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
