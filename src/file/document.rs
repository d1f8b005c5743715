//! A design together with the text it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::decode::{self, Marks};
use super::disk::{self, Previous, SaveError};
use super::draft;
use super::encode;
use super::fault::{Fault, FileError, Lines, Location, Warning};
use super::merge;
use super::migrate::{self, FIELD, FORMAT};
use super::print;
use super::syntax;
use super::tree::{Block, Item, Key, Node, Shape, Tree, Value};
use crate::design::{Design, Problem};

/// The name that a design bears in its file.
pub(super) const ROOT: &str = "Design";

/// A design and its text: comments, unknown fields and the author's own spelling are kept through every edit.
///
/// The document remembers the design as it was read; [`Document::render`] carries the differences to a changed
/// design over into the text.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) shown_name: String,
    pub(super) path: Option<PathBuf>,
    pub(super) text: String,
    /// What stood on disk when it was read or last saved, as a digest.
    pub(super) on_disk: Option<u64>,
    lines: Lines,
    tree: Tree,
    marks: Marks,
    design: Design,
    warnings: Vec<Warning>,
    /// Where each element begins.
    places: BTreeMap<String, u32>,
}

impl Document {
    /// Reads a design file.
    ///
    /// # Errors
    /// When the file cannot be read, is not a design, or is a design with a [`Problem`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FileError> {
        Self::open_unchecked(path)?.checked()
    }

    /// Reads a design file even if the design has problems; see [`Document::first_problem`].
    ///
    /// # Errors
    /// When the file cannot be read or is not a design.
    pub fn open_unchecked(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let text = disk::read(path)?;
        let mut document = Self::parse_unchecked(&text, &path.display().to_string())?;
        document.on_disk = Some(disk::digest(text.as_bytes()));
        document.path = Some(path.to_owned());
        Ok(document)
    }

    /// Reads the text of a design; `shown_name` is the file's name in messages.
    ///
    /// # Errors
    /// When the text is not a design, or is a design with a [`Problem`].
    pub fn parse(text: &str, shown_name: &str) -> Result<Self, FileError> {
        Self::parse_unchecked(text, shown_name)?.checked()
    }

    /// Reads the text of a design even if the design has problems; see [`Document::first_problem`].
    ///
    /// # Errors
    /// When the text is not a design.
    pub fn parse_unchecked(text: &str, shown_name: &str) -> Result<Self, FileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let lines = Lines::of(&text);
        match read(&text) {
            Ok((tree, decoded)) => {
                let warnings = decoded.remarks.into_iter().map(|remark| {
                    let Location { line, column } = lines.locate(&text, remark.at);
                    Warning { line, column, path: remark.path, what: remark.what }
                });
                Ok(Self {
                    shown_name: shown_name.to_owned(),
                    path: None,
                    on_disk: None,
                    warnings: warnings.collect(),
                    places: places(&tree.root),
                    marks: decoded.marks,
                    design: decoded.value,
                    tree,
                    lines,
                    text,
                })
            }
            Err(fault) => Err(fault.into_error(shown_name, &text, &lines)),
        }
    }

    /// A document for a design that no file holds yet.
    pub fn new(design: Design) -> Self {
        let tree = Tree { header: Vec::new(), blank: false, root: canonical(&design), footer: Vec::new() };
        let text = print::print(&tree);
        // A number that is not one cannot be read back; then there is no text to point into.
        Self::parse_unchecked(&text, "new design").unwrap_or_else(|_| Self {
            shown_name: "new design".to_owned(),
            path: None,
            on_disk: None,
            warnings: Vec::new(),
            places: BTreeMap::new(),
            marks: Marks::default(),
            lines: Lines::of(""),
            text: String::new(),
            tree,
            design,
        })
    }

    fn checked(self) -> Result<Self, FileError> {
        self.first_problem().map_or(Ok(self), Err)
    }

    /// The first [`Problem`] of the design as read, with its place.
    pub fn first_problem(&self) -> Option<FileError> {
        self.design.problems().into_iter().next().map(|problem| self.place(problem))
    }

    fn place(&self, problem: Problem) -> FileError {
        let at = find(&self.tree.root, &problem.path);
        let mut fault = Fault::new(at, problem.what, problem.help);
        fault.0.path = problem.path;
        fault.into_error(&self.shown_name, &self.text, &self.lines)
    }

    /// The design as read.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What was not understood, in the order of the text.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The text as read, without a byte-order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The name of the file in messages.
    pub fn shown_name(&self) -> &str {
        &self.shown_name
    }

    /// The text of a changed design in canonical form, with everything of the present text that still applies.
    pub fn render(&self, design: &Design) -> String {
        let root = merge::merge(&self.tree.root, &canonical(&self.design), &canonical(design), &self.marks);
        let (header, footer) = (self.tree.header.clone(), self.tree.footer.clone());
        print::print(&Tree { header, blank: self.tree.blank, root, footer })
    }

    /// Whether somebody else has written the file since it was read or saved. A file that is gone has not changed.
    pub fn is_changed_on_disk(&self) -> bool {
        match (&self.path, self.on_disk) {
            (Some(path), Some(known)) => disk::digest_of(path).is_ok_and(|now| now != known),
            _ => false,
        }
    }

    /// Writes a changed design to the document's file, keeps the text before it as `<name>.bak` and discards the
    /// draft. The document is then that of the changed design.
    ///
    /// # Errors
    /// [`SaveError::ChangedOnDisk`] when somebody else has written the file in the meantime; [`SaveError::NoFile`]
    /// when it has none; others when it cannot be written. The file and the document are then as before.
    pub fn save(&mut self, design: &Design) -> Result<(), SaveError> {
        let path = self.path.clone().ok_or(SaveError::NoFile)?;
        if self.is_changed_on_disk() {
            return Err(SaveError::ChangedOnDisk { path });
        }
        self.save_as(design, path)
    }

    /// Like [`Document::save`], over whatever somebody else has written.
    ///
    /// # Errors
    /// As [`Document::save`], but for the change on disk.
    pub fn save_over(&mut self, design: &Design) -> Result<(), SaveError> {
        let path = self.path.clone().ok_or(SaveError::NoFile)?;
        self.save_as(design, path)
    }

    /// Writes a changed design to a file, over what stands there, and makes it the document's file.
    ///
    /// # Errors
    /// When the file cannot be written; file and document are then as before.
    pub fn save_as(&mut self, design: &Design, path: impl AsRef<Path>) -> Result<(), SaveError> {
        let path = path.as_ref();
        let text = self.render(design);
        // Nothing is written that could not be opened again.
        let shown_name = path.display().to_string();
        let mut next = Self::parse_unchecked(&text, &shown_name).map_err(SaveError::Unreadable)?;
        if canonical(&next.design) != canonical(design) {
            let lines = Lines::of(&text);
            let fault =
                Fault::new(0, "the text would say something else than the design", "report this as a defect");
            return Err(SaveError::Unreadable(fault.into_error(&shown_name, &text, &lines)));
        }
        disk::write(path, &text, Previous::Kept, &mut |_| Ok(()))?;
        for file in self.path.iter().map(PathBuf::as_path).chain([path]) {
            // A draft that stays is offered once more: a nuisance, no loss.
            let _ = draft::discard(file);
        }
        next.path = Some(path.to_owned());
        next.on_disk = Some(disk::digest(text.as_bytes()));
        *self = next;
        Ok(())
    }

    /// Where an element stands in the text as read: by its id (`web`, `orders-db/2/1`) or by an element path
    /// (`components[web].replicas`). Of a path the innermost part that is written counts.
    pub fn locate(&self, element: &str) -> Option<Location> {
        if self.text.is_empty() {
            return None;
        }
        let id = element.split_once(':').map_or(element, |(_, id)| id);
        let whole = id.split('/').next().unwrap_or(id);
        let at = match self.places.get(element).or_else(|| self.places.get(whole)) {
            Some(at) => *at,
            None if element.contains(['.', '[']) || self.tree.root.as_block()?.field(element).is_some() => {
                find(&self.tree.root, element)
            }
            None => return None,
        };
        Some(self.lines.locate(&self.text, at))
    }
}

