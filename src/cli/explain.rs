//! `explain`: the card of a rule.
//!
//! JSON, version 1: `{"version", "rules": [{"id", "title", "family", "severity", "why", "detected", "fix",
//! "false_alarm", "source"}]}`.

use serde_json::json;

use super::{Failure, Format, Io, Outcome, write_json};
use crate::analysis::{self, RULES, RuleCard};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Rule, as named in a finding; the part of a finding's id before `@` is it.
    #[arg(required_unless_present = "all")]
    rule: Option<String>,
    /// Every rule.
    #[arg(long, conflicts_with = "rule")]
    all: bool,
    /// How cards are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Arguments {
    pub(super) fn execute(self, io: &mut Io<'_>) -> Result<Outcome, Failure> {
        let cards: Vec<&RuleCard> = match &self.rule {
            Some(name) => {
                let id = name.split('@').next().unwrap_or(name);
                vec![analysis::rule(id).ok_or_else(|| unknown_rule(id))?.card]
            }
            None => RULES.iter().map(|r| r.card).collect(),
        };
        match self.format {
            Format::Json => {
                let rules: Vec<_> = cards.iter().map(|c| as_json(c)).collect();
                write_json(io, &json!({ "version": 1, "rules": rules }))?;
            }
            Format::Text => {
                for (i, card) in cards.iter().enumerate() {
                    if i > 0 {
                        writeln!(io.out)?;
                    }
                    write_card(io, card)?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}

/// The refusal of a rule that there is not, with the closest that there is.
pub(super) fn unknown_rule(id: &str) -> Failure {
    let near = RULES.iter().map(|r| r.card.id).min_by_key(|known| distance(known, id));
    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    Failure::new(format!("there is no rule `{id}`{hint} `linchpin explain --all` lists them"))
}

/// Edits between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    row[b.len()]
}

fn as_json(card: &RuleCard) -> serde_json::Value {
    json!({
        "id": card.id,
        "title": card.title,
        "family": card.family.label().to_lowercase(),
        "severity": card.severity,
        "why": card.why,
        "detected": card.detected,
        "fix": card.fix,
        "false_alarm": card.false_alarm,
        "source": card.source,
    })
}

fn write_card(io: &mut Io<'_>, card: &RuleCard) -> Result<(), Failure> {
    writeln!(io.out, "{}: {}", card.id, card.title)?;
    writeln!(io.out, "  {}, up to {}", card.family.label(), card.severity.label())?;
    for (head, text) in [
        ("Why it hurts", card.why),
        ("How it is detected", card.detected),
        ("How to mend it", card.fix),
        ("When it is a false alarm", card.false_alarm),
        ("Source", card.source),
    ] {
        writeln!(io.out, "  {head}")?;
        for line in wrapped(text, 96) {
            writeln!(io.out, "    {line}")?;
        }
    }
    Ok(())
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
