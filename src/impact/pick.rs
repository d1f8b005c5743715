//! The arithmetic of picking: what share of requests is served when a caller tries a few of its targets.
//!
//! Targets stand in ranks. Tries go through the ranks in order; within a rank each order is as likely as any other,
//! unless weights say otherwise. A request moves on from some failures and stops at others.

/// The outcome of asking once: probabilities, so 0 ..= 1, with `full <= served`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// Served at all.
    pub served: f64,
    /// Served with everything optional.
    pub full: f64,
}

impl Served {
    /// Always, fully.
    pub const ALWAYS: Served = Served { served: 1.0, full: 1.0 };
    /// Never.
    pub const NEVER: Served = Served { served: 0.0, full: 0.0 };

    /// Both this and that, independently.
    #[must_use]
    pub fn and(self, other: Served) -> Served {
        Served { served: self.served * other.served, full: self.full * other.full }
    }

    /// This, or else that.
    #[must_use]
    pub fn or_else(self, other: Served) -> Served {
        let missed = 1.0 - self.served;
        Served { served: self.served + missed * other.served, full: self.full + missed * other.full }
    }
}

/// An eligible target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Lower ranks are tried first.
    pub rank: usize,
    /// Relative chance to be tried first within a rank.
    pub weight: f64,
    /// What it does with a request.
    pub served: Served,
    /// Whether a request that it fails moves on to another target.
    pub moves_on: bool,
}

/// The share served with up to `tries` distinct targets.
///
/// With equal weights this is exact for any mixture: the j-th try is target i with every set of j − 1 others before it
/// alike, which elementary symmetric polynomials count. O(ranks x tries x targets).
/// With unequal weights the order of tries is enumerated. O(targets ^ tries), tries bounded by 4.
pub fn pick(targets: &[Target], tries: u32, weighted: bool) -> Served {
    // The usual case, and exact: sums of chances round.
    if tries > 0 && !targets.is_empty() && targets.iter().all(|t| t.served == Served::ALWAYS) {
        return Served::ALWAYS;
    }
    if weighted {
        return pick_weighted(targets, tries.min(4));
    }
    let mut ranks: Vec<usize> = targets.iter().map(|t| t.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut left = tries as usize;
    let mut total = Served::NEVER;
    let mut still_trying = 1.0;
    for rank in ranks {
        if left == 0 || still_trying <= 0.0 {
            break;
        }
        let here: Vec<&Target> = targets.iter().filter(|t| t.rank == rank).collect();
        let (served, goes_on) = pick_in_rank(&here, left);
        total.served += still_trying * served.served;
        total.full += still_trying * served.full;
        still_trying *= goes_on;
        left = left.saturating_sub(here.len());
    }
    total
}

/// Within one rank: the share served, and the share that has tried and moved on from all it could.
fn pick_in_rank(targets: &[&Target], tries: usize) -> (Served, f64) {
    let n = targets.len();
    let depth = tries.min(n);
    // Chance that a try at a target fails and the request moves on.
    let onward: Vec<f64> =
        targets.iter().map(|t| if t.moves_on { 1.0 - t.served.served } else { 0.0 }).collect();
    let mut all = vec![0.0; depth + 1];
    all[0] = 1.0;
    for q in &onward {
        for j in (1..=depth).rev() {
            all[j] += q * all[j - 1];
        }
    }
    let mut total = Served::NEVER;
    for (i, target) in targets.iter().enumerate() {
        if target.served.served <= 0.0 {
            continue;
        }
        let mut others = 1.0; // elementary symmetric polynomial of order j - 1 over the others
        let mut sets = 1.0; // number of sets of j - 1 others
        for (j, with) in all.iter().enumerate().skip(1) {
            let chance = others / sets / n as f64;
            total.served += chance * target.served.served;
            total.full += chance * target.served.full;
            others = with - onward[i] * others;
            sets = sets * (n - j) as f64 / j as f64;
        }
    }
    let mut sets = 1.0;
    for j in 0..depth {
        sets = sets * (n - j) as f64 / (j + 1) as f64;
    }
    (total, if sets > 0.0 { (all[depth] / sets).clamp(0.0, 1.0) } else { 1.0 })
}

fn pick_weighted(targets: &[Target], tries: u32) -> Served {
    let total: f64 = targets.iter().map(|t| t.weight.max(0.0)).sum();
    if tries == 0 || targets.is_empty() {
        return Served::NEVER;
    }
    let mut sum = Served::NEVER;
    for (i, target) in targets.iter().enumerate() {
        let chance = if total > 0.0 { target.weight.max(0.0) / total } else { 1.0 / targets.len() as f64 };
        if chance <= 0.0 {
            continue;
        }
        let mut outcome = target.served;
        if target.moves_on && outcome.served < 1.0 {
            let mut others = targets.to_vec();
            others.remove(i);
            outcome = outcome.or_else(pick_weighted(&others, tries - 1));
        }
        sum.served += chance * outcome.served;
        sum.full += chance * outcome.full;
    }
    sum
}

/// The chance that at least k of independent outcomes are served, and fully served.
pub fn at_least(k: usize, outcomes: &[Served]) -> Served {
    let tail = |p: &dyn Fn(&Served) -> f64| {
        let mut exactly = vec![0.0; outcomes.len() + 1];
        exactly[0] = 1.0;
        for (done, outcome) in outcomes.iter().enumerate() {
            let p = p(outcome);
            for j in (0..=done + 1).rev() {
                exactly[j] = exactly[j] * (1.0 - p) + if j > 0 { exactly[j - 1] * p } else { 0.0 };
            }
        }
        exactly.iter().skip(k).sum::<f64>()
    };
    Served { served: tail(&|o| o.served), full: tail(&|o| o.full) }
}
