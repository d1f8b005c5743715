//! From values to the tree in its canonical form: a serde serializer.
//!
//! A present option is written plainly, a variant that holds a struct takes its fields into its own brackets
//! (`primary_backup(sync: sync)`), numbers are as short as they can be. What serde skips is left out.

use serde::ser::{self, Serialize, Serializer};

use super::fault::Fault;
use super::literal;
use super::tree::{Block, Item, Key, Literal, NOWHERE, Node, Shape, Value};

/// The tree of a value.
///
/// # Errors
/// When the value's own `Serialize` fails; the types of a design never do.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Node, Fault> {
    value.serialize(Writer)
}

impl ser::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Fault::new(NOWHERE, message.to_string(), "")
    }
}

struct Writer;

fn number(text: String) -> Result<Node, Fault> {
    Ok(Node::new(Value::Literal(Literal::Number, text.into())))
}

fn text(text: &str) -> Node {
    Node::new(Value::Literal(Literal::Text, literal::quote(text).into()))
}

fn field(name: &str, value: Node) -> Item {
    Item::new(Key::Name(name.into()), value)
}

macro_rules! whole_numbers {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, v: $type) -> Result<Node, Fault> {
            number(v.to_string())
        })*
    };
}

impl Serializer for Writer {
    type Ok = Node;
    type Error = Fault;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    whole_numbers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_bool(self, v: bool) -> Result<Node, Fault> {
        Ok(Node::word(if v { "true" } else { "false" }))
    }

    fn serialize_f32(self, v: f32) -> Result<Node, Fault> {
        number(literal::write_real(v))
    }

    fn serialize_f64(self, v: f64) -> Result<Node, Fault> {
        number(literal::write_real(v))
    }

    fn serialize_char(self, v: char) -> Result<Node, Fault> {
        let written = match v {
            '\'' => "'\\''".to_owned(),
            '"' => "'\"'".to_owned(),
            _ => format!("'{}'", literal::quote(v.encode_utf8(&mut [0; 4])).trim_matches('"')),
        };
        Ok(Node::new(Value::Literal(Literal::Char, written.into())))
    }

    fn serialize_str(self, v: &str) -> Result<Node, Fault> {
        Ok(text(v))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<Node, Fault> {
        v.serialize(self)
    }

    fn serialize_none(self) -> Result<Node, Fault> {
        Ok(Node::word("None"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, Fault> {
        Ok(Node::block(Block::new(Shape::Values, None)))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Fault> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, Fault> {
        Ok(Node::word(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Node, Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Fault> {
        let mut inner = value.serialize(self)?;
        if let Value::Block(block) = &mut inner.value
            && block.name.is_none()
            && (block.shape == Shape::Fields || (block.shape == Shape::Values && block.items.is_empty()))
        {
            block.name = Some(variant.into());
            return Ok(inner);
        }
        let mut block = Block::new(Shape::Values, Some(variant));
        block.items.push(Item::new(Key::None, inner));
        Ok(Node::block(block))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::List, None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Values, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Values, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Values, Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Map, None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Values, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        Ok(Parts::new(Shape::Values, Some(variant)))
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<Node, Fault> {
        Ok(text(&value.to_string()))
    }
}

/// A block under way.
struct Parts {
    block: Block,
    key: Option<Node>,
}

impl Parts {
    fn new(shape: Shape, name: Option<&str>) -> Self {
        Self { block: Block::new(shape, name), key: None }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.block.items.push(Item::new(Key::None, value.serialize(Writer)?));
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Fault> {
        self.block.shape = Shape::Fields;
        self.block.items.push(field(name, value.serialize(Writer)?));
        Ok(())
    }

    fn done(self) -> Result<Node, Fault> {
        Ok(Node::block(self.block))
    }
}

macro_rules! elements {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for Parts {
            type Ok = Node;
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.element(value)
            }

            fn end(self) -> Result<Node, Fault> {
                self.done()
            }
        })*
    };
}

elements! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Parts {
            type Ok = Node;
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
                self.field(name, value)
            }

            fn end(self) -> Result<Node, Fault> {
                self.done()
            }
        })*
    };
}

fields! { SerializeStruct, SerializeStructVariant }

impl ser::SerializeMap for Parts {
    type Ok = Node;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key = Some(key.serialize(Writer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let key = self.key.take().ok_or_else(|| Fault::new(NOWHERE, "a value without its key", ""))?;
        self.block.items.push(Item::new(Key::Value(Box::new(key)), value.serialize(Writer)?));
        Ok(())
    }

    fn end(self) -> Result<Node, Fault> {
        self.done()
    }
}
