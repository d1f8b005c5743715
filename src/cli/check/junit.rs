//! JUnit XML: each rule that has nothing to say is a test that passes, each finding one that fails, is skipped (accepted
//! or known), or passes with a remark (below the bar).

use std::fmt::Write as _;

use super::Gate;
use crate::analysis::{Finding, RULES};

/// The whole report.
pub(super) fn report(gate: &Gate<'_>) -> String {
    let findings = &gate.report.findings;
    let silent: Vec<_> = RULES.iter().filter(|r| findings.iter().all(|f| f.rule != r.card.id)).collect();
    let tests = silent.len() + findings.len();
    let failures = findings.iter().filter(|f| gate.fails(f)).count();
    let skipped = findings.iter().filter(|f| is_skipped(gate, f)).count();
    let name = escaped(gate.document.shown_name());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\"");
    let _ = writeln!(out, "<testsuites name=\"linchpin\" {counts}>");
    let _ = writeln!(out, "  <testsuite name=\"{name}\" {counts} errors=\"0\" skipped=\"{skipped}\">");
    for rule in silent {
        let class = rule.card.family.label().to_lowercase();
        let _ = writeln!(out, "    <testcase classname=\"{class}\" name=\"{}\"/>", escaped(rule.card.id));
    }
    for f in findings {
        write_finding(&mut out, gate, f);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn is_skipped(gate: &Gate<'_>, f: &Finding) -> bool {
    f.accepted.is_some() || gate.knows(f)
}

fn write_finding(out: &mut String, gate: &Gate<'_>, f: &Finding) {
    let family = crate::analysis::rule(f.rule).map_or("", |r| r.card.family.label()).to_lowercase();
    let line = gate.line_of(f).map(|l| format!(" line=\"{l}\"")).unwrap_or_default();
    let file = escaped(gate.document.shown_name());
    let _ = writeln!(
        out,
        "    <testcase classname=\"{family}\" name=\"{}\" file=\"{file}\"{line}>",
        escaped(&f.id)
    );
    let text = escaped(&f.text);
    if let Some(accepted) = &f.accepted {
        let _ = writeln!(out, "      <skipped message=\"accepted: {}\"/>", escaped(&accepted.reason));
    } else if gate.knows(f) {
        out.push_str("      <skipped message=\"known before\"/>\n");
    } else if gate.fails(f) {
        let mut body = f.text.clone();
        let way: Vec<&str> = f.witness.iter().map(|e| e.as_str()).collect();
        if !way.is_empty() {
            let _ = write!(body, "\nthrough {}", way.join(" > "));
        }
        if let Some(fix) = &f.fix {
            let _ = write!(body, "\nfix: {}", fix.title);
        }
        let kind = f.severity.label();
        let _ =
            writeln!(out, "      <failure type=\"{kind}\" message=\"{text}\">{}</failure>", escaped(&body));
    } else {
        let _ = writeln!(out, "      <system-out>{}: {text}</system-out>", f.severity.label());
    }
    out.push_str("    </testcase>\n");
}

/// Text as it may stand in XML; what may not stand there at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
