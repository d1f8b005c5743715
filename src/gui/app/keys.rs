//! Keys: each press finds its command in the registry.

use egui::{Event, Key, Modifiers};

use super::App;
use crate::gui::command::UiCommand;

impl App {
    /// Turns the keys of this frame into commands, unless they are being typed into a field or a prompt is open.
    pub(super) fn keys(&mut self, ctx: &egui::Context) {
        let typing = ctx.egui_wants_keyboard_input();
        let covered = self.prompt.is_some() || self.search.is_some() || egui::Popup::is_any_open(ctx);
        let events = ctx.input(|i| i.events.clone());
        for event in events {
            match event {
                Event::Copy if !typing && !covered => self.commands.named(UiCommand::Copy),
                Event::Cut if !typing && !covered => self.commands.named(UiCommand::Cut),
                Event::Paste(text) if !typing && !covered => self.paste_text(&text),
                Event::Key { key, pressed: true, modifiers, repeat, .. } => {
                    if covered && !(self.search.is_some() && key == Key::K && modifiers.command) {
                        continue;
                    }
                    let Some(command) = command_of(key, modifiers) else { continue };
                    // A field keeps what it needs itself: letters, and undo and redo of the typing.
                    let of_field = !(modifiers.command || modifiers.mac_cmd)
                        || matches!(
                            command,
                            UiCommand::Undo | UiCommand::Redo | UiCommand::SelectAll | UiCommand::Delete
                        );
                    if typing && of_field {
                        continue;
                    }
                    let again = matches!(
                        command,
                        UiCommand::Undo | UiCommand::Redo | UiCommand::ZoomIn | UiCommand::ZoomOut
                    );
                    if repeat && !again {
                        continue;
                    }
                    self.commands.named(command);
                }
                _ => {}
            }
        }
    }
}

/// The command of a key, held with exactly those modifiers.
fn command_of(key: Key, modifiers: Modifiers) -> Option<UiCommand> {
    UiCommand::ALL.iter().copied().find(|c| {
        c.keys().iter().any(|shortcut| {
            // Signs that lie above others come with Shift on many keyboards.
            let sign =
                matches!(key, Key::Questionmark | Key::Plus | Key::Equals | Key::Slash | Key::Backslash);
            let mut held = modifiers;
            if sign && !shortcut.modifiers.shift {
                held.shift = false;
            }
            shortcut.logical_key == key && held.matches_exact(shortcut.modifiers)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_the_same_key() {
        let mut seen = std::collections::BTreeMap::new();
        for command in UiCommand::ALL {
            for key in command.keys() {
                let name = format!("{:?} {:?}", key.modifiers, key.logical_key);
                assert_eq!(seen.insert(name.clone(), command), None, "{name}");
                assert_eq!(command_of(key.logical_key, key.modifiers), Some(*command));
            }
        }
    }
}
