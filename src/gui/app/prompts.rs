//! Questions in the way: what is not saved, what changed on disk, which file, which template.

use std::path::PathBuf;

use egui::{Key, TextEdit, Ui, WidgetInfo};

use super::{App, gallery};
use crate::file::draft::Draft;
use crate::gui::canvas::paint;
use crate::gui::command::registry::Group;
use crate::gui::command::{Effect, UiCommand};
use crate::gui::context::Ctx;
use crate::gui::dialogs::Question;
use crate::gui::fonts::font;
use crate::gui::widgets::{Emphasis, button, head, modal, paint_text};
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
                let answers = [
                    ("Save", Emphasis::Primary),
                    ("Do not save", Emphasis::Danger),
                    ("Cancel", Emphasis::Plain),
                ];
                match buttons(ui, &answers) {
                    Some(0) => answer = Some(Answer::SaveThen(then.clone())),
                    Some(1) => answer = Some(Answer::DropThen(then.clone())),
                    Some(_) => close = true,
                    None => {}
                }
            });
            close |= away;
        }
        Prompt::ChangedOnDisk { saving } => {
            let ((), away) = modal(ui, "changed", "The file has changed on disk", 440.0, |ui| {
                let path = ctx.session.path.map(|p| p.display().to_string()).unwrap_or_default();
                text(ui, ctx, &format!("Another program has written {path} since it was opened here."));
                let mine =
                    if *saving { ("Overwrite", Emphasis::Danger) } else { ("Keep mine", Emphasis::Plain) };
                let answers =
                    [("Open what is on disk", Emphasis::Primary), ("Save mine as…", Emphasis::Plain), mine];
                match buttons(ui, &answers) {
                    Some(0) => answer = Some(Answer::Reload),
                    Some(1) => answer = Some(Answer::SaveAs),
                    Some(_) if *saving => answer = Some(Answer::Overwrite),
                    Some(_) => close = true,
                    None => {}
                }
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
                match buttons(ui, &[("Recover", Emphasis::Primary), ("Throw away", Emphasis::Danger)]) {
                    Some(0) => answer = Some(Answer::Recover(draft.clone())),
                    Some(_) => answer = Some(Answer::DiscardDraft(draft.clone())),
                    None => {}
                }
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
                let verb = if *question == Question::Open { "Open" } else { "Save" };
                let pressed = buttons(ui, &[(verb, Emphasis::Primary), ("Cancel", Emphasis::Plain)]);
                if (pressed == Some(0) || enter) && wrong.is_none() {
                    answer = Some(Answer::File(question.clone(), target.clone()));
                }
                close |= pressed == Some(1);
            });
            close |= away;
        }
        Prompt::Gallery => {
            let (chosen, away) =
                modal(ui, "gallery", "Start from a template", 984.0, |ui| gallery::show(ui, ctx, recent));
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
            let ((), away) = modal(ui, "help", "Keyboard shortcuts", 860.0, |ui| help(ui, ctx));
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

/// The answers to a question, the one to give first at the right; returns the one that was pressed.
fn buttons(ui: &mut Ui, answers: &[(&str, Emphasis)]) -> Option<usize> {
    ui.add_space(8.0);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let pressed = answers.iter().map(|(text, emphasis)| button(ui, text, None, *emphasis).clicked());
        pressed.collect::<Vec<_>>().into_iter().position(|p| p)
    })
    .inner
}

/// Keys as people know them: by their signs, and no more than two ways.
fn keys_of(ui: &Ui, command: UiCommand) -> String {
    let keys: Vec<String> = (command.keys().iter())
        .map(|k| ui.ctx().format_shortcut(k))
        // What needs Shift for a sign is named by the sign.
        .filter(|k| k != "Shift+Slash")
        .map(|k| {
            let signs = [
                ("Questionmark", "?"),
                ("Backslash", "\\"),
                ("Slash", "/"),
                ("Equals", "="),
                ("Plus", "+"),
                ("Minus", "−"),
            ];
            signs.iter().fold(k, |k, (name, sign)| k.replace(name, sign))
        })
        .take(2)
        .collect();
    keys.join("  or  ")
}

fn help(ui: &mut Ui, ctx: &Ctx<'_>) {
    const MORE: &[(&str, &str)] = &[
        ("Space and drag, middle button", "Move the view"),
        ("Ctrl and wheel, pinch", "Zoom"),
        ("Arrows", "Move the selection by the grid"),
        ("Shift and arrows", "Move it by a point"),
        ("Alt and arrows", "Go to the next component"),
        ("Alt while dragging", "Ignore the grid"),
        ("Shift or Ctrl and click", "Add to the selection"),
        ("Esc", "Call off, or let go"),
    ];
    let of = |group: Group| -> Vec<(String, &str)> {
        let commands = UiCommand::ALL.iter().copied().filter(|c| c.group() == group);
        commands.map(|c| (keys_of(ui, c), c.title())).filter(|(keys, _)| !keys.is_empty()).collect()
    };
    let hand: Vec<(String, &str)> = MORE.iter().map(|(k, w)| ((*k).to_owned(), *w)).collect();
    let left = [
        ("File", of(Group::File)),
        ("Edit", of(Group::Edit)),
        ("Run", of(Group::Run)),
        ("On the canvas", hand),
    ];
    let right = [("View", of(Group::View)), ("Help", of(Group::Help))];
    let room = (ui.ctx().content_rect().height() - 180.0).max(200.0);
    let area = egui::ScrollArea::vertical().max_height(room).min_scrolled_height(room);
    area.auto_shrink([false, true]).show(ui, |ui| {
        // Clear of the scroll bar, and of each other.
        ui.set_max_width(ui.available_width() - 16.0);
        ui.spacing_mut().item_spacing.x = 36.0;
        ui.columns(2, |columns| {
            for (ui, groups) in columns.iter_mut().zip([left.as_slice(), right.as_slice()]) {
                ui.spacing_mut().item_spacing.y = 2.0;
                for (title, lines) in groups {
                    head(ui, title);
                    for (keys, what) in lines {
                        let (line, _) = ui.allocate_exact_size(
                            egui::vec2(ui.available_width(), 22.0),
                            egui::Sense::hover(),
                        );
                        let tint = |ink: Ink| paint::color(ctx.theme, ink);
                        let words = (12.5, Weight::Regular, tint(Ink::Text1));
                        paint_text(ui, line, egui::Align::Min, what, words);
                        let words = (11.5, Weight::Medium, tint(Ink::Text2));
                        paint_text(ui, line, egui::Align::Max, keys, words);
                    }
                    ui.add_space(8.0);
                }
            }
        });
    });
}
