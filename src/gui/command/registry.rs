//! The named commands: title, keys, when available, and what each asks for. Menu, keys, palette and tests read this
//! one list.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::{Action, Effect, Request};
use crate::gui::context::Ctx;
use crate::gui::view::{Mode, Place, ThemeChoice, Tool};

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident => $title:literal, $group:ident, [$($key:expr),*];)+) => {
        /// A command that needs no data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UiCommand {
            $($(#[$doc])* $variant,)+
        }

        impl UiCommand {
            /// All of them, in the order of menu and palette.
            pub const ALL: &[UiCommand] = &[$(UiCommand::$variant),+];

            /// What it is called; `…` at the end where more input follows.
            pub fn title(self) -> &'static str {
                match self {
                    $(UiCommand::$variant => $title,)+
                }
            }

            /// Under which heading it stands.
            pub fn group(self) -> Group {
                match self {
                    $(UiCommand::$variant => Group::$group,)+
                }
            }

            /// The keys that ask for it; the first is shown.
            pub fn keys(self) -> &'static [KeyboardShortcut] {
                match self {
                    $(UiCommand::$variant => {
                        const KEYS: &[KeyboardShortcut] = &[$($key),*];
                        KEYS
                    })+
                }
            }
        }
    };
}

/// A heading of menu and palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The design file.
    File,
    /// Changes of the design.
    Edit,
    /// How it is seen.
    View,
    /// The live cluster.
    Run,
    /// Help.
    Help,
}

impl Group {
    /// All of them, in the order of the menu.
    pub const ALL: [Group; 5] = [Group::File, Group::Edit, Group::View, Group::Run, Group::Help];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Group::File => "File",
            Group::Edit => "Edit",
            Group::View => "View",
            Group::Run => "Run",
            Group::Help => "Help",
        }
    }
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

