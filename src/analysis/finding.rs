//! Findings: what a rule says about a design, with its witness, its fix and the experiment that tries it.

use serde::Serialize;

use crate::design::{Accepted, Change, Design, ElementId, JourneyId};

/// How bad a finding is; the order is from mild to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt some day.
    Warning,
    /// Breaks a promise of the design, or loses or exposes data.
    Error,
}

impl Severity {
    /// The plain name, in lower case.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that a rule says about a design.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Stable over edits that do not touch the matter: `rule@subject…`.
    pub id: String,
    /// The rule that says it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, the element to blame first.
    pub subjects: Vec<ElementId>,
    /// The journeys that suffer, in file order.
    pub journeys: Vec<JourneyId>,
    /// The elements through which the harm is done, in the order of the request.
    pub witness: Vec<ElementId>,
    /// What is wrong with what, in a few words for a list: names, not ids.
    pub title: String,
    /// One plain sentence.
    pub text: String,
    /// What would mend it.
    pub fix: Option<Fix>,
    /// The world that shows it on the live cluster.
    pub experiment: Option<Experiment>,
    /// Set where somebody has accepted it and the acceptance is still in force.
    pub accepted: Option<Accepted>,
}

impl Finding {
    /// A finding about these subjects; its id is the rule and the subjects.
    pub fn new(rule: &'static str, severity: Severity, subjects: Vec<ElementId>, text: String) -> Self {
        let id = finding_id(rule, subjects.iter().map(ElementId::as_str));
        Self {
            id,
            rule,
            severity,
            subjects,
            journeys: Vec::new(),
            witness: Vec::new(),
            title: String::new(),
            text,
            fix: None,
            experiment: None,
            accepted: None,
        }
    }

    /// Takes its id from these names and not from the subjects: for findings that group many subjects.
    #[must_use]
    pub fn named<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.id = finding_id(self.rule, names);
        self
    }

    /// Says in a few words what a list shows; without it, it is the rule's title and the name of the subject.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Says which journeys suffer.
    #[must_use]
    pub fn journeys(mut self, journeys: impl IntoIterator<Item = JourneyId>) -> Self {
        self.journeys = journeys.into_iter().collect();
        self
    }

    /// Says through which elements.
    #[must_use]
    pub fn witness(mut self, witness: Vec<ElementId>) -> Self {
        self.witness = witness;
        self
    }

    /// Says what would mend it.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, changes: Vec<Change>) -> Self {
        self.fix = Some(Fix { title: title.into(), changes });
        self
    }

    /// Says which world shows it.
    #[must_use]
    pub fn experiment(mut self, experiment: Experiment) -> Self {
        self.experiment = Some(experiment);
        self
    }
}

fn finding_id<'a>(rule: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut id = rule.to_owned();
    for name in names {
        id.push('@');
        id.push_str(name);
    }
    id
}

/// What would mend a finding, as data; `edit::commands::carry_out` makes one undoable command of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// What it does, in a few words that begin with a verb.
    pub title: String,
    /// The changes, to be made together.
    pub changes: Vec<Change>,
}

impl Fix {
    /// The design after the fix.
    pub fn applied_to(&self, design: &Design) -> Design {
        let mut design = design.clone();
        for change in &self.changes {
            change.apply(&mut design);
        }
        design
    }
}

/// The world that shows a finding: what to break, in the words of `what-if`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Experiment {
    /// Elements that are gone: connections to them are refused.
    pub down: Vec<ElementId>,
    /// Elements that no longer answer.
    pub silent: Vec<ElementId>,
    /// Cuts, as `A:B` (both ways) or `A>B` (messages from A to B).
    pub cut: Vec<String>,
}

impl Experiment {
    /// One element refuses connections.
    pub fn down(element: ElementId) -> Self {
        Self { down: vec![element], ..Self::default() }
    }

    /// The arguments of `linchpin what-if` that try it.
    pub fn arguments(&self) -> Vec<String> {
        let lists = [
            ("--down", strings(&self.down)),
            ("--silent", strings(&self.silent)),
            ("--cut", self.cut.clone()),
        ];
        lists
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .flat_map(|(flag, values)| [flag.to_owned(), values.join(",")])
            .collect()
    }
}

fn strings(ids: &[ElementId]) -> Vec<String> {
    ids.iter().map(ElementId::to_string).collect()
}
