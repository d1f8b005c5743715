//! What comes in from outside between frames: answers of other threads, dialogs, the disk.

use super::{App, Prompt};
use crate::gui::command::{Action, Say};
use crate::gui::context::{LivePhase, LiveView};
use crate::gui::jobs::Answer;
use crate::gui::prover::merged;
use crate::gui::view::BottomTab;

/// How long an unsaved change stays undrafted, in seconds.
const DRAFT_SECS: f64 = 5.0;
/// How often the file on disk is looked at, in seconds.
const DISK_SECS: f64 = 3.0;

/// What has been drafted, and when the disk was looked at.
#[derive(Default)]
pub(super) struct Drafts {
    /// The revision of the latest draft.
    drafted: u64,
    /// When the design first differed from it.
    changed_at: Option<f64>,
    /// When the disk was last looked at.
    looked_at: f64,
    /// Whether the change on disk has been said.
    pub told: bool,
}

impl App {
    /// Takes in what came in.
    pub(super) fn logic(&mut self, ctx: &egui::Context) {
        let now = ctx.input(|i| i.time);
        let revision = self.session.revision();
        if self.known.impact.revision != revision {
            self.known.impact.revision = revision;
            // A drag changes places only; what is known stays until it is known better.
            if !self.session.in_gesture() {
                self.known.impact.by_world.clear();
            }
            self.known.proof.design = crate::proof::fingerprint(self.session.design());
        }
        if !self.session.in_gesture() {
            self.jobs.ask(revision, self.session.design());
        }
        if let Some(world) = &self.view.what_if
            && self.known.impact.of_world(world).is_none()
        {
            self.jobs.ask_world(revision, world);
        }
        for answer in self.jobs.answers() {
            match answer {
                Answer::Report(of, report) if of == revision => {
                    self.known.report = Some(report);
                    self.known.impact.by_element.clear();
                    self.known.impact.refused.clear();
                }
                Answer::Losses(of, losses) if of == revision => self.known.impact.by_element.extend(losses),
                Answer::World(of, world, impact) if of == revision => {
                    self.known.impact.by_world.insert(world, impact);
                }
                Answer::Preview(of, command, preview)
                    if of == revision && self.view.preview.as_ref() == Some(&*command) =>
                {
                    self.known.preview = Some(*preview);
                }
                Answer::Availability(of, journeys) if of == revision => {
                    self.known.impact.take_availability(&journeys);
                }
                Answer::Claims(of, claims) if of == revision => {
                    if !self.known.proof.running {
                        self.known.proof.claims = merged(claims, &self.known.proof.claims);
                    }
                    self.known.complete = Some(of);
                }
                Answer::Refused(of, why) if of == revision => {
                    self.known.impact.by_element.clear();
                    self.known.impact.refused = why;
                    self.known.complete = Some(of);
                }
                // About an older design.
                _ => {}
            }
        }
        self.reckon(revision);
        self.take_plan();
        if let Some(news) = self.runner.as_mut().and_then(crate::gui::cluster::Runner::news) {
            if news.is_none() {
                self.runner = None;
            }
            if let Some(LiveView { phase: LivePhase::Failed(why), .. }) = &news {
                self.toasts.say(Say::error("The cluster did not run", why.clone()));
            }
            self.known.live = news;
        }
        if let Some(news) = self.prover.as_mut().and_then(crate::gui::prover::Prover::news) {
            if self.known.proof.running && !news.running && !news.status.is_empty() {
                self.toasts.say(Say::warn("The proof has ended early", news.status.clone()));
            }
            let judged =
                |p: &crate::gui::context::ProofView| p.claims.iter().map(|c| c.attempts).sum::<u32>();
            let kept = judged(&news) != judged(&self.known.proof) || !news.running;
            let design = self.known.proof.design;
            self.known.proof = crate::gui::context::ProofView { design, ..news };
            if kept {
                self.keep_proof();
            }
        }
        if let Some(news) = self.comparer.as_mut().and_then(crate::gui::comparer::Comparer::news) {
            self.known.comparison = Some(news);
        }
        self.dialog_answer();
        self.view.selection.purge(self.session.design());
        self.watch_disk(now);
        self.keep_draft(ctx, now);
        if ctx.input(|i| i.viewport().close_requested()) && !self.closing && self.session.is_unsaved() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.prompt = Some(Prompt::Unsaved(super::prompts::Then::Quit));
        }
    }

    /// Shows the plan that was found, to be thought about.
    fn take_plan(&mut self) {
        let Some(news) = self.planner.as_ref().and_then(crate::gui::planner::Planner::news) else { return };
        let is_still_right = self.planner.take().is_some_and(|p| p.is_about(self.session.design()));
        match news {
            _ if !is_still_right => {
                self.toasts.say(Say::warn("The plan was called off", "The design has changed meanwhile."));
            }
            Ok(hardening) => {
                self.commands.view(Action::SetTab(BottomTab::Findings));
                self.commands.view(Action::Preview(Some(hardening.command.clone())));
                self.plan = Some(hardening);
            }
            Err(why) => self.toasts.say(Say::warn("There is no plan", why)),
        }
    }

    fn dialog_answer(&mut self) {
        let Some((question, answer)) = &self.asking else { return };
        match answer.try_recv() {
            Ok(path) => {
                let question = question.clone();
                self.asking = None;
                if let Some(path) = path {
                    self.answered(&question, &path);
                }
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                self.asking = None;
                self.toasts
                    .say(Say::error("The file dialog ended early", "Try again, or start from a terminal."));
            }
        }
    }

    /// Says so when somebody else has written the file.
    fn watch_disk(&mut self, now: f64) {
        if now - self.drafts.looked_at < DISK_SECS || self.prompt.is_some() {
            return;
        }
        self.drafts.looked_at = now;
        let changed = self.document.is_changed_on_disk();
        if changed && !self.drafts.told {
            self.drafts.told = true;
            self.prompt = Some(Prompt::ChangedOnDisk { saving: false });
        } else if !changed {
            self.drafts.told = false;
        }
    }

    /// Keeps what is not saved beside the file, in case the program ends unexpectedly.
    fn keep_draft(&mut self, ctx: &egui::Context, now: f64) {
        let revision = self.session.revision();
        if revision == self.drafts.drafted || !self.session.is_unsaved() || self.session.in_gesture() {
            self.drafts.changed_at = None;
            if !self.session.is_unsaved() {
                self.drafts.drafted = revision;
            }
            return;
        }
        let since = *self.drafts.changed_at.get_or_insert(now);
        if now - since < DRAFT_SECS {
            ctx.request_repaint_after_secs(DRAFT_SECS as f32);
            return;
        }
        self.drafts.drafted = revision;
        self.drafts.changed_at = None;
        let Some(path) = self.document.path().map(std::path::Path::to_owned) else { return };
        let (document, design) = (self.document.clone(), self.session.design().clone());
        // A draft that fails is no reason to disturb; the next change tries again.
        let _ = std::thread::Builder::new().name("draft".to_owned()).spawn(move || {
            let _ = crate::file::draft::write(&path, &document.render(&design));
        });
    }
}
