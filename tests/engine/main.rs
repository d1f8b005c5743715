//! Tests.
mod edit;
