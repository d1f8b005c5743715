//! Open-PSA model exchange format: fault trees, basic events with their probabilities, house events, common causes.
//!
//! Read permissively: what a fault tree does not need (event trees, labels, attributes) is passed over, an event that nobody
//! defines is a basic event without a probability, names are looked up in their own fault tree first and everywhere else
//! next. Gates may be nested and shared, across files too; no depth hurts. One tree comes back for each gate that no other
//! gate uses.
//!
//! Source: Epstein and Rauzy, Open-PSA Model Exchange Format 2.0d.

mod ccf;
mod value;

use std::collections::HashMap;

use super::xml::{Document, Element, ElementIndex, XmlError};
use crate::analysis::failure::tree::{FaultTree, Gate, GateId};

/// How a model is read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The gate to take as top; `None` takes every gate that no other uses.
    pub top: Option<String>,
    /// Whether members of common-cause groups may fail together, as the model says.
    pub common_causes: bool,
    /// Mission time where the model states none, hours.
    pub mission_time_h: f64,
}

impl Default for Reading {
    fn default() -> Self {
        Self { top: None, common_causes: true, mission_time_h: 8760.0 }
    }
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// One for each top, in the order of the files.
    pub trees: Vec<FaultTree>,
    /// What was passed over although it may matter.
    pub notes: Vec<String>,
}

/// Reads a model that stands in some texts, each with what its file is called.
///
/// # Errors
/// [`XmlError`] at the first place that makes no sense: not well-formed, not such a model, a gate that needs itself.
pub fn read(texts: &[(&str, &str)], reading: &Reading) -> Result<Model, XmlError> {
    let documents: Vec<Document<'_>> =
        texts.iter().map(|(file, text)| Document::read(file, text)).collect::<Result<_, _>>()?;
    let mut reader = Reader {
        documents: &documents,
        reading,
        symbols: Vec::new(),
        by_path: HashMap::new(),
        by_name: HashMap::new(),
        parameters: HashMap::new(),
        groups: Vec::new(),
        notes: Vec::new(),
    };
    for document in 0..documents.len() {
        reader.collect(document)?;
    }
    reader.trees()
}

/// Where an element stands: its text, and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    document: usize,
    element: ElementIndex,
}

/// Something with a name.
#[derive(Clone, Debug)]
struct Symbol {
    name: String,
    /// The fault tree and components that it stands in, joined by dots; empty outside of any.
    path: String,
    place: Place,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// With its formula, if it has one.
    Gate(Option<ElementIndex>),
    Basic,
    House(bool),
}

struct Reader<'m, 't> {
    documents: &'m [Document<'t>],
    reading: &'m Reading,
    symbols: Vec<Symbol>,
    /// By path and name.
    by_path: HashMap<String, usize>,
    /// The first of that name.
    by_name: HashMap<String, usize>,
    parameters: HashMap<String, Place>,
    groups: Vec<Place>,
    notes: Vec<String>,
}

const CONTAINERS: &[&str] = &["opsa-mef", "define-fault-tree", "define-component", "model-data"];
/// What may stand before a formula.
const ABOUT: &[&str] = &["label", "attributes"];

