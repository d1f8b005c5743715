//! Stable ids: slugs minted once from a name and then pinned.
//!
//! Components, zones, links, causes and journeys share one namespace within a design, so that an element can be
//! named by its id alone (`--down orders-db`). An instance is named from its component: `web/2` (replica 2), or
//! `orders-db/2/1` (shard 2, replica 1) where the component is sharded; both count from 1.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest id that is accepted, in bytes.
pub const ID_BYTES_MAX: usize = 64;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; validation judges its form.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether nothing has been named.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                String::json_schema(generator)
            }
        }
    };
}

id_type! {
    /// Names a component.
    ComponentId
}
id_type! {
    /// Names a zone.
    ZoneId
}
id_type! {
    /// Names a link.
    LinkId
}
id_type! {
    /// Names a cause.
    CauseId
}
id_type! {
    /// Names a journey.
    JourneyId
}
id_type! {
    /// Names any element of a design: a component, an instance (`web/2`), a zone, a link or a cause.
    ElementId
}

impl From<&ComponentId> for ElementId {
    fn from(id: &ComponentId) -> Self {
        Self(id.0.clone())
    }
}
impl From<&ZoneId> for ElementId {
    fn from(id: &ZoneId) -> Self {
        Self(id.0.clone())
    }
}
impl From<&LinkId> for ElementId {
    fn from(id: &LinkId) -> Self {
        Self(id.0.clone())
    }
}
impl From<&CauseId> for ElementId {
    fn from(id: &CauseId) -> Self {
        Self(id.0.clone())
    }
}

/// The slug of a name: lower case, letters and digits of any script kept, everything else one hyphen.
///
/// Empty names give `item`. The result is at most [`ID_BYTES_MAX`] bytes.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if out.len() + c.len_utf8() > ID_BYTES_MAX - 4 {
            break;
        }
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    if out.is_empty() { "item".to_owned() } else { out }
}

/// Whether a text can be an id: one to [`ID_BYTES_MAX`] bytes of letters, digits, `-`, `_` and `.`.
///
/// `/` and `:` are kept for instance names and command-line prefixes.
pub fn is_valid_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= ID_BYTES_MAX
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
