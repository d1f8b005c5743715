//! The live cluster as the third reader of the corpus (`tests/semantics`): every settled world of every case that runs is
//! made to come true among real processes, and what clients measure must be what was worked out by hand.
//!
//! It shares nothing with the other two readers but the files: what is expected is theirs, never `impact`'s. How a world
//! is made, when it is measured, how many requests are asked for and how near a share must be is `proof`'s, as for
//! everybody's drawings.
//!
//! `cargo test --test live semantics` tries a sample of some eight cases, one world each, and at least one of every
//! [`Feature`], and what was once wrong; `LINCHPIN_SEED` draws another one. `LINCHPIN_LIVE_CORPUS=all` tries all of them, `=20-40` the cases of
//! these numbers, and `=resolver` those whose file or name holds the word; `LINCHPIN_LIVE_AT_ONCE` says how many
//! clusters run at a time (default 4). With `--nocapture` it tells world by world what it finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use linchpin::deploy::expand;
use linchpin::design::{Design, DetectorMode, Failover, Kind, Replication};
use linchpin::impact::{Cut, Down, World};
use linchpin::live::cluster::LaunchOptions;
use linchpin::live::spec::derive;
use linchpin::proof::{self, Claim, ClusterLaboratory, Experiment, FaultClass, Predicted, Verdict};
use serde::Deserialize;

use super::rig::PROGRAM;

/// Requests a second of all journeys of a case together, where its components can take as many.
const TOTAL_PER_S: f64 = 110.0;
/// Cases in a sample.
const SAMPLE: usize = 8;
/// Worlds that are always tried besides: the live cluster was once wrong about them, and no other test holds it to them.
const ONCE_WRONG: [(&str, &str); 7] = [
    ("the same key split otherwise is independent", "down x/1/1, y/1/1"),
    ("a sharded cache serves a key with the instances of its shard", "down cache/1/1"),
    ("all keys of a sharded cache", "down cache/1/1"),
    ("a step that waits for an effect", "down w"),
    ("without voters a reachable primary still insists, a promoted backup on nobody", "down db/1"),
    ("what one side publishes is not consumed for the other", "cut a:b"),
    ("a group is one target: it refuses, is silent or errs as a whole", "down x"),
];
const SEED: u64 = 2026;

#[derive(Clone, Debug, Deserialize)]
struct Case {
    about: String,
    design: Design,
    worlds: Vec<CaseWorld>,
    #[serde(default)]
    live: Live,
    #[serde(skip)]
    file: String,
}

