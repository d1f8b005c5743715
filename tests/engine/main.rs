//! Tests.
mod analysis;
mod edit;
mod export;
mod file;
mod impact;
mod proof;
mod sample;
