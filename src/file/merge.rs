//! A changed design laid over the text it came from.
//!
//! Three trees: what stands in the file, the canonical tree of the design as it was read, and that of the design as
//! it is now. Where the latter two agree the file's own words stay; where they differ the new value takes their place
//! and the comments around it stay. List elements are recognised by what names them (`id`, `name`, `finding`,
//! `title`, `link`), else by their value, else by their position. Unknown fields and values that were not understood
//! stay until what holds them is removed.
//!
//! The result has the fields in the order of the types, unknown ones after them, defaults left out. A default that
//! somebody commented on stays: the comment is the reason why it was written.

use std::collections::{BTreeMap, VecDeque};

use super::decode::Marks;
use super::print;
use super::tree::{Block, Item, Key, Node, Shape, Value};

/// Lays `now` over `file`, of which `then` is the canonical form.
pub(super) fn merge(file: &Node, then: &Node, now: &Node, marks: &Marks) -> Node {
    Merge { marks }.node(file, Some(then), now)
}

struct Merge<'a> {
    marks: &'a Marks,
}

impl Merge<'_> {
    fn node(&self, file: &Node, then: Option<&Node>, now: &Node) -> Node {
        if self.stays(file, then, now) {
            return file.clone();
        }
        match (&file.value, &now.value) {
            // `Some(3)` in the file, `3` in canonical form.
            (Value::Block(old), _) if let Some(item) = some(old) => self.node(&item.value, then, now),
            (Value::Block(old), Value::Block(new)) => {
                let then = then.and_then(Node::as_block);
                let merged = match one_pair(old, new) {
                    Some((at, old)) => self.block(at, &old, then, new),
                    None => self.block(file.at, old, then, new),
                };
                merged.map_or_else(|| now.clone(), |b| Node { at: file.at, value: Value::Block(Box::new(b)) })
            }
            (Value::Literal(..), Value::Literal(..)) | (Value::Word(_), Value::Word(_))
                if then == Some(now) =>
            {
                file.clone()
            }
            // Also a variant with its brackets left out.
            _ => now.clone(),
        }
    }

    /// Whether it was not understood and nobody has changed what was taken in its place.
    fn stays(&self, file: &Node, then: Option<&Node>, now: &Node) -> bool {
        self.marks.ignored.contains(&file.at) && then == Some(now)
    }

    fn block(&self, at: u32, old: &Block, then: Option<&Block>, new: &Block) -> Option<Block> {
        let round = |b: &Block| matches!(b.shape, Shape::Fields | Shape::Values);
        let fits = old.shape == new.shape
            || (round(old) && round(new) && (old.items.is_empty() || new.items.is_empty()));
        let is_variant = |b: &Block| b.name.as_deref().is_some_and(|n| n.starts_with(char::is_lowercase));
        if !fits || (old.name != new.name && (is_variant(old) || is_variant(new))) {
            return None;
        }
        let items = match new.shape {
            Shape::Fields | Shape::Values if old.shape == Shape::Fields || new.shape == Shape::Fields => {
                self.fields(at, old, then, new)
            }
            Shape::Values | Shape::List => self.list(old, then, new)?,
            Shape::Map => self.map(old, then, new),
            Shape::Fields => Vec::new(),
        };
        let shape = match (new.shape, items.first()) {
            (Shape::Fields | Shape::Values, Some(item)) if item.name().is_some() => Shape::Fields,
            (Shape::Fields, None) => Shape::Values,
            (shape, _) => shape,
        };
        Some(Block { shape, name: new.name.clone(), items, open: old.open.clone(), tail: old.tail.clone() })
    }

    fn fields(&self, at: u32, old: &Block, then: Option<&Block>, new: &Block) -> Vec<Item> {
        let known = self.marks.fields.get(&at).copied().unwrap_or_default();
        let mut placed: Vec<(usize, Item)> = Vec::with_capacity(old.items.len().max(new.items.len()));
        // Canonical trees have their fields in the order of the type, so that a name is found near the last one.
        let rank = |name: &str| known.iter().position(|k| *k == name).map(|i| i + 1);
        for item in &old.items {
            let name = item.name().unwrap_or_default();
            let was = then.and_then(|b| b.field(name)).map(|i| &i.value);
            let kept = match (new.field(name), rank(name), was) {
                (Some(is), ..) => Some(self.item(item, was, is)),
                (None, None, _) => Some(item.clone()),
                (None, Some(_), None) => self.kept_default(item),
                (None, Some(_), Some(_)) => self.kept_unknown(item),
            };
            let last = if new.field(name).is_some() { 0 } else { usize::MAX };
            placed.extend(kept.map(|item| (rank(name).unwrap_or(last), item)));
        }
        for item in &new.items {
            let name = item.name().unwrap_or_default();
            if old.field(name).is_none() {
                placed.push((rank(name).unwrap_or(0), item.clone()));
            }
        }
        // A value whose type never was at hand takes the order of the new tree.
        if known.is_empty() {
            let order = |item: &Item| new.items.iter().position(|n| n.name() == item.name());
            placed.iter_mut().for_each(|(rank, item)| *rank = order(item).unwrap_or(usize::MAX));
        }
        placed.sort_by_key(|(rank, _)| *rank);
        placed.into_iter().map(|(_, item)| item).collect()
    }

    /// What stays of a known field that has its default: it goes, unless something hangs on it.
    fn kept_default(&self, item: &Item) -> Option<Item> {
        if !self.has_keepsake(item, true) {
            return None;
        }
        let mut kept = item.clone();
        if let Value::Block(block) = &mut kept.value.value
            && let Some(known) = self.marks.fields.get(&item.value.at)
        {
            let is_known = |i: &Item| i.name().is_some_and(|n| known.contains(&n));
            block.items = block
                .items
                .iter()
                .filter_map(|i| if is_known(i) { self.kept_default(i) } else { Some(i.clone()) })
                .collect();
            if block.items.is_empty() {
                block.shape = Shape::Values;
            }
        }
        Some(kept)
    }

    /// What stays of a field that the change set to its default: what this version does not know of.
    fn kept_unknown(&self, item: &Item) -> Option<Item> {
        if self.marks.optional.contains(&item.value.at) || !self.has_keepsake(item, false) {
            return None;
        }
        let known = self.marks.fields.get(&item.value.at)?;
        let mut kept = item.clone();
        let Value::Block(block) = &mut kept.value.value else { return None };
        // What was unknown of a variant goes with the variant: without its own fields it could not be read again.
        if block.name.is_some() {
            return None;
        }
        block.items = block
            .items
            .iter()
            .filter_map(|i| match i.name() {
                Some(name) if known.contains(&name) => {
                    if self.marks.ignored.contains(&i.value.at) {
                        Some(i.clone())
                    } else {
                        self.kept_unknown(i)
                    }
                }
                _ => Some(i.clone()),
            })
            .collect();
        // What was unknown went with an element of a list or map that is gone: an empty rest says nothing.
        if block.items.is_empty() && block.open.is_empty() && block.tail.is_empty() {
            return None;
        }
        Some(kept)
    }

    /// Whether a comment, an unknown field or a value that was not understood is in it.
    fn has_keepsake(&self, item: &Item, comments: bool) -> bool {
        let noted = item.notes.as_deref().is_some_and(|n| !n.lead.is_empty() || !n.trail.is_empty());
        if (comments && noted) || self.marks.ignored.contains(&item.value.at) {
            return true;
        }
        let Some(block) = item.value.as_block() else { return false };
        if comments && !(block.open.is_empty() && block.tail.is_empty()) {
            return true;
        }
        let known = self.marks.fields.get(&item.value.at);
        block.items.iter().any(|i| {
            let unknown = known.is_some_and(|k| i.name().is_some_and(|n| !k.contains(&n)));
            unknown || self.has_keepsake(i, comments)
        })
    }

    fn list(&self, old: &Block, then: Option<&Block>, new: &Block) -> Option<Vec<Item>> {
        let before = then.map_or(&[][..], |b| &b.items);
        if old.items.len() != before.len() {
            return None;
        }
        let partners = partners(before, &new.items);
        let items = new.items.iter().zip(partners).map(|(item, partner)| match partner {
            Some(i) => self.item(&old.items[i], Some(&before[i].value), item),
            None => item.clone(),
        });
        Some(items.collect())
    }

    fn map(&self, old: &Block, then: Option<&Block>, new: &Block) -> Vec<Item> {
        let entry = |item: &Item| match &item.key {
            Key::Value(key) => key.as_text().map(std::borrow::Cow::into_owned),
            _ => None,
        };
        let index = |block: &Block| -> BTreeMap<String, usize> {
            block.items.iter().enumerate().filter_map(|(i, item)| Some((entry(item)?, i))).collect()
        };
        let (in_file, in_then) = (index(old), then.map(index).unwrap_or_default());
        let items = new.items.iter().map(|item| {
            let key = entry(item);
            let place = |index: &BTreeMap<String, usize>| index.get(key.as_deref()?).copied();
            match place(&in_file) {
                Some(i) => {
                    let was = place(&in_then).and_then(|i| Some(&then?.items[i].value));
                    self.item(&old.items[i], was, item)
                }
                None => item.clone(),
            }
        });
        items.collect()
    }

    /// An item with its comments; those inside brackets that go (`Some( /* why */ 3)`) come along.
    fn item(&self, file: &Item, then: Option<&Node>, now: &Item) -> Item {
        let value = self.node(&file.value, then, &now.value);
        let mut kept = Item { key: file.key.clone(), value, blank: file.blank, notes: file.notes.clone() };
        if self.stays(&file.value, then, &now.value) {
            return kept;
        }
        let mut value = &file.value;
        while let Some(block) = value.as_block()
            && let Some(inner) = some(block)
        {
            let notes = inner.notes.clone().unwrap_or_default();
            let comments = block.open.iter().cloned().chain(notes.lead).chain(notes.trail);
            let mut comments: Vec<_> = comments.chain(block.tail.iter().cloned()).collect();
            if !comments.is_empty() {
                kept.notes_mut().lead.append(&mut comments);
            }
            value = &inner.value;
        }
        kept
    }
}

