//! What is wrong with a drawing: a report of findings, each from one rule.
//!
//! [`run`] never fails: a half-drawn design yields findings about what it is so far. One rule is one file in its
//! family's folder, with its card beside its check, and one line in [`RULES`].
//!
//! Never: files, sockets, clocks, egui, how a design is edited, and the live cluster.

mod card;
mod facts;
mod finding;

pub mod practice;

pub use card::{Rule, RuleCard, RuleFamily};
pub use facts::Facts;
pub use finding::{Change, Experiment, Finding, Fix, Severity};

use crate::design::{Accepted, Design, Problem};

/// Every rule, family by family, in the order of the report.
pub static RULES: &[Rule] = &[practice::no_monitoring::RULE];

/// The rule of that id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.card.id == id)
}

/// What a run looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The present day as year-month-day, against which acceptances expire; absent, none does.
    pub today: Option<String>,
    /// Rules to run, by id; empty runs all.
    pub only: Vec<String>,
}

/// What all rules say of a design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Gravest first, then in the order of [`RULES`], then by id; accepted ones are marked and stay in place.
    pub findings: Vec<Finding>,
    /// What makes the design impossible to expand. Where there is any, rules that need the expansion said nothing.
    pub problems: Vec<Problem>,
}

impl Report {
    /// The findings that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.accepted.is_none())
    }

    /// The gravest severity among the findings that nobody has accepted.
    pub fn worst(&self) -> Option<Severity> {
        self.open().map(|f| f.severity).max()
    }
}

/// Asks every rule about a design.
pub fn run(design: &Design, options: &Options) -> Report {
    let facts = Facts::new(design);
    let mut findings = Vec::new();
    for (rank, rule) in RULES.iter().enumerate() {
        if !options.only.is_empty() && !options.only.iter().any(|id| id == rule.card.id) {
            continue;
        }
        let mut found = Vec::new();
        (rule.check)(&facts, &mut found);
        findings.extend(found.into_iter().map(|f| (rank, f)));
    }
    for (_, finding) in &mut findings {
        finding.accepted = acceptance(design, finding, options.today.as_deref()).cloned();
    }
    findings.sort_by(|(rank_a, a), (rank_b, b)| {
        b.severity.cmp(&a.severity).then(rank_a.cmp(rank_b)).then_with(|| a.id.cmp(&b.id))
    });
    Report { findings: findings.into_iter().map(|(_, f)| f).collect(), problems: facts.problems }
}

fn acceptance<'a>(design: &'a Design, finding: &Finding, today: Option<&str>) -> Option<&'a Accepted> {
    // Dates are year-month-day, so their order as text is their order in time.
    let in_force = |a: &&Accepted| a.until.is_empty() || today.is_none_or(|day| day <= a.until.as_str());
    design.accepted.iter().filter(|a| a.finding == finding.id).find(in_force)
}
