//! Fault trees of a design's journeys in the Open-PSA model exchange format, for any other fault-tree tool to check.
//!
//! One fault tree for each journey, over the same basic events. Names of that format are words, so that `web/2` is called
//! `web_2` and keeps its own name as its label.
//!
//! Source: Epstein and Rauzy, Open-PSA Model Exchange Format 2.0d.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{ExportError, Picture};
use crate::analysis::failure::journeys::{Scope, of_design};
use crate::analysis::failure::modules::simple;
use crate::analysis::failure::tree::{FaultTree, Gate, GateId};

pub(super) fn bytes(picture: &Picture) -> Result<Vec<u8>, ExportError> {
    Ok(text(&of_design(picture.design, Scope::default())).into_bytes())
}

/// Fault trees as one model. Events of the same name are the same.
pub fn text(trees: &[FaultTree]) -> String {
    let mut names = Names::default();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opsa-mef>\n");
    let trees: Vec<FaultTree> = trees.iter().map(simple).collect();
    for (t, tree) in trees.iter().enumerate() {
        write_tree(&mut out, t + 1, tree, &mut names);
    }
    out.push_str("  <model-data>\n");
    let mut written: BTreeMap<String, ()> = BTreeMap::new();
    for tree in &trees {
        for event in &tree.events {
            let name = names.of(&event.name);
            if written.insert(name.clone(), ()).is_some() {
                continue;
            }
            let _ = writeln!(out, "    <define-basic-event name=\"{name}\">");
            if name != event.name {
                let _ = writeln!(out, "      <label>{}</label>", escaped(&event.name));
            }
            if let Some(p) = event.probability {
                let _ = writeln!(out, "      <float value=\"{p}\"/>");
            }
            out.push_str("    </define-basic-event>\n");
        }
    }
    out.push_str("  </model-data>\n</opsa-mef>\n");
    out
}

fn write_tree(out: &mut String, number: usize, tree: &FaultTree, names: &mut Names) {
    let title = if tree.name.is_empty() { "top" } else { &tree.name };
    let name = names.fresh(&format!("journey {title}"));
    let _ = writeln!(out, "  <define-fault-tree name=\"{name}-tree\">");
    let _ = writeln!(out, "    <define-gate name=\"{name}\">");
    let _ = writeln!(out, "      <label>{}</label>", escaped(title));
    let mut copies = Vec::new();
    let reference = |gate: GateId, names: &mut Names| match &tree.gates[gate as usize] {
        Gate::Event(e) => format!("<basic-event name=\"{}\"/>", names.of(&tree.events[*e as usize].name)),
        Gate::Constant(c) => format!("<constant value=\"{c}\"/>"),
        _ => format!("<gate name=\"t{number}_g{gate}\"/>"),
    };
    let _ = writeln!(out, "      {}\n    </define-gate>", reference(tree.top, names));
    for (g, gate) in tree.gates.iter().enumerate() {
        let (open, close) = match gate {
            Gate::Event(_) | Gate::Constant(_) => continue,
            Gate::And(_) => ("<and>".to_owned(), "</and>"),
            Gate::Or(_) => ("<or>".to_owned(), "</or>"),
            Gate::AtLeast(k, _) => (format!("<atleast min=\"{k}\">"), "</atleast>"),
            Gate::Not(_) => ("<not>".to_owned(), "</not>"),
            Gate::Xor(_) => ("<xor>".to_owned(), "</xor>"),
        };
        let _ = writeln!(out, "    <define-gate name=\"t{number}_g{g}\">\n      {open}");
        for (i, operand) in gate.operands().iter().enumerate() {
            let mut said = reference(*operand, names);
            // Other tools refuse an operand that stands twice, although it counts twice: it gets a second name.
            if gate.operands()[..i].contains(operand) {
                let copy = format!("t{number}_g{g}_{i}");
                copies.push(format!(
                    "    <define-gate name=\"{copy}\">\n      <and>\n        {said}\n        <constant value=\"true\"/>\n      \
                     </and>\n    </define-gate>\n"
                ));
                said = format!("<gate name=\"{copy}\"/>");
            }
            let _ = writeln!(out, "        {said}");
        }
        let _ = writeln!(out, "      {close}\n    </define-gate>");
    }
    copies.iter().for_each(|copy| out.push_str(copy));
    out.push_str("  </define-fault-tree>\n");
}

/// Words for names, each name always the same and no two alike.
#[derive(Default)]
struct Names {
    given: BTreeMap<String, String>,
    taken: BTreeMap<String, ()>,
}

impl Names {
    fn of(&mut self, name: &str) -> String {
        if let Some(known) = self.given.get(name) {
            return known.clone();
        }
        let word = self.fresh(name);
        self.given.insert(name.to_owned(), word.clone());
        word
    }

    fn fresh(&mut self, name: &str) -> String {
        let mut word: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect::<String>()
            .trim_matches('-')
            .replace("--", "-_");
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            word.insert_str(0, "e_");
        }
        let mut free = word.clone();
        let mut n = 2;
        while self.taken.contains_key(&free) {
            free = format!("{word}_{n}");
            n += 1;
        }
        self.taken.insert(free.clone(), ());
        free
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
