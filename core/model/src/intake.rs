//! What is to be taken into a workspace, before it is written there: a source, a connection; and what was found out about either.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{ConnectionSpec, Field, FileFormat, Masked, Problem, SourceSpec, Window};

/// A source that is to be written to `sources/NAME.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewSource {
    /// Its name; empty to take it from what is read.
    pub name: String,
    /// The file to read; nothing for a table of a connection.
    pub file: Option<PathBuf>,
    /// What is told of it; whatever is not told stays to be sniffed.
    pub spec: SourceSpec,
    /// Whether the columns that were found become the contract.
    pub contract: Contract,
}

/// Whether the columns that a file has now are what every later file must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// Nothing is expected.
    #[default]
    None,
    /// The columns and types found are expected.
    AsFound,
}

/// A connection that is to be written to `trommel.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewConnection {
    /// The connection.
    pub spec: ConnectionSpec,
    /// What is done about one of that name.
    pub existing: Existing,
    /// The password, when it was typed: it is kept outside of the workspace, which says where.
    pub password: Option<Masked>,
}

/// What is done about something of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// There must be none.
    Refuse,
    /// It is changed to what is said now.
    Replace,
}

/// Whether something is written, or only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DryRun {
    /// It is only shown.
    Yes,
    /// It is written.
    No,
}

/// Text that was written into a workspace, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// What was added: `source orders`.
    pub what: String,
    /// The source's name, when it is one.
    pub source: Option<String>,
    /// Each file with its text as it is now.
    pub files: Vec<AddedFile>,
    /// Remarks, among them how to take it back.
    pub notes: Vec<String>,
}

/// One file of an [`Added`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedFile {
    /// Its path within the workspace.
    pub path: String,
    /// What is new in it: the whole text of a new file, the table that was added to an old one.
    pub text: String,
    /// True when the file was there before.
    pub existed: bool,
}

/// What a file holds and how it is written: found out, or told.
#[derive(Debug, Clone, PartialEq)]
pub struct FileFacts {
    /// Its format.
    pub format: FileFormat,
    /// How it is written, one property each, under the names they are told by.
    pub found: Vec<FoundOption>,
    /// Its columns, each with the type that all its values bear.
    pub columns: Vec<Field>,
    /// Its rows, where they were counted.
    pub rows: Option<u64>,
    /// The first rows.
    pub first: Window,
    /// Remarks, each one sentence.
    pub notes: Vec<String>,
}

/// One thing that was made out about how a file is written.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundOption {
    /// The name it is told by, such as `delimiter`.
    pub name: &'static str,
    /// What was made out, as one would tell it; empty for nothing.
    pub value: String,
    /// How sure we are, from 0 to 1; nothing where the file does not say either way.
    pub sure: Option<f64>,
    /// Other values it could have, as far as they are known.
    pub choices: Vec<String>,
}

/// A table or view of a connection's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteTable {
    /// Its name with its schema, where there are schemas.
    pub name: String,
    /// `table`, `view` …
    pub kind: String,
    /// How many rows the database believes it has.
    pub rows: Option<u64>,
    /// The columns of its primary key.
    pub key: Vec<String>,
}

/// One stage of trying a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialStage {
    /// What: `name`, `reach`, `TLS`, `authentication`, `privilege`, `one row`.
    pub name: String,
    /// How long it took.
    pub elapsed_ms: f64,
    /// What was found, or why not.
    pub outcome: Result<String, Problem>,
}

impl FoundOption {
    /// Something made out from so much evidence: each piece of it halves what doubt there is.
    pub fn by_evidence(name: &'static str, value: impl Into<String>, pieces: usize) -> Self {
        let sure = (pieces > 0).then(|| 1.0 - 0.5_f64.powi(i32::try_from(pieces).unwrap_or(i32::MAX)));
        Self { name, value: value.into(), sure, choices: Vec::new() }
    }

    /// Something that was told, or that the file says itself.
    pub fn certain(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), sure: Some(1.0), choices: Vec::new() }
    }

    /// The same with the values it could have.
    #[must_use]
    pub fn or(mut self, choices: Vec<String>) -> Self {
        self.choices = choices;
        self
    }
}

impl fmt::Display for RemoteTable {
    /// `table, about 1,203 rows, key id`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if let Some(rows) = self.rows {
            write!(f, ", about {rows} rows")?;
        }
        if !self.key.is_empty() {
            write!(f, ", key {}", self.key.join(", "))?;
        }
        Ok(())
    }
}

/// The nearest name a table of the lake and a file may have: letters, digits and `_`, not beginning with a digit.
pub fn as_word(text: &str) -> String {
    let mut word = String::new();
    for c in text.trim().chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.ends_with('_') && !word.is_empty() {
            word.push('_');
        }
    }
    let word = word.trim_end_matches('_');
    match word.chars().next() {
        None => "data".to_owned(),
        Some(c) if c.is_numeric() => format!("t_{word}"),
        Some(_) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_of_names() {
        for (text, expected) in [
            ("Orders 2024 (final)", "orders_2024_final"),
            ("2024-sales", "t_2024_sales"),
            ("Straße & Co", "straße_co"),
            ("___", "data"),
            ("ok", "ok"),
        ] {
            assert_eq!(as_word(text), expected);
        }
    }

    #[test]
    fn evidence_halves_doubt() {
        assert_eq!(FoundOption::by_evidence("x", "", 0).sure, None);
        assert_eq!(FoundOption::by_evidence("x", "", 2).sure, Some(0.75));
    }
}
