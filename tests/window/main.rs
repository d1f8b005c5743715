//! What a person does in the window, without a display: each test asserts the design that comes of it.

mod canvas;
mod files;
mod hand;
mod inspector;
mod ledger;
mod meter;
mod panels;
mod planner;
mod reliability;
mod running;
