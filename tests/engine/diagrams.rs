//! The failure engine beside OxiDD, decision diagrams that somebody else wrote: on trees too large for every combination to be
//! tried, both must count the same failing worlds.

use std::collections::hash_map::RandomState;

use linchpin::analysis::failure::solve::{Method, Question, solve};
use linchpin::analysis::failure::tree::{FaultTree, Gate};
use oxidd::bdd::{BDDFunction, new_manager};
use oxidd::util::SatCountCache;
use oxidd::{BooleanFunction, Manager, ManagerRef};

use crate::fault_tree::random_tree;

const NODES: usize = 1 << 18;

/// The function of a tree's top and those of its events, in the order of the events.
fn by_oxidd(tree: &FaultTree) -> (BDDFunction, Vec<BDDFunction>) {
    let manager = new_manager(NODES, NODES, 1);
    let events = tree.events.len() as u32;
    let (no, yes, variables) = manager.with_manager_exclusive(|m| {
        let numbers = m.add_vars(events);
        let variables: Vec<BDDFunction> =
            numbers.map(|v| BDDFunction::var(m, v).expect("there is room")).collect();
        (BDDFunction::f(m), BDDFunction::t(m), variables)
    });
    let and = |a: &BDDFunction, b: &BDDFunction| a.and(b).expect("there is room");
    let or = |a: &BDDFunction, b: &BDDFunction| a.or(b).expect("there is room");
    let mut of: Vec<BDDFunction> = Vec::new();
    for gate in &tree.gates[..=tree.top as usize] {
        let operands: Vec<&BDDFunction> = gate.operands().iter().map(|o| &of[*o as usize]).collect();
        let function = match gate {
            Gate::Constant(c) => if *c { &yes } else { &no }.clone(),
            Gate::Event(e) => variables[*e as usize].clone(),
            Gate::And(_) => operands.iter().fold(yes.clone(), |all, o| and(&all, o)),
            Gate::Or(_) => operands.iter().fold(no.clone(), |any, o| or(&any, o)),
            Gate::Xor(_) => operands.iter().fold(no.clone(), |odd, o| odd.xor(o).expect("there is room")),
            Gate::Not(_) => operands[0].not().expect("there is room"),
            Gate::AtLeast(k, _) => {
                // reached[j]: at least j of those so far.
                let mut reached = vec![no.clone(); *k as usize + 1];
                reached[0] = yes.clone();
                for o in operands {
                    for j in (1..reached.len()).rev() {
                        reached[j] = or(&reached[j], &and(&reached[j - 1], o));
                    }
                }
                reached[*k as usize].clone()
            }
        };
        of.push(function);
    }
    (of.swap_remove(tree.top as usize), variables)
}

fn count(function: &BDDFunction, events: u32) -> u64 {
    function.sat_count(events, &mut SatCountCache::<u64, RandomState>::default())
}

#[test]
fn as_many_worlds_fail_as_oxidd_counts() {
    let (mut compared, mut importances, mut proper) = (0, 0, 0);
    for seed in 0..400 {
        let mut tree = random_tree(seed ^ 0x0dd, 12 + seed as usize % 29, seed % 3 != 0);
        let events = tree.events.len() as u32;
        for event in &mut tree.events {
            event.probability = Some(0.5);
        }
        let (top, variables) = by_oxidd(&tree);
        let failing = count(&top, events);
        let found = solve(&tree, &Question::default()).expect("nobody stops it");
        let p = found.probability.expect("all are known");
        assert_eq!(p.method, Method::Exact, "seed {seed}");
        // Every figure on the way is a whole number of 2^-events, with room in 53 bits: not even rounding differs.
        let worlds = 2_f64.powi(events as i32);
        assert!(
            (p.value * worlds - failing as f64).abs() < 0.5,
            "seed {seed}: {} of {failing}",
            p.value * worlds
        );
        proper += usize::from(failing > 0 && p.value < 1.0 && events > 16);
        for i in &found.importance {
            let with = count(&top.and(&variables[i.event as usize]).expect("there is room"), events);
            let decides = (2 * i128::from(with) - i128::from(failing)) as f64 / (worlds / 2.0);
            assert!((i.birnbaum - decides).abs() < 1e-9, "seed {seed}, event {}: {i:?}, {decides}", i.event);
            importances += 1;
        }
        compared += 1;
    }
    assert!(compared == 400 && importances > 1500 && proper > 60, "{compared} {importances} {proper}");
}