/// Tree and design of a text.
fn read(text: &str) -> Result<(Tree, decode::Decoded<Design>), Fault> {
    let mut tree = syntax::parse(text, Some(ROOT))?;
    migrate::migrate(&mut tree.root)?;
    let decoded = decode::decode(&tree.root, FIELD)?;
    Ok((tree, decoded))
}

/// The canonical tree of a design.
fn canonical(design: &Design) -> Node {
    let mut root = encode::encode(design).expect("the types of a design can always be written");
    if let Value::Block(block) = &mut root.value {
        block.name = Some(ROOT.into());
        block.shape = Shape::Fields;
        block.items.insert(0, Item::new(Key::Name(FIELD.into()), migrate::format_value(FORMAT)));
    }
    root
}

/// Where the elements that have ids begin; of a doubled id, the first.
fn places(root: &Node) -> BTreeMap<String, u32> {
    let mut places = BTreeMap::new();
    for section in ["zones", "components", "links", "causes", "journeys"] {
        let items = root.as_block().and_then(|b| b.field(section)?.value.as_block()).map(|b| &b.items);
        for node in items.into_iter().flatten().map(|i| &i.value) {
            if let Some(id) = node.as_block().and_then(|b| b.field("id")?.value.as_text()) {
                places.entry(id.into_owned()).or_insert(node.at);
            }
        }
    }
    places
}

/// The innermost part of an element path that is written.
fn find(root: &Node, path: &str) -> u32 {
    let mut at = root.at;
    let mut node = root;
    let mut rest = path;
    while !rest.is_empty() {
        let next = if let Some(key) = rest.strip_prefix('[') {
            let (key, after) = key.split_once(']').unwrap_or((key, ""));
            rest = after;
            // Whoever complains about a doubled id means the second.
            element(node, key, rest == ".id")
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            rest = after;
            let field = |name| inner(node).and_then(|b| Some(&b.field(name)?.value));
            // The steps of a step are its `then`.
            field(name).or_else(|| if name == "steps" { field("then") } else { None })
        };
        match next {
            Some(found) => {
                node = found;
                at = node.at;
            }
            None => break,
        }
    }
    at
}

fn element<'a>(node: &'a Node, key: &str, last: bool) -> Option<&'a Node> {
    let block = inner(node)?;
    let position = key.strip_prefix('#').and_then(|n| n.parse::<usize>().ok()?.checked_sub(1));
    let is_it = |item: &Item| match (&item.key, item.value.as_block()) {
        (Key::Value(name), _) => name.as_text().as_deref() == Some(key),
        (_, Some(element)) => element.id().unwrap_or_default() == key,
        (_, None) => item.value.as_text().as_deref() == Some(key),
    };
    let mut found = block.items.iter().filter(|i| is_it(i)).map(|i| &i.value);
    let first = found.next();
    let second = if last { found.next() } else { None };
    second.or(first).or_else(|| Some(&block.items.get(position?)?.value))
}

/// The block of a value, through `Some` and through the outer brackets of a variant.
fn inner(node: &Node) -> Option<&Block> {
    let block = node.as_block()?;
    match (&block.items[..], &block.name) {
        ([only], Some(_)) if block.shape == Shape::Values => inner(&only.value),
        _ => Some(block),
    }
}
