//! The one form in which a tree is written.
//!
//! Four spaces a level, one property per line with a comma behind it. A value stands on one line where that line
//! keeps within [`WIDTH`] columns, holds no comment, no line break and no list or map of structs. The outermost value
//! always has its properties on lines of their own, and so has an element of one of its lists with more than
//! [`SHORT_FIELDS`] of them: a diff then shows which property of which component changed.

use super::tree::{Block, Comment, Item, Key, Node, Shape, Tree, Value};

/// Columns that a line with brackets may take.
pub(super) const WIDTH: usize = 80;
/// Fields that an element of an outermost list may have on one line.
const SHORT_FIELDS: usize = 3;
const STEP: usize = 4;

/// Writes a tree.
pub(super) fn print(tree: &Tree) -> String {
    let mut out = Printer { text: String::new() };
    out.comments(&tree.header, 0, true);
    if tree.blank {
        out.text.push('\n');
    }
    out.node(&tree.root, 0, 0, Place::Outermost);
    out.text.push('\n');
    out.comments(&tree.footer, 0, false);
    out.text
}

/// Writes a value without its comments on one line.
pub(super) fn inline(node: &Node) -> String {
    let mut out = Printer { text: String::new() };
    out.inline(node);
    out.text
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Outermost,
    /// The value of a field of the outermost value.
    Section,
    /// An element of a list in a section.
    Element,
    Elsewhere,
}

impl Place {
    fn inside(self, shape: Shape) -> Self {
        match (self, shape) {
            (Place::Outermost, _) => Place::Section,
            (Place::Section, Shape::List) => Place::Element,
            _ => Place::Elsewhere,
        }
    }
}

struct Printer {
    text: String,
}

impl Printer {
    fn indent(&mut self, level: usize) {
        self.text.extend(std::iter::repeat_n(' ', level * STEP));
    }

    /// Comments on lines of their own.
    fn comments(&mut self, comments: &[Comment], level: usize, mut first: bool) {
        for comment in comments {
            if comment.breaks > 1 && !first {
                self.text.push('\n');
            }
            first = false;
            self.indent(level);
            self.text.push_str(&comment.text);
            self.text.push('\n');
        }
    }

    /// Comments behind something on its line: those that run to its end come last and become one.
    fn behind(&mut self, comments: &[Comment]) {
        for of_line in [false, true] {
            for comment in comments.iter().filter(|c| c.line == of_line) {
                self.text.push(' ');
                self.text.push_str(&comment.text);
            }
        }
    }

    /// Writes a value; `used` columns of its first line are taken already, and one more follows it.
    fn node(&mut self, node: &Node, level: usize, used: usize, place: Place) {
        let block = match &node.value {
            Value::Literal(_, text) | Value::Word(text) => return self.text.push_str(text),
            Value::Block(block) => block,
        };
        let nothing = block.items.is_empty() && block.open.is_empty() && block.tail.is_empty();
        let long = match place {
            Place::Outermost => true,
            Place::Element => block.items.len() > SHORT_FIELDS && block.shape == Shape::Fields,
            Place::Section => block.shape == Shape::List && block.items.iter().any(|i| is_struct(&i.value)),
            Place::Elsewhere => false,
        };
        let room = WIDTH.saturating_sub(level * STEP + used + 1);
        if nothing || (!long && width(node, room).is_some()) {
            self.inline(node);
        } else {
            self.lines(block, level, place);
        }
    }

    fn lines(&mut self, block: &Block, level: usize, place: Place) {
        let (open, close) = brackets(block.shape);
        self.text.push_str(block.name.as_deref().unwrap_or_default());
        self.text.push(open);
        self.behind(&block.open);
        self.text.push('\n');
        let inside = place.inside(block.shape);
        for (i, item) in block.items.iter().enumerate() {
            let notes = item.notes.as_deref();
            let lead = notes.map_or(&[][..], |n| &n.lead);
            self.comments(lead, level + 1, i == 0);
            if item.blank && (i > 0 || !lead.is_empty()) {
                self.text.push('\n');
            }
            self.indent(level + 1);
            let mut used = 0;
            match &item.key {
                Key::None => {}
                Key::Name(name) => {
                    self.text.push_str(name);
                    self.text.push_str(": ");
                    used = name.chars().count() + 2;
                }
                Key::Value(key) => {
                    let start = self.text.len();
                    self.node(key, level + 1, 0, Place::Elsewhere);
                    self.text.push_str(": ");
                    used = self.text[start..].chars().count();
                }
            }
            self.node(&item.value, level + 1, used, inside);
            self.text.push(',');
            self.behind(notes.map_or(&[], |n| &n.trail));
            self.text.push('\n');
        }
        self.comments(&block.tail, level + 1, block.items.is_empty());
        self.indent(level);
        self.text.push(close);
    }

    fn inline(&mut self, node: &Node) {
        let block = match &node.value {
            Value::Literal(_, text) | Value::Word(text) => return self.text.push_str(text),
            Value::Block(block) => block,
        };
        let (open, close) = brackets(block.shape);
        self.text.push_str(block.name.as_deref().unwrap_or_default());
        self.text.push(open);
        for (i, item) in block.items.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            match &item.key {
                Key::None => {}
                Key::Name(name) => {
                    self.text.push_str(name);
                    self.text.push_str(": ");
                }
                Key::Value(key) => {
                    self.inline(key);
                    self.text.push_str(": ");
                }
            }
            self.inline(&item.value);
        }
        self.text.push(close);
    }
}

fn brackets(shape: Shape) -> (char, char) {
    match shape {
        Shape::Fields | Shape::Values => ('(', ')'),
        Shape::List => ('[', ']'),
        Shape::Map => ('{', '}'),
    }
}

/// The columns that a value takes on one line, if it may stand on one and keeps within the room. Looks no further
/// than the room.
fn width(node: &Node, room: usize) -> Option<usize> {
    let block = match &node.value {
        Value::Literal(_, text) | Value::Word(text) => {
            let long = text.len() > room * 4 || text.contains('\n');
            return Some(text.chars().count()).filter(|w| !long && *w <= room);
        }
        Value::Block(block) => block,
    };
    if !block.open.is_empty() || !block.tail.is_empty() {
        return None;
    }
    let mut used = block.name.as_deref().map_or(0, |n| n.chars().count()) + 2;
    for (i, item) in block.items.iter().enumerate() {
        let several = block.shape == Shape::Map || (block.shape == Shape::List && block.items.len() > 1);
        if is_noted(item) || (several && is_struct(&item.value)) {
            return None;
        }
        used += if i > 0 { 2 } else { 0 };
        used += match &item.key {
            Key::None => 0,
            Key::Name(name) => name.chars().count() + 2,
            Key::Value(key) => width(key, room.checked_sub(used)?)? + 2,
        };
        used += width(&item.value, room.checked_sub(used)?)?;
        if used > room {
            return None;
        }
    }
    (used <= room).then_some(used)
}

fn is_noted(item: &Item) -> bool {
    item.notes.as_deref().is_some_and(|n| !n.lead.is_empty() || !n.trail.is_empty())
}

fn is_struct(node: &Node) -> bool {
    node.as_block().is_some_and(|b| matches!(b.shape, Shape::Fields | Shape::Values) && b.name.is_none())
}
