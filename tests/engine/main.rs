//! Tests.
mod edit;
mod export;
mod file;
mod proof;
mod sample;
