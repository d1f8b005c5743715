//! `explain`: the card of a rule.
//!
//! JSON, version 1: `{"version", "rules": [{"id", "title", "family", "severity", "why", "detected", "fix",
//! "false_alarm", "source"}]}`. Markdown is the manual of rules.

use clap::ValueEnum;
use serde_json::json;

use super::{Failure, Io, Outcome, write_json};
use crate::analysis::{self, RULES, RuleCard, RuleFamily};

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
    format: ExplainFormat,
}

/// How cards are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ExplainFormat {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
    /// The manual of rules.
    Markdown,
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
            ExplainFormat::Json => {
                let rules: Vec<_> = cards.iter().map(|c| as_json(c)).collect();
                write_json(io, &json!({ "version": 1, "rules": rules }))?;
            }
            ExplainFormat::Text => {
                for (i, card) in cards.iter().enumerate() {
                    if i > 0 {
                        writeln!(io.out)?;
                    }
                    write_card(io, card)?;
                }
            }
            ExplainFormat::Markdown => write_manual(io, &cards)?,
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

/// The manual: family by family, rule by rule.
fn write_manual(io: &mut Io<'_>, cards: &[&RuleCard]) -> Result<(), Failure> {
    writeln!(io.out, "# The rule book")?;
    for family in RuleFamily::ALL {
        let cards: Vec<_> = cards.iter().filter(|c| c.family == family).collect();
        if cards.is_empty() {
            continue;
        }
        writeln!(io.out, "\n## {}", family.label())?;
        for card in cards {
            writeln!(io.out, "\n### {} (`{}`)\n", card.title, card.id)?;
            writeln!(io.out, "{} Up to {}.\n", card.why, card.severity.label())?;
            writeln!(io.out, "- **Detected:** {}", card.detected)?;
            writeln!(io.out, "- **Mended:** {}", card.fix)?;
            writeln!(io.out, "- **False alarm:** {}", card.false_alarm)?;
            writeln!(io.out, "- **Source:** {}", card.source)?;
        }
    }
    Ok(())
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

/// Text in lines of at most so many characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
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
