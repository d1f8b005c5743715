//! Worlds drawn at random: the probability of a tree with a confidence interval, whatever its shape.
//!
//! 256 worlds at a time; failures of an event are found by leaping from one to the next, so that rare ones cost little. The
//! same seed draws the same worlds.
//!
//! Source: Wilson 1927 for the interval.

use super::effort::{Effort, Pace, Stop};
use super::tree::FaultTree;

const W: usize = 4;

/// Share of worlds in which the top failed, and a 95 % interval around it; of fewer worlds where the budget ends before.
///
/// # Errors
/// [`Stop::Cancelled`].
pub fn sampled(
    tree: &FaultTree,
    chance: &[f64],
    worlds: usize,
    effort: Effort<'_>,
) -> Result<(f64, f64, f64), Stop> {
    let mut random = fastrand::Rng::with_seed(0x11c4);
    let mut leap = |p: f64| -> u64 {
        if p >= 1.0 {
            return 0;
        }
        if p <= 0.0 {
            return u64::MAX;
        }
        // 1 - f64() is never 0.
        let steps = (1.0 - random.f64()).ln() / (-p).ln_1p();
        if steps >= 1e18 { u64::MAX } else { steps as u64 }
    };
    let mut next: Vec<u64> = chance.iter().map(|p| leap(*p)).collect();
    let mut failed = vec![[0_u64; W]; chance.len()];
    let mut values = Vec::new();
    let mut hits = 0_u64;
    let lot = (64 * W) as u64;
    let lots = (worlds as u64).div_ceil(lot).max(1);
    let mut pace = Pace::new(effort);
    let mut drawn = 0;
    for at in 0..lots {
        match pace.steps(1 + tree.gates.len() / 8) {
            Err(Stop::Budget) if at > 0 => break,
            Ok(()) | Err(Stop::Budget) => {}
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
        }
        let (start, end) = (at * lot, (at + 1) * lot);
        for (e, p) in chance.iter().enumerate() {
            let word = &mut failed[e];
            *word = [0; W];
            while next[e] < end {
                let bit = (next[e] - start) as usize;
                word[bit / 64] |= 1 << (bit % 64);
                next[e] = next[e].saturating_add(1).saturating_add(leap(*p));
            }
        }
        let top = tree.fails_with::<W>(|e| failed[e as usize], &mut values);
        drawn += lot;
        hits += top.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
    }
    let n = drawn as f64;
    let (p, z) = (hits as f64 / n, 1.959_964);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (p + z * z / (2.0 * n), 1.0 + z * z / n);
    Ok((p, ((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0)))
}
