//! From the tree to values: a serde deserializer that knows where it stands.
//!
//! Every error gets the place and the element path of the value that caused it. What a newer version may have
//! written is not an error: unknown fields are left in the tree, and an unknown variant in a field that may be left
//! out counts as left out; both are told as warnings. For that a text with unknown variants is read twice: the first
//! time a stand-in takes the place of each, the second time their fields are skipped.

mod parts;
mod stand_in;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserializer;
use serde::de::{self, Unexpected, Visitor};

use self::parts::{Choice, Elements, Entries, Fields};
use self::stand_in::StandIn;
use super::fault::Fault;
use super::literal::{self, Number};
use super::suggest;
use super::tree::{Block, Item, Literal, NOWHERE, Node, Shape, Value};

/// Remarks that are made about one text; who has more reads no more.
const REMARKS_MAX: usize = 1000;

/// What reading has learned about the tree, by the place of each value.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// The fields that a struct or struct variant has, in the order of its type.
    pub(super) fields: BTreeMap<u32, &'static [&'static str]>,
    /// Values of fields that may be absent.
    pub(super) optional: BTreeSet<u32>,
    /// Values of known fields that were not understood and count as left out.
    pub(super) ignored: BTreeSet<u32>,
}

/// A remark with its offset.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) at: u32,
    pub(super) path: String,
    pub(super) what: String,
}

/// A value read from a tree, with what was learned on the way.
pub(super) struct Decoded<T> {
    pub(super) value: T,
    pub(super) marks: Marks,
    pub(super) remarks: Vec<Remark>,
}

/// Reads a value. `beside` names a field of the outermost value that is not the value's own (`format`).
pub(super) fn decode<T: de::DeserializeOwned>(
    root: &Node,
    beside: &'static str,
) -> Result<Decoded<T>, Fault> {
    let nothing = Node::block(Block::new(Shape::Values, None));
    let context = Context::new(root, &nothing, beside);
    let first = T::deserialize(Reader { node: root, context: &context, bare: false });
    let result = if context.unknown.borrow().is_empty() {
        first
    } else {
        context.settled.set(true);
        context.remarks.borrow_mut().clear();
        context.trail.borrow_mut().clear();
        T::deserialize(Reader { node: root, context: &context, bare: false })
    };
    let value = result.map_err(|fault| context.place(fault))?;
    let mut remarks = context.remarks.into_inner();
    let mut marks = context.marks.into_inner();
    for (at, fault) in context.unknown.into_inner() {
        marks.ignored.insert(at);
        if remarks.len() >= 2 * REMARKS_MAX {
            continue;
        }
        let help = if fault.0.help.is_empty() { String::new() } else { format!(" ({})", fault.0.help) };
        let what = format!("{}: ignored and kept{help}", fault.0.what);
        remarks.push(Remark { at: fault.0.at.unwrap_or(at), path: fault.0.path, what });
    }
    remarks.sort_by_key(|r| r.at);
    remarks.truncate(REMARKS_MAX);
    Ok(Decoded { value, marks, remarks })
}

/// One step on the way from the outermost value to the one being read.
#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str, &'a Node),
    Element(&'a Node, usize),
    Entry(&'a Node, &'a Node),
}

struct Context<'a> {
    beside: &'static str,
    root: &'a Node,
    trail: RefCell<Vec<Step<'a>>>,
    marks: RefCell<Marks>,
    remarks: RefCell<Vec<Remark>>,
    /// Fields with an unknown variant: the place of the field's value, and what is wrong with it.
    unknown: RefCell<BTreeMap<u32, Fault>>,
    /// Whether the fields in `unknown` are to be skipped.
    settled: Cell<bool>,
    /// Stands for the content of a variant that is written without any.
    nothing: &'a Node,
}

impl<'a> Context<'a> {
    fn new(root: &'a Node, nothing: &'a Node, beside: &'static str) -> Self {
        Self {
            beside,
            root,
            trail: RefCell::default(),
            marks: RefCell::default(),
            remarks: RefCell::default(),
            unknown: RefCell::default(),
            settled: Cell::new(false),
            nothing,
        }
    }

