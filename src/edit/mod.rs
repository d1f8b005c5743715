//! The only way a design changes: commands that carry their inverse.
//!
//! A [`Command`] is a label for the Edit menu and a list of [`Edit`]s that happen together or not at all. Applying
//! edits yields the edits that undo them, so that undo, redo and an aborted drag need no copies of the design
//! (revisions that carry their inverse). [`Session`] owns a [`Design`](crate::design::Design) with its [`UndoLog`];
//! [`Session::apply`] refuses what would make the design unsound, so that a sound design stays sound. What people
//! usually do (add, connect, delete, duplicate, name…) is made into commands by [`commands`].
//!
//! ```
//! use linchpin::design::{Design, Kind};
//! use linchpin::edit::{Session, commands};
//!
//! let mut session = Session::new(Design::default());
//! let (add, id) = commands::add_component(session.design(), Kind::Service, None, None);
//! session.apply(add).unwrap();
//! assert!(session.design().component(id.as_str()).is_some());
//! session.undo();
//! assert_eq!(*session.design(), Design::default());
//! ```
//!
//! Never: analyses, layout, files, clocks, threads, egui.

mod command;
pub mod commands;
mod item;
mod rename;
mod session;
mod undo;

pub use command::{Command, Edit, EditError, apply};
pub use item::{Item, ItemRef};
pub use session::Session;
pub use undo::UndoLog;
