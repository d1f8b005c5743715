//! RON as a lossless tree: every value with its place, every comment with what it belongs to.
//!
//! The grammar is that of RON 0.12 (github.com/ron-rs/ron, `docs/grammar.md`) without byte strings. Comments belong
//! to the item that follows them or, on the same line, to the item before; comments after the last item stay with
//! the brackets around them. Blank lines are kept as "one blank line before". All else about the layout is dropped:
//! the printer has one form.
//!
//! Bounded: [`BYTES_MAX`], [`DEPTH_MAX`] and [`VALUES_MAX`] hold before anything is built, so that no text can
//! exhaust stack or memory.

use super::fault::Fault;
use super::literal;
use super::tree::{Block, Comment, Item, Key, Literal, Node, Shape, Tree, Value};

/// The longest text that is read, in bytes.
pub const BYTES_MAX: usize = 16 << 20;
/// How deep values may nest. A journey of 64 steps one inside the other, the most a design holds, takes 134.
pub const DEPTH_MAX: usize = 160;
/// The most values that one text may hold.
pub const VALUES_MAX: usize = 1_000_000;
/// The most fields that one value may have.
pub const FIELDS_MAX: usize = 256;

/// Reads a text. With `root`, the value must be `root(…)` or `(…)`, which is known at the first letters.
pub(super) fn parse(text: &str, root: Option<&str>) -> Result<Tree, Fault> {
    if text.len() > BYTES_MAX {
        return Err(Fault::new(
            0,
            format!("the file has {} bytes, more than {BYTES_MAX}", text.len()),
            "split the design",
        ));
    }
    let mut parser = Parser { text, at: 0, depth: 0, values: 0 };
    let mut header = Vec::new();
    let mut breaks = parser.trivia(&mut header)?;
    if let Some(root) = root {
        parser.expect_root(root)?;
    }
    let mut inner = Vec::new();
    let value = parser.value(&mut inner)?;
    if !inner.is_empty() {
        breaks = 1;
    }
    header.append(&mut inner);
    let mut footer = Vec::new();
    parser.trivia(&mut footer)?;
    if parser.at < text.len() {
        return Err(Fault::new(
            parser.here(),
            format!("the value ends here, but {} follows", parser.found()),
            "take out what follows, or check the brackets before it",
        ));
    }
    let blank = breaks > 1 && !header.is_empty();
    Ok(Tree { header, blank, root: value, footer })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    values: usize,
}

