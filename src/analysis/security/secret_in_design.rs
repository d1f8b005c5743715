//! Secrets in the design: a password in a file that everybody reads.

use crate::analysis::{Facts, Finding, Rule, RuleCard, RuleFamily, Severity};
use crate::design::{Design, ElementId};

/// The rule.
pub const RULE: Rule = Rule {
    card: &RuleCard {
        id: "secret-in-design",
        title: "Secret in the design",
        family: RuleFamily::Security,
        severity: Severity::Error,
        why: "A design is kept beside the code, sent around and printed. What is once in its history stays there, \
              and whoever has ever had a copy has the key.",
        detected: "A name, description, label, tag, note or decision holds a private key, a cloud access key, a \
              token of a known form, an address with a password in it, or a word such as password with a value. The \
              value itself is not repeated.",
        fix: "Take it out, replace it where it is used, and keep it in a vault.",
        false_alarm: "It is an example that opens nothing.",
        source: "CWE-798 hard-coded credentials; OWASP Top 10, A07:2021",
    },
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (about, name, text) in texts(facts.design) {
        let Some(what) = secret(text) else { continue };
        let place = about.as_ref().map_or(name.as_str(), ElementId::as_str).to_owned();
        let said = format!("{name} holds what looks like {what}");
        let witness: Vec<ElementId> = about.into_iter().collect();
        let finding = Finding::new(RULE.card.id, Severity::Error, witness.clone(), said)
            .named([place.replace(' ', "-").as_str()])
            // The name itself may be what is secret: here the id stands for the element.
            .titled(format!("Secret in {name}"))
            .witness(witness);
        // One element is spoken of once, however many of its texts hold something.
        if out.iter().all(|f| f.id != finding.id) {
            out.push(finding);
        }
    }
}

/// Every text that people wrote, with the element that it belongs to and how that is called.
fn texts(design: &Design) -> Vec<(Option<ElementId>, String, &str)> {
    let mut texts: Vec<(Option<ElementId>, String, &str)> = vec![
        (None, "the design".to_owned(), design.name.as_str()),
        (None, "the design".to_owned(), design.about.as_str()),
    ];
    for c in &design.components {
        let own = [&c.name, &c.about, &c.owner].into_iter().chain(&c.tags);
        let offered = c.interfaces.iter().flat_map(|i| [&i.name, &i.protocol]);
        texts
            .extend(own.chain(offered).map(|t| (Some(ElementId::from(&c.id)), c.id.to_string(), t.as_str())));
    }
    for z in &design.zones {
        texts.extend(
            [&z.name, &z.about].map(|t| (Some(ElementId::from(&z.id)), z.id.to_string(), t.as_str())),
        );
    }
    for l in &design.links {
        texts.push((Some(ElementId::from(&l.id)), l.id.to_string(), l.label.as_str()));
    }
    for (i, n) in design.notes.iter().enumerate() {
        texts.push((None, format!("note {}", i + 1), n.text.as_str()));
    }
    for (i, d) in design.decisions.iter().enumerate() {
        let name = format!("decision {}", i + 1);
        texts.extend([&d.title, &d.context, &d.consequences].map(|t| (None, name.clone(), t.as_str())));
    }
    texts
}

/// What a text holds that should not be there.
fn secret(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    let is_long = |rest: &str, least: usize| {
        rest.len() >= least && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')')) {
        let key = word.strip_prefix("AKIA").or_else(|| word.strip_prefix("ASIA"));
        if key
            .is_some_and(|k| k.len() == 16 && k.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        {
            return Some("a cloud access key");
        }
        let forms = ["ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_"];
        if forms.iter().any(|p| word.strip_prefix(p).is_some_and(|rest| is_long(rest, 16))) {
            return Some("an access token");
        }
        let user = word.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
        if user.and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, password)| is_value(password)) {
            return Some("an address with a password");
        }
    }
    let lower = text.to_lowercase();
    for word in ["password", "passwd", "passphrase", "api_key", "apikey", "api key", "secret", "token"] {
        for (at, _) in lower.match_indices(word) {
            let rest = lower[at + word.len()..].trim_start();
            // A colon also ends a sentence: what follows an equals sign is a value.
            let value = rest.strip_prefix('=').map(|v| v.split_whitespace().next().unwrap_or(""));
            if value.is_some_and(|v| v.len() >= 6 && is_value(v)) {
                return Some("a password or key");
            }
        }
    }
    None
}

/// Whether it is a value and not the place for one.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['<', '$', '{', '[', '*', '%'])
        && !text.bytes().all(|b| b == b'x' || b == b'X' || b == b'.')
}
