//! Questions in the way: what is not saved, what changed on disk, which file, which template.

use std::path::PathBuf;

use egui::{Key, TextEdit, Ui, WidgetInfo};

use super::{App, gallery};
use crate::file::draft::Draft;
use crate::gui::canvas::paint;
use crate::gui::command::{Effect, UiCommand};
use crate::gui::context::Ctx;
use crate::gui::dialogs::Question;
use crate::gui::fonts::font;
use crate::gui::widgets::modal;
use crate::scene::Ink;
use crate::scene::font::Weight;

/// A question in the way.
pub(super) enum Prompt {
    /// The design at hand is not saved; what is to be done after it is, or is not.
    Unsaved(Then),
    /// Somebody else has written the file; whether it was met while saving.
    ChangedOnDisk { saving: bool },
    /// There is work that was not saved when the program ended.
    Draft(Draft),
    /// Which file.
    Path { question: Question, text: String, begun: bool },
    /// Which template.
    Gallery,
    /// The keys.
    Help,
    /// It was answered.
    Answered(Answer),
}

/// What is to be done once the design at hand may be left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    New,
    Open,
    OpenPath(PathBuf),
    Template(String),
    Quit,
}

/// How a question was answered.
pub(super) enum Answer {
    SaveThen(Then),
    DropThen(Then),
    Overwrite,
    Reload,
    SaveAs,
    Recover(Draft),
    DiscardDraft(Draft),
    File(Question, PathBuf),
}

impl App {
    /// Does what a question was answered with.
    pub(super) fn answer_prompt(&mut self) {
        if !matches!(self.prompt, Some(Prompt::Answered(_))) {
            return;
        }
        let Some(Prompt::Answered(answer)) = self.prompt.take() else { return };
        match answer {
            Answer::SaveThen(then) => {
                if self.save() {
                    self.go(then);
                }
            }
            Answer::DropThen(then) => self.go(then),
            Answer::Overwrite => self.save_over(),
            Answer::Reload => {
                if let Some(path) = self.document.path().map(std::path::Path::to_owned) {
                    self.open_path(&path);
                }
            }
            Answer::SaveAs => self.ask(Question::SaveAs),
            Answer::Recover(draft) => self.recover(&draft),
            Answer::DiscardDraft(draft) => {
                if let Some(path) = self.document.path() {
                    // It will be offered again; nothing is lost by that.
                    let _ = crate::file::draft::discard(path);
                }
                drop(draft);
            }
            Answer::File(question, path) => self.answered(&question, &path),
        }
    }
}

