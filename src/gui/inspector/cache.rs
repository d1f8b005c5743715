//! The settings of a cache or CDN.

use egui::Ui;

use super::form::{Absent, Form};
use crate::design::{CacheWrites, Component, Millis};

/// Freshness, size, hits, staleness and writes.
pub fn cache_ui(ui: &mut Ui, form: &mut Form<'_>, c: &mut Component) {
    let mut s = c.cache.clone().unwrap_or_default();
    form.quantity(
        ui,
        "Fresh for",
        &mut s.ttl,
        Absent::Default(Millis(2000.0)),
        ("", "How long an entry is fresh"),
    );
    form.share(
        ui,
        "Hits",
        &mut s.hit_ratio,
        "80 % (default)",
        "Share of reads answered from it; counts only where it may serve stale entries",
    );
    form.count(
        ui,
        "Entries",
        &mut s.entries,
        (1, 100_000_000),
        "10000 (default)",
        ("", "The least recently used go first"),
    );
    form.toggle(
        ui,
        "Serves stale",
        &mut s.serve_stale,
        "Whether an expired entry is served while its origin is lost",
    );
    form.choice(
        ui,
        "Writes",
        &mut s.writes,
        Some(&CacheWrites::Through),
        &[
            (CacheWrites::Through, "Go through", "to the origin first"),
            (CacheWrites::Back, "Written back", "acknowledged at once"),
        ],
        "A write-back cache is a store for writes: what it has not written back is lost with it",
    );
    if s != c.cache.clone().unwrap_or_default() {
        c.cache = (s != Default::default()).then_some(s);
    }
}
