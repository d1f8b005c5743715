//! The fabric: one process through which every byte between instances passes, so that any way can be broken.
//!
//! A caller opens a connection here with a preamble ([`wire::Preamble`](super::wire::Preamble)); the fabric connects to
//! the target and copies bytes both ways. Each way of a connection is a [`lane`] of its own, subject to the rules for
//! bytes that travel in its direction:
//!
//! - **cut**: bytes, connection attempts and the end of a stream vanish; nobody is told. A stream that has lost
//!   something is torn: when the cut heals it is reset, as a host does that gets segments of a connection it has given
//!   up. A connection attempt that found the way forth cut goes through when it heals, if the caller still waits (TCP
//!   repeats its SYN). With only the way back cut the target gets what is sent, and the answer vanishes;
//! - **delay** and **throttle**: a queue of due times, so that a long way stays a fast one;
//! - **loss**: a proxy of streams cannot lose packets. What is felt of a lost packet is the time until it is sent
//!   again, so that is what is made: 200 ms for data, 1 s for a connection attempt, doubled for each repetition (RFC
//!   6298), with everything behind it waiting.
//!
//! Limits: [`lane::QUEUE_BYTES_MAX`] bytes wait in a lane and [`lane::ALL_QUEUES_BYTES_MAX`] in all of them, then senders
//! are held back; [`CONNECTIONS_MAX`] connections are open, then callers wait; due times are kept to about a
//! millisecond, the grain of the timer.
//!
//! Never: who is behind an instance's name, a zone, a design.

mod connection;
mod lane;
mod rules;
mod state;

use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

use super::wire::child::{self, Teller};
use super::wire::{FabricStart, FromFabric, ToFabric, clock};
use state::State;

/// Connections that are open at most.
pub const CONNECTIONS_MAX: usize = 20_000;

/// How long the fabric waits until it looks whether there is room for a connection again.
const ROOM_AGAIN: Duration = Duration::from_millis(20);

/// Between two reports of what has passed.
const TRAFFIC_EVERY: Duration = Duration::from_millis(250);

/// The fabric process: `linchpin fabric`.
pub fn main() -> ExitCode {
    child::follow_parent();
    let start: FabricStart = match child::first_line() {
        Ok(start) => start,
        Err(error) => {
            eprintln!("no start: {error}");
            return ExitCode::from(2);
        }
    };
    child::raise_open_files();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::from(2);
        }
    };
    LocalSet::new().block_on(&runtime, serve(start))
}

async fn serve(start: FabricStart) -> ExitCode {
    let listener = match TcpListener::bind((start.bind, 0)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("cannot bind {}: {error}", start.bind);
            return ExitCode::from(2);
        }
    };
    let Ok(at) = listener.local_addr() else { return ExitCode::from(2) };
    let tell = Teller::new();
    let mut orders = child::watch_stdin::<ToFabric>();
    let state = Rc::new(State::new(start, tell.clone()));
    tell.send(&FromFabric::Ready { at });
    spawn_local(accept(listener, state.clone()));

    let mut tick = tokio::time::interval(TRAFFIC_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => {
                    if let Some(seq) = state.obey(order) {
                        tell.send(&FromFabric::Done { seq });
                    }
                }
                None => return ExitCode::SUCCESS,
            },
            _ = tick.tick() => {
                let ways = state.take_traffic();
                if !ways.is_empty() {
                    tell.send(&FromFabric::Traffic { at_us: clock::now_us(), ways });
                }
            }
        }
    }
}

async fn accept(listener: TcpListener, state: Rc<State>) {
    loop {
        if state.connections() >= CONNECTIONS_MAX {
            tokio::time::sleep(ROOM_AGAIN).await;
            continue;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                spawn_local(connection::carry(stream, state.clone()));
            }
            Err(error) => {
                // Out of sockets: those in use end before long. Anything else would fail again at once.
                state.log(format!("a connection could not be taken: {error}"));
                tokio::time::sleep(ROOM_AGAIN).await;
            }
        }
    }
}
