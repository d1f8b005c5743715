//! What a request carries from node to node, and what comes back.
//!
//! A request is `POST /j/<journey>/<hop>` with a handful of headers, so that a person with `curl` can send one too.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::live::wire::InstanceId;

/// Header: the operation's own id.
pub(super) const OP: HeaderName = HeaderName::from_static("x-linchpin-op");
/// Header: sixteen hexadecimal digits from which each sharded store draws the key.
pub(super) const SEED: HeaderName = HeaderName::from_static("x-linchpin-key");
/// Header: time that the caller grants, in milliseconds: as drawn, and as left.
pub(super) const LEFT: HeaderName = HeaderName::from_static("x-linchpin-left");
/// Header: the zones in which the client stands, outermost first, separated by commas.
pub(super) const ZONE: HeaderName = HeaderName::from_static("x-linchpin-zone");
/// Header: what sort of request it is, where it is not an ordinary one.
pub(super) const MODE: HeaderName = HeaderName::from_static("x-linchpin-mode");
/// Header: a follower passes the request on to the leader.
const FORWARDED: HeaderName = HeaderName::from_static("x-linchpin-forwarded");
/// Header of an answer: something optional failed.
const DEGRADED: HeaderName = HeaderName::from_static("x-linchpin-degraded");
/// Header of an answer: who leads the group instead.
const LEADER: HeaderName = HeaderName::from_static("x-linchpin-leader");

/// Header of an answer: the hops, by number, whose messages a queue has accepted on the way.
const BEGAN: HeaderName = HeaderName::from_static("x-linchpin-began");

/// What a client asks for when nothing says otherwise: a person with `curl`.
const LEFT_MS_DEFAULT: f64 = 5_000.0;

/// Share of the granted time that a node uses, so that its answer is there before its caller gives up.
const OWN_SHARE: f64 = 0.985;

/// The sort of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Do what the hop says.
    Serve,
    /// As `Serve`, but changing nothing that anybody reads: a detector wants to know whether it would work.
    Trial,
    /// As `Trial`, for every need that is felt at each request, on every shard: a deep check.
    Probe,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// The hop that ends here.
    pub hop: Rc<str>,
    /// The operation's own id.
    pub op_id: Rc<str>,
    /// From which each sharded store draws the key.
    pub seed: u64,
    /// Where the client stands.
    pub zone: Rc<str>,
    /// The sort.
    pub mode: Mode,
    /// When this node must have answered.
    pub until: Instant,
    /// Time really left divided by the time drawn: what try time-outs are multiplied by.
    pub scale: f64,
    /// Whether a follower has passed it on already.
    pub forwarded: bool,
}

impl Ask {
    /// One that begins here.
    pub fn new(hop: &str, op_id: String, seed: u64, zone: Rc<str>, mode: Mode, time_ms: f64) -> Self {
        let until = Instant::now() + millis(time_ms * OWN_SHARE);
        Self { hop: hop.into(), op_id: op_id.into(), seed, zone, mode, until, scale: 0.97, forwarded: false }
    }

    /// Reads the headers of a request.
    pub fn from_headers(hop: &str, headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        let mut left = text(&LEFT).unwrap_or_default().split(' ').map(|n| n.parse::<f64>());
        let sane = |n: Option<Result<f64, _>>| {
            n.and_then(Result::ok).filter(|n| n.is_finite()).map(|n| n.clamp(1.0, 600_000.0))
        };
        let drawn = sane(left.next()).unwrap_or(LEFT_MS_DEFAULT);
        let real = sane(left.next()).unwrap_or(drawn).min(drawn);
        let seed = text(&SEED).and_then(|t| u64::from_str_radix(t, 16).ok());
        Self {
            hop: hop.into(),
            op_id: text(&OP).map_or_else(|| format!("by-hand-{:016x}", fastrand::u64(..)).into(), Rc::from),
            seed: seed.unwrap_or_else(|| fastrand::u64(..)),
            zone: text(&ZONE).unwrap_or_default().into(),
            mode: match text(&MODE) {
                Some("trial") => Mode::Trial,
                Some("probe") => Mode::Probe,
                _ => Mode::Serve,
            },
            until: Instant::now() + millis(real * OWN_SHARE),
            scale: (real / drawn) * 0.97,
            forwarded: headers.contains_key(FORWARDED),
        }
    }

