//! How fast the failure engine is: on made-up architectures of a thousand and ten thousand elements, when it is stopped, and, where
//! Debian's `scram` is installed, beside it on the same files, whole process against whole process.
//!
//! `cargo bench --bench fault_trees` (with `-- made-up`, `-- stop` or `-- scram` for one part) prints a table and fails if a claim
//! does not hold. The best of some runs counts, the two programs taking turns. `scram` has no way to count without writing
//! what it counted, so it writes to /dev/null; what it says itself of its time without the writing is shown beside.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use linchpin::analysis::failure::effort::{Clock, Stop};
use linchpin::analysis::failure::journeys::{Scope, of_design};
use linchpin::analysis::failure::loss::Batch;
use linchpin::analysis::failure::solve::{Question, solve};
use linchpin::analysis::failure::tree::{FaultTree, Gate, GateId};
use linchpin::deploy::expand;
use linchpin::design::{Component, Design, Kind, Link, Zone};
use linchpin::export::mef::text;
use linchpin::file::{Document, TEMPLATES};

const RUNS: usize = 3;
/// A program that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(30);
/// Below this a process is mostly its own beginning, and no claim is made.
const SCRAM_FROM: Duration = Duration::from_millis(50);

/// What was promised, and whether it held.
#[derive(Default)]
struct Claims {
    broken: Vec<String>,
}

impl Claims {
    /// A line of the table: a figure, and the limit that it must keep.
    fn hold(&mut self, what: &str, took: Duration, limit: Option<Duration>, said: &str) {
        let shown = |t: Duration| format!("{:.2} ms", t.as_secs_f64() * 1e3);
        let (bound, verdict) = match limit {
            None => (String::new(), ""),
            Some(limit) if took < limit => (format!("< {}", shown(limit)), "holds"),
            Some(limit) => {
                self.broken.push(format!("{what}: {} and not < {}", shown(took), shown(limit)));
                (format!("< {}", shown(limit)), "BROKEN")
            }
        };
        println!("{what:<44} {:>12} {bound:>14} {verdict:<6}  {said}", shown(took));
    }
}

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wants = |what: &str| asked.is_empty() || asked.iter().any(|a| a == what);
    let mut claims = Claims::default();
    if wants("made-up") {
        made_up(&mut claims);
        single_failures(&mut claims);
    }
    if wants("stop") {
        stopped(&mut claims);
    }
    if wants("scram") {
        beside_scram(&mut claims);
    }
    for broken in &claims.broken {
        println!("BROKEN: {broken}");
    }
    if claims.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
                        let own = tree.event(format!("t{t}s{s}r{i}"), Some(1e-3));
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

fn best_of<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut best: Option<(Duration, T)> = None;
    for _ in 0..RUNS {
        let begin = Instant::now();
        let made = work();
        let took = begin.elapsed();
        if best.as_ref().is_none_or(|(b, _)| took < *b) {
            best = Some((took, made));
        }
    }
    best.expect("there is a run")
}

fn made_up(claims: &mut Claims) {
    let ms = Duration::from_millis;
    for (tiers, services, order, limit) in [
        (6, 30, 3, None),
        (10, 34, 1, None),
        (10, 34, 2, None),
        (10, 34, 3, Some(ms(500))),
        (12, 34, 3, Some(ms(500))),
        (10, 100, 2, None),
        (20, 167, 1, Some(ms(20))),
    ] {
        let tree = architecture(tiers, services, 7);
        let question = Question {
            order: Some(order),
            probability: false,
            importance: false,
            work_max: u64::MAX,
            ..Question::default()
        };
        let (took, found) = best_of(|| solve(&tree, &question).expect("nobody stops it"));
        let sets = found.cut_sets.expect("asked for");
        let counts: Vec<String> = sets.by_order.iter().map(ToString::to_string).collect();
        assert_eq!(sets.complete_to, Some(order), "nothing is left out");
        let events = tree.events.len();
        let said = format!("{events} drawn, {} below the top; {}", found.events, counts.join(" + "));
        claims.hold(&format!("{}, order {order}", tree.name), took, limit, &said);
    }
    // What does not fit is told in the time that was given.
    for (tiers, services, within) in [(6, 30, 5.0), (10, 34, 1.0), (10, 34, 5.0), (10, 100, 5.0)] {
        let tree = architecture(tiers, services, 7);
        let begin = Instant::now();
        let clock = || begin.elapsed().as_secs_f64() / within;
        let question = Question { work_max: u64::MAX, clock: Some(Clock(&clock)), ..Question::default() };
        let found = solve(&tree, &question).expect("nobody stops it");
        let took = begin.elapsed();
        let p = found.probability.expect("known");
        let to = found.cut_sets.and_then(|s| s.complete_to);
        let to = to.map_or("all cut sets".to_owned(), |to| format!("cut sets to order {to}"));
        let said = format!("{} [{:.4e}, {:.4e}], {to}", p.method.word(), p.lower, p.upper);
        let limit = Duration::from_secs_f64(within * 1.1);
        claims.hold(&format!("{}, everything within {within} s", tree.name), took, Some(limit), &said);
    }
}

