//! SARIF 2.1.0 (OASIS 2020): findings for code scanning, each on its line of the design file.
//!
//! The stable id of a finding is its fingerprint, so that it stays the same alert while the file is edited around it.
//! The witness is a code flow over the lines of the elements that it passes. Accepted findings are suppressed with their
//! reason.

use serde_json::{Value, json};

use super::Gate;
use crate::analysis::{Finding, RULES, RuleCard, Severity};
use crate::design::ElementId;

/// The name of the fingerprint that holds a finding's stable id.
pub(super) const FINGERPRINT: &str = "findingId/v1";

/// The whole log.
pub(super) fn log(gate: &Gate<'_>) -> Value {
    let rules: Vec<Value> = RULES.iter().map(|r| descriptor(r.card)).collect();
    let uri = uri(gate.document.shown_name());
    let results: Vec<Value> = gate.report.findings.iter().map(|f| result(gate, f, &uri)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "linchpin",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "artifacts": [{ "location": { "uri": uri } }],
            "results": results,
        }],
    })
}

fn descriptor(card: &RuleCard) -> Value {
    let markdown = format!(
        "**Why it hurts.** {}\n\n**How it is detected.** {}\n\n**How to mend it.** {}\n\n\
         **When it is a false alarm.** {}\n\n*{}*",
        card.why, card.detected, card.fix, card.false_alarm, card.source
    );
    json!({
        "id": card.id,
        "shortDescription": { "text": card.title },
        "fullDescription": { "text": card.why },
        "help": { "text": card.fix, "markdown": markdown },
        "defaultConfiguration": { "level": level(card.severity) },
        "properties": { "tags": [card.family.label().to_lowercase()] },
    })
}

fn result(gate: &Gate<'_>, f: &Finding, uri: &str) -> Value {
    let index = RULES.iter().position(|r| r.card.id == f.rule);
    let first = f.subjects.iter().chain(&f.witness).find(|e| gate.document.locate(e.as_str()).is_some());
    let mut location = physical(gate, first, uri);
    if !f.subjects.is_empty() {
        let named: Vec<Value> =
            f.subjects.iter().map(|s| json!({ "name": s.as_str(), "kind": "element" })).collect();
        location["logicalLocations"] = json!(named);
    }
    let mut value = json!({
        "ruleId": f.rule,
        "ruleIndex": index,
        "level": level(f.severity),
        "message": { "text": f.text },
        "locations": [location],
        "partialFingerprints": { FINGERPRINT: f.id },
        "properties": {
            "journeys": f.journeys,
            "fix": f.fix.as_ref().map(|x| &x.title),
            "experiment": f.experiment.as_ref().map(|x| x.arguments().join(" ")),
        },
    });
    if !f.witness.is_empty() {
        let steps: Vec<Value> = f
            .witness
            .iter()
            .map(|e| {
                let mut location = physical(gate, Some(e), uri);
                location["message"] = json!({ "text": e.as_str() });
                json!({ "location": location })
            })
            .collect();
        value["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
    }
    if let Some(accepted) = &f.accepted {
        value["suppressions"] =
            json!([{ "kind": "inSource", "status": "accepted", "justification": accepted.reason }]);
    }
    if gate.known.is_some() {
        value["baselineState"] = json!(if gate.knows(f) { "unchanged" } else { "new" });
    }
    value
}

/// A place in the design file; what has none stands at its beginning.
fn physical(gate: &Gate<'_>, element: Option<&ElementId>, uri: &str) -> Value {
    let place = element.and_then(|e| gate.document.locate(e.as_str()));
    let (line, column) = place.map_or((1, 1), |p| (p.line, p.column));
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": { "startLine": line, "startColumn": column },
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A path as a reference that a SARIF reader resolves: with forward slashes, other characters than those of a URI
/// escaped.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') {
        uri.push_str("file:///");
    }
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric()
            || b"-._~/".contains(&byte)
            || (byte == b':' && uri.starts_with("file:"))
        {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("shop.ron"), "shop.ron");
        assert_eq!(uri("./designs/my shop.ron"), "designs/my%20shop.ron");
        assert_eq!(uri("/home/a/shop.ron"), "file:///home/a/shop.ron");
        assert_eq!(uri("C:\\a\\shop.ron"), "file:///C:/a/shop.ron");
        assert_eq!(uri("größe.ron"), "gr%C3%B6%C3%9Fe.ron");
    }
}
