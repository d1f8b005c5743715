//! What a drawing means, held by example: the corpus in `tests/semantics`, and a naive evaluator that knows only
//! `Design`.

mod corpus;
mod naive;
