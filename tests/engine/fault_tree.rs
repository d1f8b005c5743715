//! The failure engine against every combination of failures, on random fault trees, and against figures worked out by hand.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;

use fastrand::Rng;
use linchpin::analysis::failure::effort::{Clock, Stop};
use linchpin::analysis::failure::solve::{Method, Question, Solution, solve};
use linchpin::analysis::failure::tree::{FaultTree, Gate, GateId};

/// A random tree of up to so many events; shared gates, dead ends and constants included.
pub(crate) fn random_tree(seed: u64, events_max: usize, coherent: bool) -> FaultTree {
    let mut r = Rng::with_seed(seed);
    let mut tree = FaultTree::new(format!("random {seed}"));
    for e in 0..r.usize(1..=events_max) {
        let p = if r.u8(0..12) == 0 { f64::from(r.u8(0..2)) } else { r.f64() };
        tree.event(format!("e{e}"), Some(p));
    }
    if r.u8(0..6) == 0 {
        tree.add(Gate::Constant(r.bool()));
    }
    // Some trees are mostly made of parts that share nothing, so that there are modules.
    let mut unused: Vec<GateId> = (0..tree.gates.len() as GateId).collect();
    let tidy = r.bool();
    for _ in 0..r.usize(1..=events_max + 4) {
        let wanted = r.usize(1..5);
        let mut operands = Vec::new();
        for _ in 0..wanted {
            if tidy && !unused.is_empty() && r.u8(0..8) != 0 {
                operands.push(unused.swap_remove(r.usize(0..unused.len())));
            } else {
                operands.push(r.u32(0..tree.gates.len() as u32));
            }
        }
        let gate = match r.u8(0..if coherent { 8 } else { 10 }) {
            0..3 => Gate::And(operands),
            3..6 => Gate::Or(operands),
            6..8 => Gate::AtLeast(r.u32(0..5), operands),
            8 => Gate::Not(operands[0]),
            _ => Gate::Xor(operands),
        };
        unused.push(tree.add(gate));
    }
    tree.top = if unused.len() > 1 && r.bool() {
        tree.add(if r.bool() { Gate::Or(unused) } else { Gate::And(unused) })
    } else {
        tree.gates.len() as GateId - 1
    };
    tree
}

/// Whether the top fails, for each combination of failed events.
fn table(tree: &FaultTree) -> Vec<bool> {
    (0..1_usize << tree.events.len())
        .map(|world| {
            let failed: Vec<[u64; 1]> =
                (0..tree.events.len()).map(|e| [if world >> e & 1 == 1 { u64::MAX } else { 0 }]).collect();
            tree.fails(&failed)[0] & 1 == 1
        })
        .collect()
}

fn minimal_worlds(fails: &[bool]) -> Vec<usize> {
    let mut minimal: Vec<usize> = Vec::new();
    let mut worlds: Vec<usize> = (0..fails.len()).filter(|w| fails[*w]).collect();
    worlds.sort_by_key(|w| w.count_ones());
    for world in worlds {
        if !minimal.iter().any(|m| m & world == *m) {
            minimal.push(world);
        }
    }
    minimal
}

fn as_set(world: usize) -> Vec<u32> {
    (0..usize::BITS).filter(|e| world >> e & 1 == 1).collect()
}

fn sets_by_hand(minimal: &[usize]) -> Vec<Vec<u32>> {
    let mut sets: Vec<Vec<u32>> = minimal.iter().map(|w| as_set(*w)).collect();
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets
}

fn chance_of(tree: &FaultTree, world: usize) -> f64 {
    tree.events
        .iter()
        .enumerate()
        .map(|(e, event)| {
            let p = event.probability.expect("every event has one");
            if world >> e & 1 == 1 { p } else { 1.0 - p }
        })
        .product()
}

fn probability_by_hand(tree: &FaultTree, fails: impl Fn(usize) -> bool) -> f64 {
    (0..1_usize << tree.events.len()).filter(|w| fails(*w)).map(|w| chance_of(tree, w)).sum()
}