    /// Whether a reader still wants to be helped; after so many remarks nobody does.
    fn may_suggest(&self) -> bool {
        self.remarks.borrow().len() + self.unknown.borrow().len() < 100
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in self.trail.borrow().iter() {
            match step {
                Step::Field(name, _) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Element(node, position) => match node.as_block().and_then(Block::id) {
                    Some(id) => path.push_str(&format!("[{id}]")),
                    None => path.push_str(&format!("[#{}]", position + 1)),
                },
                Step::Entry(key, _) => match key.as_text() {
                    Some(key) => path.push_str(&format!("[{key}]")),
                    None => path.push_str(&format!("[{}]", key.describe())),
                },
            }
        }
        path
    }

    /// Gives a fault the path, and a place if it has none: that of the innermost value that stands in the text.
    fn place(&self, mut fault: Fault) -> Fault {
        if fault.0.path.is_empty() {
            fault.0.path = self.path();
        }
        if fault.0.at.is_none_or(|at| at == NOWHERE) {
            let trail = self.trail.borrow();
            let places = trail.iter().rev().map(|step| match step {
                Step::Field(_, node) | Step::Element(node, _) | Step::Entry(_, node) => node.at,
            });
            fault.0.at = places.chain([self.root.at]).find(|at| *at != NOWHERE);
        }
        fault
    }

    /// Runs one step deeper. On an error the trail stays, so that the error can still be placed.
    fn step<T>(&self, step: Step<'a>, run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.trail.borrow_mut().push(step);
        let result = run().map_err(|fault| self.place(fault));
        self.trail.borrow_mut().pop();
        result
    }

    fn remark(&self, at: u32, what: String) {
        if self.remarks.borrow().len() >= REMARKS_MAX {
            return;
        }
        self.remarks.borrow_mut().push(Remark { at, path: self.path(), what });
    }

    /// Notes an unknown variant at the innermost field around it. False when there is none.
    fn postpone(&self, fault: Fault) -> Result<(), Fault> {
        let innermost = self.trail.borrow().iter().rev().find_map(|step| match step {
            Step::Field(_, node) => Some(node.at),
            _ => None,
        });
        let fault = self.place(fault);
        match innermost {
            Some(at) if !self.settled.get() => {
                self.unknown.borrow_mut().entry(at).or_insert(fault);
                Ok(())
            }
            _ => Err(fault),
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'a, 'c> {
    node: &'a Node,
    context: &'c Context<'a>,
    /// Whether the name before the brackets has been dealt with.
    bare: bool,
}

impl<'a, 'c> Reader<'a, 'c> {
    fn at(self, node: &'a Node) -> Self {
        Self { node, bare: false, ..self }
    }

    fn wrong(self, wanted: &str, help: impl Into<String>) -> Fault {
        let what = format!("expected {wanted}, found {}", self.node.describe());
        self.context.place(Fault::new(self.node.at, what, help))
    }

    fn placed<T>(self, result: Result<T, Fault>) -> Result<T, Fault> {
        result.map_err(|mut fault| {
            if fault.0.at.is_none() {
                fault.0.at = Some(self.node.at);
            }
            self.context.place(fault)
        })
    }

    fn number(self) -> Option<Number> {
        match &self.node.value {
            Value::Literal(Literal::Number, written) => literal::number(written),
            _ => None,
        }
    }

    fn whole<N: TryFrom<i128> + std::fmt::Display>(self, least: N, most: N) -> Result<N, Fault> {
        match self.number() {
            Some(Number::Whole(n)) => N::try_from(n).map_err(|_| {
                self.wrong(
                    &format!("a whole number from {least} to {most}"),
                    "write a number within these bounds",
                )
            }),
            _ => Err(self.wrong("a whole number", "write for example 3")),
        }
    }

    fn real<F: std::str::FromStr + Into<f64> + Copy>(self, whole: impl Fn(i128) -> F) -> Result<F, Fault> {
        let value = match (&self.node.value, self.number()) {
            (Value::Literal(_, written), Some(number)) => match (literal::real::<F>(written), number) {
                (Some(real), _) => Some(real),
                (None, Number::Whole(n)) => Some(whole(n)),
                (None, Number::Real(_)) => None,
            },
            _ => None,
        };
        match value {
            Some(real) if real.into().is_finite() => Ok(real),
            Some(_) => Err(self.wrong("a smaller number", "write for example 0.5")),
            None if matches!(&self.node.value, Value::Word(w) if matches!(&**w, "inf" | "NaN")) => {
                Err(self.wrong("a finite number", "write for example 0.5"))
            }
            None => Err(self.wrong("a number", "write for example 0.5")),
        }
    }

    /// The block, if it has round brackets and no name that is still to be dealt with, or that name.
    fn round(self, name: &str) -> Option<&'a Block> {
        let block = self.node.as_block()?;
        let round = matches!(block.shape, Shape::Fields | Shape::Values);
        let named = self.bare || block.name.as_deref().is_none_or(|n| n == name);
        (round && named).then_some(block)
    }

    /// The fields in round brackets; `()` has none.
    fn fields(self, name: &str) -> Option<&'a [Item]> {
        let block = self.round(name)?;
        (block.shape == Shape::Fields || block.items.is_empty()).then_some(&block.items)
    }

    fn structure<'de, V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Some(items) = self.fields(name) else {
            let example = fields.first().map_or_else(|| "()".to_owned(), |f| format!("({f}: …)"));
            return Err(self.wrong(&format!("fields of {name}"), format!("write for example {example}")));
        };
        if self.node.at != NOWHERE {
            self.context.marks.borrow_mut().fields.insert(self.node.at, fields);
        }
        let result = visitor.visit_map(Fields { reader: self, fields, items: items.iter(), value: None });
        self.placed(result.map_err(|mut fault| {
            // A required field is missing because its value was skipped: then that value is what is wrong.
            if let Some(missing) = fault.0.missing
                && let Some(item) = items.iter().find(|i| i.name() == Some(missing))
                && let Some(cause) = self.context.unknown.borrow_mut().remove(&item.value.at)
            {
                return cause;
            }
            fault.0.missing = None;
            fault
        }))
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let value = self.whole(<$type>::MIN, <$type>::MAX)?;
            self.placed(visitor.$visit(value))
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Fault;