commands! {
    /// An empty design.
    New => "New design", File, [ctrl(Key::N)];
    /// Another file.
    Open => "Open…", File, [ctrl(Key::O)];
    /// The gallery.
    Templates => "Start from a template…", File, [ctrl_shift(Key::N)];
    /// To the same file.
    Save => "Save", File, [ctrl(Key::S)];
    /// To another file.
    SaveAs => "Save as…", File, [ctrl_shift(Key::S)];
    /// As a vector picture.
    ExportSvg => "Export a picture as SVG…", File, [ctrl_shift(Key::E)];
    /// As a pixel picture.
    ExportPng => "Export a picture as PNG…", File, [];
    /// Close the window.
    Quit => "Quit", File, [ctrl(Key::Q)];

    /// Take back.
    Undo => "Undo", Edit, [ctrl(Key::Z)];
    /// Do again.
    Redo => "Redo", Edit, [ctrl_shift(Key::Z), ctrl(Key::Y)];
    /// Out of the drawing and onto the clipboard.
    Cut => "Cut", Edit, [];
    /// Onto the clipboard.
    Copy => "Copy", Edit, [];
    /// From the clipboard.
    Paste => "Paste", Edit, [];
    /// A copy beside it.
    Duplicate => "Duplicate", Edit, [ctrl(Key::D)];
    /// Away with it.
    Delete => "Delete", Edit, [plain(Key::Delete), plain(Key::Backspace)];
    /// Everything.
    SelectAll => "Select all", Edit, [ctrl(Key::A)];
    /// Nothing.
    SelectNone => "Select nothing", Edit, [];
    /// Another name, in place.
    Name => "Change the name…", Edit, [plain(Key::F2), plain(Key::Enter)];
    /// A cause of the selection.
    MakeCause => "Let the selection fail together", Edit, [ctrl(Key::G)];
    /// Fewer things that alone stop a journey.
    Harden => "Harden the design…", Edit, [];
    /// Layout by the program.
    Tidy => "Tidy up the drawing", Edit, [];

    /// The command palette.
    Palette => "Search or run a command…", View, [ctrl(Key::K), ctrl_shift(Key::P), ctrl(Key::Slash)];
    /// Draw.
    ModeDesign => "Design", View, [];
    /// Run.
    ModeRun => "Run", View, [];
    /// Prove.
    ModeProve => "Prove", View, [];
    /// Share.
    ModeShare => "Share", View, [];
    /// The arrow.
    ToolSelect => "Select and move", View, [plain(Key::V)];
    /// The pen.
    ToolConnect => "Draw links", View, [plain(Key::C)];
    /// The hand.
    ToolPan => "Move the view", View, [plain(Key::H)];
    /// Frames.
    ToolZone => "Draw a zone", View, [plain(Key::Z)];
    /// What if.
    ToolWhatIf => "What if", View, [plain(Key::W)];
    /// Closer.
    ZoomIn => "Zoom in", View, [ctrl(Key::Plus), ctrl(Key::Equals)];
    /// Further away.
    ZoomOut => "Zoom out", View, [ctrl(Key::Minus)];
    /// Life size.
    ZoomReset => "Zoom to 100 %", View, [ctrl(Key::Num0)];
    /// Everything in view.
    ZoomFit => "Zoom to fit", View, [shift(Key::Num1)];
    /// The selection in view.
    ZoomSelection => "Zoom to the selection", View, [shift(Key::Num2)];
    /// Left.
    TogglePalette => "Show or hide the components", View, [ctrl(Key::B)];
    /// Right.
    ToggleInspector => "Show or hide the inspector", View, [ctrl(Key::I)];
    /// Bottom.
    ToggleBottom => "Show or hide the bottom panel", View, [ctrl(Key::J)];
    /// Map.
    ToggleMinimap => "Show or hide the map", View, [];
    /// All of these.
    ToggleChrome => "Canvas only", View, [ctrl(Key::Backslash)];
    /// What losses cost.
    Heat => "Show what each loss would cost", View, [plain(Key::L)];
    /// Onwards.
    NextFinding => "Next finding", View, [plain(Key::F8)];
    /// Back.
    PreviousFinding => "Previous finding", View, [shift(Key::F8)];
    /// Dark.
    ThemeDark => "Dark theme", View, [];
    /// Light.
    ThemeLight => "Light theme", View, [];
    /// As the system.
    ThemeSystem => "Theme of the system", View, [];

    /// Start.
    Run => "Run as a live cluster", Run, [ctrl(Key::R)];
    /// End.
    Stop => "Stop the cluster", Run, [ctrl_shift(Key::R)];
    /// Mend.
    HealAll => "Mend everything", Run, [];
    /// Kill.
    Kill => "Kill the selection", Run, [plain(Key::K)];
    /// Hold.
    Pause => "Pause the selection", Run, [];
    /// Start again.
    Restart => "Restart the selection", Run, [];
    /// Try every prediction.
    Prove => "Prove every prediction", Run, [];
    /// Give up.
    CancelProof => "Stop proving", Run, [];

    /// The keys.
    Help => "Keyboard shortcuts", Help, [plain(Key::F1), plain(Key::Questionmark), shift(Key::Slash)];
}