fn counts(solution: &Solution) -> Vec<String> {
    let sets = solution.cut_sets.as_ref().expect("asked for");
    sets.by_order.iter().map(ToString::to_string).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn all_listed() -> Question<'static> {
    Question { listed_max: 1 << 20, ..Question::default() }
}

#[test]
fn cut_sets_and_probability_are_what_all_combinations_give() {
    let (mut sets_seen, mut modular, mut incoherent) = (0, 0, 0);
    for seed in 0..3000 {
        let tree = random_tree(seed, 4 + seed as usize % 9, seed % 3 != 0);
        let fails = table(&tree);
        let by_hand = sets_by_hand(&minimal_worlds(&fails));
        let found = solve(&tree, &all_listed()).expect("nobody stops it");
        let sets = found.cut_sets.as_ref().expect("asked for");
        assert_eq!(sets.listed, by_hand, "seed {seed}: {tree:?}");
        assert_eq!(sets.total().to_string(), by_hand.len().to_string(), "seed {seed}");
        assert_eq!((sets.complete_to, sets.listed_to), (None, None), "seed {seed}");
        for (i, n) in sets.by_order.iter().enumerate() {
            let here = by_hand.iter().filter(|s| s.len() == i + 1).count();
            assert_eq!(n.to_string(), here.to_string(), "seed {seed}, order {}", i + 1);
        }
        let exact = probability_by_hand(&tree, |w| fails[w]);
        let p = found.probability.expect("all are known");
        assert_eq!(p.method, Method::Exact, "seed {seed}");
        assert!(near(p.value, exact), "seed {seed}: {} by hand, {p:?}", exact);
        sets_seen += by_hand.len();
        modular += usize::from(found.modules > 1);
        incoherent += usize::from(!found.is_coherent);
    }
    assert!(sets_seen > 4000 && modular > 300 && incoherent > 300, "{sets_seen} {modular} {incoherent}");
}

#[test]
fn an_order_limits_the_computation_and_misses_nothing_below_it() {
    for seed in 0..2000 {
        let tree = random_tree(seed ^ 0x5151, 11, seed % 5 != 0);
        let by_hand = sets_by_hand(&minimal_worlds(&table(&tree)));
        for order in 1..4_u32 {
            let question = Question { order: Some(order), probability: seed % 2 == 0, ..all_listed() };
            let found = solve(&tree, &question).expect("nobody stops it");
            let sets = found.cut_sets.expect("asked for");
            let below: Vec<Vec<u32>> =
                by_hand.iter().filter(|s| s.len() <= order as usize).cloned().collect();
            assert_eq!(sets.listed, below, "seed {seed}, order {order}: {tree:?}");
            assert!(sets.by_order.len() <= order as usize);
        }
        let points: Vec<u32> = by_hand.iter().filter(|s| s.len() == 1).map(|s| s[0]).collect();
        assert_eq!(tree.single_points(), points, "seed {seed}");
    }
}

#[test]
fn importance_is_what_forcing_each_event_gives() {
    let mut compared = 0;
    for seed in 0..1500 {
        let tree = random_tree(seed ^ 0x77, 9, seed % 4 != 0);
        let fails = table(&tree);
        let minimal = minimal_worlds(&fails);
        let top = probability_by_hand(&tree, |w| fails[w]);
        let found = solve(&tree, &Question::default()).expect("nobody stops it");
        assert!(found.importance.is_empty() || found.importance_method == Some(Method::Exact));
        for i in found.importance {
            let bit = 1_usize << i.event;
            let q = tree.events[i.event as usize].probability.expect("known");
            let with = probability_by_hand(&tree, |w| fails[w | bit]);
            let without = probability_by_hand(&tree, |w| fails[w & !bit]);
            let in_a_cut =
                probability_by_hand(&tree, |w| minimal.iter().any(|m| m & bit != 0 && m & w == *m));
            let say = format!("seed {seed}, {i:?}: top {top}, with {with}, without {without}: {tree:?}");
            assert!(near(i.birnbaum, with - without), "{say}");
            assert!(near(i.gain_if_doubled, (with - without) * (q - q * q)), "{say}");
            if top > 1e-6 {
                assert!(near(i.criticality, (with - without) * q / top), "{say}");
                assert!(near(i.fussell_vesely, (in_a_cut / top).min(1.0)), "{say} in a cut {in_a_cut}");
                assert!(near(i.raw, with / top), "{say}");
                if without > 1e-9 {
                    assert!((i.rrw * without / top - 1.0).abs() < 1e-6, "{say}");
                }
            }
            compared += 1;
        }
    }
    assert!(compared > 3500, "only {compared} events");
}

