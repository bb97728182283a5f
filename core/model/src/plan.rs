//! What a run would do and why, before it does it.

use serde::{Deserialize, Serialize};

/// Steps in an order in which they can run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// The steps; each stands after those it depends on.
    pub steps: Vec<PlanStep>,
}

/// Part of what sources have, to be read again: by the cursor of a table, or by the day in a file's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRange {
    /// The first value; from the beginning without it.
    pub from: Option<String>,
    /// The value before which it ends; to the end without it.
    pub to: Option<String>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// The table it makes, `layer.table`.
    pub name: String,
    /// What kind of step it is.
    pub kind: StepKind,
    /// Whether it would run.
    pub decision: Decision,
    /// Why, in words.
    pub why: String,
    /// Names of the steps that must be done before.
    pub depends_on: Vec<String>,
}

/// Kinds of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A source is read into `raw`.
    Ingest,
    /// A SQL model.
    Sql,
    /// A recipe.
    Recipe,
    /// Entity resolution.
    Match,
    /// Rows are written back to a database or a file.
    Write,
}

/// Whether a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It runs.
    Run,
    /// Nothing it depends on has changed.
    Skip,
}

impl ReadRange {
    /// `2024-01-01 to 2024-02-01`, with dots for an open end.
    pub fn shown(&self) -> String {
        let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "…".to_owned());
        format!("{} to {}", end(&self.from), end(&self.to))
    }
}

impl StepKind {
    /// The kind's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Sql => "sql",
            Self::Recipe => "recipe",
            Self::Match => "match",
            Self::Write => "write",
        }
    }
}
