//! A change tried beside the design as it is, behind the window: a thread that proves both, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::deploy;
use crate::design::Design;
use crate::edit::{Command, Session};
use crate::proof::{CommonFaults, Comparison, Trial, Turn, fingerprint};

use super::context::{ClaimRow, ComparisonView};
use super::notices::Notices;
use super::prover::{follow, rows};

/// A comparison under way, from the window's side. Dropping it calls it off.
pub struct Comparer {
    cancel: Arc<AtomicBool>,
    notices: Notices<ComparisonView>,
    seen: u64,
}

impl Comparer {
    /// Begins to try the design as it is and after a change with the same faults; where none are given, with those that the change
    /// makes come out differently.
    pub fn start(
        design: Design,
        command: Command,
        faults: Option<CommonFaults>,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let cancel = Arc::new(AtomicBool::new(false));
        let print = fingerprint(&design);
        let notices = Notices::new(ComparisonView {
            command: command.clone(),
            designs: (print, print),
            running: true,
            status: "looking for what the change makes come out differently".to_owned(),
            rows: Vec::new(),
        });
        let (of_thread, stop) = (notices.clone(), cancel.clone());
        let started = std::thread::Builder::new().name("comparison".to_owned()).spawn(move || {
            let change = |f: &mut dyn FnMut(&mut ComparisonView)| {
                of_thread.change(f);
                wake();
            };
            let status = match try_both(&design, command, faults, &stop, &change) {
                Ok(()) => String::new(),
                Err(_) if stop.load(Ordering::Relaxed) => "stopped".to_owned(),
                Err(why) => why,
            };
            change(&mut |view| {
                view.running = false;
                view.status.clone_from(&status);
                for (before, after) in &mut view.rows {
                    before.leave();
                    after.iter_mut().for_each(ClaimRow::leave);
                }
            });
        });
        if let Err(error) = started {
            notices.change(|view| {
                view.running = false;
                view.status = format!("no thread can be started: {error}");
            });
        }
        Self { cancel, notices, seen: 0 }
    }

    /// What there is to see, if it is new.
    pub fn news(&mut self) -> Option<ComparisonView> {
        self.notices.news(&mut self.seen)
    }

    /// Calls it off; what has been judged stays.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Comparer {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn try_both(
    design: &Design,
    command: Command,
    faults: Option<CommonFaults>,
    cancel: &Arc<AtomicBool>,
    change: &dyn Fn(&mut dyn FnMut(&mut ComparisonView)),
) -> Result<(), String> {
    let mut session = Session::new(design.clone());
    session.apply(command).map_err(|e| e.to_string())?;
    let changed = session.design();
    for each in [design, changed] {
        if let Some(problem) = each.problems().first() {
            return Err(problem.to_string());
        }
    }
    let (before, after) = (deploy::expand(design), deploy::expand(changed));
    let faults = faults.unwrap_or_else(|| CommonFaults::of_change(&before, &after));
    if faults.is_empty() {
        return Err(
            "No failure is predicted to come out differently after this change: nothing that can be \
                    broken would tell the two designs apart."
                .to_owned(),
        );
    }
    let mut of_changed: BTreeMap<String, ClaimRow> =
        rows(&faults.experiments(&after)).into_iter().map(|row| (row.id.clone(), row)).collect();
    let both: Vec<(ClaimRow, Option<ClaimRow>)> = rows(&faults.experiments(&before))
        .into_iter()
        .map(|row| {
            let after = of_changed.remove(&row.id);
            (row, after)
        })
        .collect();
    let prints = (fingerprint(design), fingerprint(changed));
    change(&mut |view| {
        view.designs = prints;
        view.rows.clone_from(&both);
    });
    let trial = Trial { cancel: cancel.clone(), ..Trial::default() };
    let made = Comparison::of(design, changed, &faults, &trial, &mut |turn, progress| {
        change(&mut |view| {
            let rows = view.rows.iter_mut();
            let (side, line) = match turn {
                Turn::Before => ("as drawn", follow(rows.map(|r| &mut r.0), &progress, prints.0)),
                Turn::After => {
                    ("after the change", follow(rows.filter_map(|r| r.1.as_mut()), &progress, prints.1))
                }
            };
            if let Some(line) = line {
                view.status = format!("{side}, {line}");
            }
        });
    });
    made.map(drop).map_err(|e| e.to_string())
}
