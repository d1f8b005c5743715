//! Tests.
mod edit;
mod file;
mod proof;
