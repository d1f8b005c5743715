//! The lossless tree: values with their places, comments with what they belong to.

use super::literal;

/// The place of a value that no text holds.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The fields that name an element of a list, the strongest first.
pub(super) const NAMING: [&str; 5] = ["id", "name", "finding", "title", "link"];

/// A value and where it begins, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) at: u32,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A number, text or character as written.
    Literal(Literal, Box<str>),
    /// A name alone: `true`, `None`, a unit variant.
    Word(Box<str>),
    /// Anything in brackets.
    Block(Box<Block>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Number,
    Text,
    Char,
}

/// What brackets hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `(a: 1, b: 2)`
    Fields,
    /// `(1, 2)`; also the empty `()`.
    Values,
    /// `[1, 2]`
    List,
    /// `{1: 2}`
    Map,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) shape: Shape,
    /// The name before round brackets.
    pub(super) name: Option<Box<str>>,
    pub(super) items: Vec<Item>,
    /// Comments on the line of the opening bracket.
    pub(super) open: Vec<Comment>,
    /// Comments after the last item.
    pub(super) tail: Vec<Comment>,
}

impl Block {
    pub(super) fn new(shape: Shape, name: Option<&str>) -> Self {
        Self { shape, name: name.map(Into::into), items: Vec::new(), open: Vec::new(), tail: Vec::new() }
    }

    /// The item of that field name.
    pub(super) fn field(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|i| i.name() == Some(name))
    }

    /// The text that names it among its neighbours.
    pub(super) fn id(&self) -> Option<String> {
        if self.shape != Shape::Fields {
            return None;
        }
        NAMING.iter().find_map(|n| self.field(n)?.value.as_text()).map(std::borrow::Cow::into_owned)
    }
}

/// One field, element or entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) value: Node,
    /// Whether a blank line stands before it (after its own comments).
    pub(super) blank: bool,
    pub(super) notes: Option<Box<Notes>>,
}

impl Item {
    pub(super) fn new(key: Key, value: Node) -> Self {
        Self { key, value, blank: false, notes: None }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match &self.key {
            Key::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn notes_mut(&mut self) -> &mut Notes {
        self.notes.get_or_insert_default()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// Of an element.
    None,
    /// Of a field.
    Name(Box<str>),
    /// Of a map entry.
    Value(Box<Node>),
}

/// The comments of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Notes {
    /// On the lines before it.
    pub(super) lead: Vec<Comment>,
    /// Behind it on its line.
    pub(super) trail: Vec<Comment>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comment {
    /// As written, with its marks.
    pub(super) text: Box<str>,
    /// Whether it runs to the end of the line.
    pub(super) line: bool,
    /// Line breaks before it, at most 2.
    pub(super) breaks: u8,
}

/// A whole text.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// Comments before the value.
    pub(super) header: Vec<Comment>,
    /// Whether a blank line stands between header and value.
    pub(super) blank: bool,
    pub(super) root: Node,
    /// Comments after it.
    pub(super) footer: Vec<Comment>,
}

impl Node {
    pub(super) fn new(value: Value) -> Self {
        Self { at: NOWHERE, value }
    }

    pub(super) fn word(word: &str) -> Self {
        Self::new(Value::Word(word.into()))
    }

    pub(super) fn block(block: Block) -> Self {
        Self::new(Value::Block(Box::new(block)))
    }

    pub(super) fn as_block(&self) -> Option<&Block> {
        match &self.value {
            Value::Block(block) => Some(block),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        match &self.value {
            Value::Literal(Literal::Text, written) => literal::text(written),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn describe(&self) -> String {
        let cut = |text: &str| {
            let short: String = text.chars().take(40).collect();
            if short.len() < text.len() { format!("{short}…") } else { short }
        };
        match &self.value {
            Value::Literal(_, written) => cut(written),
            Value::Word(word) => format!("`{}`", cut(word)),
            Value::Block(b) => match (b.shape, &b.name) {
                (Shape::Values, None) if b.items.is_empty() && self.at == NOWHERE => "nothing".to_owned(),
                (_, Some(name)) => format!("`{}(…)`", cut(name)),
                (Shape::Values, None) if b.items.is_empty() => "`()`".to_owned(),
                (Shape::Fields, None) => "fields in round brackets".to_owned(),
                (Shape::Values, None) => "values in round brackets".to_owned(),
                (Shape::List, _) => "a list".to_owned(),
                (Shape::Map, _) => "a map".to_owned(),
            },
        }
    }
}