/// A front before 40 services, each of which calls 49 more; five replicas of each in three zones: 10,010 instances.
fn large_design() -> Design {
    let mut d = Design::default();
    for z in ["a", "b", "c"] {
        d.zones.push(Zone { id: z.into(), ..Zone::default() });
    }
    d.components.push(Component::new("users", Kind::Client));
    let add = |d: &mut Design, id: String, kind: Kind, caller: &str, replicas: u32| {
        let zones = ["a", "b", "c"].map(Into::into).to_vec();
        d.components.push(Component { replicas, zones, ..Component::new(id.as_str(), kind) });
        let link = format!("{caller}-{id}");
        d.links.push(Link::new(link.as_str(), caller, id.as_str()));
    };
    add(&mut d, "balancer".into(), Kind::LoadBalancer, "users", 5);
    add(&mut d, "front".into(), Kind::Service, "balancer", 5);
    for m in 0..40 {
        add(&mut d, format!("m{m}"), Kind::Service, "front", 5);
        for l in 0..49 {
            // One in a hundred stands alone.
            let replicas = if (m * 49 + l) % 100 == 0 { 1 } else { 5 };
            add(&mut d, format!("m{m}l{l}"), Kind::Service, &format!("m{m}"), replicas);
        }
    }
    add(&mut d, "bulk".into(), Kind::Service, "front", 80);
    d
}

fn single_failures(claims: &mut Claims) {
    let deployment = expand(&large_design());
    let begin = Instant::now();
    let batch = Batch::of(&deployment);
    let instances = deployment.instances.len();
    assert!(instances >= 10_000, "{instances} instances");
    claims.hold(&format!("{instances} instances, compiled once"), begin.elapsed(), None, "");
    let (took, found) = best_of(|| batch.single_failures());
    let hits: usize = found.iter().map(std::collections::BTreeMap::len).sum();
    assert_eq!(hits, 21, "what stands alone, and the zone in which it all stands");
    let said = format!("{hits} of them stop a journey");
    let limit = Some(Duration::from_millis(10));
    claims.hold(&format!("{instances} instances, every single failure"), took, limit, &said);
}

/// A flag that is raised at some moment stops the work, wherever it is.
fn stopped(claims: &mut Claims) {
    let mut worst = Duration::ZERO;
    let mut stopped = 0;
    for (tiers, services) in [(10, 34), (20, 167)] {
        let tree = architecture(tiers, services, 7);
        for after_ms in [5, 20, 60, 150, 300, 700, 1500, 3000, 5000, 7000] {
            let flag = AtomicBool::new(false);
            let raised = std::thread::scope(|scope| {
                let raise = scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(after_ms));
                    let at = Instant::now();
                    flag.store(true, Ordering::Relaxed);
                    at
                });
                let question = Question {
                    cancel: Some(&flag),
                    listed_max: 200_000,
                    work_max: u64::MAX,
                    clock: None,
                    ..Question::default()
                };
                let result = solve(&tree, &question).map(drop);
                let now = Instant::now();
                let raised = raise.join().expect("it only sleeps");
                (result == Err(Stop::Cancelled)).then(|| now.saturating_duration_since(raised))
            });
            if let Some(took) = raised {
                stopped += 1;
                worst = worst.max(took);
            }
        }
    }
    let said = format!("the longest of {stopped} that were stopped; memory given back");
    claims.hold("a raised flag", worst, Some(Duration::from_millis(50)), &said);
}

