//! Opening, saving and beginning designs.

use std::path::{Path, PathBuf};

use super::App;
use super::prompts::{Prompt, Then};
use crate::design::Design;
use crate::edit::Session;
use crate::file::{self, Document, SaveError};
use crate::gui::command::Say;
use crate::gui::dialogs::{Answer, Question};
use crate::gui::ledger;
use crate::gui::view::WhatIf;

impl App {
    /// Opens a file; says what is wrong if it cannot be.
    pub(super) fn open_path(&mut self, path: &Path) {
        match Document::open(path) {
            Ok(document) => {
                let draft = file::draft::find(path);
                let design = document.design().clone();
                let camera = self.side.cameras.get(&canonical(path)).copied();
                self.take(document, Session::new(design), String::new(), camera);
                self.side.visited(path);
                self.remember();
                if let Some(ledger) = self.ledger() {
                    self.known.proof.claims = ledger::load(&ledger);
                }
                if let Some(draft) = draft {
                    self.prompt = Some(Prompt::Draft(draft));
                }
                if let Some(warning) = self.document.warnings().first() {
                    let more = self.document.warnings().len() - 1;
                    let also = if more > 0 { format!(" and {more} more") } else { String::new() };
                    self.toasts.say(Say::warn(
                        format!("Line {}: {}", warning.line, warning.what),
                        format!("It is kept as it is{also}."),
                    ));
                }
            }
            Err(error) => {
                self.toasts
                    .say(Say::error(format!("{} cannot be opened", path.display()), error.to_string()));
                if self.session.design() == &Design::default() && self.document.path().is_none() {
                    self.prompt = Some(Prompt::Gallery);
                }
            }
        }
    }

    /// Begins from a template.
    pub(super) fn open_template(&mut self, name: &str) {
        let Some(template) = file::TEMPLATES.iter().find(|t| t.name == name) else {
            self.toasts.say(Say::error(format!("There is no template {name}"), "Choose another."));
            return;
        };
        match Document::parse(template.text, template.name) {
            Ok(document) => {
                let design = document.design().clone();
                self.take(document, Session::new(design), name.to_owned(), None);
            }
            Err(error) => {
                self.toasts.say(Say::error(format!("The template {name} is broken"), error.to_string()));
            }
        }
    }

    /// Begins an empty design.
    pub(super) fn open_empty(&mut self) {
        let design = Design::default();
        self.take(Document::new(design.clone()), Session::new(design), String::new(), None);
    }

    /// Another design takes the place of the one at hand.
    fn take(
        &mut self,
        document: Document,
        session: Session,
        origin: String,
        camera: Option<crate::gui::canvas::Camera>,
    ) {
        self.leave();
        // Revisions go on growing, so that no answer about the last design fits the next.
        self.session = session.after(self.session.revision());
        self.document = document;
        self.origin = origin;
        self.view.selection = Default::default();
        self.view.finding = None;
        self.view.what_if = None;
        self.view.preview = None;
        self.view.hovered = None;
        self.runner = None;
        self.prover = None;
        self.comparer = None;
        self.plan = None;
        self.known.comparison = None;
        self.known.live = None;
        self.known.report = None;
        self.known.impact = Default::default();
        self.forget_figures();
        self.known.proof = Default::default();
        self.known.proof.design = crate::proof::fingerprint(self.session.design());
        self.canvas.reset(camera);
        self.prompt = None;
        self.drafts = Default::default();
    }

    /// Remembers where one was.
    fn leave(&mut self) {
        if let Some(path) = self.document.path()
            && self.canvas.has_been_seen()
        {
            self.side.cameras.insert(canonical(path), self.canvas.camera());
        }
    }

    /// Writes the window's memory down.
    pub(super) fn remember(&mut self) {
        self.leave();
        self.side.layout = self.view.layout;
        if let Some(path) = &self.side_path {
            // Only a convenience: not worth a word when it fails.
            let _ = self.side.save(path);
        }
    }

    /// Where the verdicts about the design at hand are kept.
    fn ledger(&self) -> Option<PathBuf> {
        Some(ledger::path_of(self.side_path.as_deref()?.parent()?, self.document.path()?))
    }

