//! Rule cards: what a rule is about, written for the person who reads its finding.

use super::Finding;
use super::Severity;
use super::facts::Facts;

/// The family of a rule; one folder each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleFamily {
    /// What stops which journey.
    Failure,
    /// Where load piles up.
    Sharding,
    /// What a partition costs.
    Consistency,
    /// The anti-patterns of the field.
    Practice,
    /// Who can reach what.
    Security,
}

impl RuleFamily {
    /// All families, in the order of the registry.
    pub const ALL: [RuleFamily; 5] = [
        RuleFamily::Failure,
        RuleFamily::Sharding,
        RuleFamily::Consistency,
        RuleFamily::Practice,
        RuleFamily::Security,
    ];

    /// The plain name; its lower case is the folder.
    pub fn label(self) -> &'static str {
        match self {
            RuleFamily::Failure => "Failure",
            RuleFamily::Sharding => "Sharding",
            RuleFamily::Consistency => "Consistency",
            RuleFamily::Practice => "Practice",
            RuleFamily::Security => "Security",
        }
    }
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCard {
    /// Names the rule in findings, on the command line and in acceptances.
    pub id: &'static str,
    /// Its name in the interface.
    pub title: &'static str,
    /// Its family.
    pub family: RuleFamily,
    /// The gravest severity that it gives.
    pub severity: Severity,
    /// Why it hurts.
    pub why: &'static str,
    /// How it is detected.
    pub detected: &'static str,
    /// How to mend it.
    pub fix: &'static str,
    /// When it is a false alarm.
    pub false_alarm: &'static str,
    /// Where the knowledge comes from.
    pub source: &'static str,
}

/// A rule: its card and its check.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it is about.
    pub card: &'static RuleCard,
    /// Adds what it finds.
    pub(super) check: fn(&Facts<'_>, &mut Vec<Finding>),
}