/// The content of `Some(…)`.
fn some(block: &Block) -> Option<&Item> {
    let is_some =
        block.name.as_deref() == Some("Some") && block.shape == Shape::Values && block.items.len() == 1;
    is_some.then(|| &block.items[0])
}

/// A variant with a second pair of brackets around its fields, as RON writes it without extensions: the fields in
/// one pair, with the place of the inner one, and every comment.
fn one_pair(old: &Block, new: &Block) -> Option<(u32, Block)> {
    let empty_or_fields = |b: &Block| b.shape == Shape::Fields || b.items.is_empty();
    let [item] = &old.items[..] else { return None };
    let inner = item.value.as_block()?;
    let doubled = old.shape == Shape::Values && old.name.is_some() && old.name == new.name;
    if !doubled || inner.name.is_some() || !empty_or_fields(inner) || !empty_or_fields(new) {
        return None;
    }
    let mut block = inner.clone();
    block.name = old.name.clone();
    let notes = item.notes.clone().unwrap_or_default();
    block.tail.extend(notes.trail.into_iter().chain(old.tail.iter().cloned()));
    let lead: Vec<_> = old.open.iter().cloned().chain(notes.lead).collect();
    match block.items.first_mut() {
        Some(first) if !lead.is_empty() => {
            first.notes_mut().lead.splice(0..0, lead);
        }
        _ => {
            block.tail.splice(0..0, lead);
        }
    }
    Some((item.value.at, block))
}

/// For each new element the old one that it continues: the one of the same name, or of the same value, or, among
/// structs without a name, the next one that is left.
fn partners(before: &[Item], after: &[Item]) -> Vec<Option<usize>> {
    let key = |item: &Item| match item.value.as_block() {
        Some(block) => block.id().map(|id| (true, id)).unwrap_or_else(|| (false, print::inline(&item.value))),
        None => (true, print::inline(&item.value)),
    };
    let mut by_key: BTreeMap<(bool, String), VecDeque<usize>> = BTreeMap::new();
    for (i, item) in before.iter().enumerate() {
        by_key.entry(key(item)).or_default().push_back(i);
    }
    let keys: Vec<_> = after.iter().map(key).collect();
    let mut found: Vec<Option<usize>> =
        keys.iter().map(|k| by_key.get_mut(k).and_then(VecDeque::pop_front)).collect();
    let mut left: Vec<usize> =
        by_key.into_iter().filter(|((named, _), _)| !named).flat_map(|(_, left)| left).collect();
    left.sort_unstable();
    let mut left = left.into_iter();
    for (partner, (named, _)) in found.iter_mut().zip(&keys) {
        if partner.is_none() && !named {
            *partner = left.next();
        }
    }
    found
}