    /// Writes the headers of a request to another node, which is granted `drawn_ms` as drawn and `real` in fact.
    pub fn write_headers(&self, headers: &mut HeaderMap, drawn_ms: f64, real: Duration) {
        let mut put = |name: HeaderName, text: String| {
            if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(text)) {
                headers.insert(name, value);
            }
        };
        put(OP, self.op_id.to_string());
        put(SEED, format!("{:x}", self.seed));
        put(LEFT, format!("{drawn_ms:.1} {:.1}", real.as_secs_f64() * 1e3));
        if !self.zone.is_empty() {
            put(ZONE, self.zone.to_string());
        }
        if self.forwarded {
            put(FORWARDED, "1".into());
        }
        match self.mode {
            Mode::Serve => {}
            Mode::Trial => put(MODE, "trial".into()),
            Mode::Probe => put(MODE, "probe".into()),
        }
    }

    /// The number of the hop in its journey.
    pub fn hop_number(&self) -> Option<u32> {
        self.hop.rsplit('/').next()?.parse().ok()
    }

    /// Time left.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Whether something optional failed.
    pub degraded: bool,
    /// Who leads the group instead, where that is why it was not served.
    pub leader: Option<InstanceId>,
    /// The hops, by number, whose messages a queue has accepted on the way to this answer.
    pub began: BTreeSet<u32>,
    /// A value, an answer, or one line on what went wrong.
    pub body: Bytes,
}

impl Reply {
    /// Served.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self { status: 200, degraded: false, leader: None, began: BTreeSet::new(), body: body.into() }
    }

    /// What another node has answered.
    pub fn read(response: Response<Bytes>) -> Self {
        let status = response.status().as_u16();
        let (head, body) = response.into_parts();
        let text = |name: &HeaderName| head.headers.get(name).and_then(|v| v.to_str().ok());
        Self {
            status,
            degraded: head.headers.contains_key(DEGRADED),
            leader: text(&LEADER).map(InstanceId::new),
            began: text(&BEGAN).unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect(),
            body,
        }
    }

    /// As an answer to another node.
    pub fn write(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status.try_into().unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
        let mut put = |name: HeaderName, text: &str| {
            if let Ok(value) = HeaderValue::from_str(text) {
                response.headers_mut().insert(name, value);
            }
        };
        if self.degraded {
            put(DEGRADED, "1");
        }
        if let Some(leader) = self.leader {
            put(LEADER, leader.as_str());
        }
        if !self.began.is_empty() {
            let numbers: Vec<String> = self.began.iter().map(ToString::to_string).collect();
            put(BEGAN, &numbers.join(" "));
        }
        response
    }

    /// Served, as JSON.
    pub fn json(value: &impl serde::Serialize) -> Self {
        Self::ok(serde_json::to_vec(value).unwrap_or_default())
    }

    /// Not served.
    pub fn error(status: u16, why: impl Into<String>) -> Self {
        let mut why = why.into();
        why.push('\n');
        Self { status, ..Self::ok(why) }
    }

    /// Not served here: somebody else leads, or nobody does.
    pub fn not_leader(leader: Option<InstanceId>) -> Self {
        Self { leader, ..Self::error(STATUS_NOT_LEADER, "this replica does not lead its group") }
    }

    /// Whether it was served.
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }
}

/// Status of a request to a replica that does not lead.
pub(super) const STATUS_NOT_LEADER: u16 = 409;

/// A duration of so many milliseconds; nonsense is none.
pub(super) fn millis(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms.max(0.0) / 1e3).unwrap_or(Duration::from_secs(600))
}
