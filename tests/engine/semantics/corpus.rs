//! The corpus: reading `tests/semantics/*.ron`, and holding the naive evaluator to it.
//!
//! A file is a list of cases. A case is a drawing, the numbers of the rules that it fixes, and worlds with what every
//! journey and effect comes to. Shares are written as numbers or as fractions (`"2/3"`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use linchpin::design::Design;
use ron::extensions::Extensions;
use serde::{Deserialize, Deserializer, de};

use super::naive::{self, JourneyOutcome, Outcome, Reading, World};

/// A drawing and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the drawing shows; unique in the corpus.
    pub about: String,
    /// The rules of the README that it fixes.
    pub rules: Vec<u32>,
    pub design: Design,
    pub worlds: Vec<CaseWorld>,
    /// Whether the live cluster can run it.
    #[serde(default)]
    #[expect(dead_code, reason = "the live reader of the corpus asks")]
    pub live: Live,
    /// Components that serve when running but cannot start from cold; absent: not asked.
    #[serde(default)]
    pub stuck_cold: Option<Vec<String>>,
    /// The file that it stands in.
    #[serde(skip)]
    pub file: String,
}

/// Whether the live cluster can run a case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Live {
    #[default]
    Yes,
    /// Why not.
    No(#[expect(dead_code, reason = "said by the live reader of the corpus")] String),
}

/// A world, and what comes of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseWorld {
    #[serde(default)]
    pub down: Vec<String>,
    #[serde(default)]
    pub silent: Vec<String>,
    /// `a>b` or `a:b`.
    #[serde(default)]
    pub cut: Vec<String>,
    #[serde(default)]
    pub reading: CaseReading,
    /// Every journey by its id, every effect by `journey/name`.
    pub expect: BTreeMap<String, Expected>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseReading {
    AtOnce,
    #[default]
    Settled,
}

/// What is expected of a journey or an effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    Served,
    Lost,
    /// The share.
    Part(Share),
    /// All served, this share without something optional.
    Degraded(Share),
    /// The share, and how much of it without something optional.
    PartDegraded(Share, Share),
    /// Not scored.
    Unstable,
    Done,
    Late,
    Never,
    /// Done, late, never.
    Mixed(Share, Share, Share),
}

