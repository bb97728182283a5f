//! A part of a table that a face can hold, however large the table is.

use serde::{Deserialize, Serialize};

use crate::{Cell, Schema};

/// Consecutive rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// The columns.
    pub schema: Schema,
    /// Position of the first row in the table under its present sort and filter, from 0.
    pub offset: u64,
    /// The rows, each as long as the schema.
    pub rows: Vec<Vec<Cell>>,
}

/// How many rows there are, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowCount {
    /// Exactly this many.
    Known(u64),
    /// This many have been seen; there may be more.
    AtLeast(u64),
}

/// One column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortKey {
    /// The column.
    pub column: String,
    /// Which way.
    pub order: Order,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Smallest first, nulls last.
    Ascending,
    /// Largest first, nulls last.
    Descending,
}

impl RowCount {
    /// The number without its certainty.
    pub fn number(self) -> u64 {
        match self {
            Self::Known(n) | Self::AtLeast(n) => n,
        }
    }
}
