//! Quantities with their units, written in a design as short text: `"300 ms"`, `"18 GB"`, `"200/s"`.
//!
//! Each type holds one base unit and prints the largest unit that stays exact to three decimals, so that a value
//! written by a person comes back as it was written. A bare number is read in the base unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A text that is not a quantity of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct BadQuantity {
    text: String,
    wanted: &'static str,
}

/// Splits `"1.5 GB"` into a finite non-negative number and its unit text.
fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || *c == '_' || (*i == 0 && *c == '+')))
        .map_or(text.len(), |(i, _)| i);
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    (number.is_finite() && number >= 0.0).then(|| (number, text[end..].trim()))
}

/// Prints with at most three decimals and no trailing zeros.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// The largest unit in which the value is at least 1 and loses nothing at three decimals.
fn best_unit(value: f64, units: &[(f64, &'static str)]) -> (f64, &'static str) {
    for &(factor, unit) in units.iter().rev() {
        let scaled = value / factor;
        if scaled >= 1.0 && ((scaled * 1000.0).round() / 1000.0 * factor - value).abs() <= value * 1e-12 {
            return (scaled, unit);
        }
    }
    (value / units[0].0, units[0].1)
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $spaced:literal, [$($factor:expr => $unit:literal),+ $(,)?], [$($alias:literal => $afactor:expr),* $(,)?]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl $name {
            const UNITS: &'static [(f64, &'static str)] = &[$(($factor, $unit)),+];

            /// The value in the base unit.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (value, unit) = best_unit(self.0, Self::UNITS);
                let space = if $spaced { " " } else { "" };
                write!(f, "{}{space}{unit}", short(value))
            }
        }

        impl FromStr for $name {
            type Err = BadQuantity;
            fn from_str(text: &str) -> Result<Self, BadQuantity> {
                let bad = || BadQuantity { text: text.to_owned(), wanted: $wanted };
                let (number, unit) = number_and_unit(text).ok_or_else(bad)?;
                let factor = match unit {
                    "" => Self::UNITS[0].0,
                    $($unit => $factor,)+
                    $($alias => $afactor,)*
                    _ => return Err(bad()),
                };
                Ok(Self(number * factor))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($wanted)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_f64<E: de::Error>(self, value: f64) -> Result<$name, E> {
                        if value.is_finite() && value >= 0.0 {
                            Ok($name(value * $name::UNITS[0].0))
                        } else {
                            Err(E::custom(format!("{value} is not {}", $wanted)))
                        }
                    }
                    fn visit_u64<E: de::Error>(self, value: u64) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                    fn visit_i64<E: de::Error>(self, value: i64) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                }
                deserializer.deserialize_any(Visitor)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": ["string", "number"], "description": concat!("Text such as ", $wanted) })
            }
        }
    };
}

quantity! {
    /// A length of time; the base unit is the millisecond.
    Millis, "a time such as \"300 ms\", \"2 s\", \"5 min\", \"6 h\" or \"30 d\"", true,
    [1.0 => "ms", 1e3 => "s", 60e3 => "min", 3600e3 => "h", 86_400e3 => "d"],
    ["us" => 1e-3, "µs" => 1e-3, "m" => 60e3, "days" => 86_400e3, "y" => 365.0 * 86_400e3]
}

quantity! {
    /// An amount of data; the base unit is the byte, prefixes are decimal.
    Bytes, "a size such as \"512 B\", \"64 MB\" or \"18 GB\"", true,
    [1.0 => "B", 1e3 => "kB", 1e6 => "MB", 1e9 => "GB", 1e12 => "TB", 1e15 => "PB"],
    ["KB" => 1e3, "KiB" => 1024.0, "MiB" => 1048576.0, "GiB" => 1073741824.0]
}

quantity! {
    /// How fast data grows; the base unit is bytes a day.
    BytesPerDay, "a growth such as \"18 GB/day\"", true,
    [1.0 => "B/day", 1e3 => "kB/day", 1e6 => "MB/day", 1e9 => "GB/day", 1e12 => "TB/day"],
    ["B" => 1.0, "MB" => 1e6, "GB" => 1e9, "TB" => 1e12]
}

quantity! {
    /// How often something happens; the base unit is once a second.
    PerSecond, "a rate such as \"200/s\" or \"12k/s\"", false,
    [1.0 => "/s", 1e3 => "k/s", 1e6 => "M/s"],
    ["per second" => 1.0, "/min" => 1.0 / 60.0, "/h" => 1.0 / 3600.0]
}

quantity! {
    /// A network speed; the base unit is the bit a second.
    BitsPerSecond, "a bandwidth such as \"100 Mbit/s\" or \"10 Gbit/s\"", true,
    [1.0 => "bit/s", 1e3 => "kbit/s", 1e6 => "Mbit/s", 1e9 => "Gbit/s"],
    []
}

impl Millis {
    /// As a standard duration.
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs_f64((self.0 / 1e3).max(0.0))
    }

    /// In seconds.
    pub fn secs(self) -> f64 {
        self.0 / 1e3
    }
}
