//! Carries requests out, once, at the end of a frame.

use std::path::Path;

use super::App;
use super::prompts::{Prompt, Then};
use super::search::Search;
use crate::design::{Design, ElementId};
use crate::edit::commands::{self, Fragment};
use crate::edit::{Command, Edit};
use crate::export;
use crate::gui::command::{Action, Effect, Fault, Request, Say, UiCommand};
use crate::gui::comparer::Comparer;
use crate::gui::dialogs::Question;
use crate::gui::planner::Planner;
use crate::gui::prover::Prover;
use crate::gui::view::{Mode, Place, Tool};

impl App {
    /// Carries out what was asked for in this frame, in order.
    pub(super) fn carry_out(&mut self, ctx: &egui::Context) {
        let mut hovered = None;
        // What a request asks for in turn is carried out as well; a few rounds are plenty.
        for _ in 0..4 {
            let requests = self.commands.take();
            if requests.is_empty() {
                break;
            }
            ctx.request_repaint();
            for request in requests {
                match request {
                    Request::View(Action::Hover(id)) => hovered = Some(id),
                    Request::View(action) => self.act(ctx, action),
                    Request::Edit(command) => self.edit(command),
                    Request::Gesture(command) => {
                        if let Err(error) = self.session.update(&command) {
                            self.toasts.say(Say::warn("That cannot be done", error.to_string()));
                        }
                    }
                    Request::GestureEnd => self.session.commit(),
                    Request::GestureAbort => self.session.abort(),
                    Request::Effect(effect) => self.effect(ctx, effect),
                    Request::Named(command) => self.named(ctx, command),
                }
            }
        }
        self.view.hovered = hovered;
        if self.closing {
            self.remember();
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn edit(&mut self, command: Command) {
        if let Err(error) = self.session.apply(command) {
            self.toasts.say(Say::warn("That cannot be done", error.to_string()));
        }
    }

    fn act(&mut self, ctx: &egui::Context, action: Action) {
        let now = ctx.input(|i| i.time);
        let still = self.view.layout.reduced_motion;
        match action {
            Action::SetMode(mode) => {
                self.view.mode = mode;
                if mode != Mode::Design
                    && matches!(self.view.tool, Tool::Place(_) | Tool::Zone(_) | Tool::Connect)
                {
                    self.view.tool = Tool::Select;
                }
            }
            Action::SetTool(tool) => self.view.tool = tool,
            Action::PickUp(kind) => self.view.tool = Tool::Place(kind),
            Action::PickUpZone(kind) => self.view.tool = Tool::Zone(kind),
            Action::Select(ids) => self.view.selection.set(ids),
            Action::Toggle(id) => self.view.selection.toggle(id),
            // Gathered before, as it holds for one frame.
            Action::Hover(_) => {}
            Action::FocusFinding(finding) => self.focus(finding, now),
            Action::ZoomTo(ids) => {
                let to = self.canvas.view_of(&ids);
                self.canvas.fly_to(to, now, still);
            }
            Action::ZoomFit => self.canvas.fly_to(self.canvas.fit(), now, still),
            Action::ZoomSelection => {
                let to = self.canvas.view_of(self.view.selection.ids());
                self.canvas.fly_to(to, now, still);
            }
            Action::ZoomReset => {
                let to = crate::gui::canvas::Camera { zoom: 1.0, ..self.canvas.camera() };
                self.canvas.fly_to(to, now, still);
            }
            Action::ZoomBy(factor) => self.canvas.fly_to(self.canvas.zoomed(factor), now, still),
            Action::SetTab(tab) => self.view.set_tab(tab),
            Action::ShowReliability(shown) => self.view.reliability = shown,
            Action::TogglePlace(place) => self.toggle(place),
            Action::SetTheme(theme) => {
                self.view.layout.theme = theme;
                self.set_theme(ctx);
            }
            Action::OpenPalette => self.search = Some(Search::default()),
            Action::OpenGallery => self.prompt = Some(Prompt::Gallery),
            Action::OpenHelp => self.prompt = Some(Prompt::Help),
            Action::BeginName(id) => {
                let context = App::context(
                    &self.session,
                    &self.document,
                    &self.view,
                    &self.known,
                    &self.commands,
                    App::theme(ctx),
                );
                self.canvas.begin_name(&context, &id);
            }
            Action::SetWhatIf(world) => self.view.what_if = world,
            Action::ToggleDown(id) => {
                let mut world = self.view.what_if.take().unwrap_or_default();
                if !world.down.remove(&id) {
                    world.down.insert(id);
                }
                self.view.what_if = (!world.is_empty() || self.view.tool == Tool::WhatIf).then_some(world);
            }
            Action::Preview(command) => {
                self.known.preview = None;
                if let Some(command) = &command {
                    self.jobs.ask_preview(self.session.revision(), self.session.design(), command);
                }
                self.view.preview = command;
            }
            Action::DropComparison => {
                self.comparer = None;
                self.known.comparison = None;
            }
            Action::Harden => {
                let wake = ctx.clone();
                self.planner = Some(Planner::start(self.session.design(), move || wake.request_repaint()));
            }
            Action::StepFinding { back } => self.step_finding(back, now),
            Action::SetHeat(heat) => self.view.heat = heat,
            Action::SetReducedMotion(reduced) => self.view.layout.reduced_motion = reduced,
            Action::Say(say) => self.toasts.say(say),
        }
    }

    fn focus(&mut self, finding: Option<String>, now: f64) {
        self.view.finding = finding;
        let Some(id) = &self.view.finding else { return };
        let Some(found) = self.known.report.as_ref().and_then(|r| r.findings.iter().find(|f| f.id == *id))
        else {
            return;
        };
        let shown: Vec<ElementId> = found.subjects.iter().chain(&found.witness).cloned().collect();
        if let Some(subject) = found.subjects.first() {
            let whole = subject.as_str().split('/').next().unwrap_or_default();
            self.view.selection.set([ElementId::new(whole)]);
        }
        // The camera stays where all of it can be seen already.
        let scene = self.canvas.picture().scene();
        let seen = self.canvas.seen();
        let hidden = shown.iter().any(|id| {
            let whole = id.as_str().split('/').next().unwrap_or_default();
            scene.element(whole).is_some_and(|e| !seen.encloses(&e.frame))
        });
        if hidden {
            let to = self.canvas.view_of(&shown);
            self.canvas.fly_to(to, now, self.view.layout.reduced_motion);
        }
    }

    /// Goes through the open findings in the order of the report, round and round.
    fn step_finding(&mut self, back: bool, now: f64) {
        let Some(report) = &self.known.report else { return };
        let ids: Vec<&str> = report.open().map(|f| f.id.as_str()).collect();
        if ids.is_empty() {
            return;
        }
        let at = self.view.finding.as_ref().and_then(|id| ids.iter().position(|i| i == id));
        let to = match (at, back) {
            (None, false) => 0,
            (None, true) => ids.len() - 1,
            (Some(n), false) => (n + 1) % ids.len(),
            (Some(n), true) => (n + ids.len() - 1) % ids.len(),
        };
        let id = ids[to].to_owned();
        self.view.set_tab(crate::gui::view::BottomTab::Findings);
        self.focus(Some(id), now);
    }

    fn toggle(&mut self, place: Place) {
        let layout = &mut self.view.layout;
        match place {
            Place::Left => layout.left = !layout.left,
            Place::Right => layout.right = !layout.right,
            Place::Bottom => layout.bottom = !layout.bottom,
            Place::Minimap => layout.minimap = !layout.minimap,
            Place::All => {
                let any = layout.left || layout.right || layout.bottom;
                (layout.left, layout.right, layout.bottom) = (!any, !any, !any);
            }
        }
    }

    fn effect(&mut self, ctx: &egui::Context, effect: Effect) {
        match effect {
            Effect::New => self.leave_for(Then::New),
            Effect::Open => self.leave_for(Then::Open),
            Effect::OpenPath(path) => self.leave_for(Then::OpenPath(path)),
            Effect::OpenTemplate(name) => self.leave_for(Then::Template(name)),
            Effect::Save => {
                self.save();
            }
            Effect::SaveAs => self.ask(Question::SaveAs),
            Effect::Export(format) => self.ask(Question::Export(format)),
            Effect::Quit => self.leave_for(Then::Quit),
            Effect::CopyText(text) => ctx.copy_text(text),
            // Two clusters at once would take each other's time and spoil the measurement.
            Effect::Run | Effect::Prove(_) | Effect::Compare(_) if self.known.measuring().is_some() => {
                self.known.measuring().into_iter().for_each(|say| self.toasts.say(say));
            }
            Effect::Run => {
                if let Some(problem) = self.session.design().problems().first() {
                    self.toasts.say(Say::error("The design cannot run", problem.to_string()));
                    return;
                }
                let wake = ctx.clone();
                self.view.mode = Mode::Run;
                self.view.what_if = None;
                self.view.tool = Tool::Select;
                let design = self.session.design().clone();
                self.runner =
                    Some(crate::gui::cluster::Runner::start(design, move || wake.request_repaint()));
            }
            Effect::Stop => match &self.runner {
                Some(runner) if !self.has_failed() => runner.stop(),
                _ => {
                    self.runner = None;
                    self.known.live = None;
                }
            },
            Effect::Fault(fault) => match &self.runner {
                Some(runner) => runner.fault(fault),
                None => self.toasts.say(Say::warn("Nothing is running", "Start the cluster first.")),
            },
            Effect::Prove(only) => {
                if let Some(problem) = self.session.design().problems().first() {
                    self.toasts.say(Say::error("The design cannot run", problem.to_string()));
                    return;
                }
                let wake = ctx.clone();
                self.view.mode = Mode::Prove;
                self.view.set_tab(crate::gui::view::BottomTab::Proof);
                let design = self.session.design().clone();
                let known = &self.known.proof;
                self.prover = Some(Prover::start(design, &only, known, move || wake.request_repaint()));
            }
            Effect::CancelProof => {
                if let Some(prover) = &self.prover {
                    prover.cancel();
                }
            }
            Effect::Compare(command) => {
                let wake = ctx.clone();
                self.known.preview = None;
                self.view.preview = None;
                self.view.mode = Mode::Prove;
                self.view.set_tab(crate::gui::view::BottomTab::Comparison);
                self.view.what_if = None;
                let faults = self.plan.as_ref().filter(|p| p.command == command).map(|p| p.faults.clone());
                let design = self.session.design().clone();
                let comparer = Comparer::start(design, command, faults, move || wake.request_repaint());
                self.comparer = Some(comparer);
            }
            Effect::CancelComparison => {
                if let Some(comparer) = &self.comparer {
                    comparer.cancel();
                }
            }
        }
    }

    /// Whether the run at hand has broken off: it is shown until it is put away.
    fn has_failed(&self) -> bool {
        self.known.live.as_ref().is_some_and(|l| matches!(l.phase, crate::gui::context::LivePhase::Failed(_)))
    }

    /// Writes a picture of the design, with the text of the design in it, in the theme at hand.
    pub(super) fn export(&mut self, format: &str, path: &Path) {
        let design = self.session.design();
        let text = self.document.render(design);
        let shade = if self.dark { crate::scene::Shade::Dark } else { crate::scene::Shade::Light };
        let picture = export::Picture { source: Some(&text), shade, ..export::Picture::of(design) };
        let written = export::by_id(format)
            .ok_or_else(|| format!("there is no format {format}"))
            .and_then(|f| f.write(&picture).map_err(|e| e.to_string()))
            .and_then(|bytes| std::fs::write(path, bytes).map_err(|e| e.to_string()));
        self.toasts.say(match written {
            Ok(()) => Say::done(format!("Wrote {}", path.display())),
            Err(why) => Say::error(format!("{} was not written", path.display()), why),
        });
    }

    fn named(&mut self, ctx: &egui::Context, command: UiCommand) {
        let context = App::context(
            &self.session,
            &self.document,
            &self.view,
            &self.known,
            &self.commands,
            App::theme(ctx),
        );
        if let Err(why) = command.available(&context) {
            self.toasts.say(Say::warn(command.title().trim_end_matches('…'), why));
            return;
        }
        if let Some(request) = command.request() {
            self.commands.send(request);
            return;
        }
        use UiCommand as C;
        match command {
            C::Undo => {
                self.session.undo();
            }
            C::Redo => {
                self.session.redo();
            }
            C::Copy => self.copy(ctx),
            C::Cut => {
                self.copy(ctx);
                self.delete();
            }
            C::Paste => {
                if let Some(fragment) = self.clipboard.clone() {
                    self.paste(&fragment);
                } else {
                    self.toasts.say(Say::warn("Nothing to paste", "Copy components or zones first."));
                }
            }
            C::Duplicate => {
                let fragment = self.fragment();
                self.paste(&fragment);
            }
            C::Delete => self.delete(),
            C::SelectAll => {
                let design = self.session.design();
                let all = (design.components.iter().map(|c| ElementId::from(&c.id)))
                    .chain(design.zones.iter().map(|z| ElementId::from(&z.id)))
                    .collect::<Vec<_>>();
                self.view.selection.set(all);
            }
            C::Name => {
                if let Some(id) = self.view.selection.single().cloned() {
                    self.act(ctx, Action::BeginName(id));
                }
            }
            C::MakeCause => {
                let members = self.view.selection.ids().to_vec();
                let (command, id) = commands::add_cause(self.session.design(), "Shared cause", members);
                self.edit(command);
                self.view.selection.set([ElementId::from(&id)]);
            }
            C::Tidy => {
                let design = self.session.design();
                let drawing = crate::layout::arrange(design);
                let bends: Vec<_> = design.drawing.links.keys().map(|id| (id.clone(), None)).collect();
                let command = commands::draw("Tidy up", drawing.components, drawing.zones, bends);
                self.edit(command);
                self.canvas.fit_next();
            }
            C::Heat => self.view.heat = self.view.heat.next(),
            C::Kill => self.faults(Fault::Kill),
            C::Pause => self.faults(Fault::Pause),
            C::Restart => self.faults(Fault::Restart),
            _ => {}
        }
    }

    fn faults(&mut self, fault: impl Fn(ElementId) -> Fault) {
        let design = self.session.design();
        for id in self.view.selection.ids() {
            let wanted = fault(id.clone());
            // A zone is taken down and brought back as a whole, and of a link only its passage can be.
            let fault = match (design.zone(id.as_str()), design.link(id.as_str()), wanted) {
                (Some(z), _, Fault::Kill(_)) => Fault::FailZone(z.id.clone()),
                (Some(z), _, Fault::Restart(_)) => Fault::RestoreZone(z.id.clone()),
                (_, Some(l), Fault::Kill(_)) => {
                    Fault::Cut { from: (&l.from).into(), to: (&l.to).into(), both: true }
                }
                (_, Some(l), Fault::Restart(_)) => Fault::Heal { from: (&l.from).into(), to: (&l.to).into() },
                (None, None, wanted) if design.journey(id.as_str()).is_none() => wanted,
                _ => {
                    let name = crate::gui::words::element(design, id.as_str());
                    let text = "Select a component or an instance.";
                    self.toasts.say(Say::warn(format!("{name} is no process"), text));
                    continue;
                }
            };
            self.commands.effect(Effect::Fault(fault));
        }
    }

    fn delete(&mut self) {
        let ids = self.view.selection.ids().to_vec();
        let design = self.session.design();
        let mut command = commands::delete(design, &ids);
        // Notes have no id that deletion knows; the highest goes first, so that the others keep their place.
        let mut notes: Vec<usize> =
            ids.iter().filter_map(|id| id.as_str().strip_prefix("note:")?.parse().ok()).collect();
        notes.sort_unstable();
        command.edits.extend(notes.into_iter().rev().map(|n| Edit::Remove(crate::edit::ItemRef::Note(n))));
        self.edit(command);
        self.view.selection.purge(self.session.design());
    }

    fn fragment(&self) -> Fragment {
        let drawing = self.canvas.picture().drawing();
        commands::copy(
            self.session.design(),
            self.view.selection.ids(),
            |id| drawing.components.get(id).copied(),
            |id| drawing.zones.get(id).copied(),
        )
    }

    pub(super) fn copy(&mut self, ctx: &egui::Context) {
        let fragment = self.fragment();
        if fragment.is_empty() {
            return;
        }
        if let Ok(text) = serde_json::to_string(&Clip { linchpin: 1, fragment: fragment.clone() }) {
            ctx.copy_text(text);
        }
        self.clipboard = Some(fragment);
    }

    /// Pastes a text, if it is one that was copied here or in another window.
    pub(super) fn paste_text(&mut self, text: &str) {
        match serde_json::from_str::<Clip>(text) {
            Ok(clip) => self.paste(&clip.fragment),
            Err(_) => {
                if let Some(fragment) = self.clipboard.clone() {
                    self.paste(&fragment);
                }
            }
        }
    }

    fn paste(&mut self, fragment: &Fragment) {
        let (dx, dy) = offset(self.session.design(), fragment);
        let (command, new) = commands::paste(self.session.design(), fragment, dx, dy);
        self.edit(command);
        self.view.selection.set(new.into_iter().map(ElementId::new));
    }
}

/// What stands on the clipboard.
#[derive(serde::Serialize, serde::Deserialize)]
struct Clip {
    /// Version of this form.
    linchpin: u32,
    fragment: Fragment,
}

/// How far a copy is moved so that it hides nothing that stands exactly there.
fn offset(design: &Design, fragment: &Fragment) -> (f32, f32) {
    let mut by = if design.components.is_empty() && design.zones.is_empty() { 0.0 } else { 24.0 };
    let taken = |by: f32| {
        fragment.component_places.values().any(|p| {
            design
                .drawing
                .components
                .values()
                .any(|q| (q.x - p.x - by).abs() < 4.0 && (q.y - p.y - by).abs() < 4.0)
        })
    };
    while taken(by) && by < 2400.0 {
        by += 24.0;
    }
    (by, by)
}
