//! What a drawing means, held by example: the corpus in `tests/semantics`, a naive evaluator that knows only
//! `Design`, and random drawings on which the engine must agree with it.

mod agreement;
mod corpus;
pub mod naive;
pub mod random;
