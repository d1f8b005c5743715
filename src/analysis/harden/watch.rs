//! Who watches a search: how far it has come, and whether it may go on.

/// How far a search has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Changes that were tried on copies so far.
    pub tried: usize,
    /// Steps that the plan has so far.
    pub steps: usize,
    /// Journeys that are short of their goal.
    pub unmet: usize,
}

/// Who watches. Both are asked from several threads, often, and must be quick.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Whether to go on. Once it has said no, the search ends with what it has found.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
    /// Is told how far the search has come.
    pub tell: &'a (dyn Fn(Progress) + Sync),
}

impl Watch<'_> {
    /// Nobody watches: the search goes on to its end.
    pub const NOBODY: Watch<'static> = Watch { go_on: &|| true, tell: &|_| {} };
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}
