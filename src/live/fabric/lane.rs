//! One way of one connection: bytes in at one end, out at the other, when and if the rules let them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::pending;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::rules::Profile;
use super::state::Way;

/// Bytes that wait in one lane at most; beyond it the sender is held back. At 100 ms one way this carries 80 MB/s.
pub const QUEUE_BYTES_MAX: usize = 8 << 20;

/// Bytes that wait in all lanes together at most; beyond it a lane lets in no more until it is empty.
pub const ALL_QUEUES_BYTES_MAX: usize = 256 << 20;

/// What waits in a throttled lane besides what is on its way.
const THROTTLED_BYTES: usize = 64 << 10;

/// The payload of a packet: Ethernet's 1500 less the headers.
const PACKET_BYTES: usize = 1448;

/// The first repetition of a lost packet, and of a lost connection attempt (RFC 6298).
const RETRANSMIT: Duration = Duration::from_millis(200);
const RETRANSMIT_ATTEMPT: Duration = Duration::from_secs(1);

/// Repetitions of one packet at most.
const REPETITIONS_MAX: u32 = 6;

/// Half the grain of the timer. Waking that much early makes the error of a delay as often negative as positive.
const GRAIN_HALF: Duration = Duration::from_micros(500);

/// What travels.
#[derive(Debug)]
enum Item {
    Bytes(Vec<u8>),
    /// The sender has finished.
    End,
    /// The sender is gone.
    Reset,
}

/// How a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Carries.
    Running,
    /// Its sender has ended and a cut has swallowed that: the receiver knows nothing and waits.
    Dead,
    /// All has been handed over, or nobody takes it any more.
    Done,
}

/// How the two lanes of a connection stand together.
pub(super) struct Ending {
    phases: [Cell<Phase>; 2],
    reset: Cell<bool>,
    over: Notify,
}

impl Ending {
    pub fn new() -> Self {
        let running = || Cell::new(Phase::Running);
        Self { phases: [running(), running()], reset: Cell::new(false), over: Notify::new() }
    }

    /// Notes how a lane stands.
    pub fn set(&self, lane: usize, phase: Phase) {
        self.phases[lane].set(phase);
        if self.phases.iter().all(|p| p.get() != Phase::Running) {
            self.over.notify_one();
        }
    }

    fn reset(&self) {
        self.reset.set(true);
        self.over.notify_one();
    }

    /// Resolves when nothing more can pass either way; says whether by a reset.
    pub async fn over(&self) -> bool {
        self.over.notified().await;
        self.reset.get()
    }
}

/// One way of one connection.
pub(super) struct Lane {
    way: Rc<Way>,
    seen: u64,
    queue: VecDeque<(Instant, Item)>,
    queued_bytes: usize,
    /// When what was last let in is due: nothing overtakes.
    last_due: Option<Instant>,
    /// When the throttled line is free again.
    free_at: Option<Instant>,
    /// Something of the stream has been swallowed.
    torn: bool,
    /// The sender has ended.
    ended: bool,
    /// Bytes handed over, chunks handed over, bytes swallowed: new since they were taken.
    passed: u64,
    chunks: u64,
    dropped: u64,
}

impl Lane {
    pub fn new(way: Rc<Way>) -> Self {
        Self {
            seen: way.version(),
            way,
            queue: VecDeque::new(),
            queued_bytes: 0,
            last_due: None,
            free_at: None,
            torn: false,
            ended: false,
            passed: 0,
            chunks: 0,
            dropped: 0,
        }
    }

    pub fn is_cut(&self) -> bool {
        self.way.profile().cut
    }

    /// Lets a connection attempt cross: waits as long as it takes, while the way is cut until it heals.
    pub async fn cross(&self) {
        let mut due = attempt_due(&self.way.profile());
        loop {
            let changed = self.way.changed();
            if self.way.profile().cut {
                changed.await;
                due = attempt_due(&self.way.profile());
                continue;
            }
            let Some(at) = due else { return };
            tokio::select! {
                () = changed => {}
                () = sleep_until(at) => return,
            }
        }
    }

    /// Puts bytes in at the near end.
    pub fn put(&mut self, bytes: &[u8]) {
        let profile = self.way.profile();
        if profile.cut {
            self.torn = true;
            self.dropped += bytes.len() as u64;
        } else if !bytes.is_empty() {
            let due = self.due(&profile, bytes.len());
            self.hold(bytes.len());
            self.queue.push_back((due, Item::Bytes(bytes.to_vec())));
        }
    }

