//! How fast the failure engine is: on made-up architectures of a thousand and ten thousand basic events, and, where Debian's
//! `scram` is installed, beside it on the same files, whole process against whole process, counting against counting.
//!
//! `cargo bench --bench fault_trees` (with `-- made-up` or `-- scram` for one of both) prints one line a figure; a ratio below 1 is a loss and is printed as such. The best of
//! some runs counts, the two programs taking turns.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fastrand::Rng;
use linchpin::analysis::failure::solve::{Question, solve};
use linchpin::analysis::failure::tree::{FaultTree, Gate, GateId};

const RUNS: usize = 3;
/// A program that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wants = |what: &str| asked.is_empty() || asked.iter().any(|a| a == what);
    if wants("made-up") {
        made_up();
    }
    if wants("scram") {
        beside_scram();
    }
}

/// Tiers of services, each with three replicas of which one or two must be up, in three zones that all share; every service needs
/// two of the tier below, each by itself or as one of two.
fn architecture(tiers: usize, services: usize, seed: u64) -> FaultTree {
    let mut r = Rng::with_seed(seed);
    let mut tree = FaultTree::new(format!("{tiers}x{services}"));
    let zones: Vec<GateId> = (0..3).map(|z| tree.event(format!("zone{z}"), Some(1e-4))).collect();
    let mut below: Vec<GateId> = Vec::new();
    for t in 0..tiers {
        let tier: Vec<GateId> = (0..services)
            .map(|s| {
                let replicas = (0..3)
                    .map(|i| {
                        let own = tree.event(format!("t{t}s{s}/{i}"), Some(1e-3));
                        tree.add(Gate::Or(vec![own, zones[i]]))
                    })
                    .collect();
                let mut needs = vec![tree.add(Gate::AtLeast(2 + r.u32(0..2), replicas))];
                for _ in 0..2 {
                    if below.is_empty() {
                        break;
                    }
                    let target = below[r.usize(0..below.len())];
                    let need = if r.u8(0..10) < 7 {
                        target
                    } else {
                        let other = below[r.usize(0..below.len())];
                        tree.add(Gate::And(vec![target, other]))
                    };
                    needs.push(need);
                }
                tree.add(Gate::Or(needs))
            })
            .collect();
        below = tier;
    }
    tree.top = tree.add(Gate::Or(below));
    tree
}

fn made_up() {
    for (tiers, services, order) in
        [(6, 30, 3), (10, 33, 1), (10, 33, 2), (10, 33, 3), (10, 100, 2), (20, 166, 1)]
    {
        let tree = architecture(tiers, services, 7);
        let question =
            Question { order: Some(order), probability: false, importance: false, ..Question::default() };
        let (mut best, mut said) = (Duration::MAX, String::new());
        for _ in 0..RUNS {
            let begin = Instant::now();
            let found = solve(&tree, &question).expect("nobody stops it");
            best = best.min(begin.elapsed());
            let sets = found.cut_sets.expect("asked for");
            let counts: Vec<String> = sets.by_order.iter().map(ToString::to_string).collect();
            said = format!("{} events, {counts:?}, complete to {:?}", found.events, sets.complete_to);
        }
        println!("made up {:>6}, order {order}: {:>10.3} ms  {said}", tree.name, best.as_secs_f64() * 1e3);
    }
    for (tiers, services) in [(6, 30), (10, 33)] {
        let tree = architecture(tiers, services, 7);
        let question = Question { cut_sets: false, importance: false, ..Question::default() };
        let begin = Instant::now();
        let found = solve(&tree, &question).expect("nobody stops it");
        let p = found.probability.expect("known");
        println!(
            "made up {:>6}, probability: {:>8.0} ms  {} in [{:.6e}, {:.6e}]",
            tree.name,
            begin.elapsed().as_secs_f64() * 1e3,
            p.method.word(),
            p.lower,
            p.upper
        );
    }
}

/// The files of each model below a folder: all of one stem stand together.
fn models(folder: &Path) -> Vec<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(models(&path));
        } else if path.extension().is_some_and(|e| e == "xml") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if stem.ends_with("-basic-events") {
                continue;
            }
            let data = path.with_file_name(format!("{stem}-basic-events.xml"));
            found.push(if data.is_file() { vec![path, data] } else { vec![path] });
        }
    }
    found
}

/// The time of a whole process; `None` if it failed or was stopped.
fn timed(mut command: Command) -> Option<Duration> {
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    loop {
        if let Some(status) = child.try_wait().ok()? {
            return status.success().then(|| begin.elapsed());
        }
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn beside_scram() {
    let folder = std::env::var_os("LINCHPIN_BENCH_MODELS")
        .map_or_else(|| PathBuf::from("/usr/share/scram/input"), PathBuf::from);
    let all = models(&folder);
    if all.is_empty() || Command::new("scram").arg("--version").output().is_err() {
        println!("scram or its models are not installed: nothing to stand beside");
        return;
    }
    for files in all {
        let name = files[0].file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut ours, mut theirs) = (None::<Duration>, None::<Duration>);
        for run in 0..RUNS {
            let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
            command.args(["fault-tree", "--count-only", "--no-ccf"]).args(&files);
            let one = timed(command);
            ours = ours.into_iter().chain(one).min();
            // Who was stopped once is not waited for again.
            if run == 0 || theirs.is_some() {
                let mut command = Command::new("scram");
                command.args(["--bdd", "-o", "/dev/null"]).args(&files);
                theirs = theirs.into_iter().chain(timed(command)).min();
            }
        }
        let shown = |t: Option<Duration>| {
            t.map_or_else(|| "failed or stopped".to_owned(), |t| format!("{:.1} ms", t.as_secs_f64() * 1e3))
        };
        let ratio = match (ours, theirs) {
            (Some(a), Some(b)) => {
                let times = b.as_secs_f64() / a.as_secs_f64();
                format!("{times:.2} times as fast{}", if times < 1.0 { " (a loss)" } else { "" })
            }
            _ => "no ratio".to_owned(),
        };
        println!("{name:>28}: linchpin {:>18}, scram {:>18}: {ratio}", shown(ours), shown(theirs));
    }
}
