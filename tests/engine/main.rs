//! Tests.
mod edit;
mod file;