    whole_numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match &self.node.value {
            Value::Literal(Literal::Number, _) => match self.number() {
                Some(Number::Whole(n)) => match (u64::try_from(n), i64::try_from(n)) {
                    (Ok(n), _) => visitor.visit_u64(n),
                    (_, Ok(n)) => visitor.visit_i64(n),
                    _ => visitor.visit_f64(n as f64),
                },
                Some(Number::Real(n)) => visitor.visit_f64(n),
                None => Err(self.wrong("a number", "write for example 3")),
            },
            Value::Literal(Literal::Text, _) => return self.deserialize_str(visitor),
            Value::Literal(Literal::Char, _) => return self.deserialize_char(visitor),
            Value::Word(word) => match &**word {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                "None" => visitor.visit_none(),
                // A value that takes text or numbers is told about a word as a word.
                _ => Err(de::Error::invalid_type(Unexpected::Other(&self.node.describe()), &visitor)),
            },
            Value::Block(block) => match (block.shape, block.name.as_deref()) {
                (Shape::Values, Some("Some")) if block.items.len() == 1 => {
                    return self.at(&block.items[0].value).deserialize_any(visitor);
                }
                (Shape::Values, None) if block.items.is_empty() => visitor.visit_unit(),
                (Shape::Fields, _) => visitor.visit_map(Fields {
                    reader: self,
                    fields: &[],
                    items: block.items.iter(),
                    value: None,
                }),
                (Shape::Map, _) => return self.deserialize_map(visitor),
                (Shape::List | Shape::Values, _) => {
                    visitor.visit_seq(Elements { reader: self, next: 0, items: &block.items })
                }
            },
        };
        self.placed(result)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Word(w) if &**w == "true" => self.placed(visitor.visit_bool(true)),
            Value::Word(w) if &**w == "false" => self.placed(visitor.visit_bool(false)),
            _ => Err(self.wrong("true or false", "write true or false, without quotes")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.real(|n| n as f32)?;
        self.placed(visitor.visit_f32(value))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.real(|n| n as f64)?;
        self.placed(visitor.visit_f64(value))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Literal(Literal::Char, written) if let Some(c) = literal::character(written) => {
                self.placed(visitor.visit_char(c))
            }
            _ => Err(self.wrong("a character", "write for example 'a'")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match (self.node.as_text(), &self.node.value) {
            (Some(text), _) => self.placed(visitor.visit_str(&text)),
            (None, Value::Word(word)) => {
                let help = format!("put it in quotes: {}", literal::quote(word));
                Err(self.wrong("text", help))
            }
            (None, Value::Literal(_, written)) => {
                let short: String = written.trim_matches('\'').chars().take(40).collect();
                Err(self.wrong("text", format!("put it in quotes: {}", literal::quote(&short))))
            }
            _ => Err(self.wrong("text", "write it in quotes")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.context.marks.borrow_mut().optional.insert(self.node.at);
        let result = match &self.node.value {
            Value::Word(word) if &**word == "None" => visitor.visit_none(),
            Value::Block(b)
                if b.name.as_deref() == Some("Some") && b.shape == Shape::Values && b.items.len() == 1 =>
            {
                visitor.visit_some(self.at(&b.items[0].value))
            }
            _ => visitor.visit_some(self),
        };
        self.placed(result)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.round("") {
            Some(block) if block.items.is_empty() => self.placed(visitor.visit_unit()),
            _ => Err(self.wrong("`()`", "write ()")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Word(word) if &**word == name => self.placed(visitor.visit_unit()),
            _ => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let result = match self.round(name) {
            Some(b) if b.shape == Shape::Values && b.items.len() == 1 => {
                visitor.visit_newtype_struct(self.at(&b.items[0].value))
            }
            _ => visitor.visit_newtype_struct(self),
        };
        self.placed(result)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.as_block() {
            Some(b) if b.shape == Shape::List => {
                self.placed(visitor.visit_seq(Elements { reader: self, next: 0, items: &b.items }))
            }
            _ => Err(self.wrong("a list", "put it in square brackets: [ … ]")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        match self.round("") {
            Some(b) if b.shape == Shape::Values && b.items.len() == len => {
                self.placed(visitor.visit_seq(Elements { reader: self, next: 0, items: &b.items }))
            }
            _ => Err(self.wrong(&format!("{len} values in round brackets"), "write them as (…, …)")),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.round(name) {
            Some(_) => Reader { bare: true, ..self }.deserialize_tuple(len, visitor),
            None => Err(self.wrong(&format!("{len} values in round brackets"), "write them as (…, …)")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.as_block() {
            Some(b) if b.shape == Shape::Map => {
                let seen = BTreeSet::new();
                self.placed(visitor.visit_map(Entries {
                    reader: self,
                    items: b.items.iter(),
                    value: None,
                    seen,
                }))
            }
            _ => Err(self.wrong("a map", "write it in curly brackets: { \"a\": …, \"b\": … }")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.structure(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word = match &self.node.value {
            Value::Word(word) => Some(&**word),
            Value::Block(block) => block.name.as_deref(),
            Value::Literal(..) => None,
        };
        let field = match self.context.trail.borrow().last() {
            Some(Step::Field(field, _)) => (*field).to_owned(),
            _ => name.to_lowercase(),
        };
        let Some(word) = word else {
            let help = match self.node.as_text() {
                Some(text) if variants.contains(&&*text) => format!("write {text} without quotes"),
                Some(text) => suggest::help(&text, variants),
                None => format!("write one of {}", variants.join(", ")),
            };
            return Err(self.wrong(&format!("a {field}"), help));
        };
        if variants.contains(&word) {
            return self.placed(visitor.visit_enum(Choice { reader: self, word }));
        }
        let help = if self.context.may_suggest() { suggest::help(word, variants) } else { String::new() };
        let fault = Fault::new(self.node.at, format!("there is no {field} `{word}`"), help);
        self.context.postpone(fault)?;
        visitor.visit_enum(StandIn { variants })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Word(word) => self.placed(visitor.visit_str(word)),
            _ => self.deserialize_str(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}