#[test]
fn bounds_of_what_does_not_fit_are_true_bounds() {
    let (mut bounded, mut sampled) = (0, 0);
    for seed in 0..1500 {
        let tree = random_tree(seed ^ 0x1234, 12, true);
        let fails = table(&tree);
        let exact = probability_by_hand(&tree, |w| fails[w]);
        for nodes_max in [12, 16, 24, 40, 80] {
            let question = Question { nodes_max, worlds: 4096, ..all_listed() };
            let found = solve(&tree, &question).expect("nobody stops it");
            let p = found.probability.expect("all are known");
            let slack = 1e-12;
            match p.method {
                Method::Exact => assert!(near(p.value, exact), "seed {seed}"),
                Method::Bounds => {
                    bounded += 1;
                    assert!(
                        p.lower <= exact + slack && exact <= p.upper + slack,
                        "seed {seed}, {nodes_max} nodes: {exact} not in {p:?}: {tree:?}"
                    );
                }
                Method::Sampled => {
                    sampled += 1;
                    let wide = 3.0 * (p.upper - p.lower);
                    assert!(
                        p.lower - wide <= exact && exact <= p.upper + wide,
                        "seed {seed}: {exact}, {p:?}"
                    );
                }
            }
            assert!(p.lower <= p.value && p.value <= p.upper, "seed {seed}: {p:?}");
            // What is said to be complete is.
            let sets = found.cut_sets.expect("asked for");
            let to = sets.complete_to.unwrap_or(u32::MAX) as usize;
            let below: Vec<Vec<u32>> =
                sets_by_hand(&minimal_worlds(&fails)).into_iter().filter(|s| s.len() <= to).collect();
            assert_eq!(sets.listed, below, "seed {seed}, {nodes_max} nodes");
        }
    }
    assert!(bounded > 60 && sampled > 100, "{bounded} bounded, {sampled} sampled");
}

#[test]
fn more_failures_never_mend_a_coherent_tree() {
    for seed in 0..400 {
        let tree = random_tree(seed ^ 0x99, 8, true);
        let fails = table(&tree);
        for world in 0..fails.len() {
            for e in 0..tree.events.len() {
                assert!(!fails[world] || fails[world | 1 << e], "seed {seed}");
            }
        }
        // An event that fails more often never makes the top fail less often.
        let p = |tree: &FaultTree| {
            solve(tree, &Question { cut_sets: false, ..Question::default() })
                .expect("nobody stops it")
                .probability
                .expect("known")
                .value
        };
        let before = p(&tree);
        for e in 0..tree.events.len() {
            let mut worse = tree.clone();
            worse.events[e].probability = worse.events[e].probability.map(|p| p + (1.0 - p) * 0.5);
            assert!(p(&worse) >= before - 1e-12, "seed {seed}, event {e}");
        }
    }
}

/// n pairs in a row, each of which fails when both of it fail, in k chains that must all fail.
fn chains(chains: usize, pairs: usize, p: f64) -> FaultTree {
    let mut tree = FaultTree::new("chains");
    let all = (0..chains)
        .map(|c| {
            let row = (0..pairs)
                .map(|i| {
                    let a = tree.event(format!("a{c}/{i}"), Some(p));
                    let b = tree.event(format!("b{c}/{i}"), Some(p));
                    tree.add(Gate::And(vec![a, b]))
                })
                .collect();
            tree.add(Gate::Or(row))
        })
        .collect();
    tree.top = tree.add(Gate::And(all));
    tree
}