/// Shows the question in the way, if there is one.
pub(super) fn show(ui: &Ui, ctx: &Ctx<'_>, prompt: &mut Option<Prompt>, recent: &[PathBuf]) {
    let Some(question) = prompt else { return };
    let mut answer = None;
    let mut close = false;
    match question {
        Prompt::Unsaved(then) => {
            let ((), away) = modal(ui, "unsaved", "Save the changes first?", 400.0, |ui| {
                text(ui, ctx, "The design has changes that are not in its file.");
                buttons(ui, |ui| {
                    if ui.button("Save").clicked() {
                        answer = Some(Answer::SaveThen(then.clone()));
                    }
                    if ui.button("Do not save").clicked() {
                        answer = Some(Answer::DropThen(then.clone()));
                    }
                    close |= ui.button("Cancel").clicked();
                });
            });
            close |= away;
        }
        Prompt::ChangedOnDisk { saving } => {
            let ((), away) = modal(ui, "changed", "The file has changed on disk", 440.0, |ui| {
                let path = ctx.session.path.map(|p| p.display().to_string()).unwrap_or_default();
                text(ui, ctx, &format!("Another program has written {path} since it was opened here."));
                buttons(ui, |ui| {
                    if ui.button(if *saving { "Overwrite" } else { "Keep mine" }).clicked() {
                        if *saving {
                            answer = Some(Answer::Overwrite);
                        } else {
                            close = true;
                        }
                    }
                    if ui.button("Open what is on disk").clicked() {
                        answer = Some(Answer::Reload);
                    }
                    if ui.button("Save mine as…").clicked() {
                        answer = Some(Answer::SaveAs);
                    }
                });
            });
            close |= away;
        }
        Prompt::Draft(draft) => {
            let ((), _) = modal(ui, "draft", "There is unsaved work", 440.0, |ui| {
                text(
                    ui,
                    ctx,
                    "The program ended before the last changes to this design were saved. They were kept.",
                );
                buttons(ui, |ui| {
                    if ui.button("Recover").clicked() {
                        answer = Some(Answer::Recover(draft.clone()));
                    }
                    if ui.button("Throw away").clicked() {
                        answer = Some(Answer::DiscardDraft(draft.clone()));
                    }
                });
            });
        }
        Prompt::Path { question, text: path, begun } => {
            let ((), away) = modal(ui, "path", &question.title(), 560.0, |ui| {
                let field = TextEdit::singleline(path)
                    .desired_width(f32::INFINITY)
                    .font(font(13.0, Weight::Regular))
                    .show(ui);
                let field = field.response.response;
                field.widget_info(|| {
                    WidgetInfo::text_edit(true, path.clone(), path.clone(), "Path of the file")
                });
                if !*begun {
                    *begun = true;
                    field.request_focus();
                }
                let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                let target = PathBuf::from(path.trim());
                let wrong = refused(question, &target);
                if let Some(wrong) = &wrong {
                    text(ui, ctx, wrong);
                }
                buttons(ui, |ui| {
                    let verb = if *question == Question::Open { "Open" } else { "Save" };
                    let pressed = ui.add_enabled(wrong.is_none(), egui::Button::new(verb)).clicked();
                    if (pressed || enter) && wrong.is_none() {
                        answer = Some(Answer::File(question.clone(), target.clone()));
                    }
                    close |= ui.button("Cancel").clicked();
                });
            });
            close |= away;
        }
        Prompt::Gallery => {
            let (chosen, away) =
                modal(ui, "gallery", "Start from", 720.0, |ui| gallery::show(ui, ctx, recent));
            match chosen {
                Some(gallery::Choice::Empty) => close = true,
                Some(gallery::Choice::Open) => ctx.commands.effect(Effect::Open),
                Some(gallery::Choice::Recent(path)) => ctx.commands.effect(Effect::OpenPath(path)),
                Some(gallery::Choice::Template(name)) => ctx.commands.effect(Effect::OpenTemplate(name)),
                None => {}
            }
            close |= away;
        }
        Prompt::Help => {
            let ((), away) = modal(ui, "help", "Keyboard shortcuts", 640.0, |ui| help(ui, ctx));
            close |= away;
        }
        Prompt::Answered(_) => {}
    }
    if let Some(answer) = answer {
        *prompt = Some(Prompt::Answered(answer));
    } else if close {
        *prompt = None;
    }
}

fn refused(question: &Question, path: &std::path::Path) -> Option<String> {
    if path.as_os_str().is_empty() {
        return Some("Write the path of a file.".to_owned());
    }
    if path.is_dir() {
        return Some("This is a folder; name a file in it.".to_owned());
    }
    match question {
        Question::Open => (!path.is_file()).then(|| "There is no such file.".to_owned()),
        Question::SaveAs | Question::Export(_) => {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
            folder.is_some_and(|f| !f.is_dir()).then(|| "There is no such folder.".to_owned())
        }
    }
}

fn text(ui: &mut Ui, ctx: &Ctx<'_>, text: &str) {
    ui.label(
        egui::RichText::new(text)
            .font(font(12.5, Weight::Regular))
            .color(paint::color(ctx.theme, Ink::Text2)),
    );
}

fn buttons(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.add_space(12.0);
    ui.horizontal(add);
}

fn help(ui: &mut Ui, ctx: &Ctx<'_>) {
    const MORE: &[(&str, &str)] = &[
        ("Space and drag, middle button, two fingers", "Move the view"),
        ("Ctrl and wheel, pinch", "Zoom"),
        ("Arrows", "Move the selection by the grid; with Shift by a point"),
        ("Alt and arrows", "Go to the next component"),
        ("Alt while dragging", "Ignore the grid"),
        ("Shift or Ctrl and click", "Add to the selection"),
        ("Esc", "Call off, or let go"),
    ];
    egui::ScrollArea::vertical().max_height(460.0).show(ui, |ui| {
        egui::Grid::new("keys").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
            for command in UiCommand::ALL {
                let keys: Vec<String> = command.keys().iter().map(|k| ui.ctx().format_shortcut(k)).collect();
                if !keys.is_empty() {
                    text(ui, ctx, &keys.join("   "));
                    ui.label(command.title());
                    ui.end_row();
                }
            }
            for (keys, what) in MORE {
                text(ui, ctx, keys);
                ui.label(*what);
                ui.end_row();
            }
        });
    });
}
