//! Linchpin: draw a distributed architecture, see what would take it down, run it, break it, prove it.

pub mod design;

pub mod edit;

pub mod deploy;

pub mod impact;

pub mod analysis;

pub mod layout;

pub mod scene;

pub mod file;

pub mod export;

pub mod live;

pub mod proof;

pub mod cli;

#[cfg(feature = "gui")]
pub mod gui;
