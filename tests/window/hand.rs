//! A person at the window: pointer and keys, frame by frame.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use linchpin::design::{Design, Point, Rect};
use linchpin::file::Document;
use linchpin::gui::command::Request;
use linchpin::gui::dialogs::InWindow;
use linchpin::gui::{App, Start, style};
use linchpin::scene::Part;

/// The window with somebody at it.
pub struct Person {
    harness: Harness<'static, Option<App>>,
    _folder: tempfile::TempDir,
    /// The file that was opened.
    pub file: PathBuf,
}

impl Person {
    /// Opens a design.
    pub fn at(text: &str) -> Self {
        Self::returning(text, |_| None)
    }

    /// Opens a design where the window remembers something; `remember` is handed the file of the design and says where
    /// the window's memory is.
    pub fn returning(text: &str, remember: impl FnOnce(&Path) -> Option<PathBuf>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.ron");
        std::fs::write(&file, text).unwrap();
        let side = remember(&file);
        let start = Start { design: Some(file.clone()), side, dialogs: Box::new(InWindow) };
        let mut start = Some(start);
        let harness = Harness::builder()
            .with_size(Vec2::new(1600.0, 1000.0))
            .with_step_dt(1.0 / 30.0)
            .with_context_setup(style::install)
            .build_ui_state(
                move |ui, app: &mut Option<App>| {
                    app.get_or_insert_with(|| App::new(ui.ctx(), start.take().unwrap())).frame(ui);
                },
                None,
            );
        let mut person = Self { harness, _folder: folder, file };
        person.frames(4);
        person
    }

    /// Opens a design that was made, not written.
    pub fn with(design: Design) -> Self {
        Self::at(&Document::new(design.clone()).render(&design))
    }

    pub fn harness(&mut self) -> &mut Harness<'static, Option<App>> {
        &mut self.harness
    }

    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap()
    }

    pub fn app(&self) -> &App {
        self.harness.state().as_ref().unwrap()
    }

    pub fn design(&self) -> &Design {
        self.app().design()
    }

    pub fn undo_labels(&self) -> Vec<String> {
        self.app().session().log().labels().map(str::to_owned).collect()
    }

    pub fn selected(&self) -> Vec<String> {
        self.app().view().selection.ids().iter().map(ToString::to_string).collect()
    }

    pub fn frames(&mut self, n: usize) {
        self.harness.run_steps(n);
    }

    /// Waits for other threads; fails after a minute: a busy machine takes its time.
    pub fn until(&mut self, what: &str, done: impl Fn(&App) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done(self.app()) {
            assert!(Instant::now() < deadline, "{what} did not come");
            std::thread::sleep(Duration::from_millis(5));
            self.frames(1);
        }
    }

    /// Waits until the analysis of the design is there and what is found has kept its place for some frames.
    pub fn still(
        &mut self,
        what: &str,
        place: impl Fn(&Harness<'static, Option<App>>) -> Option<egui::Rect>,
    ) {
        self.until("the analysis", App::is_analysed);
        let (mut last, mut kept) = (None, 0);
        let deadline = Instant::now() + Duration::from_secs(60);
        while kept < 4 {
            assert!(Instant::now() < deadline, "`{what}` does not stand still");
            std::thread::sleep(Duration::from_millis(1));
            self.frames(1);
            let now = place(&self.harness);
            kept = if now.is_some() && now == last { kept + 1 } else { 0 };
            last = now;
        }
    }

    /// Presses what bears a label, once it stands still.
    pub fn press_on(&mut self, label: &str) {
        self.still(label, |h| h.query_by_label(label).map(|n| n.rect()));
        self.harness.get_by_label(label).click();
        self.frames(3);
    }

    /// Shows a made-up cluster, or none.
    pub fn set_live(&mut self, live: Option<linchpin::gui::context::LiveView>) {
        self.harness.state_mut().as_mut().unwrap().set_live(live);
        self.frames(3);
    }

    pub fn send(&mut self, request: Request) {
        self.app().commands().send(request);
        // A prompt needs a frame to be measured before it is seen.
        self.frames(4);
    }

    /// Where a place of the drawing is on the window.
    pub fn on_screen(&self, p: Point) -> Pos2 {
        self.app().canvas().to_screen(p)
    }

    pub fn frame_of(&self, id: &str) -> Rect {
        self.app().canvas().picture().scene().element(id).unwrap_or_else(|| panic!("{id} is not drawn")).frame
    }

    pub fn middle_of(&self, id: &str) -> Pos2 {
        self.on_screen(self.frame_of(id).center())
    }

    /// Where a link can be drawn from a card that is hovered.
    pub fn port_of(&mut self, id: &str) -> Pos2 {
        self.hover(self.middle_of(id));
        self.frames(2);
        let scene = self.app().canvas().picture().scene();
        let element = scene.element(id).unwrap();
        let port = element.parts.iter().find(|(_, part)| matches!(part, Part::Port(_)));
        self.on_screen(port.expect("a hovered card shows where links begin").0.center())
    }

    pub fn hover(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        self.frames(2);
    }

    fn button(&mut self, at: Pos2, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        });
        self.frames(1);
    }

    pub fn click(&mut self, at: Pos2) {
        self.click_with(at, Modifiers::NONE);
    }

    pub fn click_with(&mut self, at: Pos2, modifiers: Modifiers) {
        self.hover(at);
        self.button(at, true, modifiers);
        self.button(at, false, modifiers);
        self.frames(2);
    }

    pub fn press(&mut self, at: Pos2) {
        self.hover(at);
        self.button(at, true, Modifiers::NONE);
    }

    pub fn pull(&mut self, from: Pos2, to: Pos2) {
        for n in 1..=6 {
            self.harness.event(Event::PointerMoved(from + (to - from) * n as f32 / 6.0));
            self.frames(1);
        }
        self.frames(1);
    }

    pub fn let_go(&mut self, at: Pos2) {
        self.button(at, false, Modifiers::NONE);
        self.frames(2);
    }

    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.press(from);
        self.pull(from, to);
        self.let_go(to);
    }

    pub fn key(&mut self, key: Key) {
        self.key_with(Modifiers::NONE, key);
    }

    pub fn key_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.frames(3);
    }

    pub fn write(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.frames(2);
    }
}

pub const CTRL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };
