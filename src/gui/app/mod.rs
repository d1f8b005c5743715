//! The application: what it holds, and a frame from beginning to end.
//!
//! `logic` takes in what other threads found, `ui` lays the window out, `commands` carries out what was asked for.

mod commands;
mod figures;
mod files;
mod gallery;
mod keys;
mod logic;
mod prompts;
mod search;
mod toasts;
mod topbar;
mod ui;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::analysis::Report;
use crate::design::Design;
use crate::edit::Session;
use crate::edit::commands::Fragment;
use crate::file::Document;
use crate::scene::{Shade, Theme};

use super::canvas::Canvas;
use super::cluster::Runner;
use super::command::{CommandSender, Say};
use super::comparer::Comparer;
use super::context::{ComparisonView, Ctx, ImpactView, LivePhase, LiveView, Preview, ProofView, SessionInfo};
use super::dialogs::{Dialogs, Question};
use super::figures::Figures;
use super::jobs::Jobs;
use super::planner::{Hardening, Planner};
use super::prover::Prover;
use super::reckoner::Reckoner;
use super::side::Side;
use super::view::{ThemeChoice, ViewState};

use prompts::Prompt;
use search::Search;
use toasts::Toasts;

/// What the application is started with.
pub struct Start {
    /// The design to open.
    pub design: Option<PathBuf>,
    /// Where the window's own memory is kept; `None` keeps none.
    pub side: Option<PathBuf>,
    /// Who asks for files.
    pub dialogs: Box<dyn Dialogs>,
}

/// The application.
pub struct App {
    session: Session,
    document: Document,
    /// What an unsaved design is called: the template it came from.
    origin: String,
    /// What the window was last called.
    title: String,
    view: ViewState,
    canvas: Canvas,
    known: Known,
    commands: CommandSender,
    jobs: Jobs,
    reckoner: Reckoner,
    planner: Option<Planner>,
    toasts: Toasts,
    prompt: Option<Prompt>,
    search: Option<Search>,
    /// A dialog of the system that is open.
    asking: Option<(Question, Receiver<Option<PathBuf>>)>,
    dialogs: Box<dyn Dialogs>,
    clipboard: Option<Fragment>,
    side: Side,
    side_path: Option<PathBuf>,
    drafts: logic::Drafts,
    runner: Option<Runner>,
    prover: Option<Prover>,
    comparer: Option<Comparer>,
    /// The plan that was found last, to know it again when it is tried.
    plan: Option<Hardening>,
    /// Whether the theme in force is the dark one.
    dark: bool,
    /// Whether the window is to close without asking further.
    closing: bool,
}

/// What is known about the design.
#[derive(Default)]
struct Known {
    /// The revision about which everything is known.
    complete: Option<u64>,
    report: Option<Arc<Report>>,
    impact: ImpactView,
    figures: Figures,
    live: Option<LiveView>,
    proof: ProofView,
    comparison: Option<ComparisonView>,
    preview: Option<Preview>,
}

impl Known {
    /// What takes the machine's time already, so that no further cluster is measured beside it, and how to go on.
    fn measuring(&self) -> Option<Say> {
        let is_over = |l: &LiveView| matches!(l.phase, LivePhase::Failed(_));
        if self.live.as_ref().is_some_and(|l| !is_over(l)) {
            Some(Say::warn("The cluster is running", "Stop it first."))
        } else if self.proof.running {
            Some(Say::warn("A proof is under way", "Stop it first."))
        } else if self.comparison.as_ref().is_some_and(|c| c.running) {
            Some(Say::warn("Two designs are being compared", "Stop it first."))
        } else {
            None
        }
    }
}

