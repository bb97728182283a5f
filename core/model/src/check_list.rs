//! The checks of a workspace with how they stand, and checks that are proposed.

use serde::{Deserialize, Serialize};

use crate::{CheckResult, CheckSpec, TableName};

/// A check with what came of it last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckState {
    /// The table.
    pub table: TableName,
    /// The rule as a short label.
    pub label: String,
    /// The check.
    pub spec: CheckSpec,
    /// What came of it last; nothing for one that was never applied.
    pub result: Option<CheckResult>,
    /// The run that applied it, or `now`.
    #[serde(default)]
    pub run: Option<String>,
    /// The scores of the table in this dimension of quality, run by run, oldest first.
    #[serde(default)]
    pub trend: Vec<f64>,
}

impl CheckState {
    /// True when it was applied and is broken.
    pub fn is_broken(&self) -> bool {
        self.result.as_ref().is_some_and(CheckResult::is_broken)
    }

    /// How it stands, in a word.
    pub fn word(&self) -> &'static str {
        match &self.result {
            None => "not applied",
            Some(result) if result.is_broken() => "broken",
            Some(_) => "holds",
        }
    }
}

/// A check that a profile suggests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckProposal {
    /// The rule as a short label.
    pub label: String,
    /// What speaks for it.
    pub support: String,
    /// Its keys as TOML, without the head `[[checks]]`.
    pub text: String,
}

/// Checks that were written into the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecksAdded {
    /// The table they are about.
    pub table: String,
    /// The file, relative to the workspace.
    pub file: String,
    /// What stood in it; nothing for a new file.
    pub before: Option<String>,
    /// What stands in it.
    pub after: String,
    /// The checks, by label.
    pub labels: Vec<String>,
}