#[test]
fn counts_pass_the_largest_machine_word() {
    // 20 chains of 100 pairs: 100^20 = 10^40 sets of 40 events each; 2^128 is about 3.4 * 10^38.
    let tree = chains(20, 100, 0.01);
    let found = solve(&tree, &Question::default()).expect("nobody stops it");
    let by_order = counts(&found);
    assert_eq!(by_order.len(), 40);
    assert_eq!(by_order[39], format!("1{}", "0".repeat(40)));
    assert!(by_order[..39].iter().all(|n| n == "0"));
    let one = 1.0 - (1.0 - 1e-4_f64).powi(100);
    assert!((found.probability.expect("known").value / one.powi(20) - 1.0).abs() < 1e-9);
}

#[test]
fn no_depth_is_too_deep() {
    // Half a million gates below each other, each of which uses the one before and an event of its own.
    let mut tree = FaultTree::new("deep");
    let mut below = tree.event("e", Some(0.5));
    for i in 0..200_000 {
        let e = tree.event(format!("e{i}"), Some(0.000_001));
        below = tree.add(if i % 2 == 0 { Gate::Or(vec![below, e]) } else { Gate::And(vec![below, e]) });
    }
    tree.top = below;
    let found = solve(&tree, &Question { order: Some(2), ..Question::default() }).expect("nobody stops it");
    assert!(found.probability.is_some());
    assert_eq!(counts(&found), ["0", "1"]);
}

#[test]
fn a_raised_flag_stops_the_work() {
    let flag = AtomicBool::new(true);
    let question = Question { cancel: Some(&flag), ..Question::default() };
    assert_eq!(solve(&random_tree(5, 12, true), &question).err(), Some(Stop::Cancelled));
    flag.store(false, Ordering::Relaxed);
    assert!(solve(&random_tree(5, 12, true), &question).is_ok());
}

/// Ten tiers of services that need each other crosswise: more than a thousand events, and no diagram of them fits.
fn hopeless() -> FaultTree {
    let mut r = Rng::with_seed(7);
    let mut tree = FaultTree::new("hopeless");
    let zones: Vec<GateId> = (0..3).map(|z| tree.event(format!("zone{z}"), Some(1e-4))).collect();
    let mut below: Vec<GateId> = Vec::new();
    for t in 0..10 {
        let mut tier = Vec::new();
        for s in 0..34 {
            let mut replicas = Vec::new();
            for (i, zone) in zones.iter().enumerate() {
                let own = tree.event(format!("t{t}s{s}/{i}"), Some(1e-3));
                replicas.push(tree.add(Gate::Or(vec![own, *zone])));
            }
            let mut needs = vec![tree.add(Gate::AtLeast(2 + r.u32(0..2), replicas))];
            for _ in 0..2 {
                let Some(target) = r.choice(&below).copied() else { break };
                let other = below[r.usize(0..below.len())];
                needs.push(if r.u8(0..10) < 7 { target } else { tree.add(Gate::And(vec![target, other])) });
            }
            tier.push(tree.add(Gate::Or(needs)));
        }
        below = tier;
    }
    tree.top = tree.add(Gate::Or(below));
    assert!(tree.events.len() > 1000);
    tree
}

#[test]
fn a_budget_is_shared_by_all_that_a_question_costs() {
    let tree = hopeless();
    for work_max in [0, 100_000, 2_000_000] {
        // A clock counts how often the budget is looked at: at least every LOOK_EVERY units of work.
        let looks = AtomicU32::new(0);
        let clock = || {
            looks.fetch_add(1, Ordering::Relaxed);
            0.0
        };
        let question = Question {
            work_max,
            listed_max: 200_000,
            worlds: 1 << 14,
            clock: Some(Clock(&clock)),
            ..Question::default()
        };
        let found = solve(&tree, &question).expect("nobody stops it");
        let p = found.probability.expect("all are known");
        assert_ne!(p.method, Method::Exact, "{work_max}: {p:?}");
        assert!(0.0 <= p.lower && p.lower <= p.value && p.value <= p.upper && p.upper <= 1.0, "{p:?}");
        let sets = found.cut_sets.expect("asked for");
        assert!(sets.complete_to.is_some_and(|to| to >= 1), "{:?}", sets.complete_to);
        let points: Vec<u32> = sets.listed.iter().filter(|s| s.len() == 1).map(|s| s[0]).collect();
        assert_eq!(points, tree.single_points());
        // Every attempt may go on until the next look, and what must be done in any case is looked at too.
        let units = u64::from(looks.into_inner()) * 1024;
        assert!(units <= 2 * work_max + 300_000, "{units} units of {work_max}");
    }
}

