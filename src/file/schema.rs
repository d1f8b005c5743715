//! The JSON Schema of a design file, for editors and for programs that write designs.
//!
//! It describes the values; RON spells them with round brackets and bare names where JSON has objects and texts.

use serde_json::{Map, Value, json};

use super::migrate::{FIELD, FORMAT};
use crate::design::Design;

/// The JSON Schema (draft 2020-12) of a design file of the present format.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Design).to_value();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let mut ordered = Map::new();
        ordered.insert(
            FIELD.to_owned(),
            json!({
                "description": "The format of the file; absent is 1. A higher one than this is refused.",
                "type": "integer",
                "minimum": 1,
                "maximum": FORMAT,
                "default": 1,
            }),
        );
        ordered.append(properties);
        *properties = ordered;
    }
    schema
}
