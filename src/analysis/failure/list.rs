//! Minimal cut sets written out: the sets of the top module, with every module in them replaced by each of its own.
//!
//! Only what fits the order is walked: a branch whose smallest set is too large is never entered.

use super::effort::{Effort, Stop};
use super::modules::Variable;
use super::solve::Solved;
use super::zbdd::{EMPTY_SET, Family, NONE};

/// What is still to be written of a set that has been begun.
struct Rest<'r> {
    module: usize,
    family: Family,
    /// Events of the smallest way to finish, from here to the end.
    least: u32,
    next: Option<&'r Rest<'r>>,
}

struct Walk<'s, 'a> {
    solved: &'s [Solved<'a>],
    chosen: Vec<u32>,
    found: Vec<Vec<u32>>,
    effort: Effort<'s>,
}

/// Every set of at most so many events, the smallest first, each in the order of the events.
pub(super) fn listed(solved: &[Solved<'_>], order: u32, effort: Effort<'_>) -> Result<Vec<Vec<u32>>, Stop> {
    let Some(top) = solved.len().checked_sub(1) else { return Ok(Vec::new()) };
    let Some((_, family)) = &solved[top].sets else { return Ok(Vec::new()) };
    let mut walk = Walk { solved, chosen: Vec::new(), found: Vec::new(), effort };
    walk.down(top, *family, None, order)?;
    sorted(walk.found, effort)
}

/// In order, with a look at the flag now and then: there may be hundreds of thousands.
fn sorted(mut found: Vec<Vec<u32>>, effort: Effort<'_>) -> Result<Vec<Vec<u32>>, Stop> {
    const AT_ONCE: usize = 1 << 13;
    let order = |a: &Vec<u32>, b: &Vec<u32>| a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    for some in found.chunks_mut(AT_ONCE) {
        effort.go_on()?;
        some.sort_unstable_by(order);
    }
    // Runs twice as long each time; a run and the next are merged by what sorts nearly sorted lists fast.
    let mut length = AT_ONCE;
    while length < found.len() {
        for some in found.chunks_mut(2 * length) {
            effort.go_on()?;
            some.sort_by(order);
        }
        length *= 2;
    }
    Ok(found)
}

impl Walk<'_, '_> {
    fn down(
        &mut self,
        module: usize,
        mut family: Family,
        rest: Option<&Rest<'_>>,
        order: u32,
    ) -> Result<(), Stop> {
        let solved = self.solved;
        let Some((sets, _)) = &solved[module].sets else { return Ok(()) };
        let after = rest.map_or(0, |r| r.least);
        while family != NONE && sets.least(family).saturating_add(after) <= order {
            if family == EMPTY_SET {
                match rest {
                    Some(r) => self.down(r.module, r.family, r.next, order)?,
                    None => {
                        if self.found.len().is_multiple_of(1024) {
                            self.effort.go_on()?;
                        }
                        let mut set = self.chosen.clone();
                        set.sort_unstable();
                        self.found.push(set);
                    }
                }
                return Ok(());
            }
            let (level, low, high) = sets.table.parts(family);
            match solved[module].module.variables[solved[module].variable_at[level as usize] as usize] {
                Variable::Event(e) => {
                    if order > 0 {
                        self.chosen.push(e);
                        self.down(module, high, rest, order - 1)?;
                        self.chosen.pop();
                    }
                }
                Variable::Module(inner) => {
                    let least = sets.least(high).saturating_add(after);
                    let rest = Rest { module, family: high, least, next: rest };
                    if let Some((_, top)) = &solved[inner].sets {
                        self.down(inner, *top, Some(&rest), order)?;
                    }
                }
            }
            family = low;
        }
        Ok(())
    }
}
