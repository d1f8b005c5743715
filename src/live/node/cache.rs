//! Cache and CDN: answers from what it keeps (semantics rules 21 and 23).
//!
//! A drawn hit ratio says which share of the keys is worth keeping: those keys, and no others, are kept, and a cache
//! that has run for long has all of them, fresh or stale.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::Node;
use super::caller::{self, Unfilled};
use super::request::{Ask, Mode, Reply};
use crate::deploy::mix;
use crate::design::{CacheSettings, CacheWrites, Op};
use crate::live::spec::{Hop, Sabotage};

/// What a cache keeps.
pub(super) struct Cache {
    settings: CacheSettings,
    kept: RefCell<Kept>,
}

type Key = (Rc<str>, u64);

#[derive(Default)]
struct Kept {
    entries: BTreeMap<Key, (Instant, bytes::Bytes, u64)>,
    /// Keys by last use, oldest first; an entry used again leaves an outdated mark behind.
    used: VecDeque<(Key, u64)>,
    clock: u64,
}

impl Cache {
    /// An empty one.
    pub fn new(settings: CacheSettings) -> Self {
        Self { settings, kept: RefCell::default() }
    }

    /// Forgets everything.
    pub fn reset(&self) {
        *self.kept.borrow_mut() = Kept::default();
    }

    /// Whether a key is one of those worth keeping.
    fn keeps(&self, key: &Key) -> bool {
        (mix(key.1 ^ 0xcac4e) >> 11) as f64 / (1_u64 << 53) as f64 <= self.settings.hit_ratio()
    }

    fn fresh(&self, key: &Key, for_ever: bool) -> Option<bytes::Bytes> {
        let mut kept = self.kept.borrow_mut();
        kept.clock += 1;
        let clock = kept.clock;
        let (until, value, mark) = kept.entries.get_mut(key)?;
        if *until <= Instant::now() && !for_ever {
            return None;
        }
        *mark = clock;
        let value = value.clone();
        kept.used.push_back((key.clone(), clock));
        Some(value)
    }

    fn put(&self, key: Key, value: bytes::Bytes) {
        if !self.keeps(&key) {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        kept.clock += 1;
        let clock = kept.clock;
        kept.entries.insert(key.clone(), (Instant::now() + self.settings.ttl().duration(), value, clock));
        kept.used.push_back((key, clock));
        let most = self.settings.entries() as usize;
        while kept.entries.len() > most || kept.used.len() > 4 * most + 64 {
            let Some((oldest, mark)) = kept.used.pop_front() else { break };
            if kept.entries.get(&oldest).is_some_and(|e| e.2 == mark) {
                kept.entries.remove(&oldest);
            }
        }
    }
}

/// Serves one hop.
pub(super) async fn serve(node: &Rc<Node>, cache: &Cache, hop: &Hop, ask: &Ask) -> Reply {
    if hop.slots.is_empty() {
        // Beside a store: the caller asks the store itself.
        return Reply::ok("kept\n");
    }
    let key: Key = (ask.hop.clone(), ask.seed);
    let reads = matches!(hop.op, Op::Read | Op::Call);
    let ordinary = ask.mode == Mode::Serve;
    if hop.op == Op::Write && cache.settings.writes == CacheWrites::Back && ordinary {
        cache.put(key, bytes::Bytes::copy_from_slice(ask.op_id.as_bytes()));
        write_later(node, hop, ask);
        return Reply::ok("written, the origin follows\n");
    }
    let for_ever = node.is_sabotaged(Sabotage::CacheForever);
    if for_ever && reads && ordinary && cache.keeps(&key) {
        return Reply::ok("kept\n");
    }
    if reads
        && ordinary
        && let Some(value) = cache.fresh(&key, false)
    {
        node.metrics.add("cache_hits", 1.0);
        return Reply::ok(value);
    }
    match caller::fill(node, &hop.slots, ask).await {
        Ok(filled) => {
            node.metrics.add("cache_misses", 1.0);
            if reads && ordinary {
                cache.put(key, filled.body.clone());
            }
            super::filled_reply(filled)
        }
        Err(_) if reads && ordinary && cache.settings.serve_stale && cache.keeps(&key) => {
            node.metrics.add("cache_stale", 1.0);
            Reply::ok("stale\n")
        }
        Err(Unfilled { why, .. }) => Reply::error(502, why),
    }
}

/// Writes to the origin until it takes it; what a write-back cache has acknowledged is its own to lose.
fn write_later(node: &Rc<Node>, hop: &Hop, ask: &Ask) {
    let (node, hop, ask) = (node.clone(), hop.clone(), ask.clone());
    tokio::task::spawn_local(async move {
        for _ in 0..20 {
            let again =
                Ask::new(&ask.hop, ask.op_id.to_string(), ask.seed, ask.zone.clone(), Mode::Serve, 5_000.0);
            if caller::fill(&node, &hop.slots, &again).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        node.metrics.add("write_back_given_up", 1.0);
    });
}
