//! The design as it is beside the hardened one, told to people and to programs.

use serde_json::{Value, json};

use super::counted;
use crate::cli::prove::{claim_as_json, in_words};
use crate::proof::{Claim, Comparison, ProofReport, Verdict};

/// A table of both, line by line.
pub(super) fn in_text(comparison: &Comparison, line: &mut impl FnMut(String)) {
    line(String::new());
    let cell = |c: Option<&Claim>| -> String {
        let Some(c) = c else { return "not there".to_owned() };
        let seen = c.observed.as_ref().map_or("not measured".to_owned(), |o| {
            format!("{} of {}", in_words(o.outcome(c.effect), o.share), o.requests)
        });
        format!("{}, {}", seen, c.verdict.map_or("untried", Verdict::word))
    };
    let rows: Vec<[String; 4]> = comparison
        .lines()
        .into_iter()
        .map(|(c, d)| [c.fault.clone(), c.journey.clone(), cell(Some(c)), cell(d)])
        .collect();
    let head = ["lost", "journey", "as drawn", "hardened"].map(str::to_owned);
    let width = |k: usize| rows.iter().chain([&head]).map(|r| r[k].chars().count()).max().unwrap_or(0);
    let (a, b, c) = (width(0), width(1), width(2));
    for [fault, journey, before, after] in std::iter::once(&head).chain(&rows) {
        line(format!("{fault:<a$}  {journey:<b$}  {before:<c$}  {after}"));
    }
    line(format!(
        "{} confirmed as lost before; of those {} confirmed as kept after",
        counted(comparison.lost_before(), "claim"),
        comparison.kept_after()
    ));
}

/// As `proof` of the verb's JSON.
pub(super) fn as_json(comparison: &Comparison) -> Value {
    let claims: Vec<Value> = comparison
    .lines()
    .into_iter()
    .map(|(c, d)| json!({ "fault": c.fault, "journey": c.journey, "before": claim_as_json(c), "after": d.map(claim_as_json) }))
    .collect();
    let counts = |r: &ProofReport| {
        json!({
            "confirmed": r.count(Verdict::Confirmed),
            "refuted": r.count(Verdict::Refuted),
            "inconclusive": r.count(Verdict::Inconclusive),
        })
    };
    json!({
        "before": counts(&comparison.before),
        "after": counts(&comparison.after),
        "claims": claims,
        "confirmed_lost_before": comparison.lost_before(),
        "confirmed_kept_after": comparison.kept_after(),
    })
}