impl App {
    /// Starts, on a design if one is named. What cannot be opened is said in the window.
    pub fn new(ctx: &egui::Context, start: Start) -> Self {
        super::style::install(ctx);
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let side = start.side.as_deref().map(Side::load).unwrap_or_default();
        let (wake, wake_too) = (ctx.clone(), ctx.clone());
        let mut app = Self {
            session: Session::new(Design::default()),
            document: Document::new(Design::default()),
            origin: String::new(),
            title: String::new(),
            view: ViewState { layout: side.layout, ..ViewState::default() },
            canvas: Canvas::default(),
            known: Known::default(),
            commands: CommandSender::default(),
            jobs: Jobs::start(move || wake.request_repaint()),
            reckoner: Reckoner::start(move || wake_too.request_repaint()),
            planner: None,
            toasts: Toasts::default(),
            prompt: None,
            search: None,
            asking: None,
            dialogs: start.dialogs,
            clipboard: None,
            side,
            side_path: start.side,
            drafts: logic::Drafts::default(),
            runner: None,
            prover: None,
            comparer: None,
            plan: None,
            dark: true,
            closing: false,
        };
        match start.design {
            Some(path) => app.open_path(&path),
            None => app.prompt = Some(Prompt::Gallery),
        }
        app.set_theme(ctx);
        app
    }

    /// The design.
    pub fn design(&self) -> &Design {
        self.session.design()
    }

    /// The design with its history.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is seen and selected.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// The canvas.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Whether findings, losses and availability are about the design as it is now.
    pub fn is_analysed(&self) -> bool {
        self.known.complete == Some(self.session.revision())
    }

    /// What the rules say; `None` until they have spoken.
    pub fn report(&self) -> Option<&Report> {
        self.known.report.as_deref()
    }

    /// What losses would do, as far as it is known.
    pub fn impact(&self) -> &ImpactView {
        &self.known.impact
    }

    /// What the failure engine says, as far as it has been looked at.
    pub fn figures(&self) -> &Figures {
        &self.known.figures
    }

    /// The file of the design.
    pub fn path(&self) -> Option<&Path> {
        self.document.path()
    }

    /// What the passing messages say.
    pub fn messages(&self) -> Vec<String> {
        self.toasts.titles()
    }

    /// Shows a live cluster, or none. For whoever follows one, and for tests.
    pub fn set_live(&mut self, live: Option<LiveView>) {
        self.known.live = live;
    }

    /// Shows predictions beside measurements. For whoever tries them, and for tests.
    pub fn set_proof(&mut self, proof: ProofView) {
        self.known.proof = proof;
    }

    /// Where requests can be pushed from outside a frame.
    pub fn commands(&self) -> &CommandSender {
        &self.commands
    }

    /// One frame: what came in, what is shown, and what was asked for.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        self.dark = ui.ctx().theme() == egui::Theme::Dark;
        self.logic(ui.ctx());
        self.keys(ui.ctx());
        self.show(ui);
        self.carry_out(ui.ctx());
    }

    /// The name of the design as the window shows it.
    fn name(&self) -> String {
        match self.document.path().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None if !self.origin.is_empty() => format!("{}.ron", self.origin),
            None => "untitled".to_owned(),
        }
    }

    fn set_theme(&self, ctx: &egui::Context) {
        ctx.set_theme(match self.view.layout.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
            ThemeChoice::Light => egui::ThemePreference::Light,
        });
    }

    /// What the parts of the window are told. A function of fields, so that others can be lent out beside it.
    fn context<'a>(
        session: &'a Session,
        document: &'a Document,
        view: &'a ViewState,
        known: &'a Known,
        commands: &'a CommandSender,
        theme: &'static Theme,
    ) -> Ctx<'a> {
        Ctx {
            design: session.design(),
            session: SessionInfo {
                revision: session.revision(),
                unsaved: session.is_unsaved(),
                path: document.path(),
                undo_label: session.log().undo_label(),
                redo_label: session.log().redo_label(),
            },
            view,
            report: known.report.as_deref(),
            impact: &known.impact,
            figures: &known.figures,
            live: known.live.as_ref(),
            proof: &known.proof,
            comparison: known.comparison.as_ref(),
            preview: known.preview.as_ref(),
            theme,
            commands,
        }
    }

    fn theme(ctx: &egui::Context) -> &'static Theme {
        Theme::of(if ctx.theme() == egui::Theme::Dark { Shade::Dark } else { Shade::Light })
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.remember();
    }
}
