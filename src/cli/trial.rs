//! A proof told to whoever waits at a terminal while it goes on; `prove` and `harden --prove` do it alike.

use super::Io;
use super::status::Status;
use crate::proof::{Progress, Verdict};

/// Does work that tells its progress, and shows that.
pub(super) fn told<T>(io: &mut Io<'_>, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let status = Status::new();
    let done = work(&mut |progress| tell(io, &status, &progress));
    status.clear(io.err);
    done
}

fn tell(io: &mut Io<'_>, status: &Status, progress: &Progress) {
    match progress {
        Progress::Trying { index, of, fault, attempt } => {
            let again = if *attempt > 1 { format!(", try {attempt}") } else { String::new() };
            status.show(io.err, &format!("{}/{of} {fault}{again}", index + 1));
        }
        Progress::Judged(claims) => {
            for claim in claims.iter().filter(|c| !matches!(c.verdict, Some(Verdict::Confirmed) | None)) {
                let why = claim.attempts.last().map_or("", |a| a.why.as_str());
                let verdict = claim.verdict.map_or("", Verdict::word);
                status.say(io.err, &format!("{verdict}: {} ({why})", claim.id));
            }
        }
    }
}