    /// Keeps what a proof has found, for the next time that the design is opened.
    pub(super) fn keep_proof(&self) {
        if let (Some(file), Some(path)) = (self.ledger(), self.document.path())
            && !self.known.proof.claims.is_empty()
        {
            // Only a convenience: not worth a word when it fails.
            let _ = ledger::save(&file, path, &self.known.proof.claims);
        }
    }

    /// Saves where the design came from. Says whether it is saved.
    pub(super) fn save(&mut self) -> bool {
        self.session.commit();
        match self.document.save(self.session.design()) {
            Ok(()) => {
                self.saved();
                true
            }
            Err(SaveError::NoFile) => {
                self.ask(Question::SaveAs);
                false
            }
            Err(SaveError::ChangedOnDisk { .. }) => {
                self.prompt = Some(Prompt::ChangedOnDisk { saving: true });
                false
            }
            Err(error) => {
                self.toasts.say(Say::error("Not saved", error.to_string()));
                false
            }
        }
    }

    /// Saves over what somebody else has written.
    pub(super) fn save_over(&mut self) {
        self.session.commit();
        match self.document.save_over(self.session.design()) {
            Ok(()) => self.saved(),
            Err(error) => self.toasts.say(Say::error("Not saved", error.to_string())),
        }
    }

    fn save_as(&mut self, path: &Path) {
        self.session.commit();
        let path = with_extension(path, "ron");
        match self.document.save_as(self.session.design(), &path) {
            Ok(()) => self.saved(),
            Err(error) => self.toasts.say(Say::error("Not saved", error.to_string())),
        }
    }

    fn saved(&mut self) {
        self.session.mark_saved();
        self.origin.clear();
        if let Some(path) = self.document.path().map(Path::to_owned) {
            self.side.visited(&path);
        }
        self.remember();
        self.keep_proof();
        self.toasts.say(Say::done(format!("Saved {}", self.name())));
    }

    /// Asks for a file, with the system's dialog or with our own.
    pub(super) fn ask(&mut self, question: Question) {
        let suggested = self.suggested(&question);
        match self.dialogs.ask(&question, suggested.clone()) {
            Answer::Later(receiver) => self.asking = Some((question, receiver)),
            Answer::AskHere => {
                self.prompt =
                    Some(Prompt::Path { question, text: suggested.display().to_string(), begun: false });
            }
        }
    }

    fn suggested(&self, question: &Question) -> PathBuf {
        let folder = match self.document.path().and_then(Path::parent) {
            Some(folder) => folder.to_owned(),
            None => std::env::current_dir().unwrap_or_default(),
        };
        let name = PathBuf::from(self.name());
        match question {
            Question::Open => folder.join(""),
            Question::SaveAs => folder.join(name).with_extension("ron"),
            Question::Export(format) => folder.join(name).with_extension(format),
        }
    }

    /// A file was named.
    pub(super) fn answered(&mut self, question: &Question, path: &Path) {
        match question {
            Question::Open => self.open_path(path),
            Question::SaveAs => self.save_as(path),
            Question::Export(format) => self.export(format, path),
        }
    }

    /// Does something that leaves the design at hand, after asking if that is not saved.
    pub(super) fn leave_for(&mut self, then: Then) {
        if self.session.is_unsaved() {
            self.prompt = Some(Prompt::Unsaved(then));
        } else {
            self.go(then);
        }
    }

    /// Leaves the design at hand, saved or not.
    pub(super) fn go(&mut self, then: Then) {
        match then {
            Then::New => self.open_empty(),
            Then::Open => self.ask(Question::Open),
            Then::OpenPath(path) => self.open_path(&path),
            Then::Template(name) => self.open_template(&name),
            Then::Quit => self.closing = true,
        }
    }

    /// Takes up a draft: what was not saved when the program ended.
    pub(super) fn recover(&mut self, draft: &file::draft::Draft) {
        match Document::parse_unchecked(&draft.text, "draft") {
            Ok(recovered) => {
                let revision = self.session.revision();
                self.session = Session::unsaved(recovered.design().clone()).after(revision);
                self.canvas.reset(None);
                self.view.what_if = None::<WhatIf>;
            }
            Err(error) => self.toasts.say(Say::error("The draft cannot be read", error.to_string())),
        }
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn with_extension(path: &Path, extension: &str) -> PathBuf {
    if path.extension().is_some() { path.to_owned() } else { path.with_extension(extension) }
}
