//! What the columns of a table have to do with each other.

use serde::{Deserialize, Serialize};

/// What was found out about a table as a whole. Columns are told by name; shares are from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Relations {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were looked at: every so many, or all.
    pub sampled: u64,
    /// Rows that equal an earlier one in all columns.
    pub duplicates: u64,
    /// Smallest sets of columns that tell all rows apart.
    pub keys: Vec<Vec<String>>,
    /// Columns that decide others.
    pub dependencies: Vec<FoundDependency>,
    /// Columns that go together, strongest first.
    pub correlations: Vec<Correlation>,
    /// Sets of columns that are missing together, most frequent first.
    pub missing: Vec<MissingTogether>,
}

/// One column decides another, with few rows against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundDependency {
    /// The deciding column.
    pub from: String,
    /// The decided column.
    pub to: String,
    /// Rows that contradict it.
    pub broken: u64,
    /// The first rows that contradict it, from 1.
    pub examples: Vec<u64>,
}

/// How two columns go together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// One column.
    pub a: String,
    /// The other.
    pub b: String,
    /// How it is measured.
    pub measure: CorrelationMeasure,
    /// From -1 to 1; for Cramér's V from 0 to 1.
    pub value: f64,
    /// Rows in which both have a value.
    pub rows: u64,
}

/// How going together is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationMeasure {
    /// Along a line, of two columns of numbers.
    Pearson,
    /// In the same order, of two columns of numbers.
    Spearman,
    /// Of two columns of few values: Cramér's V, corrected for chance.
    CramersV,
}

/// Columns that have no value in the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingTogether {
    /// The columns.
    pub columns: Vec<String>,
    /// Rows in which exactly these have no value.
    pub rows: u64,
}