impl<'t> Reader<'_, 't> {
    fn element(&self, place: Place) -> &Element<'t> {
        &self.documents[place.document].elements[place.element as usize]
    }

    fn error(&self, place: Place, text: impl Into<String>) -> XmlError {
        self.documents[place.document].error(self.element(place).at, text)
    }

    fn name_of(&self, place: Place) -> Result<String, XmlError> {
        let element = self.element(place);
        match element.attribute("name") {
            Some(name) if !name.is_empty() => Ok(name.to_owned()),
            _ => Err(self.error(place, format!("<{}> without a name", element.name))),
        }
    }

    /// All definitions of a text.
    fn collect(&mut self, document: usize) -> Result<(), XmlError> {
        let root = Place { document, element: 0 };
        if self.element(root).name != "opsa-mef" {
            let name = self.element(root).name;
            return Err(self.error(
                root,
                format!("<{name}> is no model of fault trees; the Open-PSA format begins with <opsa-mef>"),
            ));
        }
        let mut open: Vec<(ElementIndex, String)> = vec![(0, String::new())];
        while let Some((container, path)) = open.pop() {
            let mut inner = Vec::new();
            for &child in &self.documents[document].elements[container as usize].children {
                let place = Place { document, element: child };
                let element = self.element(place);
                match element.name {
                    "define-fault-tree" | "define-component" => {
                        let name = self.name_of(place)?;
                        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                        inner.push((child, path));
                    }
                    tag if CONTAINERS.contains(&tag) => inner.push((child, path.clone())),
                    "define-gate" => {
                        let formula = self.formula_of(place)?;
                        self.define(place, &path, What::Gate(formula))?;
                    }
                    "define-basic-event" => self.define(place, &path, What::Basic)?,
                    "define-house-event" => {
                        let inside = element.children.iter().map(|c| Place { document, element: *c });
                        let constant = inside.into_iter().find(|c| self.element(*c).name == "constant");
                        let state = constant.map_or(Ok(false), |c| self.truth(c))?;
                        self.define(place, &path, What::House(state))?;
                    }
                    "define-parameter" => {
                        let name = self.name_of(place)?;
                        self.parameters.insert(name, place);
                    }
                    "define-CCF-group" => self.groups.push(place),
                    "include" => self.notes.push(format!(
                        "{}: <include> is not followed; name the other file beside this one",
                        self.documents[document].file
                    )),
                    tag if tag.contains("event-tree")
                        || matches!(
                            tag,
                            "define-sequence"
                                | "define-initiating-event"
                                | "define-substitution"
                                | "define-rule"
                        ) =>
                    {
                        let note = format!("<{tag}> is passed over");
                        if !self.notes.contains(&note) {
                            self.notes.push(note);
                        }
                    }
                    _ => {}
                }
            }
            open.extend(inner.into_iter().rev());
        }
        Ok(())
    }

    fn define(&mut self, place: Place, path: &str, what: What) -> Result<(), XmlError> {
        let name = self.name_of(place)?;
        let full = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if let Some(&known) = self.by_path.get(&full) {
            let first = &self.symbols[known];
            let line = self.error(first.place, "").line;
            let file = self.documents[first.place.document].file;
            return Err(
                self.error(place, format!("`{name}` is defined a second time; first in {file}:{line}"))
            );
        }
        let new = self.symbols.len();
        self.by_path.insert(full, new);
        self.by_name.entry(name.clone()).or_insert(new);
        self.symbols.push(Symbol { name, path: path.to_owned(), place, what });
        Ok(())
    }

    fn formula_of(&self, gate: Place) -> Result<Option<ElementIndex>, XmlError> {
        let document = gate.document;
        let mut formulas = self
            .element(gate)
            .children
            .iter()
            .copied()
            .filter(|c| !ABOUT.contains(&self.element(Place { document, element: *c }).name));
        let first = formulas.next();
        if let Some(second) = formulas.next() {
            let name = self.name_of(gate)?;
            return Err(self.error(
                Place { document, element: second },
                format!("a second formula in gate `{name}`; draw both below one <and> or <or>"),
            ));
        }
        Ok(first)
    }

    fn truth(&self, place: Place) -> Result<bool, XmlError> {
        let element = self.element(place);
        match element.attribute("value") {
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            other => Err(self.error(
                place,
                format!("<{} value={:?}> is neither true nor false", element.name, other.unwrap_or_default()),
            )),
        }
    }

    /// A name as it is meant inside a path: the innermost definition, then anyone's.
    fn meant(&self, name: &str, path: &str) -> Option<usize> {
        let mut around = path;
        loop {
            let full = if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") };
            if let Some(known) = self.by_path.get(&full) {
                return Some(*known);
            }
            if around.is_empty() {
                break;
            }
            around = around.rfind('.').map_or("", |dot| &around[..dot]);
        }
        self.by_name.get(name).copied()
    }

    fn trees(mut self) -> Result<Model, XmlError> {
        if !self.symbols.iter().any(|s| matches!(s.what, What::Gate(_))) {
            let root = Place { document: 0, element: 0 };
            return Err(self.error(root, "no <define-gate> anywhere, so there is no fault tree"));
        }
        let tops = self.tops()?;
        let causes = if self.reading.common_causes { self.common_causes()? } else { HashMap::new() };
        if !self.reading.common_causes && !self.groups.is_empty() {
            self.notes.push("common-cause groups are left out, as asked".to_owned());
        }
        let mut trees = Vec::with_capacity(tops.len());
        for top in tops {
            trees.push(self.tree(top, &causes)?);
        }
        self.notes.dedup();
        Ok(Model { trees, notes: self.notes })
    }

    /// The gates to begin with: the one that is asked for, or all that no gate uses.
    fn tops(&self) -> Result<Vec<usize>, XmlError> {
        let root = Place { document: 0, element: 0 };
        if let Some(name) = &self.reading.top {
            return match self.meant(name, "") {
                Some(top) if matches!(self.symbols[top].what, What::Gate(_)) => Ok(vec![top]),
                _ => Err(self.error(root, format!("there is no gate `{name}` in the model"))),
            };
        }
        let mut is_used = vec![false; self.symbols.len()];
        for symbol in &self.symbols {
            let What::Gate(Some(formula)) = symbol.what else { continue };
            let document = symbol.place.document;
            let mut stack = vec![formula];
            while let Some(element) = stack.pop() {
                let e = self.element(Place { document, element });
                stack.extend(&e.children);
                if let ("gate" | "event", Some(name)) = (e.name, e.attribute("name"))
                    && let Some(used) = self.meant(name, &symbol.path)
                {
                    is_used[used] = true;
                }
            }
        }
        let is_gate = |s: &usize| matches!(self.symbols[*s].what, What::Gate(_));
        let tops: Vec<usize> = (0..self.symbols.len()).filter(|s| is_gate(s) && !is_used[*s]).collect();
        if tops.is_empty() {
            let first = self.symbols.iter().find(|s| matches!(s.what, What::Gate(_)));
            return Err(self.error(
                first.map_or(root, |s| s.place),
                "every gate is used by another, so that they need each other in a circle",
            ));
        }
        Ok(tops)
    }

    /// The tree below a gate.
    fn tree(&mut self, top: usize, causes: &HashMap<usize, Vec<ccf::Cause>>) -> Result<FaultTree, XmlError> {
        let mut growing = Growing {
            tree: FaultTree::new(self.symbols[top].name.clone()),
            of_symbol: HashMap::new(),
            of_name: HashMap::new(),
        };
        // Post-order with a stack of its own: formulas and gates nest as deep as they like.
        let mut stack = vec![Step::Symbol(top)];
        let mut done: HashMap<(usize, ElementIndex), GateId> = HashMap::new();
        let mut entered: HashMap<usize, bool> = HashMap::new();
        while let Some(step) = stack.pop() {
            match step {
                Step::Symbol(s) => {
                    if growing.of_symbol.contains_key(&s) {
                        continue;
                    }
                    let symbol = self.symbols[s].clone();
                    match symbol.what {
                        What::House(state) => {
                            let gate = growing.tree.add(Gate::Constant(state));
                            growing.of_symbol.insert(s, gate);
                        }
                        What::Basic => {
                            let gate = match causes.get(&s) {
                                Some(causes) => growing.common(causes),
                                None => {
                                    let p = self.probability(symbol.place)?;
                                    growing.tree.event(symbol.name, p)
                                }
                            };
                            growing.of_symbol.insert(s, gate);
                        }
                        What::Gate(None) => {
                            return Err(
                                self.error(symbol.place, format!("gate `{}` has no formula", symbol.name))
                            );
                        }
                        What::Gate(Some(formula)) => {
                            if entered.insert(s, true).is_some() {
                                return Err(self.error(
                                    symbol.place,
                                    format!("gate `{}` needs itself in a circle", symbol.name),
                                ));
                            }
                            stack.push(Step::Finish(s));
                            stack.push(Step::Formula(s, formula));
                        }
                    }
                }
                Step::Finish(s) => {
                    if let What::Gate(Some(formula)) = self.symbols[s].what {
                        let gate = done[&(self.symbols[s].place.document, formula)];
                        growing.of_symbol.insert(s, gate);
                    }
                }
                Step::Formula(s, element) => {
                    let place = Place { document: self.symbols[s].place.document, element };
                    let e = self.element(place);
                    if let Some(target) = self.reference(place, s)? {
                        match target {
                            Target::Symbol(other) => {
                                stack.push(Step::Same(s, element, other));
                                stack.push(Step::Symbol(other));
                            }
                            Target::Undefined(name) => {
                                let gate = growing.undefined(name);
                                done.insert((place.document, element), gate);
                            }
                        }
                    } else if matches!(e.name, "constant" | "bool") {
                        let gate = growing.tree.add(Gate::Constant(self.truth(place)?));
                        done.insert((place.document, element), gate);
                    } else {
                        stack.push(Step::Join(s, element));
                        for child in e.children.iter().rev() {
                            if !ABOUT.contains(&self.element(Place { element: *child, ..place }).name) {
                                stack.push(Step::Formula(s, *child));
                            }
                        }
                    }
                }
                Step::Same(s, element, other) => {
                    // A gate that is entered but not finished needs itself.
                    let Some(gate) = growing.of_symbol.get(&other) else {
                        let place = Place { document: self.symbols[s].place.document, element };
                        let name = &self.symbols[other].name;
                        return Err(self.error(place, format!("gate `{name}` needs itself in a circle")));
                    };
                    done.insert((self.symbols[s].place.document, element), *gate);
                }
                Step::Join(s, element) => {
                    let place = Place { document: self.symbols[s].place.document, element };
                    let operands: Vec<GateId> = self
                        .element(place)
                        .children
                        .iter()
                        .filter_map(|c| done.get(&(place.document, *c)).copied())
                        .collect();
                    let gate = self.joined(place, operands, &mut growing.tree)?;
                    done.insert((place.document, element), gate);
                }
            }
        }
        growing.tree.top = growing.of_symbol[&top];
        Ok(growing.tree)
    }

    /// What an element of a formula refers to, if it is a reference.
    fn reference(&self, place: Place, inside: usize) -> Result<Option<Target>, XmlError> {
        let e = self.element(place);
        let wanted = match e.name {
            "gate" => "gate",
            "basic-event" => "basic-event",
            "house-event" => "house-event",
            "event" => e.attribute("type").unwrap_or("event"),
            _ => return Ok(None),
        };
        let name = self.name_of(place)?;
        let Some(found) = self.meant(&name, &self.symbols[inside].path) else {
            if matches!(wanted, "gate" | "house-event") {
                return Err(self.error(place, format!("there is no {wanted} `{name}`")));
            }
            return Ok(Some(Target::Undefined(name)));
        };
        let is = match self.symbols[found].what {
            What::Gate(_) => "gate",
            What::Basic => "basic-event",
            What::House(_) => "house-event",
        };
        if wanted != "event" && wanted != is {
            return Err(self.error(place, format!("`{name}` is a {is}, not a {wanted}")));
        }
        Ok(Some(Target::Symbol(found)))
    }

    /// One gate of operands that are there.
    fn joined(&self, place: Place, operands: Vec<GateId>, tree: &mut FaultTree) -> Result<GateId, XmlError> {
        let e = self.element(place);
        if operands.is_empty() {
            let text = format!("<{}> is no formula, or has nothing in it", e.name);
            return Err(self.error(place, text));
        }
        let number = |name: &str| -> Result<u32, XmlError> {
            let value = e.attribute(name).unwrap_or_default();
            value.parse().map_err(|_| {
                self.error(place, format!("<{} {name}=\"{value}\"> is not a whole number", e.name))
            })
        };
        let exactly = |n: usize| -> Result<(), XmlError> {
            match operands.len() == n {
                true => Ok(()),
                false => {
                    let text = format!("<{}> takes {n} operands and has {}", e.name, operands.len());
                    Err(self.error(place, text))
                }
            }
        };
        Ok(match e.name {
            "and" => tree.add(Gate::And(operands)),
            "or" => tree.add(Gate::Or(operands)),
            "atleast" => tree.add(Gate::AtLeast(number("min")?, operands)),
            "cardinality" => {
                let (min, max) = (number("min")?, number("max")?);
                let enough = tree.add(Gate::AtLeast(min, operands.clone()));
                let too_many = tree.add(Gate::AtLeast(max.saturating_add(1), operands));
                let not = tree.add(Gate::Not(too_many));
                tree.add(Gate::And(vec![enough, not]))
            }
            "not" => {
                exactly(1)?;
                tree.add(Gate::Not(operands[0]))
            }
            "xor" => tree.add(Gate::Xor(operands)),
            "nand" | "nor" => {
                let all = if e.name == "nand" { Gate::And(operands) } else { Gate::Or(operands) };
                let all = tree.add(all);
                tree.add(Gate::Not(all))
            }
            "iff" => {
                exactly(2)?;
                let differ = tree.add(Gate::Xor(operands));
                tree.add(Gate::Not(differ))
            }
            "imply" => {
                exactly(2)?;
                let not = tree.add(Gate::Not(operands[0]));
                tree.add(Gate::Or(vec![not, operands[1]]))
            }
            other => return Err(self.error(place, format!("<{other}> is not known in a formula"))),
        })
    }
}

