//! What a query did: its operators with their row counts, its memory and its time.

use std::collections::BTreeMap;

use duckdb::Connection;
use serde_json::Value;
use trommel_model::{Code, Outcome, Problem, RowCounts};

use crate::problem::{Asked, OrProblem};
use crate::{operators, sql};

/// A query that ran, as it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The operator whose rows are the query's result, with what it read from below it.
    pub root: Operator,
    /// Largest memory the engine's buffers held while it ran; queries that ran beside it are included.
    pub peak_bytes: u64,
    /// Wall time.
    pub elapsed_ms: u64,
}

/// One operator of an executed plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// DuckDB's name of it, for instance `HASH_JOIN`.
    pub name: String,
    /// Rows it handed up, counted by DuckDB as they passed.
    pub rows: u64,
    /// Rows of the files or tables it read, for scans: from the lake's catalogue, the files' own
    /// footers, or the table scan's own count.
    pub scanned: Option<u64>,
    /// What else DuckDB says of it: condition, join type, filters, files.
    pub extra: BTreeMap<String, String>,
    /// What it read from.
    pub children: Vec<Operator>,
}

impl Measured {
    /// Where the rows of the sources went, from the operators' own counts (see [`crate::operators`] in
    /// the source for each operator's equation). Fails when an operator's own equation does not hold.
    pub fn row_counts(&self) -> Outcome<RowCounts> {
        operators::row_counts(&self.root)
    }
}

/// Runs `text` under the profiler.
pub(crate) fn run(connection: &Connection, text: &str, asked: Asked<'_>) -> Outcome<Measured> {
    const BEFORE: &str = "EXPLAIN (ANALYZE, FORMAT json)\n";
    let asked = Asked { shift: asked.shift + BEFORE.len(), ..asked };
    let profile: String = connection.query_row(&format!("{BEFORE}{text}"), [], |row| row.get(1)).or_problem(asked)?;
    let profile: Value = serde_json::from_str(&profile)
        .map_err(|e| Problem::new(Code::Internal, "the engine's profile cannot be read").why(e.to_string()))?;
    let mut measured = of_profile(&profile);
    if measured.root.name.is_empty() {
        // DuckDB keeps no profile of a query that only lists values.
        let count = format!("SELECT count(*) FROM (\n{}\n)", sql::body(text));
        "COLUMN_DATA_SCAN".clone_into(&mut measured.root.name);
        measured.root.rows = connection.query_row(&count, [], |row| row.get::<_, i64>(0)).or_problem(asked)?.unsigned_abs();
    }
    Ok(measured)
}

fn of_profile(profile: &Value) -> Measured {
    let root = profile["operator"].get(0).map(operator).unwrap_or_default();
    Measured {
        root: result_of(root),
        peak_bytes: profile["system"]["peak_buffer_memory"].as_u64().unwrap_or_default(),
        elapsed_ms: (profile["query"]["total_time"].as_f64().unwrap_or_default() * 1_000.0).round() as u64,
    }
}

/// The operator whose rows are the result, below the ones that only collect or write them.
fn result_of(mut root: Operator) -> Operator {
    const SINKS: [&str; 6] = ["RESULT_COLLECTOR", "EXECUTE", "EXPLAIN_ANALYZE", "COPY_TO_FILE", "BATCH_COPY_TO_FILE", "CREATE_TABLE_AS"];
    while SINKS.contains(&root.name.as_str()) && root.children.len() == 1 {
        root = root.children.remove(0);
    }
    root
}

fn operator(node: &Value) -> Operator {
    let extra = node["extra_info"].as_object().map(|fields| fields.iter().map(|(k, v)| (k.clone(), flat(v))).collect());
    Operator {
        name: node["type"].as_str().unwrap_or_default().to_owned(),
        rows: node["intermediate_rows"].as_u64().unwrap_or_default(),
        scanned: node["rows_scanned"].as_u64(),
        extra: extra.unwrap_or_default(),
        children: node["children"].as_array().map(|nodes| nodes.iter().map(operator).collect()).unwrap_or_default(),
    }
}

/// Values of several lines come as lists.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(flat).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}
