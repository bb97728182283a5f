//! What people can ask of a match: look at it before it is applied, decide pairs, take an entity apart.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use trommel_model::{DecisionRow, RecordKey, Ruling};

use crate::Report;

/// What is matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchSubject {
    /// A match of the workspace, `layer.table`.
    Model(String),
    /// Files, by a written model or by one that is proposed.
    Files {
        /// The model.
        model: Option<PathBuf>,
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// About a match and its records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ReviewCommand {
    /// Looks at a match without applying it.
    Preview(PreviewRequest),
    /// Moves the threshold that is looked at by so many steps.
    Move(i32),
    /// Looks at a threshold by its place among the steps.
    Step(usize),
    /// Selects a pair in doubt.
    Select(usize),
    /// Decides the selected pair.
    Rule(Ruling),
    /// Takes the last decision back.
    Undo,
    /// Decides a pair by its records.
    Decide(DecideRequest),
    /// Writes the threshold that is looked at into the model.
    KeepThreshold,
    /// Writes a threshold into a model.
    Threshold {
        /// The match.
        model: String,
        /// From 0 to 1.
        threshold: f64,
    },
    /// Takes an entity apart.
    Unmerge(UnmergeRequest),
}

/// In place of the name of a KPI: every one that is made from the match.
pub const ALL_KPIS: &str = "all";

/// A match to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// What.
    pub subject: MatchSubject,
    /// What people know: a file of records with who they truly are (`source`, `id`, `entity`; of files `file`, `row`), or of pairs
    /// with whether they are one.
    pub labels: Option<PathBuf>,
    /// KPIs to be worked out before and after; [`ALL_KPIS`] stands for all that the match reaches.
    pub kpis: Vec<String>,
    /// Instead of the threshold of the model.
    pub threshold: Option<f64>,
    /// Where a report for the browser is written.
    pub html: Option<PathBuf>,
    /// What is told first.
    pub first: Foremost,
}

/// What of a preview is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Foremost {
    /// What comes of thresholds.
    Thresholds,
    /// Pairs in doubt.
    Pairs,
}

/// A pair to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideRequest {
    /// The match.
    pub model: String,
    /// One record.
    pub left: RecordKey,
    /// The other.
    pub right: RecordKey,
    /// What is decided.
    pub ruling: Ruling,
    /// Why.
    pub why: String,
}

/// An entity to be taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmergeRequest {
    /// The entity's id.
    pub entity: String,
    /// The match, when several could have made it.
    pub model: Option<String>,
    /// The records to take out, `source:id`; without any, each record becomes an entity of its own.
    pub records: Vec<String>,
    /// Why.
    pub why: String,
    /// Make what is stale again, and nothing else.
    pub run: bool,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The row as it was written.
    pub row: DecisionRow,
    /// For people.
    pub report: Report,
}