enum Step {
    Symbol(usize),
    Finish(usize),
    Formula(usize, ElementIndex),
    Same(usize, ElementIndex, usize),
    Join(usize, ElementIndex),
}

enum Target {
    Symbol(usize),
    Undefined(String),
}

/// A tree that is being made.
struct Growing {
    tree: FaultTree,
    of_symbol: HashMap<usize, GateId>,
    /// Events that stand for no symbol: undefined ones, and common causes.
    of_name: HashMap<String, GateId>,
}

impl Growing {
    fn undefined(&mut self, name: String) -> GateId {
        if let Some(known) = self.of_name.get(&name) {
            return *known;
        }
        let gate = self.tree.event(name.clone(), None);
        self.of_name.insert(name, gate);
        gate
    }

    /// A member of a group: it has failed if one of its causes has.
    fn common(&mut self, causes: &[ccf::Cause]) -> GateId {
        let mut operands = Vec::with_capacity(causes.len());
        for cause in causes {
            let gate = match self.of_name.get(&cause.name) {
                Some(known) => *known,
                None => {
                    let gate = self.tree.event(cause.name.clone(), cause.probability);
                    self.of_name.insert(cause.name.clone(), gate);
                    gate
                }
            };
            operands.push(gate);
        }
        self.tree.add(Gate::Or(operands))
    }
}
