//! A cell that looks wrong, found without anybody saying what is right; and what was found about a table as a whole.

use serde::{Deserialize, Serialize};

/// A cell that looks wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The row, from 1; a header does not count.
    pub row: u64,
    /// The column; empty when the row as a whole is meant.
    pub column: String,
    /// The value as it stands.
    pub value: String,
    /// The rule it breaks, for instance `typo` or `dependency`.
    pub rule: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// What was expected, for people.
    #[serde(default)]
    pub reason: String,
    /// The value that should stand there, when the rule can tell.
    #[serde(default)]
    pub suggestion: Option<String>,
}

/// What was found in a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What was looked at.
    pub subject: String,
    /// Rows looked at.
    pub rows: u64,
    /// All cells that look wrong, told or not.
    #[serde(default)]
    pub found: u64,
    /// The cells, by row and column; of each rule and column the first ones.
    pub cells: Vec<Finding>,
    /// Remarks: how the table was read, what was left out.
    pub notes: Vec<String>,
}
