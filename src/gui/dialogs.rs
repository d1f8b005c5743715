//! Asking for a file: with the system's dialog where there is one, else with a line to type a path into.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

/// How a question for a file is answered.
pub enum Answer {
    /// The system's dialog is open; the answer comes there, `None` if it was called off.
    Later(Receiver<Option<PathBuf>>),
    /// There is no dialog of the system: the window asks itself.
    AskHere,
}

/// What a question for a file is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A design to open.
    Open,
    /// Where to save the design.
    SaveAs,
    /// Where to write a picture of that format.
    Export(String),
}

impl Question {
    /// What the dialog is called.
    pub fn title(&self) -> String {
        match self {
            Question::Open => "Open a design".to_owned(),
            Question::SaveAs => "Save the design as".to_owned(),
            Question::Export(format) => format!("Export a picture as {}", format.to_uppercase()),
        }
    }
}

/// Whoever can ask for a file.
pub trait Dialogs {
    /// Asks; never blocks. `suggested` is the file that is meant most likely.
    fn ask(&mut self, question: &Question, suggested: PathBuf) -> Answer;
}

/// The window asks itself, always.
pub struct InWindow;

impl Dialogs for InWindow {
    fn ask(&mut self, _: &Question, _: PathBuf) -> Answer {
        Answer::AskHere
    }
}

/// The dialogs of the system.
pub struct Native;

impl Dialogs for Native {
    fn ask(&mut self, question: &Question, suggested: PathBuf) -> Answer {
        if !has_dialogs() {
            return Answer::AskHere;
        }
        let (send, receive) = channel();
        let question = question.clone();
        let asked = std::thread::Builder::new().name("dialog".to_owned()).spawn(move || {
            let mut dialog = rfd::FileDialog::new().set_title(question.title());
            if let Some(folder) = suggested.parent().filter(|p| p.is_dir()) {
                dialog = dialog.set_directory(folder);
            }
            let answer = match &question {
                Question::Open => dialog.add_filter("Linchpin design", &["ron"]).pick_file(),
                Question::SaveAs | Question::Export(_) => {
                    if let Some(name) = suggested.file_name() {
                        dialog = dialog.set_file_name(name.to_string_lossy());
                    }
                    let format = match &question {
                        Question::Export(format) => format.clone(),
                        _ => "ron".to_owned(),
                    };
                    dialog.add_filter(format.to_uppercase(), &[format]).save_file()
                }
            };
            // The window may be gone by now.
            let _ = send.send(answer);
        });
        if asked.is_ok() { Answer::Later(receive) } else { Answer::AskHere }
    }
}

/// Whether the system can show a dialog: on Linux it needs a session bus or zenity, elsewhere nothing.
fn has_dialogs() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|v| !v.is_empty());
    let zenity = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file()));
    bus || zenity
}
