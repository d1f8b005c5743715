//! Fault trees as files: what is read, what is refused and where, what is written; and, where it is installed, what another
//! program makes of the same files.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use linchpin::analysis::failure::journeys::{Scope, of_design};
use linchpin::analysis::failure::solve::{Question, Solution, solve};
use linchpin::analysis::failure::tree::FaultTree;
use linchpin::export::mef::text;
use linchpin::file::{Document, TEMPLATES};
use linchpin::import::mef::{Model, Reading, read};
use linchpin::import::xml;

use crate::impact::drawing;

fn model(text: &str) -> Model {
    read(&[("tree.xml", text)], &Reading::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(text: &str) -> String {
    read(&[("tree.xml", text)], &Reading::default())
        .map(|m| m.trees)
        .expect_err("it makes no sense")
        .to_string()
}

fn solved(tree: &FaultTree) -> Solution {
    solve(tree, &Question { listed_max: 200_000, ..Question::default() }).expect("nobody stops it")
}

fn named_sets(tree: &FaultTree, solution: &Solution) -> BTreeSet<BTreeSet<String>> {
    let sets = solution.cut_sets.as_ref().expect("asked for");
    assert_eq!(sets.listed_to, None, "all are listed");
    let name = |e: &u32| tree.events[*e as usize].name.clone();
    sets.listed.iter().map(|set| set.iter().map(name).collect()).collect()
}

fn sets_of(list: &[&[&str]]) -> BTreeSet<BTreeSet<String>> {
    list.iter().map(|set| set.iter().map(|e| (*e).to_owned()).collect()).collect()
}

/// The pressure tank of NUREG-0492, chapter VIII: the tank's own failure, two relays and switches.
const TANK: &str = r#"<?xml version="1.0"?>
<!DOCTYPE opsa-mef>
<opsa-mef>
  <define-fault-tree name="tank">
    <label>Rupture of the pressure tank</label>
    <define-gate name="E1"><or><basic-event name="T"/><gate name="E2"/></or></define-gate>
    <define-gate name="E2"><or><basic-event name="K2"/><gate name="E3"/></or></define-gate>
    <define-gate name="E3"><and><basic-event name="S"/><gate name="E4"/></and></define-gate>
    <define-gate name="E4"><or><basic-event name="S1"/><gate name="E5"/></or></define-gate>
    <define-gate name="E5"><or><basic-event name="K1"/><basic-event name="R"/></or></define-gate>
    <define-basic-event name="T"><float value="5e-6"/></define-basic-event>
    <define-basic-event name="K2"><float value="3e-5"/></define-basic-event>
    <define-basic-event name="K1"><float value="3e-5"/></define-basic-event>
  </define-fault-tree>
  <model-data>
    <define-basic-event name="S"><float value="1e-4"/></define-basic-event>
    <define-basic-event name="S1"><parameter name="relay"/></define-basic-event>
    <define-basic-event name="R"><float value="1e-4"/></define-basic-event>
    <define-parameter name="relay"><float value="3e-5"/></define-parameter>
  </model-data>
</opsa-mef>"#;

#[test]
fn the_pressure_tank_has_the_cut_sets_of_the_handbook() {
    let read = model(TANK);
    let [tree] = &read.trees[..] else { panic!("one tree: {read:?}") };
    let found = solved(tree);
    assert_eq!(
        named_sets(tree, &found),
        sets_of(&[&["T"], &["K2"], &["S", "S1"], &["S", "K1"], &["S", "R"]])
    );
    let by_hand =
        1.0 - (1.0 - 5e-6) * (1.0 - 3e-5) * (1.0 - 1e-4 * (1.0 - (1.0 - 3e-5_f64).powi(2) * (1.0 - 1e-4)));
    assert!((found.probability.expect("known").value / by_hand - 1.0).abs() < 1e-9);
}

#[test]
fn every_gate_of_the_format_means_what_it_says() {
    // Every formula over a, b, c with the worlds in which it holds, as bits of world number a + 2 b + 4 c.
    let (a, b, c) = (r#"<event name="a"/>"#, r#"<event name="b"/>"#, r#"<event name="c"/>"#);
    let cases = [
        (format!("<and>{a}{b}{c}</and>"), 0b1000_0000_u8),
        (format!("<or>{a}{b}{c}</or>"), 0b1111_1110),
        (format!("<atleast min=\"2\">{a}{b}{c}</atleast>"), 0b1110_1000),
        (format!("<cardinality min=\"1\" max=\"2\">{a}{b}{c}</cardinality>"), 0b0111_1110),
        (format!("<xor>{a}{b}</xor>"), 0b0110_0110),
        (format!("<nand>{a}{b}</nand>"), 0b0111_0111),
        (format!("<nor>{a}{b}</nor>"), 0b0001_0001),
        (format!("<not>{a}</not>"), 0b0101_0101),
        (format!("<iff>{a}{b}</iff>"), 0b1001_1001),
        (format!("<imply>{a}{b}</imply>"), 0b1101_1101),
        (format!("<and>{a}<or>{b}<not>{c}</not></or></and>"), 0b1000_1010),
        (format!("<and>{a}<constant value=\"true\"/></and>"), 0b1010_1010),
        (format!("<and>{a}<house-event name=\"on\"/></and>"), 0b1010_1010),
        (format!("<or>{a}<event name=\"off\" type=\"house-event\"/></or>"), 0b1010_1010),
        ("<gate name=\"other\"/>".to_owned(), 0b1100_0000),
    ];
    for (formula, holds) in cases {
        let text = format!(
            r#"<opsa-mef><define-fault-tree name="t">
            <define-gate name="top"><label>x</label>{formula}</define-gate>
            <define-gate name="other"><and>{b}{c}</and></define-gate>
            <define-house-event name="on"><constant value="true"/></define-house-event>
            <define-house-event name="off"/></define-fault-tree></opsa-mef>"#
        );
        let reading = Reading { top: Some("top".into()), ..Reading::default() };
        let read = read(&[("t", &text)], &reading).unwrap_or_else(|e| panic!("{e}: {formula}"));
        let tree = &read.trees[0];
        for world in 0..8_u8 {
            let failed: Vec<[u64; 1]> = tree
                .events
                .iter()
                .map(|e| {
                    let bit = ["a", "b", "c"].iter().position(|n| *n == e.name).expect("one of three");
                    [u64::from(world >> bit & 1)]
                })
                .collect();
            assert_eq!(
                tree.fails(&failed)[0] & 1,
                u64::from(holds >> world & 1),
                "{formula}, world {world:03b}"
            );
        }
    }
}

#[test]
fn several_files_make_one_model_and_every_unused_gate_a_tree() {
    let trees = r#"<opsa-mef>
        <define-fault-tree name="one"><define-gate name="top1"><and><gate name="shared"/><event name="x"/></and></define-gate>
          <define-gate name="shared"><or><event name="x"/><event name="y"/></or></define-gate></define-fault-tree>
        <define-fault-tree name="two"><define-gate name="top2"><or><gate name="one.shared"/><event name="z"/></or></define-gate>
        </define-fault-tree></opsa-mef>"#;
    let data = r#"<opsa-mef><model-data>
        <define-basic-event name="x"><float value="0.1"/></define-basic-event>
        <define-basic-event name="y"><float value="0.2"/></define-basic-event></model-data></opsa-mef>"#;
    let read = read(&[("trees.xml", trees), ("data.xml", data)], &Reading::default()).unwrap();
    let names: Vec<&str> = read.trees.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["top1", "top2"]);
    let first = solved(&read.trees[0]);
    assert_eq!(named_sets(&read.trees[0], &first), sets_of(&[&["x"]]));
    assert!((first.probability.expect("x is known").value - 0.1).abs() < 1e-12);
    // z has no probability: the sets are told all the same.
    let second = solved(&read.trees[1]);
    assert_eq!(named_sets(&read.trees[1], &second), sets_of(&[&["x"], &["y"], &["z"]]));
    assert!(second.probability.is_none() && second.importance.is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let around = |inner: &str| {
        format!("<opsa-mef>\n<define-fault-tree name=\"t\">\n  {inner}\n</define-fault-tree></opsa-mef>")
    };
    for (text, says) in [
        (String::new(), "tree.xml:1:1: no element at all"),
        ("hello".to_owned(), "tree.xml:1:1: "),
        ("<html/>".to_owned(), "tree.xml:1:1: <html> is no model of fault trees"),
        ("<opsa-mef>\n <a></b>\n</opsa-mef>".to_owned(), "tree.xml:2:"),
        ("<opsa-mef><define-fault-tree name=\"t\">".to_owned(), "never closed"),
        ("<opsa-mef/>".to_owned(), "no <define-gate> anywhere"),
        (around("<define-gate name=\"g\"><and/></define-gate>"), "tree.xml:3:25: <and> is no formula"),
        (around("<define-gate name=\"g\"/>"), "tree.xml:3:3: gate `g` has no formula"),
        (
            around("<define-gate><event name=\"e\"/></define-gate>"),
            "tree.xml:3:3: <define-gate> without a name",
        ),
        (
            around("<define-gate name=\"g\"><gate name=\"h\"/></define-gate>"),
            "tree.xml:3:25: there is no gate `h`",
        ),
        (
            around("<define-gate name=\"g\"><atleast min=\"x\"><event name=\"e\"/></atleast></define-gate>"),
            "<atleast min=\"x\"> is not a whole number",
        ),
        (
            around("<define-gate name=\"g\"><not><event name=\"e\"/><event name=\"f\"/></not></define-gate>"),
            "<not> takes 1 operands and has 2",
        ),
        (
            around(
                "<define-gate name=\"g\"><event name=\"e\"/></define-gate><define-gate name=\"g\"><event name=\"e\"/></define-gate>",
            ),
            "`g` is defined a second time; first in tree.xml:3",
        ),
        (
            around(
                "<define-gate name=\"g\"><event name=\"e\"/></define-gate><define-basic-event name=\"e\"><float value=\"2\"/></define-basic-event>",
            ),
            "2 is no probability",
        ),
        (
            around(
                "<define-gate name=\"g\"><or><gate name=\"h\"/></or></define-gate><define-gate name=\"h\"><or><gate name=\"g\"/></or></define-gate>",
            ),
            "in a circle",
        ),
        (
            around(
                "<define-gate name=\"t\"><gate name=\"g\"/></define-gate><define-gate name=\"g\"><or><gate name=\"h\"/></or></define-gate><define-gate name=\"h\"><or><gate name=\"g\"/></or></define-gate>",
            ),
            "needs itself in a circle",
        ),
    ] {
        let said = refused(&text);
        assert!(said.contains(says), "`{says}` is not in: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn nesting_has_no_limit_that_hurts() {
    let depth = 100_000;
    let mut text = String::from("<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\">");
    text.push_str(&"<or><event name=\"a\"/>".repeat(depth));
    text.push_str("<event name=\"b\"/>");
    text.push_str(&"</or>".repeat(depth));
    text.push_str("</define-gate></define-fault-tree></opsa-mef>");
    let read = model(&text);
    let found = solved(&read.trees[0]);
    assert_eq!(named_sets(&read.trees[0], &found), sets_of(&[&["a"], &["b"]]));
}

/// Two of three of a group with a total probability of 0.1 after each model; figures from scram 0.16.2.
#[test]
fn common_causes_follow_their_four_models() {
    for (model_name, factors, total, probability) in [
        ("beta-factor", &[(3, 0.2)][..], "4", 0.037_812_5),
        ("MGL", &[(2, 0.2), (3, 0.3)], "7", 0.044_418_4),
        ("alpha-factor", &[(1, 0.7), (2, 0.2), (3, 0.1)], "7", 0.069_566),
        ("phi-factor", &[(1, 0.7), (2, 0.2), (3, 0.1)], "7", 0.081_277_9),
    ] {
        let factors: String = factors
            .iter()
            .map(|(level, value)| format!("<factor level=\"{level}\"><float value=\"{value}\"/></factor>"))
            .collect();
        let text = format!(
            r#"<opsa-mef><define-fault-tree name="t"><define-gate name="top"><atleast min="2">
            <event name="a"/><event name="b"/><event name="c"/></atleast></define-gate></define-fault-tree>
            <define-CCF-group name="g" model="{model_name}">
            <members><basic-event name="a"/><basic-event name="b"/><basic-event name="c"/></members>
            <distribution><float value="0.1"/></distribution><factors>{factors}</factors></define-CCF-group></opsa-mef>"#
        );
        let read = model(&text);
        let found = solved(&read.trees[0]);
        assert_eq!(found.cut_sets.expect("asked for").total().to_string(), total, "{model_name}");
        let p = found.probability.expect("the group has one").value;
        assert!((p - probability).abs() < 6e-7, "{model_name}: {p}");
    }
}

#[test]
fn what_is_written_reads_back_as_the_same_trees() {
    let mut compared = 0;
    let designs = (0..120).map(drawing);
    let templates =
        TEMPLATES.iter().map(|t| Document::parse(t.text, t.name).expect("a template").design().clone());
    for design in designs.chain(templates) {
        let trees = of_design(&design, Scope { links: true, ..Scope::default() });
        let read = model(&text(&trees));
        assert_eq!(read.trees.len(), trees.len(), "{}", design.name);
        for (before, after) in trees.iter().zip(&read.trees) {
            let (b, a) = (solved(before), solved(after));
            assert_eq!(
                b.cut_sets.expect("asked for").by_order,
                a.cut_sets.expect("asked for").by_order,
                "{}",
                design.name
            );
            let (b, a) = (b.probability.expect("known").value, a.probability.expect("known").value);
            assert!((a - b).abs() <= 1e-12 * (1.0 + b), "{}: {b} became {a}", design.name);
            compared += 1;
        }
    }
    assert!(compared > 100);
}

/// Says something that is seen although the test passes.
fn say(text: &str) {
    // Past what the test harness keeps to itself.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Whether Debian's `scram` is there to be asked.
fn scram_is_here() -> bool {
    let here = Command::new("scram").arg("--version").output().is_ok_and(|o| o.status.success());
    if !here {
        say("SKIPPED: scram is not installed, so that nothing was compared with it (apt-get install scram)");
    }
    here
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    trees: usize,
    sets: usize,
    /// Largest difference of a probability, as a share of it.
    difference: f64,
}

/// What scram makes of a file: for each top its minimal cut sets and the probability.
fn asked_of_scram(file: &Path) -> Vec<(String, BTreeSet<BTreeSet<String>>, f64)> {
    let out = Command::new("scram")
        .args(["--bdd", "--probability", "1", "-l", "1000"])
        .arg(file)
        .output()
        .expect("scram starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let report = String::from_utf8(out.stdout).expect("a report is text");
    let report = xml::Document::read("report", &report).expect("a report is XML");
    let children = |e: &xml::Element<'_>, name: &str| -> Vec<xml::ElementIndex> {
        e.children.iter().copied().filter(|c| report.elements[*c as usize].name == name).collect()
    };
    let tops = report.elements.iter().filter(|e| e.name == "sum-of-products");
    tops.map(|top| {
        let sets = children(top, "product").into_iter().map(|p| {
            children(&report.elements[p as usize], "basic-event")
                .into_iter()
                .filter_map(|e| Some(report.elements[e as usize].attribute("name")?.to_owned()))
                .collect()
        });
        let probability = top.attribute("probability").and_then(|p| p.parse().ok()).unwrap_or(f64::NAN);
        (top.attribute("name").unwrap_or_default().to_owned(), sets.collect(), probability)
    })
    .collect()
}

fn agrees_with_scram(what: &str, folder: &Path, model_text: &str, compared: &mut Compared) {
    let file = folder.join("model.xml");
    std::fs::write(&file, model_text).expect("a place to write");
    let read = model(model_text);
    let theirs = asked_of_scram(&file);
    assert_eq!(theirs.len(), read.trees.len(), "{what}");
    for tree in &read.trees {
        let found = solved(tree);
        let (_, sets, probability) = theirs
            .iter()
            .find(|(name, ..)| *name == tree.name)
            .unwrap_or_else(|| panic!("{what}: {}", tree.name));
        assert_eq!(named_sets(tree, &found), *sets, "{what}: {}", tree.name);
        let ours = found.probability.expect("known").value;
        // The report has six digits.
        let difference = if ours == *probability { 0.0 } else { (ours - probability).abs() / probability };
        assert!(difference <= 6e-6, "{what}: {ours}, scram {probability}");
        compared.trees += 1;
        compared.sets += sets.len();
        compared.difference = compared.difference.max(difference);
    }
}

#[test]
fn scram_gives_the_same_for_random_designs_and_every_template() {
    if !scram_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("a place to write");
    let mut compared = Compared::default();
    for seed in 0..200 {
        let trees = of_design(&drawing(seed), Scope { links: seed % 2 == 0, ..Scope::default() });
        agrees_with_scram(&format!("seed {seed}"), folder.path(), &text(&trees), &mut compared);
    }
    for template in TEMPLATES {
        let design = Document::parse(template.text, template.name).expect("a template").design().clone();
        for links in [false, true] {
            let trees = of_design(&design, Scope { links, ..Scope::default() });
            agrees_with_scram(template.name, folder.path(), &text(&trees), &mut compared);
        }
    }
    say(&format!(
        "scram agrees on {} trees with {} cut sets; probabilities differ by {:.1e} of them at most",
        compared.trees, compared.sets, compared.difference
    ));
    assert!(compared.trees > 150 && compared.sets > 1000, "only {compared:?}");
}

/// Counts that were published: the Aralia benchmark of Rauzy and others (chinese, baobab1, baobab2, CEA9601), read from the
/// examples that come with scram.
#[test]
fn published_trees_have_their_published_counts() {
    let inputs = Path::new("/usr/share/scram/input");
    if !inputs.is_dir() {
        say("SKIPPED: the examples of scram are not installed, so that no published count was compared");
        return;
    }
    for (name, total) in [
        ("Chinese/chinese", "392"),
        ("Baobab/baobab1", "46188"),
        ("Baobab/baobab2", "4805"),
        ("CEA9601/CEA9601", "130281976"),
    ] {
        let files: Vec<(String, String)> = ["", "-basic-events"]
            .iter()
            .map(|part| {
                let file = inputs.join(format!("{name}{part}.xml"));
                (name.to_owned(), std::fs::read_to_string(file).expect("it comes with scram"))
            })
            .collect();
        let texts: Vec<(&str, &str)> = files.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
        let read = read(&texts, &Reading::default()).unwrap_or_else(|e| panic!("{e}"));
        let question = Question { importance: false, work_max: u64::MAX, ..Question::default() };
        let found = solve(&read.trees[0], &question).expect("nobody stops it");
        assert_eq!(found.cut_sets.expect("asked for").total().to_string(), total, "{name}");
    }
}