/// The files of each fault tree below a folder: all of one stem stand together.
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
            // Event trees, data and settings have no gate to count anything of.
            if !std::fs::read_to_string(&path).is_ok_and(|t| t.contains("<define-gate")) {
                continue;
            }
            let data = path.with_file_name(format!("{stem}-basic-events.xml"));
            found.push(if data.is_file() { vec![path, data] } else { vec![path] });
        }
    }
    found
}

/// Our own models: journeys of the templates and made-up architectures.
fn own_models(folder: &Path) -> Vec<Vec<PathBuf>> {
    let mut written = Vec::new();
    let mut write = |name: String, trees: &[FaultTree]| {
        let file = folder.join(format!("{name}.xml"));
        if std::fs::write(&file, text(trees)).is_ok() {
            written.push(vec![file]);
        }
    };
    for template in TEMPLATES {
        if let Ok(document) = Document::parse(template.text, template.name) {
            write(
                template.name.to_owned(),
                &of_design(document.design(), Scope { links: true, ..Scope::default() }),
            );
        }
    }
    for (tiers, services) in [(3, 6), (4, 10), (5, 14), (6, 20)] {
        write(format!("made-up-{tiers}x{services}"), &[architecture(tiers, services, 7)]);
    }
    written
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

/// The time that scram says it took for finding products, without reading and writing, seconds.
fn by_its_own_account(files: &[PathBuf]) -> Option<f64> {
    let out = Command::new("scram").args(["--bdd", "-l", "1000"]).args(files).output().ok()?;
    let report = String::from_utf8(out.stdout).ok()?;
    let times = report.split("<products>").skip(1);
    let each = times.filter_map(|t| t.split('<').next()?.trim().parse::<f64>().ok());
    Some(each.sum())
}

fn beside_scram(claims: &mut Claims) {
    let folder = std::env::var_os("LINCHPIN_BENCH_MODELS")
        .map_or_else(|| PathBuf::from("/usr/share/scram/input"), PathBuf::from);
    if Command::new("scram").arg("--version").output().is_err() {
        println!("scram is not installed: nothing to stand beside");
        return;
    }
    let own = tempfile::tempdir().expect("a place to write");
    let program = std::env::var_os("LINCHPIN_BENCH_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_linchpin")), PathBuf::from);
    let mut all = models(&folder);
    all.extend(own_models(own.path()));
    println!("{:<28} {:>12} {:>12} {:>16}  ratio", "", "linchpin", "scram", "scram itself");
    for files in all {
        let name = files[0].file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut ours, mut theirs) = (None::<Duration>, None::<Duration>);
        for run in 0..RUNS {
            let mut command = Command::new(&program);
            command.args(["fault-tree", "--count-only", "--no-ccf", "--within", "30s"]).args(&files);
            ours = ours.into_iter().chain(timed(command)).min();
            // Who was stopped once is not waited for again.
            if run == 0 || theirs.is_some() {
                let mut command = Command::new("scram");
                command.args(["--bdd", "--probability", "1", "-l", "1000", "-o", "/dev/null"]).args(&files);
                theirs = theirs.into_iter().chain(timed(command)).min();
            }
        }
        let shown = |t: Option<Duration>| {
            t.map_or_else(|| "none".to_owned(), |t| format!("{:.1} ms", t.as_secs_f64() * 1e3))
        };
        let own_account = theirs.and_then(|_| by_its_own_account(&files));
        let own_account = own_account.map_or("none".to_owned(), |s| format!("{:.1} ms", s * 1e3));
        let ratio = match (ours, theirs) {
            (Some(a), Some(b)) => {
                let times = b.as_secs_f64() / a.as_secs_f64();
                if a >= b && b > SCRAM_FROM {
                    claims.broken.push(format!("{name}: scram is faster"));
                }
                format!("{times:.1}{}", if times < 1.0 { " (a loss)" } else { "" })
            }
            (Some(_), None) => "scram did not finish, or refuses the file".to_owned(),
            (None, Some(_)) => {
                claims.broken.push(format!("{name}: only scram finishes"));
                "only scram finishes (a loss)".to_owned()
            }
            (None, None) => "neither reads it".to_owned(),
        };
        println!("{name:<28} {:>12} {:>12} {own_account:>16}  {ratio}", shown(ours), shown(theirs));
    }
}
