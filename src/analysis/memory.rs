//! What was found out about a design, kept for the next edit of it.
//!
//! A drawing is looked at again after every edit, and most edits touch little. [`Memory::run`] says what [`run`](super::run)
//! says and reads again only what the edit touches: nothing where only the drawing, an acceptance or what people wrote
//! for each other has changed; else the losses that can feel the edit ([`Carried`](crate::impact::Carried)). Every rule is asked
//! again, as that costs little once the losses are known.

use std::sync::Arc;

use super::facts::Before;
use super::{Facts, Options, Report, report};
use crate::design::Design;

/// What is known of the design that was looked at last.
#[derive(Debug, Default)]
pub struct Memory {
    before: Option<Arc<Before>>,
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    design: Arc<Design>,
    only: Vec<String>,
    report: Report,
}

impl Memory {
    /// Asks every rule about a design.
    pub fn run(&mut self, design: &Design, options: &Options) -> Report {
        let last = self.last.as_ref();
        if let Some(last) = last.filter(|l| l.only == options.only && l.design.means_the_same_as(design)) {
            let mut report = last.report.clone();
            report.mark_accepted(design, options.today.as_deref());
            return report;
        }
        let mut facts = Facts::after(design, self.before.clone());
        let report = report(&mut facts, options);
        let looked_at = facts.deployment.design.clone();
        // A design that is unsound for a moment makes nobody forget what it was.
        if let Some(known) = facts.remembered().filter(|_| report.problems.is_empty()) {
            self.before = Some(Arc::new(known));
        }
        self.last = Some(Last { design: looked_at, only: options.only.clone(), report: report.clone() });
        report
    }
}
