//! Names of tables in the lake.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Code, Problem};

/// A table of the lake: its layer (a schema) and its name in it, written `layer.table`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    /// The schema of the lake: raw, clean, stage, mart, adhoc or one of the workspace's own.
    pub layer: String,
    /// The table within it.
    pub table: String,
}

impl TableName {
    /// A name from its two parts.
    pub fn new(layer: impl Into<String>, table: impl Into<String>) -> Self {
        Self { layer: layer.into(), table: table.into() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.layer, self.table)
    }
}

impl FromStr for TableName {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match text.split_once('.') {
            Some((layer, table)) if is_word(layer) && is_word(table) => Ok(Self::new(layer, table)),
            _ => Err(Problem::new(Code::BadConfig, format!("\"{text}\" is not a table name"))
                .next("write layer.table with letters, digits and _, for instance mart.revenue")),
        }
    }
}

impl TryFrom<String> for TableName {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<TableName> for String {
    fn from(name: TableName) -> Self {
        name.to_string()
    }
}

/// True for names that can be a file, a table and a TOML key alike.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_refuse_paths() {
        assert_eq!("mart.revenue".parse::<TableName>().unwrap().to_string(), "mart.revenue");
        for bad in ["", "mart", "mart.", ".x", "a.b.c", "a/b.c", "a.b c"] {
            assert!(bad.parse::<TableName>().is_err(), "{bad}");
        }
    }
}
