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

pub mod canvas;
pub mod command;
pub mod context;
pub mod fonts;
pub mod inspector;
pub mod panels;
pub mod style;
pub mod view;
pub mod widgets;
pub mod words;