impl Case {
    /// Journeys that the corpus says are not served in full though nothing is broken.
    fn not_served_when_fresh(&self) -> BTreeSet<String> {
        let fresh = |w: &&CaseWorld| w.is_scored() && w.title() == "nothing broken";
        let expected = self.worlds.iter().filter(fresh).flat_map(|w| &w.expect);
        expected.filter(|(_, e)| !matches!(e, Expected::Served)).map(|(id, _)| id.clone()).collect()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Live {
    #[default]
    Yes,
    No(String),
}

#[derive(Clone, Debug, Deserialize)]
struct CaseWorld {
    #[serde(default)]
    down: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
    #[serde(default)]
    cut: Vec<String>,
    #[serde(default)]
    reading: CaseReading,
    expect: BTreeMap<String, Expected>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CaseReading {
    AtOnce,
    #[default]
    Settled,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Served,
    Lost,
    Part(Share),
    Degraded(Share),
    PartDegraded(Share, Share),
    Unstable,
    Done,
    Late,
    Never,
    Mixed(Share, Share, Share),
}

/// A number, or a fraction as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Share {
    Number(f64),
    Fraction(String),
}

impl Share {
    fn get(&self) -> f64 {
        match self {
            Share::Number(n) => *n,
            Share::Fraction(text) => {
                let number = |t: &str| t.trim().parse::<f64>().expect("a number");
                let (a, b) = text.split_once('/').expect("a fraction");
                number(a) / number(b)
            }
        }
    }
}

impl Expected {
    /// In the words of a claim; `None` where the outcome is left open.
    fn predicted(&self) -> Option<Predicted> {
        let (outcome, share, degraded_share) = match self {
            Expected::Unstable => return None,
            Expected::Served => ("served", 1.0, 0.0),
            Expected::Lost => ("lost", 0.0, 0.0),
            Expected::Part(s) => ("part", s.get(), 0.0),
            Expected::Degraded(d) => ("degraded", 1.0, d.get()),
            Expected::PartDegraded(s, d) => ("part", s.get(), d.get()),
            Expected::Done => ("done", 1.0, 0.0),
            Expected::Late => ("late", 0.0, 1.0),
            Expected::Never => ("never", 0.0, 0.0),
            Expected::Mixed(done, late, never) => {
                let (done, late) = (done.get(), late.get());
                assert!((done + late + never.get() - 1.0).abs() < 1e-9, "{self:?} is not the whole");
                ("part", done, late)
            }
        };
        Some(Predicted { outcome: outcome.to_owned(), share, degraded_share })
    }
}

impl CaseWorld {
    fn title(&self) -> String {
        let mut title = String::new();
        for (what, these) in [("down", &self.down), ("silent", &self.silent), ("cut", &self.cut)] {
            if !these.is_empty() {
                let _ = write!(title, "{what} {} ", these.join(", "));
            }
        }
        if title.is_empty() { "nothing broken".to_owned() } else { title.trim_end().to_owned() }
    }

    fn world(&self) -> World {
        let mut world = World::fresh();
        // Rule 4: what is both is silent.
        for element in self.down.iter().filter(|e| !self.silent.contains(e)) {
            world = world.and_down(element.as_str(), Down::Refusing);
        }
        for element in &self.silent {
            world = world.and_down(element.as_str(), Down::Silent);
        }
        for cut in &self.cut {
            world = world.and_cut(Cut::parse(cut).expect("a cut"));
        }
        world
    }

    /// What is to be tried, with what is expected as claims.
    fn experiment(&self, number: usize) -> Experiment {
        let fault = format!("{}. {}", number + 1, self.title());
        let claim = |(id, expected): (&String, &Expected)| {
            Some(Claim {
                id: format!("{fault}@{id}"),
                fault: fault.clone(),
                journey: id.clone(),
                effect: id.contains('/'),
                predicted: expected.predicted()?,
                observed: None,
                verdict: None,
                attempts: Vec::new(),
            })
        };
        let claims = self.expect.iter().filter_map(claim).collect();
        // The sort of a fault is for who draws samples of a plan; nobody does here.
        Experiment { fault: fault.clone(), class: FaultClass::Instance, world: self.world(), claims }
    }

    /// Whether the live cluster can be asked: settled, and not left open altogether.
    fn is_scored(&self) -> bool {
        self.reading == CaseReading::Settled && self.expect.values().any(|e| e.predicted().is_some())
    }
}

/// What a sample always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feature {
    /// Something fails behind a caller that watches its targets.
    Detector,
    /// Something fails behind a name.
    Resolver,
    /// A replica fails of a store that fails over by itself.
    Failover,
    /// Work behind a queue that is done or late.
    Effect,
    /// A partition.
    Cut,
    /// Something is silent.
    Silence,
}

const FEATURES: [Feature; 6] = [
    Feature::Detector,
    Feature::Resolver,
    Feature::Failover,
    Feature::Effect,
    Feature::Cut,
    Feature::Silence,
];

impl Feature {
    fn is_shown_by(self, case: &Case, world: &CaseWorld) -> bool {
        let broken = !(world.down.is_empty() && world.silent.is_empty() && world.cut.is_empty());
        let components = &case.design.components;
        let fails_over = |r: &Replication| {
            matches!(r, Replication::Consensus(_))
                || matches!(r, Replication::PrimaryBackup(p) if p.failover == Failover::Automatic)
        };
        match self {
            Feature::Detector => {
                broken && components.iter().any(|c| c.detector().mode != DetectorMode::Connect)
            }
            Feature::Resolver => broken && components.iter().any(|c| c.kind == Kind::Dns),
            Feature::Failover => components.iter().any(|c| {
                let own = |name: &String| name.split('/').next() == Some(c.id.as_str());
                c.replication.as_ref().is_some_and(fails_over) && world.down.iter().any(own)
            }),
            Feature::Effect => world
                .expect
                .values()
                .any(|e| matches!(e, Expected::Done | Expected::Late | Expected::Mixed(..))),
            Feature::Cut => !world.cut.is_empty(),
            Feature::Silence => !world.silent.is_empty(),
        }
    }
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/semantics");
    let options = ron::Options::default().with_default_extension(
        ron::extensions::Extensions::IMPLICIT_SOME | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES,
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "ron"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let file = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        let read: Vec<Case> = options.from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        all.extend(read.into_iter().map(|case| Case { file: file.clone(), ..case }));
    }
    all
}

/// A case and the worlds of it to try, by number.
struct Trial {
    number: usize,
    case: Case,
    worlds: Vec<usize>,
}

/// What is tried, and what is not: at-once worlds, outcomes left open, modes that refuse.
fn trials() -> Vec<Trial> {
    let (mut trials, mut at_once, mut open) = (Vec::new(), 0, 0);
    for (number, case) in cases().into_iter().enumerate() {
        at_once += case.worlds.iter().filter(|w| w.reading == CaseReading::AtOnce).count();
        if let Live::No(why) = &case.live {
            println!("not run: {}: {} ({} worlds): {why}", case.file, case.about, case.worlds.len());
            continue;
        }
        let settled = case.worlds.iter().filter(|w| w.reading == CaseReading::Settled);
        open += settled.flat_map(|w| w.expect.values()).filter(|e| e.predicted().is_none()).count();
        let worlds: Vec<usize> = (0..case.worlds.len()).filter(|w| case.worlds[*w].is_scored()).collect();
        if !worlds.is_empty() {
            trials.push(Trial { number, case, worlds });
        }
    }
    let worlds: usize = trials.iter().map(|t| t.worlds.len()).sum();
    println!(
        "{worlds} settled worlds of {} cases run; {at_once} worlds are read at once and {open} outcomes are left open, \
         these are not tried",
        trials.len()
    );
    trials
}

/// Some of the worlds, the same for the same seed: first one for each feature, then others, each of another case.
fn sample(mut trials: Vec<Trial>, seed: u64) -> Vec<Trial> {
    let mut random = fastrand::Rng::with_seed(seed);
    random.shuffle(&mut trials);
    trials.iter_mut().for_each(|t| random.shuffle(&mut t.worlds));
    let mut sample: Vec<Trial> = Vec::new();
    for (about, title) in ONCE_WRONG {
        let n =
            trials.iter().position(|t| t.case.about == about).unwrap_or_else(|| panic!("no case {about}"));
        let mut trial = trials.remove(n);
        trial.worlds.retain(|w| trial.case.worlds[*w].title() == title);
        assert_eq!(trial.worlds.len(), 1, "{about}: {title}");
        sample.push(trial);
    }
    for feature in FEATURES {
        let shows =
            |t: &Trial| t.worlds.iter().position(|w| feature.is_shown_by(&t.case, &t.case.worlds[*w]));
        let found = trials.iter().enumerate().find_map(|(n, t)| Some((n, shows(t)?)));
        let (n, world) = found.unwrap_or_else(|| panic!("no case of the corpus shows {feature:?}"));
        let mut trial = trials.remove(n);
        trial.worlds = vec![trial.worlds[world]];
        println!("{feature:?}: {}", trial.case.about);
        sample.push(trial);
    }
    for mut trial in trials.into_iter().take(SAMPLE - FEATURES.len()) {
        trial.worlds.truncate(1);
        sample.push(trial);
    }
    sample
}

/// Launches a case and tries its worlds one after the other.
fn try_case(trial: &Trial) -> Result<Vec<Claim>, String> {
    let mut deployment = expand(&trial.case.design);
    let experiments: Vec<Experiment> =
        trial.worlds.iter().map(|w| trial.case.worlds[*w].experiment(*w)).collect();
    let base = tempfile::tempdir().map_err(|e| e.to_string())?;
    let options = LaunchOptions {
        program: Some(PROGRAM.into()),
        base_dir: Some(base.path().to_owned()),
        ready_timeout: Duration::from_secs(30),
        seed: trial.number as u64,
        ..LaunchOptions::default()
    };
    let mut how = proof::pace(&mut deployment, &experiments, TOTAL_PER_S);
    how.without_baseline = trial.case.not_served_when_fresh();
    let (cancel, none) = (Arc::new(AtomicBool::new(false)), BTreeMap::new());
    let mut laboratory = ClusterLaboratory::launch_with(&deployment, &none, options, cancel.clone())
        .map_err(|e| format!("launch: {e}"))?;
    let report = proof::run(experiments, &how, &mut laboratory, None, &cancel, &mut |_| {});
    laboratory.stop();
    if !report.trouble.is_empty() {
        return Err(report.trouble);
    }
    Ok(report.claims)
}

/// One claim as a line: what was expected, what was seen.
fn line(claim: &Claim) -> String {
    let p = &claim.predicted;
    let seen = claim.observed.as_ref().map_or("nothing".to_owned(), |o| {
        format!("{:.3} ({:.3}) of {}", o.share, o.degraded_share, o.requests)
    });
    let attempts: Vec<&str> =
        claim.attempts.iter().map(|a| a.why.as_str()).filter(|w| !w.is_empty()).collect();
    format!(
        "{}: expected {} {:.3} ({:.3}), saw {seen} {}",
        claim.id,
        p.outcome,
        p.share,
        p.degraded_share,
        attempts.join(" / ")
    )
}

#[derive(Default)]
struct Table {
    /// By file: claims that agree, claims that do not.
    rows: BTreeMap<String, (usize, usize)>,
    worlds: BTreeSet<(usize, String)>,
    worlds_wrong: BTreeSet<(usize, String)>,
    wrong: Vec<String>,
}

impl Table {
    fn take(&mut self, trial: &Trial, found: Result<Vec<Claim>, String>, took: Duration) {
        let at = format!("{} {}: {}", trial.number, trial.case.file, trial.case.about);
        let row = self.rows.entry(trial.case.file.clone()).or_default();
        match found {
            Err(why) => {
                println!("TROUBLE {at}: {why}");
                row.1 += 1;
                self.worlds.extend(trial.worlds.iter().map(|w| (trial.number, w.to_string())));
                self.worlds_wrong.extend(trial.worlds.iter().map(|w| (trial.number, w.to_string())));
                self.wrong.push(format!("{at}: {why}"));
            }
            Ok(claims) => {
                println!("tried {at}: {} claims in {:.1} s", claims.len(), took.as_secs_f64());
                for claim in &claims {
                    self.worlds.insert((trial.number, claim.fault.clone()));
                    if claim.verdict == Some(Verdict::Confirmed) {
                        row.0 += 1;
                        continue;
                    }
                    row.1 += 1;
                    self.worlds_wrong.insert((trial.number, claim.fault.clone()));
                    let verdict = claim.verdict.map_or("untried", Verdict::word);
                    println!("DIFFERS {at}: {verdict}: {}", line(claim));
                    self.wrong.push(format!("{at}: {verdict}: {}", line(claim)));
                }
            }
        }
    }