impl UiCommand {
    /// Why it cannot be done now; `Ok` if it can.
    ///
    /// # Errors
    /// The reason, as a phrase for a tooltip.
    pub fn available(self, ctx: &Ctx<'_>) -> Result<(), &'static str> {
        use UiCommand as C;
        let needs = |fine: bool, why: &'static str| if fine { Ok(()) } else { Err(why) };
        let selected = !ctx.view.selection.is_empty();
        let running = ctx.live.is_some();
        match self {
            C::Undo => needs(ctx.session.undo_label.is_some(), "nothing to take back"),
            C::Redo => needs(ctx.session.redo_label.is_some(), "nothing to do again"),
            C::Cut | C::Copy | C::Duplicate | C::Delete | C::ZoomSelection | C::SelectNone => {
                needs(selected, "nothing is selected")
            }
            C::Name => needs(ctx.view.selection.len() == 1, "select one element"),
            C::MakeCause => needs(ctx.view.selection.len() >= 2, "select two elements or more"),
            C::SelectAll | C::ZoomFit | C::Tidy | C::ExportSvg | C::ExportPng => needs(
                !ctx.design.components.is_empty() || !ctx.design.zones.is_empty(),
                "the drawing is empty",
            ),
            C::Run => {
                needs(!ctx.design.components.is_empty(), "the drawing is empty")?;
                needs(!running, "the cluster is running")
            }
            C::Stop | C::HealAll => needs(running, "no cluster is running"),
            C::Kill | C::Pause | C::Restart => {
                needs(running, "no cluster is running")?;
                needs(selected, "nothing is selected")
            }
            C::Prove => {
                needs(
                    !ctx.design.journeys.is_empty() || !ctx.design.links.is_empty(),
                    "nothing is linked yet",
                )?;
                needs(!ctx.proof.running, "a proof is under way")
            }
            C::CancelProof => needs(ctx.proof.running, "no proof is under way"),
            C::NextFinding | C::PreviousFinding => {
                needs(ctx.report.is_some_and(|r| r.open().next().is_some()), "there is no finding")
            }
            C::Harden => needs(!ctx.design.links.is_empty(), "nothing is linked yet"),
            C::Heat => needs(!running, "the cluster is running"),
            _ => Ok(()),
        }
    }

    /// What it asks for, where that follows from the command alone; `app::commands` does the others itself.
    pub fn request(self) -> Option<Request> {
        use UiCommand as C;
        let view = |a: Action| Some(Request::View(a));
        let effect = |e: Effect| Some(Request::Effect(e));
        match self {
            C::New => effect(Effect::New),
            C::Open => effect(Effect::Open),
            C::Templates => view(Action::OpenGallery),
            C::Save => effect(Effect::Save),
            C::SaveAs => effect(Effect::SaveAs),
            C::ExportSvg => effect(Effect::Export("svg".to_owned())),
            C::ExportPng => effect(Effect::Export("png".to_owned())),
            C::Quit => effect(Effect::Quit),
            C::SelectNone => view(Action::Select(Vec::new())),
            C::Palette => view(Action::OpenPalette),
            C::ModeDesign => view(Action::SetMode(Mode::Design)),
            C::ModeRun => view(Action::SetMode(Mode::Run)),
            C::ModeProve => view(Action::SetMode(Mode::Prove)),
            C::ModeShare => view(Action::SetMode(Mode::Share)),
            C::ToolSelect => view(Action::SetTool(Tool::Select)),
            C::ToolConnect => view(Action::SetTool(Tool::Connect)),
            C::ToolPan => view(Action::SetTool(Tool::Pan)),
            C::ToolZone => view(Action::SetTool(Tool::Zone(Default::default()))),
            C::ToolWhatIf => view(Action::SetTool(Tool::WhatIf)),
            C::ZoomIn => view(Action::ZoomBy(1.25)),
            C::ZoomOut => view(Action::ZoomBy(0.8)),
            C::ZoomReset => view(Action::ZoomReset),
            C::ZoomFit => view(Action::ZoomFit),
            C::ZoomSelection => view(Action::ZoomSelection),
            C::TogglePalette => view(Action::TogglePlace(Place::Left)),
            C::ToggleInspector => view(Action::TogglePlace(Place::Right)),
            C::ToggleBottom => view(Action::TogglePlace(Place::Bottom)),
            C::ToggleMinimap => view(Action::TogglePlace(Place::Minimap)),
            C::ToggleChrome => view(Action::TogglePlace(Place::All)),
            C::Harden => view(Action::Harden),
            C::NextFinding => view(Action::StepFinding { back: false }),
            C::PreviousFinding => view(Action::StepFinding { back: true }),
            C::ThemeDark => view(Action::SetTheme(ThemeChoice::Dark)),
            C::ThemeLight => view(Action::SetTheme(ThemeChoice::Light)),
            C::ThemeSystem => view(Action::SetTheme(ThemeChoice::System)),
            C::Run => effect(Effect::Run),
            C::Stop => effect(Effect::Stop),
            C::HealAll => effect(Effect::Fault(super::Fault::HealAll)),
            C::Prove => effect(Effect::Prove(Vec::new())),
            C::CancelProof => effect(Effect::CancelProof),
            C::Help => view(Action::OpenHelp),
            C::Undo
            | C::Redo
            | C::Cut
            | C::Copy
            | C::Paste
            | C::Duplicate
            | C::Delete
            | C::SelectAll
            | C::Name
            | C::MakeCause
            | C::Tidy
            | C::Kill
            | C::Pause
            | C::Restart
            | C::Heat => None,
        }
    }
}
