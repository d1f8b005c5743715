//! The plan that hardens the design, looked for on a thread of its own: it takes as long as it takes, keeps nobody waiting and
//! can be ended at any time with what it has found.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egui::Ui;

use super::style::size;
use super::widgets::{self, Emphasis};
use crate::analysis::harden::{Goal, Plan, Progress, Watch, plan_while};
use crate::design::Design;
use crate::edit::Command;
use crate::edit::commands::carry_out;
use crate::proof::CommonFaults;
use crate::scene::Ink;

/// What is found sooner needs no word.
const PATIENCE: Duration = Duration::from_millis(300);

/// A plan that is being looked for. Dropping it calls it off.
pub struct Planner {
    design: Arc<Design>,
    begun: Instant,
    end: Arc<AtomicBool>,
    progress: Arc<Mutex<Progress>>,
    found: Receiver<Result<Hardening, String>>,
}

/// A plan that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardening {
    /// All of it, as one step that can be undone.
    pub command: Command,
    /// What shows on live clusters that it does what it says.
    pub faults: CommonFaults,
}

/// What a person wants of a plan that is being looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// What is found so far.
    Enough,
    /// Nothing.
    Cancel,
}

impl Planner {
    /// Begins to look. `wake` is called when it is found.
    pub fn start(design: &Design, wake: impl Fn() + Send + 'static) -> Self {
        let design = Arc::new(design.clone());
        let (end, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Progress::default())));
        let (send, found) = channel();
        let (of_thread, ended, told) = (design.clone(), end.clone(), progress.clone());
        let started = std::thread::Builder::new().name("plan".to_owned()).spawn(move || {
            let tell = |p: Progress| *told.lock().unwrap_or_else(PoisonError::into_inner) = p;
            let go_on = || !ended.load(Ordering::Relaxed);
            // Nobody listens any more once it is called off.
            let _ = send.send(hardened(&of_thread, Watch { go_on: &go_on, tell: &tell }));
            wake();
        });
        // Without a thread the sender is gone, and that is what is said.
        drop(started);
        Self { design, begun: Instant::now(), end, progress, found }
    }

    /// Whether it is still about a design.
    pub fn is_about(&self, design: &Design) -> bool {
        *self.design == *design
    }

    /// What was found, or why there is nothing; `None` while it is being looked for.
    pub fn news(&self) -> Option<Result<Hardening, String>> {
        match self.found.try_recv() {
            Ok(found) => Some(found),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err("The search did not come to its end.".to_owned())),
        }
    }

    /// Ends the search; what it has found so far is its news.
    pub fn enough(&self) {
        self.end.store(true, Ordering::Relaxed);
    }

    /// Shows how far it is, unless it has only just begun; says what the person wants.
    pub fn show(&self, ui: &Ui) -> Option<Wish> {
        let waited = self.begun.elapsed();
        if waited < PATIENCE {
            ui.ctx().request_repaint_after(PATIENCE - waited);
            return None;
        }
        ui.ctx().request_repaint_after(Duration::from_millis(250));
        let progress = *self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ending = self.end.load(Ordering::Relaxed);
        let (wish, away) = widgets::modal(ui, "plan", "Looking for a plan", 420.0, |ui| {
            widgets::paragraph(ui, &in_words(progress, waited), size::BODY, Ink::Text1);
            let hint = "Changes are tried on a copy; the design stays as it is until you make the change.";
            widgets::paragraph(ui, hint, size::BODY, Ink::Text2);
            ui.add_space(8.0);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let enough = ui
                    .add_enabled_ui(progress.steps > 0 && !is_ending, |ui| {
                        widgets::button(ui, "Show what is found", None, Emphasis::Primary)
                    })
                    .inner
                    .clicked();
                let cancel = widgets::button(ui, "Cancel", None, Emphasis::Plain).clicked();
                match (cancel, enough) {
                    (true, _) => Some(Wish::Cancel),
                    (_, true) => Some(Wish::Enough),
                    _ => None,
                }
            })
            .inner
        });
        if away { Some(Wish::Cancel) } else { wish }
    }
}

impl Drop for Planner {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
    }
}

fn in_words(p: Progress, waited: Duration) -> String {
    let count = |n: usize, noun: &str| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") };
    format!(
        "{} tried, {} in the plan so far, {} short of the goal, {:.0} s.",
        count(p.tried, "change"),
        count(p.steps, "step"),
        count(p.unmet, "journey"),
        waited.as_secs_f64()
    )
}

/// The plan that takes each journey to its objective, or to where nothing alone stops it.
///
/// # Errors
/// Why there is none, as a sentence.
pub fn hardened(design: &Design, watch: Watch<'_>) -> Result<Hardening, String> {
    if let Some(problem) = design.problems().first() {
        return Err(problem.to_string());
    }
    let plan: Plan = plan_while(design, &Goal::default(), watch);
    if plan.steps.is_empty() {
        let why = match (plan.unmet.is_empty(), plan.is_ended) {
            (true, _) => "Every journey meets its objective, or nothing alone stops it.",
            (_, true) => "Nothing was found until the search was ended.",
            (false, false) => "Nothing that was tried helps without losing something else.",
        };
        return Err(why.to_owned());
    }
    let fix = plan.fix();
    let command = carry_out(design, fix.title, &fix.changes);
    Ok(Hardening { command, faults: CommonFaults::of_plan(&plan, design, |_| true) })
}
