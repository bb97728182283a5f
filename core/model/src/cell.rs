//! One value of a table as a face shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value. Temporal and decimal values carry their exact text form (ISO 8601, plain digits).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// Whole number.
    Integer(i64),
    /// Floating point number.
    Float(f64),
    /// Anything else, as exact text.
    Text(String),
}

impl Cell {
    /// The value as text; null is the empty text.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// The value as a number, when it is or reads as one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(i) => Some(*i as f64),
            Self::Float(x) => Some(*x),
            Self::Text(t) => t.parse().ok(),
            Self::Null | Self::Boolean(_) => None,
        }
    }

    /// True for no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Float(x) => write!(f, "{x}"),
            Self::Text(t) => f.write_str(t),
        }
    }
}
