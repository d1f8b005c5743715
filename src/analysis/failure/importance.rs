//! What every basic event means to the top: five measures and a gain, from one pass over each module's diagram.
//!
//! The derivative of the top by an event inside a module is that by the module times that inside the module. All measures but
//! one follow from it. Fussell and Vesely's asks for the union of the cut sets with an event: exactly by a diagram for each
//! event where that is cheap, else by the sum over those sets, which is an upper bound.
//!
//! Source: Birnbaum 1969; Fussell 1975; Vesely et al. 1983 (RAW, RRW).

use super::bdd::Node;
use super::effort::{Effort, Stop};
use super::modules::Variable;
use super::solve::{Importance, Solved};
use super::tree::FaultTree;

/// Nodes times variables of a module up to which a diagram is made for each.
const EXACT_MAX: usize = 2 << 20;

/// The importance of every event below the top, and whether Fussell and Vesely's is exact.
///
/// # Errors
/// [`Stop::Cancelled`].
pub(super) fn of<'a>(
    tree: &FaultTree,
    solved: &mut [Solved<'a>],
    chance: &[f64],
    top: f64,
    effort: Effort<'a>,
) -> Result<(Vec<Importance>, bool), Stop> {
    let n = solved.len();
    // Derivative of the top by each module, and chance that a cut set with the module has failed but for the module.
    let (mut slope, mut needed) = (vec![0.0; n], vec![0.0; n]);
    slope[n - 1] = 1.0;
    needed[n - 1] = 1.0;
    let mut found: Vec<Option<Importance>> = vec![None; tree.events.len()];
    let best: Vec<f64> = solved.iter().map(|s| s.best).collect();
    let mut is_exact = true;
    for m in (0..n).rev() {
        let (own_slope, own_needed) = (slope[m], needed[m]);
        let this = &mut solved[m];
        let by_level: Vec<f64> = this
            .variable_at
            .iter()
            .map(|v| match this.module.variables[*v as usize] {
                Variable::Event(e) => chance[e as usize],
                Variable::Module(inner) => best[inner],
            })
            .collect();
        let (slopes, needs, exact) = inside(this, &by_level, effort.part(0.5))?;
        is_exact &= exact;
        for (level, v) in this.variable_at.iter().enumerate() {
            let (d, g) = (own_slope * slopes[level], own_needed * needs[level]);
            match this.module.variables[*v as usize] {
                Variable::Module(inner) => (slope[inner], needed[inner]) = (d, g),
                Variable::Event(e) => found[e as usize] = Some(measures(e, chance[e as usize], top, d, g)),
            }
        }
    }
    Ok((found.into_iter().flatten().collect(), is_exact))
}

/// For each level the derivative of the module, the chance that the variable is needed, and whether that is exact.
fn inside<'a>(
    this: &mut Solved<'a>,
    chance: &[f64],
    effort: Effort<'a>,
) -> Result<(Vec<f64>, Vec<f64>, bool), Stop> {
    let summed = |this: &Solved<'_>| match &this.sets {
        Some((sets, family)) => sets.sum_importance(*family, chance),
        None => Ok(vec![0.0; chance.len()]),
    };
    let Some((diagram, top)) = &mut this.diagram else {
        let sums = summed(this)?;
        let bounded: Vec<f64> = sums.into_iter().map(|s| s.min(1.0)).collect();
        return Ok((bounded.clone(), bounded, false));
    };
    let (_, slopes) = diagram.birnbaum(*top, chance)?;
    diagram.table.go_on_with(effort);
    let mut needs: Vec<Option<f64>> = vec![None; chance.len()];
    if diagram.size(*top).saturating_mul(chance.len()) <= EXACT_MAX {
        // Cut sets of a tree with negations are those of its hull.
        let hull = if this.module.is_coherent { Ok(*top) } else { diagram.hull(*top) };
        for (level, need) in needs.iter_mut().enumerate() {
            let state: Result<Node, Stop> = hull.and_then(|hull| diagram.where_needed(hull, level as u32));
            match state {
                Ok(state) => *need = Some(diagram.probability(state, chance)?),
                Err(Stop::Budget) => break,
                Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            }
        }
    }
    let is_exact = needs.iter().all(Option::is_some);
    let needs = if is_exact {
        needs.into_iter().flatten().collect()
    } else if this.sets.is_some() {
        summed(this)?.into_iter().map(|s| s.min(1.0)).collect()
    } else {
        // Without sets the derivative is what is known: it is the first-order figure.
        slopes.clone()
    };
    Ok((slopes, needs, is_exact))
}

fn measures(event: u32, q: f64, top: f64, slope: f64, needed: f64) -> Importance {
    let share = |x: f64| if top > 0.0 { x / top } else { 0.0 };
    let without = (top - q * slope).max(0.0);
    // What is left is rounding where nothing else fails the top.
    let without = if without < top * 1e-12 { 0.0 } else { without };
    Importance {
        event,
        birnbaum: slope,
        criticality: share(q * slope),
        fussell_vesely: share(q * needed).min(1.0),
        raw: if top > 0.0 { share((top + (1.0 - q) * slope).clamp(0.0, 1.0)) } else { 1.0 },
        rrw: match (top > 0.0, without > 0.0) {
            (false, _) => 1.0,
            (true, true) => top / without,
            (true, false) => f64::INFINITY,
        },
        gain_if_doubled: slope * (q - q * q),
    }
}