#[test]
fn time_that_is_over_ends_the_work_with_true_bounds() {
    // A clock that runs with the work: at the hundredth look all time has passed.
    let (mut bounded, tree) = (Vec::new(), hopeless());
    for looks_max in [1, 100, 3000] {
        let looks = AtomicU32::new(0);
        let clock = || f64::from(looks.fetch_add(1, Ordering::Relaxed)) / f64::from(looks_max);
        let question = Question { clock: Some(Clock(&clock)), worlds: 1 << 12, ..Question::default() };
        let found = solve(&tree, &question).expect("a clock is no flag");
        bounded.push(found.probability.expect("all are known"));
        let looked = looks.into_inner();
        assert!(looked < 2 * looks_max + 300, "{looked} looks");
    }
    // True bounds of one figure overlap, and more time never leaves them wider.
    let bounds: Vec<_> = bounded.iter().filter(|p| p.method == Method::Bounds).collect();
    for pair in bounds.windows(2) {
        assert!(pair[0].lower <= pair[1].upper && pair[1].lower <= pair[0].upper, "{bounded:?}");
    }
}

#[test]
fn a_flag_that_another_raises_stops_a_hopeless_tree() {
    let tree = hopeless();
    for after in [1, 40, 700, 5000] {
        // Somebody else raises the flag while the work is on: at look number `after` the worker tells them and waits until it
        // is up. From then on nobody may look at the clock again: not one more table of LOOK_EVERY units is begun.
        let flag = AtomicBool::new(false);
        let looks = AtomicU32::new(0);
        let ((tell, told), (raise, raised)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        let (tell, raised) = (std::sync::Mutex::new(tell), std::sync::Mutex::new(raised));
        let stopped = std::thread::scope(|scope| {
            let raised_by_another = &flag;
            scope.spawn(move || {
                if told.recv().is_ok() {
                    raised_by_another.store(true, Ordering::Relaxed);
                    let _ = raise.send(());
                }
            });
            let clock = || {
                if looks.fetch_add(1, Ordering::Relaxed) + 1 == after {
                    tell.lock().expect("nobody panics").send(()).expect("somebody waits");
                    raised.lock().expect("nobody panics").recv().expect("it is raised");
                }
                0.0
            };
            let question = Question {
                clock: Some(Clock(&clock)),
                cancel: Some(&flag),
                work_max: u64::MAX,
                nodes_max: 1 << 22,
                ..Question::default()
            };
            solve(&tree, &question).map(|s| s.probability)
        });
        assert_eq!(stopped, Err(Stop::Cancelled), "after {after}");
        // The look at which it was raised, and one or two that begin a share of the budget.
        let more = looks.into_inner() - after;
        assert!(more <= 2, "{more} looks after the flag was raised");
    }
}

/// `needed` of `n` fail the top: the classic of all tables.
#[test]
fn the_known_figures_of_k_of_n() {
    let mut tree = FaultTree::new("3 of 5");
    let events: Vec<GateId> = (0..5).map(|e| tree.event(format!("e{e}"), Some(0.01))).collect();
    tree.top = tree.add(Gate::AtLeast(3, events));
    let found = solve(&tree, &all_listed()).expect("nobody stops it");
    assert_eq!(counts(&found), ["0", "0", "10"]);
    // A majority of five at 0.99 each: 0.9999901494 (binomial).
    assert!((1.0 - found.probability.expect("known").value - 0.999_990_149_4).abs() < 1e-10);
}
