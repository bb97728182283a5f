//! A model: anything that makes a table.

use serde::{Deserialize, Serialize};

use crate::{CheckSpec, MatchSpec, Recipe, TableName};

/// A model of the workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    /// The table it makes: the folder under `models/` is the layer, the file's name the table.
    pub name: TableName,
    /// Where it is written, relative to the workspace.
    pub path: String,
    /// What makes the table.
    pub kind: ModelKind,
    /// Whether the result is stored or computed on reading.
    pub materialise: Materialise,
    /// What it is, for people.
    pub description: String,
    /// Who answers for it.
    pub owner: String,
    /// Columns that identify a row.
    pub keys: Vec<String>,
    /// Rules on the result.
    pub checks: Vec<CheckSpec>,
}

/// The three kinds of model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// A SELECT with `ref('layer.table')`.
    Sql(SqlModel),
    /// Ordered steps.
    Recipe(Recipe),
    /// Entity resolution.
    Match(MatchSpec),
}

/// The text of a SQL model without its front matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlModel {
    /// The SELECT.
    pub sql: String,
    /// Line of the file on which `sql` starts, from 1.
    pub first_line: u64,
}

/// Whether a model's result is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Materialise {
    /// Stored in the lake, replaced by each run.
    #[default]
    Table,
    /// Computed when read.
    View,
}

impl ModelKind {
    /// The kind's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Recipe(_) => "recipe",
            Self::Match(_) => "match",
        }
    }
}
