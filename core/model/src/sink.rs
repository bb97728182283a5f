//! A sink: where rows of the lake are written back to, as `sinks/NAME.toml` says it.

use serde::{Deserialize, Serialize};

/// What is written where, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkSpec {
    /// The name; the step of a run is `sink.NAME`. Set from the file's name.
    #[serde(skip)]
    pub name: String,
    /// What it is for, for people.
    #[serde(default)]
    pub description: String,
    /// The table that is written, `layer.table`.
    #[serde(default)]
    pub from: Option<String>,
    /// A SELECT with `ref('layer.table')` that is written instead of a whole table.
    #[serde(default)]
    pub query: Option<String>,
    /// Line of the file on which `query` starts, from 1.
    #[serde(skip)]
    pub query_line: u64,
    /// The connection in `trommel.toml`; without one, `path` is relative to the workspace.
    #[serde(default)]
    pub connection: Option<String>,
    /// The table of the database that is written to, with its schema where it has one.
    #[serde(default)]
    pub table: Option<String>,
    /// The file that is written; its ending says as what. With `partition` it is a folder.
    #[serde(default)]
    pub path: Option<String>,
    /// What becomes of the rows that are there.
    #[serde(default)]
    pub mode: WriteMode,
    /// The columns that name a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// What happens to a row that does not fit the table it is written to.
    #[serde(default)]
    pub on_bad: OnMisfit,
    /// Columns whose values become folders, for Parquet: `year=2024/…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<String>,
}

/// What becomes of the rows that a target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteMode {
    /// They go; afterwards the target has the new rows and no others.
    #[default]
    Replace,
    /// They stay, the new rows join them.
    Append,
    /// They stay, but for those whose key comes again: these become the new ones.
    Upsert,
}

/// What to do with a row that does not fit its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMisfit {
    /// Nothing is written; the fault names column, row and value.
    #[default]
    Fail,
    /// Hold the row, with the reason, and write the others.
    Quarantine,
}

/// Endings of the files a sink can write.
pub const SINK_ENDINGS: &[&str] = &["csv", "json", "jsonl", "ndjson", "parquet", "xlsx", "arrow"];

impl WriteMode {
    /// The name `mode = …` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Append => "append",
            Self::Upsert => "upsert",
        }
    }

    /// What it does to its target: `replaces`, `adds to`, `updates`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Replace => "replaces",
            Self::Append => "adds to",
            Self::Upsert => "updates",
        }
    }
}

impl SinkSpec {
    /// The file that says it, relative to the workspace.
    pub fn file(&self) -> String {
        format!("sinks/{}.toml", self.name)
    }

    /// Where it leads, for people: `public.customers at crm`, `out/customers.csv`.
    pub fn destination(&self) -> String {
        let what = self.table.as_deref().or(self.path.as_deref()).unwrap_or_default();
        match &self.connection {
            Some(connection) => format!("{what} at {connection}"),
            None => what.to_owned(),
        }
    }
}
