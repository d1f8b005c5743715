//! The window: one canvas, four modes, and what stands around it.
//!
//! [`App`] holds the [`Session`](crate::edit::Session), the document on disk, the [`ViewState`](view::ViewState) and
//! the work under way on other threads. A frame hands every part of the window a [`Ctx`](context::Ctx) (the design,
//! read only, and what is known about it) and a [`CommandSender`](command::CommandSender); what a part wants done it
//! pushes there, and `app::commands` carries it out once, at the end of the frame. Nothing else changes anything.
//!
//! | Where | What |
//! | --- | --- |
//! | `app/logic` | results of other threads, autosave, also while the window is hidden |
//! | `app/ui` | the places of the window and what stands in them |
//! | `app/commands` | carries requests out |
//! | [`command`] | the three families of requests, and the named commands of menu, keys and palette |
//! | [`context`] | what every part of the window is told |
//! | [`view`] | what is seen and selected; never in the design |
//! | [`canvas`] | the drawing and the hand that draws |
//! | `panels`, `inspector` | left, bottom, right |
//!
//! Never: the command line, and what a node does.

pub mod app;
pub mod canvas;
pub mod cluster;
pub mod command;
pub mod comparer;
pub mod context;
pub mod crossing;
pub mod dialogs;
pub mod figures;
pub mod fonts;
pub mod inspector;
pub mod jobs;
pub mod ledger;
pub mod meter;
pub mod notices;
pub mod panels;
pub mod planner;
pub mod prover;
pub mod reckoner;
pub mod side;
pub mod style;
pub mod view;
pub mod widgets;
pub mod words;

use std::path::PathBuf;

pub use app::{App, Start};

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When no window can be opened: why, and what is missing.
pub fn run(design: Option<PathBuf>) -> Result<(), String> {
    let side_path = side::Side::default_path();
    let size = side_path.as_deref().and_then(|p| side::Side::load(p).window).unwrap_or((1440.0, 900.0));
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Linchpin")
            .with_app_id("linchpin")
            .with_inner_size([size.0.clamp(640.0, 8000.0), size.1.clamp(480.0, 8000.0)])
            .with_min_inner_size([640.0, 480.0]),
        ..eframe::NativeOptions::default()
    };
    let start = Start { design, side: side_path, dialogs: Box::new(dialogs::Native) };
    // Some libraries of the system end in a panic when a part of them is missing; that is no reason to print one.
    let hook = std::panic::take_hook();
    let opened = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = opened.clone();
    std::panic::set_hook(Box::new(|_| {}));
    let hook = std::sync::Mutex::new(Some(hook));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eframe::run_native(
            "linchpin",
            options,
            Box::new(move |cc| {
                if let Ok(mut hook) = hook.lock()
                    && let Some(hook) = hook.take()
                {
                    std::panic::set_hook(hook);
                }
                flag.store(true, std::sync::atomic::Ordering::Relaxed);
                Ok(Box::new(App::new(&cc.egui_ctx, start)))
            }),
        )
    }));
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(missing(&error.to_string())),
        Err(panic) if opened.load(std::sync::atomic::Ordering::Relaxed) => std::panic::resume_unwind(panic),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text =
                text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
            Err(missing(&text))
        }
    }
}

/// Why no window came, with what to install where that is known.
fn missing(error: &str) -> String {
    let reason = error.split_whitespace().collect::<Vec<_>>().join(" ");
    if cfg!(target_os = "linux") {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
            return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)".to_owned();
        }
        return format!(
            "the system gives none ({reason}); on Debian and Ubuntu it needs the packages libx11-6 libx11-xcb1 libxcursor1 \
             libxi6 libxkbcommon-x11-0 libgl1"
        );
    }
    format!("the system gives none ({reason})")
}
