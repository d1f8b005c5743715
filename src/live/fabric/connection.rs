//! One connection: from its preamble to its end.

use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::lane::{self, Ending, Lane, Phase};
use super::state::{Entry, State};
use crate::live::wire::{ANSWER_CONNECTED, ANSWER_REFUSED, ANSWER_STRANGER, PREAMBLE_BYTES_MAX, Preamble};

/// How long a caller may take over its preamble.
const PREAMBLE_WITHIN: Duration = Duration::from_secs(5);

/// What a caller may send before it is connected.
const EARLY_BYTES_MAX: usize = 64 << 10;

/// Carries one connection that a caller has opened.
pub(super) async fn carry(mut caller: TcpStream, state: Rc<State>) {
    let _ = caller.set_nodelay(true);
    let (preamble, early) = match timeout(PREAMBLE_WITHIN, read_preamble(&mut caller)).await {
        Ok(Ok(read)) => read,
        // Gone, or silent.
        Ok(Err(None)) | Err(_) => return,
        Ok(Err(Some(why))) => return turn_away(caller, &state, &why).await,
    };
    if preamble.run != state.run {
        return turn_away(caller, &state, &format!("run {} is not this run", preamble.run)).await;
    }
    for name in [&preamble.from, &preamble.to] {
        if !state.knows(name) {
            return turn_away(caller, &state, &format!("{name} is not of this run")).await;
        }
    }
    let entry = state.enter(&preamble.from, &preamble.to, &preamble.link);
    entry.counts.note(|t| t.asked += 1);
    let reset = entry.reset.clone();
    let mut target = None;
    let with_reset = tokio::select! {
        with_reset = join(&mut caller, &mut target, early, &preamble, &state, &entry) => with_reset,
        () = reset.notified() => true,
    };
    if with_reset {
        let _ = caller.set_zero_linger();
        if let Some(target) = &target {
            let _ = target.set_zero_linger();
        }
    }
}

/// Reads the preamble, and what came with it. `Err(None)` if the caller has gone.
async fn read_preamble(caller: &mut TcpStream) -> Result<(Preamble, Vec<u8>), Option<String>> {
    let mut bytes = Vec::with_capacity(PREAMBLE_BYTES_MAX);
    let end = loop {
        if caller.read_buf(&mut bytes).await.map_err(|_| None)? == 0 {
            return Err(None);
        }
        if let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            break end;
        }
        if bytes.len() >= PREAMBLE_BYTES_MAX {
            return Err(Some("a preamble without an end".to_owned()));
        }
    };
    let early = bytes.split_off(end + 1);
    let preamble = Preamble::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| Some(e.to_string()))?;
    Ok((preamble, early))
}

/// Answers one who has no business here.
async fn turn_away(mut caller: TcpStream, state: &State, why: &str) {
    state.log(format!("turned away: {why}"));
    // It may have gone already.
    let _ = caller.write_all(&[ANSWER_STRANGER]).await;
    let _ = caller.shutdown().await;
}

/// Connects the two and carries both ways. Says whether it ends with a reset.
async fn join(
    caller: &mut TcpStream,
    target: &mut Option<TcpStream>,
    mut early: Vec<u8>,
    preamble: &Preamble,
    state: &State,
    entry: &Entry,
) -> bool {
    let Preamble { from, to, link, .. } = preamble;
    let mut forth = Lane::new(state.way(from, to, link));
    let mut back = Lane::new(state.way(to, from, link));

    let mut finished = false;
    let attempt = async {
        forth.cross().await;
        match state.place(to) {
            Some(at) => connect(at).await,
            None => Err(ErrorKind::ConnectionRefused.into()),
        }
    };
    let attempted = {
        let gone = hear(caller, &mut early, &mut finished, || forth.is_cut());
        tokio::select! {
            attempted = attempt => attempted,
            () = gone => return true,
        }
    };

    let ending = Ending::new();
    let note_forth = |lane: &mut Lane| note(lane, entry, true);
    let note_back = |lane: &mut Lane| note(lane, entry, false);
    let (from_caller, to_caller) = caller.split();
    match attempted {
        Ok(stream) => {
            let _ = stream.set_nodelay(true);
            let (from_target, to_target) = target.insert(stream).split();
            back.put(&[ANSWER_CONNECTED]);
            forth.put(&early);
            if finished {
                forth.put_end();
            }
            let both = async {
                tokio::join!(
                    lane::carry(0, &mut forth, Some(from_caller), to_target, &ending, note_forth),
                    lane::carry(1, &mut back, Some(from_target), to_caller, &ending, note_back),
                );
                false
            };
            tokio::select! {
                with_reset = ending.over() => with_reset,
                with_reset = both => with_reset,
            }
        }
        Err(_) => {
            entry.counts.note(|t| t.refused += 1);
            back.put(&[ANSWER_REFUSED]);
            back.put_end();
            ending.set(0, Phase::Done);
            // A caller that goes away under a cut will never hear the answer.
            let caller_gone = async {
                let (mut half, mut rest) = (from_caller, [0; 1024]);
                while !finished && half.read(&mut rest).await.is_ok_and(|n| n > 0) {}
                while !state.way(to, from, link).profile().cut {
                    state.way(to, from, link).changed().await;
                }
            };
            tokio::select! {
                () = lane::carry(1, &mut back, None, to_caller, &ending, note_back) => false,
                () = caller_gone => true,
                with_reset = ending.over() => with_reset,
            }
        }
    }
}

/// Listens to the caller while its connection attempt is under way: keeps what it sends, and resolves when it is gone.
/// One that has sent and finished is not gone as long as its attempt can arrive.
async fn hear(caller: &mut TcpStream, early: &mut Vec<u8>, finished: &mut bool, is_cut: impl Fn() -> bool) {
    loop {
        if early.len() >= EARLY_BYTES_MAX || *finished {
            return std::future::pending().await;
        }
        match caller.read_buf(early).await {
            Ok(0) if is_cut() => return,
            Ok(0) => *finished = true,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Connects to an instance.
async fn connect(at: std::net::SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(at).await?;
    // Where nobody listens on a port of the ephemeral range, a socket can meet itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

/// Moves a lane's counts to those of the path.
fn note(lane: &mut Lane, entry: &Entry, is_forth: bool) {
    let (passed, chunks, dropped) = lane.take_counts();
    if passed + chunks + dropped > 0 {
        entry.counts.note(|t| {
            if is_forth {
                t.forth += passed;
                t.sends += chunks;
            } else {
                t.back += passed;
            }
            t.dropped += dropped;
        });
    }
}