/// A share, written as a number or as a fraction.
#[derive(Clone, Copy, Debug)]
pub struct Share(pub f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Share;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as 0.5 or \"2/3\"")
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Share, E> {
                Ok(Share(v))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Share, E> {
                Ok(Share(v as f64))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Share, E> {
                Ok(Share(v as f64))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Share, E> {
                let (a, b) = v.split_once('/').ok_or_else(|| E::custom("no fraction"))?;
                let number = |t: &str| t.trim().parse::<f64>().map_err(E::custom);
                Ok(Share(number(a)? / number(b)?))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl CaseWorld {
    /// The cuts, each directed.
    pub fn cuts(&self) -> Vec<(String, String)> {
        let mut cuts = Vec::new();
        for cut in &self.cut {
            if let Some((a, b)) = cut.split_once('>') {
                cuts.push((a.to_owned(), b.to_owned()));
            } else {
                // Rule 5: "`A:B` is both directions, `A>B` one."
                let (a, b) = cut.split_once(':').expect("a cut is `a:b` or `a>b`");
                cuts.push((a.to_owned(), b.to_owned()));
                cuts.push((b.to_owned(), a.to_owned()));
            }
        }
        cuts
    }

    /// As the naive evaluator takes it.
    pub fn world(&self) -> World {
        World { down: self.down.clone(), silent: self.silent.clone(), cut: self.cuts() }
    }

    /// As a person writes it.
    pub fn title(&self) -> String {
        format!("down {:?}, silent {:?}, cut {:?}, {:?}", self.down, self.silent, self.cut, self.reading)
    }
}

impl Expected {
    /// What is wrong with a journey's outcome, if anything is.
    fn of_journey(&self, got: &JourneyOutcome) -> Option<String> {
        let (outcome, share, degraded) = match self {
            Expected::Unstable => return (!got.unstable).then(|| "unstable expected".to_owned()),
            Expected::Served => (Outcome::Served, 1.0, 0.0),
            Expected::Lost => (Outcome::Lost, 0.0, 0.0),
            Expected::Part(s) => (Outcome::Part, s.0, 0.0),
            Expected::Degraded(d) => (Outcome::Degraded, 1.0, d.0),
            Expected::PartDegraded(s, d) => (Outcome::Part, s.0, d.0),
            effect => return Some(format!("{effect:?} is said of an effect, not of a journey")),
        };
        let right = !got.unstable
            && got.outcome == outcome
            && near(got.share, share)
            && near(got.degraded_share, degraded);
        (!right).then(|| {
            format!(
                "expected {outcome:?} {share:.6} (degraded {degraded:.6}), got {:?} {:.6} (degraded {:.6}){}",
                got.outcome,
                got.share,
                got.degraded_share,
                if got.unstable { " unstable" } else { "" }
            )
        })
    }

    fn of_effect(&self, got: (f64, f64, f64)) -> Option<String> {
        let wanted = match self {
            Expected::Done => (1.0, 0.0, 0.0),
            Expected::Late => (0.0, 1.0, 0.0),
            Expected::Never => (0.0, 0.0, 1.0),
            Expected::Mixed(d, l, n) => (d.0, l.0, n.0),
            journey => return Some(format!("{journey:?} is said of a journey, not of an effect")),
        };
        let right = near(got.0, wanted.0) && near(got.1, wanted.1) && near(got.2, wanted.2);
        (!right).then(|| format!("expected (done, late, never) {wanted:?}, got {got:?}"))
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

/// What an evaluator got wrong in one world.
pub fn mistakes(world: &CaseWorld, got: &[JourneyOutcome]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for journey in got {
        match world.expect.get(&journey.id) {
            None => wrong.push(format!("{}: nothing is expected of it", journey.id)),
            Some(e) => wrong.extend(e.of_journey(journey).map(|w| format!("{}: {w}", journey.id))),
        }
        met.insert(journey.id.clone());
        for (name, done, late, never) in &journey.effects {
            let id = format!("{}/{name}", journey.id);
            match world.expect.get(&id) {
                None => wrong.push(format!("{id}: nothing is expected of it")),
                Some(e) => wrong.extend(e.of_effect((*done, *late, *never)).map(|w| format!("{id}: {w}"))),
            }
            met.insert(id);
        }
    }
    for id in world.expect.keys().filter(|id| !met.contains(*id)) {
        wrong.push(format!("{id}: there is no such journey or effect"));
    }
    wrong
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/semantics")
}

/// Every case, file by file in the order of their names.
pub fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the corpus is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|p| p.extension().is_some_and(|e| e == "ron"))
        .collect();
    files.sort();
    let options = ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    let mut all = Vec::new();
    for path in files {
        let file = path.file_name().expect("a file").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let read: Vec<Case> = options.from_str(&text).unwrap_or_else(|e| panic!("{file}:{e}"));
        all.extend(read.into_iter().map(|case| Case { file: file.clone(), ..case }));
    }
    all
}

#[test]
fn the_naive_evaluator_finds_what_was_worked_out_by_hand() {
    let mut wrong = Vec::new();
    let (mut drawings, mut worlds) = (0, 0);
    for case in cases() {
        drawings += 1;
        for world in &case.worlds {
            worlds += 1;
            let reading = match world.reading {
                CaseReading::AtOnce => Reading::AtOnce,
                CaseReading::Settled => Reading::Settled,
            };
            let got = naive::evaluate(&case.design, &world.world(), reading);
            for mistake in mistakes(world, &got) {
                wrong.push(format!(
                    "{}, rules {:?}: {}\n    {}\n    {mistake}",
                    case.file,
                    case.rules,
                    case.about,
                    world.title()
                ));
            }
        }
        if let Some(stuck) = &case.stuck_cold {
            let got = naive::stuck_cold(&case.design);
            if got != *stuck {
                wrong.push(format!(
                    "{}: {}\n    cannot start cold: expected {stuck:?}, got {got:?}",
                    case.file, case.about
                ));
            }
        }
    }
    println!("{drawings} drawings, {worlds} worlds");
    assert!(wrong.is_empty(), "{} of {worlds} worlds:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_is_whole_and_its_drawings_are_sound() {
    let cases = cases();
    assert!(cases.len() >= 80, "{} drawings", cases.len());
    let mut seen = BTreeSet::new();
    for case in &cases {
        let at = format!("{}: {}", case.file, case.about);
        assert!(seen.insert(case.about.clone()), "{at}: two drawings say the same of themselves");
        assert!(
            (2..=6).contains(&case.design.components.len()),
            "{at}: {} boxes",
            case.design.components.len()
        );
        assert!(!case.worlds.is_empty(), "{at}: no world");
        assert!(!case.rules.is_empty(), "{at}: fixes no rule");
        assert_eq!(case.design.problems(), [], "{at}");
        let d = &case.design;
        for world in &case.worlds {
            let known = |name: &str| {
                let whole = name.split('/').next().unwrap_or_default();
                let instance = d.component(whole).is_some_and(|c| {
                    let numbers: Vec<u32> = name.split('/').skip(1).map(|n| n.parse().unwrap_or(0)).collect();
                    match numbers[..] {
                        [] => true,
                        [r] => c.shards() == 1 && (1..=c.replicas).contains(&r),
                        [s, r] => {
                            c.shards() > 1 && (1..=c.shards()).contains(&s) && (1..=c.replicas).contains(&r)
                        }
                        _ => false,
                    }
                });
                instance || d.zone(name).is_some() || d.link(name).is_some() || d.cause(name).is_some()
            };
            for name in world.down.iter().chain(&world.silent) {
                assert!(known(name), "{at}: nothing is called `{name}`");
            }
            for (a, b) in world.cuts() {
                for side in [a, b] {
                    let a_side =
                        side == "*" || (known(&side) && d.link(&side).is_none() && d.cause(&side).is_none());
                    assert!(a_side, "{at}: `{side}` is no side of a cut");
                }
            }
        }
    }
}

#[test]
fn every_rule_is_fixed_by_a_drawing() {
    let text = std::fs::read_to_string(folder().join("README.md")).expect("the rules are there");
    let stated: BTreeSet<u32> = text
        .lines()
        .filter_map(|line| line.split_once(". ").and_then(|(number, _)| number.parse().ok()))
        .collect();
    let cited: BTreeSet<u32> = cases().iter().flat_map(|c| c.rules.clone()).collect();
    let unknown: Vec<&u32> = cited.difference(&stated).collect();
    let unfixed: Vec<&u32> = stated.difference(&cited).collect();
    assert!(stated.len() >= 40, "only {} rules were found", stated.len());
    assert!(unknown.is_empty(), "no rule has these numbers: {unknown:?}");
    assert!(unfixed.is_empty(), "no drawing fixes these rules: {unfixed:?}");
}