    /// The sender has finished.
    pub fn put_end(&mut self) {
        self.put_mark(Item::End);
    }

    fn put_mark(&mut self, mark: Item) {
        self.ended = true;
        let profile = self.way.profile();
        if profile.cut {
            self.torn = true;
        } else {
            let due = self.due(&profile, 0);
            self.queue.push_back((due, mark));
        }
    }

    /// When bytes that are let in now come out.
    fn due(&mut self, profile: &Profile, bytes: usize) -> Instant {
        let now = Instant::now();
        let mut at = now;
        if profile.bits_per_s.is_finite() {
            let line = Duration::try_from_secs_f64(bytes as f64 * 8.0 / profile.bits_per_s);
            at = self.free_at.map_or(now, |free| free.max(now)) + line.unwrap_or(Duration::from_secs(3600));
            self.free_at = Some(at);
        }
        at += profile.latency + profile.jitter.mul_f64(fastrand::f64());
        if profile.loss > 0.0 {
            let packets = bytes.div_ceil(PACKET_BYTES).max(1) as i32;
            at += repetitions(1.0 - (1.0 - profile.loss).powi(packets), RETRANSMIT);
        }
        let due = self.last_due.map_or(at, |last| last.max(at));
        self.last_due = Some(due);
        due
    }

    fn hold(&mut self, bytes: usize) {
        self.queued_bytes += bytes;
        ALL_QUEUED.set(ALL_QUEUED.get() + bytes);
    }

    fn let_go(&mut self, bytes: usize) {
        self.queued_bytes -= bytes;
        ALL_QUEUED.set(ALL_QUEUED.get() - bytes);
    }

    /// Whether more can be let in.
    fn has_room(&self, profile: &Profile) -> bool {
        let limit = if profile.bits_per_s.is_finite() {
            let under_way = profile.bits_per_s / 8.0 * profile.latency.as_secs_f64() * 2.0;
            (THROTTLED_BYTES as f64 + under_way).min(QUEUE_BYTES_MAX as f64) as usize
        } else if profile.latency.is_zero() && profile.jitter.is_zero() && profile.loss == 0.0 {
            // What waits here only waits for a slow receiver: let the sender feel it.
            THROTTLED_BYTES
        } else {
            QUEUE_BYTES_MAX
        };
        let is_crowded = ALL_QUEUED.get() >= ALL_QUEUES_BYTES_MAX;
        self.queued_bytes < limit && (!is_crowded || self.queued_bytes == 0)
    }

    /// After a change of rules nothing waits longer than the new ones would have it wait.
    fn see_changes(&mut self, profile: &Profile) {
        if self.seen == self.way.version() {
            return;
        }
        self.seen = self.way.version();
        if profile.bits_per_s.is_infinite() && profile.loss == 0.0 {
            let latest = Instant::now() + profile.latency + profile.jitter;
            for (due, _) in &mut self.queue {
                *due = (*due).min(latest);
            }
            self.last_due = self.last_due.map(|due| due.min(latest));
            self.free_at = None;
        }
    }

    /// Bytes handed over, chunks handed over and bytes swallowed since the last time.
    pub fn take_counts(&mut self) -> (u64, u64, u64) {
        let counts = (self.passed, self.chunks, self.dropped);
        (self.passed, self.chunks, self.dropped) = (0, 0, 0);
        counts
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.let_go(self.queued_bytes);
    }
}

/// When a connection attempt that starts now arrives; `None` is at once.
fn attempt_due(profile: &Profile) -> Option<Instant> {
    if profile.is_plain() {
        return None;
    }
    let delay = profile.latency + profile.jitter.mul_f64(fastrand::f64());
    Some(Instant::now() + delay + repetitions(profile.loss, RETRANSMIT_ATTEMPT))
}

/// The time lost to repetitions where each try is lost with a probability.
fn repetitions(lost: f64, first: Duration) -> Duration {
    let mut sum = Duration::ZERO;
    for n in 0..REPETITIONS_MAX {
        if fastrand::f64() >= lost {
            break;
        }
        sum += first * 2u32.pow(n);
    }
    sum
}

/// What came of handing over what is due.
enum Handed {
    /// All that is due.
    All,
    /// The receiver takes no more now.
    Blocked,
    /// The last of it: the end.
    End,
    /// The receiver is gone.
    Broken,
    /// The sender is gone.
    Reset,
}