impl<'a> Parser<'a> {
    fn here(&self) -> u32 {
        self.at as u32
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek_char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What stands here, for messages.
    fn found(&self) -> String {
        match self.peek_char() {
            None => "the end of the file".to_owned(),
            Some(c) if c.is_control() || c == char::REPLACEMENT_CHARACTER => format!("U+{:04X}", c as u32),
            Some(c) if c.is_alphanumeric() || c == '_' => {
                let word: String = self.rest().chars().take(40).take_while(|c| is_word(*c)).collect();
                format!("`{word}`")
            }
            Some(c) => format!("`{c}`"),
        }
    }

    fn expect_root(&self, root: &str) -> Result<(), Fault> {
        let rest = self.rest();
        let after = rest.strip_prefix(root).unwrap_or(rest);
        let follows = after.trim_start();
        // What stands between the name and the bracket is the parser's matter.
        if follows.starts_with('(') || (after.len() < rest.len() && follows.starts_with('/')) {
            return Ok(());
        }
        let help = format!("begin it with `{root}(` and end it with `)`");
        Err(Fault::new(self.here(), format!("expected `{root}(`, found {}", self.found()), help))
    }

    /// Skips white space and takes comments; returns the line breaks after the last of them, at most 2.
    fn trivia(&mut self, out: &mut Vec<Comment>) -> Result<u8, Fault> {
        let bytes = self.text.as_bytes();
        let mut breaks = 0u8;
        loop {
            match bytes.get(self.at) {
                Some(b'\n') => {
                    breaks = (breaks + 1).min(2);
                    self.at += 1;
                }
                Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c) => self.at += 1,
                Some(b'/') if self.rest().starts_with("//") => {
                    let end = self.rest().find('\n').map_or(self.text.len(), |i| self.at + i);
                    let text = self.text[self.at..end].trim_end();
                    out.push(Comment { text: text.into(), line: true, breaks });
                    breaks = 0;
                    self.at = end;
                }
                Some(b'/') if self.rest().starts_with("/*") => {
                    let start = self.at;
                    self.block_comment()?;
                    let text = self.text[start..self.at].replace("\r\n", "\n");
                    out.push(Comment { text: text.into(), line: false, breaks });
                    breaks = 0;
                }
                // Attributes such as `#![enable(implicit_some)]` ask of other readers what this one always does.
                Some(b'#') if self.rest().starts_with("#![") => {
                    let end = self.rest().find(']').map_or(self.text.len(), |i| self.at + i + 1);
                    let text = self.text[self.at..end].split_whitespace().collect::<Vec<_>>().join(" ");
                    out.push(Comment { text: text.into(), line: true, breaks });
                    breaks = 0;
                    self.at = end;
                }
                Some(0x80..) => match self.peek_char() {
                    Some(c) if c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}') => {
                        self.at += c.len_utf8();
                    }
                    _ => return Ok(breaks),
                },
                _ => return Ok(breaks),
            }
        }
    }

    fn block_comment(&mut self) -> Result<(), Fault> {
        let start = self.here();
        let bytes = self.text.as_bytes();
        let mut open = 0usize;
        while self.at < bytes.len() {
            match (bytes[self.at], bytes.get(self.at + 1)) {
                (b'/', Some(b'*')) => {
                    open += 1;
                    self.at += 2;
                }
                (b'*', Some(b'/')) => {
                    open -= 1;
                    self.at += 2;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => self.at += 1,
            }
        }
        Err(Fault::new(start, "this comment does not end", "close it with `*/`, once for each `/*`"))
    }

    /// A value; comments inside that belong to no item of it go to `lead`.
    fn value(&mut self, lead: &mut Vec<Comment>) -> Result<Node, Fault> {
        let at = self.here();
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(Fault::new(
                at,
                format!("the file holds more than {VALUES_MAX} values"),
                "split the design",
            ));
        }
        let value = match self.peek() {
            Some(b'(' | b'[' | b'{') => self.block(None)?,
            Some(b'"') => Value::Literal(Literal::Text, self.quoted(b'"')?.into()),
            Some(b'\'') => Value::Literal(Literal::Char, self.quoted(b'\'')?.into()),
            Some(b'r') if self.is_raw_text() => Value::Literal(Literal::Text, self.raw_text()?.into()),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number()?,
            _ => match self.word() {
                Some(word) => {
                    let after_word = self.at;
                    let mut between = Vec::new();
                    self.trivia(&mut between)?;
                    if self.peek() == Some(b'(') {
                        lead.append(&mut between);
                        self.block(Some(word))?
                    } else {
                        self.at = after_word;
                        Value::Word(word.into())
                    }
                }
                None => {
                    return Err(Fault::new(
                        at,
                        format!("expected a value, found {}", self.found()),
                        "write a value here, or check the brackets and commas before it",
                    ));
                }
            },
        };
        Ok(Node { at, value })
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let body = rest.strip_prefix("r#").filter(|b| b.starts_with(is_word_start)).unwrap_or(rest);
        if !body.starts_with(is_word_start) {
            return None;
        }
        let len = body.find(|c| !is_word(c)).unwrap_or(body.len());
        self.at += rest.len() - body.len() + len;
        Some(&body[..len])
    }

    fn is_raw_text(&self) -> bool {
        self.rest()[1..].trim_start_matches('#').starts_with('"')
    }

    fn raw_text(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let hashes = rest[1..].bytes().take_while(|b| *b == b'#').count();
        let end = format!("\"{}", "#".repeat(hashes));
        let body = &rest[hashes + 2..];
        let Some(len) = body.find(&end) else {
            return Err(Fault::new(self.here(), "this text does not end", format!("close it with `{end}`")));
        };
        let whole = &rest[..hashes + 2 + len + end.len()];
        self.at += whole.len();
        Ok(whole)
    }

    fn quoted(&mut self, mark: u8) -> Result<&'a str, Fault> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        while let Some(b) = bytes.get(at).filter(|b| **b != mark) {
            at += if *b == b'\\' { 2 } else { 1 };
        }
        if at >= bytes.len() {
            let (name, mark) = (if mark == b'"' { "text" } else { "character" }, char::from(mark));
            return Err(Fault::new(
                start as u32,
                format!("this {name} does not end"),
                format!("close it with `{mark}`"),
            ));
        }
        self.at = at + 1;
        let whole = &self.text[start..self.at];
        let sound =
            if mark == b'"' { literal::text(whole).is_some() } else { literal::character(whole).is_some() };
        if !sound {
            return Err(Fault::new(
                start as u32,
                "an escape in this text or the length of this character is wrong",
                "write \\\\ for a backslash; known are \\n \\r \\t \\0 \\\" \\' \\x41 \\u{1F600}",
            ));
        }
        Ok(whole)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let rest = self.rest();
        let mut before = ' ';
        let hex = rest.trim_start_matches(['+', '-']).starts_with("0x");
        let len = rest
            .char_indices()
            .find(|&(i, c)| {
                let sign = matches!(c, '+' | '-') && (i == 0 || (!hex && matches!(before, 'e' | 'E')));
                before = c;
                !(sign || is_word(c) || c == '.')
            })
            .map_or(rest.len(), |(i, _)| i);
        let written = &rest[..len.max(1)];
        if literal::number(written).is_none() {
            let not_finite = matches!(written.trim_start_matches(['+', '-']), "inf" | "NaN");
            let shown: String = written.chars().take(40).collect();
            let what = if not_finite {
                format!("expected a finite number, found {shown}")
            } else {
                format!("`{shown}` is not a number")
            };
            return Err(Fault::new(
                self.here(),
                what,
                "write a number such as 3 or 0.5, or put text in quotes",
            ));
        }
        self.at += len;
        Ok(Value::Literal(Literal::Number, written.into()))
    }

    fn block(&mut self, name: Option<&str>) -> Result<Value, Fault> {
        let start = self.here();
        if self.depth >= DEPTH_MAX {
            return Err(Fault::new(
                start,
                format!("values nest deeper than {DEPTH_MAX}"),
                "make the nesting flatter",
            ));
        }
        self.depth += 1;
        let (close, shape) = match self.peek() {
            Some(b'[') => (b']', Shape::List),
            Some(b'{') => (b'}', Shape::Map),
            _ => (b')', Shape::Values),
        };
        self.at += 1;
        let mut block = Block::new(shape, name);
        if let Err(mut fault) = self.items(&mut block, close, start) {
            fault.0.owner = block.id();
            return Err(fault);
        }
        self.depth -= 1;
        Ok(Value::Block(Box::new(block)))
    }

    fn items(&mut self, block: &mut Block, close: u8, start: u32) -> Result<(), Fault> {
        let mut comments = Vec::new();
        let mut breaks = self.trivia(&mut comments)?;
        block.open = same_line(&mut comments, breaks, false);
        loop {
            if self.peek() == Some(close) {
                self.at += 1;
                block.tail = comments;
                return Ok(());
            }
            if self.at >= self.text.len() || matches!(self.peek(), Some(b')' | b']' | b'}')) {
                return Err(self.unclosed(start, close));
            }
            let mut item = self.item(block, &mut comments)?;
            // A comment between the parts of an item leaves no blank line to speak of.
            item.blank = breaks > 1;
            if !comments.is_empty() {
                item.notes_mut().lead = std::mem::take(&mut comments);
            }
            breaks = self.trivia(&mut comments)?;
            if self.peek() == Some(b',') {
                self.at += 1;
                let before = std::mem::take(&mut comments);
                breaks = self.trivia(&mut comments)?;
                let mut trail = before;
                trail.append(&mut same_line(&mut comments, breaks, self.peek() == Some(close)));
                if !trail.is_empty() {
                    item.notes_mut().trail = trail;
                }
                block.items.push(item);
            } else {
                let trail = same_line(&mut comments, breaks, true);
                if !trail.is_empty() {
                    item.notes_mut().trail = trail;
                }
                let is_word = matches!(item.value.value, Value::Word(_));
                block.items.push(item);
                if self.peek() != Some(close) {
                    return Err(self.no_comma(start, close, is_word));
                }
            }
        }
    }

    fn item(&mut self, block: &mut Block, lead: &mut Vec<Comment>) -> Result<Item, Fault> {
        let key = match block.shape {
            Shape::Map => {
                let key = self.value(lead).map_err(|f| f.within_element(block.items.len()))?;
                self.trivia(lead)?;
                if self.peek() != Some(b':') {
                    let what =
                        format!("expected `:` after the key {}, found {}", key.describe(), self.found());
                    return Err(Fault::new(self.here(), what, "write each entry as `key: value`"));
                }
                self.at += 1;
                self.trivia(lead)?;
                Key::Value(Box::new(key))
            }
            Shape::List => Key::None,
            Shape::Fields | Shape::Values => match self.field_name(lead)? {
                Some((name, at)) => {
                    if block.shape == Shape::Values && !block.items.is_empty() {
                        let what = format!("the field `{name}` stands among values without names");
                        return Err(Fault::new(at, what, "name all of them or none"));
                    }
                    block.shape = Shape::Fields;
                    if block.items.len() >= FIELDS_MAX {
                        let what = format!("there are more than {FIELDS_MAX} fields in one value");
                        return Err(Fault::new(at, what, "take some out"));
                    }
                    if block.field(name).is_some() {
                        let what = format!("the field `{name}` is written twice");
                        return Err(Fault::new(at, what, "take one of the two out").within_field(name));
                    }
                    Key::Name(name.into())
                }
                None if block.shape == Shape::Fields => {
                    let what = format!("expected a field `name: value`, found {}", self.found());
                    return Err(Fault::new(
                        self.here(),
                        what,
                        "write the field's name, a colon and its value",
                    ));
                }
                None => Key::None,
            },
        };
        let position = block.items.len();
        let value = self.value(lead).map_err(|fault| match &key {
            Key::Name(name) => fault.within_field(name),
            Key::Value(key) => {
                let mut fault = fault;
                fault.0.owner = key.as_text().map(std::borrow::Cow::into_owned);
                fault.within_element(position)
            }
            Key::None => fault.within_element(position),
        })?;
        Ok(Item::new(key, value))
    }

    /// The name of a field and its colon, if that is what stands here.
    fn field_name(&mut self, lead: &mut Vec<Comment>) -> Result<Option<(&'a str, u32)>, Fault> {
        let start = self.at;
        if self.peek() == Some(b'r') && self.is_raw_text() {
            return Ok(None);
        }
        let Some(name) = self.word() else { return Ok(None) };
        let mut between = Vec::new();
        self.trivia(&mut between)?;
        if self.peek() != Some(b':') {
            self.at = start;
            return Ok(None);
        }
        self.at += 1;
        self.trivia(&mut between)?;
        lead.append(&mut between);
        Ok(Some((name, start as u32)))
    }

    fn unclosed(&self, start: u32, close: u8) -> Fault {
        let line = self.text[..start as usize].bytes().filter(|b| *b == b'\n').count() + 1;
        let open = char::from(self.text.as_bytes()[start as usize]);
        let what = format!("the `{open}` of line {line} is not closed, found {}", self.found());
        Fault::new(self.here(), what, format!("add the missing `{}`", char::from(close)))
    }

    fn no_comma(&self, start: u32, close: u8, after_word: bool) -> Fault {
        if self.at >= self.text.len() || matches!(self.peek(), Some(b')' | b']' | b'}')) {
            return self.unclosed(start, close);
        }
        let what = format!("expected `,` or `{}`, found {}", char::from(close), self.found());
        let help = match self.peek() {
            Some(b'-') if after_word => "write names with `_` instead of `-`",
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'"' | b'_') => "put a comma before it",
            _ => "check the brackets and commas before it",
        };
        Fault::new(self.here(), what, help)
    }
}

/// Takes the comments that stand on the line before them; all of them only when that line ends behind them.
fn same_line(comments: &mut Vec<Comment>, breaks: u8, closes: bool) -> Vec<Comment> {
    let len = comments.iter().position(|c| c.breaks > 0).unwrap_or(comments.len());
    if len == comments.len() && breaks == 0 && !closes {
        return Vec::new();
    }
    comments.drain(..len).collect()
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