    fn print(&self) {
        println!("{:<14} {:>6} {:>6}", "file", "agree", "differ");
        for (file, (agree, differ)) in &self.rows {
            println!("{file:<14} {agree:>6} {differ:>6}");
        }
        println!("{} of {} worlds agree", self.worlds.len() - self.worlds_wrong.len(), self.worlds.len());
    }
}

/// Tries them, some at a time, and holds every claim to what is expected.
fn agree(trials: &[Trial]) {
    let at_once = number("LINCHPIN_LIVE_AT_ONCE").unwrap_or(4).clamp(1, 16);
    let (next, table) = (AtomicUsize::new(0), Mutex::new(Table::default()));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let found = try_case(trial);
                    table.lock().expect("not poisoned").take(trial, found, began.elapsed());
                }
            });
        }
    });
    let table = table.into_inner().expect("not poisoned");
    table.print();
    assert!(table.wrong.is_empty(), "{} claims differ:\n{}", table.wrong.len(), table.wrong.join("\n"));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn what_clients_measure_is_what_was_worked_out_by_hand() {
    let mut trials = trials();
    match std::env::var("LINCHPIN_LIVE_CORPUS").ok().as_deref() {
        Some("all") => {}
        Some(some) => {
            let range = some.split_once('-').and_then(|(a, b)| Some(a.parse().ok()?..=b.parse().ok()?));
            trials.retain(|t| match &range {
                Some(range) => range.contains(&t.number),
                None => t.case.file.contains(some) || t.case.about.contains(some),
            });
            assert!(!trials.is_empty(), "no case is meant by `{some}`");
        }
        None => {
            let seed = number("LINCHPIN_SEED").unwrap_or(SEED);
            println!("LINCHPIN_SEED={seed}");
            trials = sample(trials, seed);
        }
    }
    agree(&trials);
}

#[test]
fn a_case_says_that_it_does_not_run_where_its_mode_refuses() {
    let mut wrong = Vec::new();
    for case in cases() {
        match (&case.live, derive(&expand(&case.design))) {
            (Live::No(why), Ok(_)) => {
                wrong.push(format!("{}: {}: it runs, though `live` says: {why}", case.file, case.about));
            }
            (Live::Yes, Err(why)) => {
                wrong.push(format!("{}: {}: it does not run: {why}", case.file, case.about));
            }
            (Live::No(why), Err(_)) if why.is_empty() => {
                wrong.push(format!("{}: {}: no reason", case.file, case.about));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
