//! What brackets hold, handed to serde part by part: fields, entries, elements, and the content of a variant.

use std::collections::BTreeSet;

use serde::Deserializer;
use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{Reader, Step};
use crate::file::fault::Fault;
use crate::file::suggest;
use crate::file::tree::{Item, Key, Node, Shape};

/// The fields of a struct that it knows.
pub(super) struct Fields<'a, 'c> {
    pub(super) reader: Reader<'a, 'c>,
    /// Empty where any name is welcome.
    pub(super) fields: &'static [&'static str],
    pub(super) items: std::slice::Iter<'a, Item>,
    pub(super) value: Option<&'a Item>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let context = self.reader.context;
        for item in self.items.by_ref() {
            let Some(name) = item.name() else { continue };
            let is_root = std::ptr::eq(self.reader.node, context.root);
            if is_root && name == context.beside {
                continue;
            }
            if !self.fields.is_empty() && !self.fields.contains(&name) {
                let near = if context.may_suggest() { suggest::nearest(name, self.fields) } else { None };
                let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let what = format!("unknown field `{name}`: ignored and kept{help}");
                context.step(Step::Field(name, &item.value), || {
                    context.remark(item.value.at, what);
                    Ok(())
                })?;
                continue;
            }
            if context.settled.get() && context.unknown.borrow().contains_key(&item.value.at) {
                continue;
            }
            self.value = Some(item);
            let name: de::value::StrDeserializer<'_, Fault> = name.into_deserializer();
            return seed.deserialize(name).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some(item) = self.value.take() else {
            return Err(de::Error::custom("a value without its field"));
        };
        let step = Step::Field(item.name().unwrap_or_default(), &item.value);
        self.reader.context.step(step, || seed.deserialize(self.reader.at(&item.value)))
    }
}

pub(super) struct Entries<'a, 'c> {
    pub(super) reader: Reader<'a, 'c>,
    pub(super) items: std::slice::Iter<'a, Item>,
    pub(super) value: Option<(&'a Node, &'a Node)>,
    pub(super) seen: BTreeSet<String>,
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let Key::Value(key) = &item.key else { return Err(de::Error::custom("an entry without a key")) };
        if let Some(text) = key.as_text()
            && !self.seen.insert(text.into_owned())
        {
            let what = format!("the key {} is written twice", key.describe());
            return Err(self.reader.context.place(Fault::new(key.at, what, "take one of the two out")));
        }
        self.value = Some((key, &item.value));
        self.reader.context.step(Step::Entry(key, key), || seed.deserialize(self.reader.at(key))).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(de::Error::custom("a value without its key"));
        };
        self.reader.context.step(Step::Entry(key, value), || seed.deserialize(self.reader.at(value)))
    }
}

pub(super) struct Elements<'a, 'c> {
    pub(super) reader: Reader<'a, 'c>,
    pub(super) next: usize,
    pub(super) items: &'a [Item],
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let step = Step::Element(&item.value, self.next);
        self.next += 1;
        self.reader.context.step(step, || seed.deserialize(self.reader.at(&item.value))).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// A known variant and its content.
pub(super) struct Choice<'a, 'c> {
    pub(super) reader: Reader<'a, 'c>,
    pub(super) word: &'a str,
}

impl<'de> EnumAccess<'de> for Choice<'_, '_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let word: de::value::StrDeserializer<'_, Fault> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_, '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.reader.node.as_block() {
            Some(b) if !b.items.is_empty() => {
                Err(self.reader.wrong(&format!("`{}` alone", self.word), "take out the brackets behind it"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let reader = self.reader;
        match reader.node.as_block() {
            None => seed.deserialize(reader.at(reader.context.nothing)),
            Some(b) if b.shape == Shape::Values && b.items.len() == 1 => {
                seed.deserialize(reader.at(&b.items[0].value))
            }
            Some(_) => seed.deserialize(Reader { bare: true, ..reader }),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        Reader { bare: true, ..self.reader }.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let reader = self.reader;
        match reader.node.as_block() {
            None => reader.at(reader.context.nothing).structure("", fields, visitor),
            Some(_) => Reader { bare: true, ..reader }.structure("", fields, visitor),
        }
    }
}
