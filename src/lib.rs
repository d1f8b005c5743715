//! Linchpin: draw a distributed architecture, see what would take it down, run it, break it, prove it.
//!
//! Reading this file from the top is reading the pipeline:
//!
//! 1. **Draw.** A [`design`] is plain data; [`edit`] holds the only ways in which it changes, each of which can be taken
//!    back; [`mod@file`] is how it stands on disk, as text that keeps what people wrote.
//! 2. **Expand.** [`deploy`] fills in everything that a drawing leaves unsaid, once: instances on places, replica groups,
//!    and the routes of journeys.
//! 3. **Predict.** [`impact`] takes a world (what is down, what is cut) and says what becomes of each journey.
//!    [`analysis`] asks it, and much else, and says what is wrong, rule by rule.
//! 4. **Show.** [`layout`] places and routes, [`scene`] is the one picture that the canvas and every export draw.
//! 5. **Run.** [`live`] starts one process for each instance, lets clients make load, and breaks things.
//! 6. **Prove.** [`proof`] holds what was predicted against what clients measured.
//!
//! `gui` and [`cli`] are the two ways in. Everything up to `scene` is pure: same input, same output; no files, sockets,
//! clocks. A test holds who may know whom.
//!
//! | I want to add | new file | one line in |
//! | --- | --- | --- |
//! | a rule | `analysis/<family>/<name>.rs` | the family's list, `analysis::RULES` |
//! | a component kind | an entry in `design/kind.rs` | `Kind::ALL`; a role in `live/spec`, an icon in `scene/icon.rs` |
//! | a fault | `live/fault/<name>.rs` | `live::fault::FAULTS` |
//! | an exporter | `export/<format>.rs` | `export::EXPORTERS` |
//! | an importer | `import/<format>.rs` | a verb that asks for it |
//! | a verb | `cli/<verb>.rs` | `cli::Verb` |
//! | a panel | `gui/panels/<name>.rs` | the panel's tab list |
//! | a file-format change | a step in `file/migrate.rs` | its registry |

pub mod design;

pub mod edit;

pub mod deploy;

pub mod impact;

pub mod analysis;

pub mod layout;

pub mod scene;

pub mod file;

pub mod export;

pub mod import;

pub mod live;

pub mod proof;

pub mod cli;

#[cfg(feature = "gui")]
pub mod gui;