thread_local! {
    /// Bytes that wait in all lanes.
    static ALL_QUEUED: Cell<usize> = const { Cell::new(0) };
    /// One buffer for all connections: what is read is handed on, or copied, before anything else is read.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 << 10]);
}

/// Carries one way until it is over, then waits for ever: the connection ends by [`Ending::over`].
pub(super) async fn carry(
    number: usize,
    lane: &mut Lane,
    mut source: Option<ReadHalf<'_>>,
    mut sink: WriteHalf<'_>,
    ending: &Ending,
    note: impl Fn(&mut Lane),
) {
    loop {
        let profile = lane.way.profile();
        let way = lane.way.clone();
        let changed = way.changed();
        lane.see_changes(&profile);
        if lane.torn && !profile.cut {
            ending.reset();
            return pending().await;
        }
        let mut blocked = false;
        match hand_over(lane, &profile, &sink) {
            Handed::All => {}
            Handed::Blocked => blocked = true,
            Handed::End => {
                // The receiver may be gone already; then there is nothing to tell it.
                let _ = sink.shutdown().await;
                note(lane);
                ending.set(number, Phase::Done);
                return pending().await;
            }
            Handed::Broken => {
                note(lane);
                ending.set(number, Phase::Done);
                return pending().await;
            }
            Handed::Reset => {
                ending.reset();
                return pending().await;
            }
        }
        // Without a source the lane carries a refusal; who waits for that goes on waiting.
        if source.is_some() && lane.ended && lane.torn && lane.queue.is_empty() {
            ending.set(number, Phase::Dead);
        }
        note(lane);

        let next = lane.queue.front().map(|(due, _)| *due - GRAIN_HALF);
        let readable = async {
            match &source {
                Some(half) if !lane.ended && (profile.cut || lane.has_room(&profile)) => {
                    half.readable().await.is_ok()
                }
                _ => pending().await,
            }
        };
        let writable = async { if blocked { sink.writable().await.is_ok() } else { pending().await } };
        let due = async {
            match next {
                Some(at) if !blocked => sleep_until(at).await,
                _ => pending().await,
            }
        };
        let read = tokio::select! {
            biased;
            () = changed => false,
            _ = readable => true,
            _ = writable => false,
            () = due => false,
        };
        if read && let Some(half) = &mut source {
            take_in(lane, &profile, half, &sink);
        }
    }
}

/// Reads once, and hands on at once where nothing stands between.
fn take_in(lane: &mut Lane, profile: &Profile, source: &ReadHalf<'_>, sink: &WriteHalf<'_>) {
    BUFFER.with_borrow_mut(|buffer| match source.try_read(buffer) {
        Ok(0) => lane.put_mark(Item::End),
        Ok(n) => {
            let mut bytes = &buffer[..n];
            lane.chunks += 1;
            if profile.is_plain() && lane.queue.is_empty() {
                // An error shows again when the rest is handed over.
                let written = sink.try_write(bytes).unwrap_or(0);
                lane.passed += written as u64;
                bytes = &bytes[written..];
            }
            lane.put(bytes);
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => lane.put_mark(Item::Reset),
    });
}

fn hand_over(lane: &mut Lane, profile: &Profile, sink: &WriteHalf<'_>) -> Handed {
    if lane.queue.is_empty() {
        return Handed::All;
    }
    let (handed, freed) = hand_over_due(lane, profile, sink);
    lane.let_go(freed);
    handed
}

/// Hands over what is due; says besides how many bytes wait no more.
fn hand_over_due(lane: &mut Lane, profile: &Profile, sink: &WriteHalf<'_>) -> (Handed, usize) {
    let mut freed = 0;
    let now = Instant::now() + GRAIN_HALF;
    while let Some((due, item)) = lane.queue.front_mut() {
        if *due > now {
            break;
        }
        if profile.cut {
            lane.torn = true;
            if let Item::Bytes(bytes) = item {
                lane.dropped += bytes.len() as u64;
                freed += bytes.len();
            }
            lane.queue.pop_front();
            continue;
        }
        match item {
            Item::End => return (Handed::End, freed),
            Item::Reset => return (Handed::Reset, freed),
            Item::Bytes(bytes) => match sink.try_write(bytes) {
                Ok(n) => {
                    lane.passed += n as u64;
                    freed += n;
                    if n == bytes.len() {
                        lane.queue.pop_front();
                    } else {
                        bytes.drain(..n);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return (Handed::Blocked, freed),
                Err(_) => return (Handed::Broken, freed),
            },
        }
    }
    (Handed::All, freed)
}
