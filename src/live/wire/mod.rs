//! The protocol that the parent, the supervisor, the fabric and the nodes share: all that any of them knows of another.
//!
//! ```text
//! parent  ── JSON lines ──  supervisor  ── JSON lines ──  fabric, and one node per instance
//! node    ── preamble, then bytes ──  fabric  ── bytes ──  node
//! ```
//!
//! Every pipe is a child's standard input and output: one JSON value a line ([`mod@line`]). The first line down is a
//! *start* ([`NodeStart`], [`FabricStart`], [`SupervisorStart`]); what follows are orders ([`ToNode`], [`ToFabric`],
//! [`ToSupervisor`]) and, upwards, what there is to say ([`FromNode`], [`FromFabric`], [`FromSupervisor`]). The end of
//! standard input means that the parent is gone, and ends the child ([`child`]).
//!
//! What a node writes (the whole of it):
//!
//! ```no_run
//! # fn serve(_: std::net::TcpListener) {}
//! use linchpin::live::wire::{FromNode, NodeStart, ToNode, child};
//! let start: NodeStart = child::first_line().expect("a start line");
//! let tell = child::Teller::new();
//! let orders = child::watch_stdin::<ToNode>(); // ends the process at end of input
//! let listener = std::net::TcpListener::bind((start.bind, 0)).expect("a port");
//! tell.say(FromNode::Ready { port: listener.local_addr().expect("bound").port() });
//! # drop(orders);
//! serve(listener);
//! ```
//!
//! and to reach another instance, through the fabric and only through it: [`dial::connect`] (waits for the answer) or
//! [`dial::one_way`] (heartbeats and gossip: nothing has to come back).
//!
//! Times are microseconds of [`clock::now_us`], the same clock in all processes of a run.
//!
//! Never: a design, a deployment, a route, a world or a prediction. A node's own specification passes through as a
//! value that only the node reads.

pub mod child;
pub mod clock;
pub mod dial;
mod fabric;
pub mod latency;
pub mod line;
mod node;
mod preamble;
mod report;
mod run_id;
mod supervisor;

use crate::design::{ElementId, LinkId};

pub use fabric::{FabricStart, FromFabric, Rule, RuleEffect, Set, ToFabric, Traffic};
pub use latency::Latency;
pub use node::{ClockFault, DiskFault, FromNode, Level, LoadOrder, NodeStart, ToNode};
pub use preamble::{
    ANSWER_CONNECTED, ANSWER_REFUSED, ANSWER_STRANGER, BadPreamble, PREAMBLE_BYTES_MAX, Preamble,
};
pub use report::{EffectCounts, LoadReport, LoadSlice, NodeMetrics, OutcomeCounts, SLICE_US, UpstreamCounts};
pub use run_id::{BadRunId, RunId};
pub use supervisor::{FromSupervisor, InstancePlan, NodeState, SupervisorStart, ToSupervisor};

/// Names an instance: `web/2`, `orders-db/2/1`.
pub type InstanceId = ElementId;

/// The link named in a preamble; `None` is traffic that no drawn link carries (elections, health checks).
pub type MaybeLink = Option<LinkId>;

/// HTTP header that carries the run id. A request that has it with another run's id is refused with status 421; one
/// without it (a person with `curl`) is served.
pub const HEADER_RUN: &str = "x-linchpin-run";

/// HTTP header that names the calling instance.
pub const HEADER_FROM: &str = "x-linchpin-from";

/// HTTP header that names the link a request came along.
pub const HEADER_LINK: &str = "x-linchpin-link";
