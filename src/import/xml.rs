//! Elements of an XML text, with their lines and columns.
//!
//! Elements stand in a list in the order of their start tags, so that a parent always comes before its children and no depth
//! of nesting hurts. Entities that a document defines itself are not expanded, nothing is fetched, and sizes are bounded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements of one text at most.
const ELEMENTS_MAX: usize = 20_000_000;

/// Index of an element.
pub type ElementIndex = u32;

/// An element.
#[derive(Clone, Debug)]
pub struct Element<'t> {
    /// Its tag.
    pub name: &'t str,
    /// Names and values.
    pub attributes: Vec<(&'t str, Cow<'t, str>)>,
    /// Direct children.
    pub children: Vec<ElementIndex>,
    /// Byte at which its tag begins.
    pub at: usize,
}

impl Element<'_> {
    /// The value of an attribute, without space around it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| *n == name).map(|(_, v)| v.trim())
    }
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {text}")]
pub struct XmlError {
    /// The file, as it is called.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub text: String,
}

/// A text, read.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    /// What the file is called.
    pub file: &'t str,
    text: &'t str,
    /// Elements, parents before children; the first is the root.
    pub elements: Vec<Element<'t>>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// [`XmlError`] at the first place that is not well-formed, and where there is no element at all.
    pub fn read(file: &'t str, text: &'t str) -> Result<Self, XmlError> {
        let mut document = Self { file, text, elements: Vec::new() };
        let mut reader = Reader::from_str(text);
        let mut open: Vec<ElementIndex> = Vec::new();
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            let event = reader.read_event().map_err(|e| {
                let at = usize::try_from(reader.error_position()).unwrap_or(at);
                document.error(at, capital(&e.to_string()))
            })?;
            let (start, has_content) = match &event {
                Event::Start(start) => (start, true),
                Event::Empty(start) => (start, false),
                Event::End(_) => {
                    open.pop();
                    continue;
                }
                Event::Text(words) if open.is_empty() && words.iter().any(|b| !b.is_ascii_whitespace()) => {
                    return Err(document.error(at, "text outside of any element; is this an XML file?"));
                }
                Event::Eof => break,
                _ => continue,
            };
            let element = document.element(start, at)?;
            let new = document.elements.len() as ElementIndex;
            match open.last() {
                Some(parent) => document.elements[*parent as usize].children.push(new),
                None if new > 0 => return Err(document.error(at, "a second root element")),
                None => {}
            }
            document.elements.push(element);
            if document.elements.len() > ELEMENTS_MAX {
                return Err(document.error(at, format!("more than {ELEMENTS_MAX} elements")));
            }
            if has_content {
                open.push(new);
            }
        }
        if let Some(left) = open.last() {
            let left = &document.elements[*left as usize];
            return Err(document.error(left.at, format!("<{}> is never closed", left.name)));
        }
        if document.elements.is_empty() {
            return Err(document.error(0, "no element at all; is this an XML file?"));
        }
        Ok(document)
    }

    fn element(&self, start: &BytesStart<'_>, at: usize) -> Result<Element<'t>, XmlError> {
        let name = self.same(start.name().as_ref()).unwrap_or_default();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| self.error(at, format!("<{name}>: {e}")))?;
            let key = self.same(attribute.key.as_ref()).unwrap_or_default();
            let is_plain = |b: &u8| *b != b'&' && (*b == b' ' || !b.is_ascii_whitespace());
            let value = match self.same(&attribute.value) {
                Some(value) if value.bytes().all(|b| is_plain(&b)) => Cow::Borrowed(value),
                _ => Cow::Owned(
                    attribute
                        .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                        .map_err(|e| self.error(at, format!("<{name} {key}=…>: {e}")))?
                        .into_owned(),
                ),
            };
            attributes.push((key, value));
        }
        Ok(Element { name, attributes, children: Vec::new(), at })
    }

    /// Bytes that the reader borrowed from the text, as text.
    fn same(&self, bytes: &[u8]) -> Option<&'t str> {
        let start = (bytes.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        self.text.get(start..start.checked_add(bytes.len())?)
    }

    /// An error at a byte of the text.
    pub fn error(&self, at: usize, text: impl Into<String>) -> XmlError {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        XmlError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
            text: text.into(),
        }
    }
}

fn capital(text: &str) -> String {
    text.trim_start_matches("ill-formed document: ").trim_start_matches("syntax error: ").to_owned()
}
