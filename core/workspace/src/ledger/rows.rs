//! How values stand in the ledger's columns, and back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _};
use trommel_model::{CheckResult, LogLine, RowCounts, RunId, RunRecord, RunStatus, Severity, StepRecord, StepStatus};

use super::Score;

/// A count as SQLite keeps it.
pub(super) fn amount(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Text of several parts.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|e| sqlx::Error::Encode(e.into()))
}

/// The name of a plain enum's value, the same one that scripts see.
pub(super) fn word<T: Serialize>(value: &T) -> sqlx::Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(other) => Err(sqlx::Error::Encode(format!("{other} is not a name").into())),
        Err(e) => Err(sqlx::Error::Encode(e.into())),
    }
}

/// A run without its steps.
pub(super) fn run(row: &SqliteRow) -> sqlx::Result<RunRecord> {
    let status: &str = row.try_get("status")?;
    Ok(RunRecord {
        id: RunId(row.try_get("id")?),
        environment: row.try_get("environment")?,
        status: RunStatus::from_name(status).ok_or_else(|| strange("status", status))?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        snapshot: row.try_get::<Option<i64>, _>("snapshot")?.map(count),
        steps: Vec::new(),
        problem: optional_json(row, "problem")?,
    })
}

/// A step without its checks.
pub(super) fn step(row: &SqliteRow) -> sqlx::Result<StepRecord> {
    let status: &str = row.try_get("status")?;
    let number = |column| row.try_get::<i64, _>(column).map(count);
    Ok(StepRecord {
        name: row.try_get("name")?,
        kind: from_word(row, "kind")?,
        status: StepStatus::from_name(status).ok_or_else(|| strange("status", status))?,
        counts: RowCounts {
            rows_in: number("rows_in")?,
            rows_out: number("rows_out")?,
            filtered: number("filtered")?,
            merged: number("merged")?,
            expanded: number("expanded")?,
            quarantined: number("quarantined")?,
        },
        elapsed_ms: number("elapsed_ms")?,
        peak_bytes: number("peak_bytes")?,
        checks: Vec::new(),
        notes: from_json(row, "notes")?,
        problem: optional_json(row, "problem")?,
    })
}

/// A check with the name of its step.
pub(super) fn check(row: &SqliteRow) -> sqlx::Result<(String, CheckResult)> {
    let table: &str = row.try_get("table_name")?;
    Ok((
        row.try_get("step")?,
        CheckResult {
            table: table.parse().map_err(|_| strange("table_name", table))?,
            check: row.try_get("label")?,
            dimension: from_word(row, "dimension")?,
            action: from_word(row, "action")?,
            severity: if has(row, "severity") { from_word(row, "severity")? } else { Severity::Warning },
            owner: since_2(row, "owner")?.unwrap_or_default(),
            rows: count(row.try_get("rows")?),
            broken: count(row.try_get("broken")?),
            tolerated: since_2(row, "tolerated")?.map_or(0, count),
            value: since_2(row, "value")?,
            reason: since_2(row, "reason")?,
            examples: from_json(row, "examples")?,
        },
    ))
}

/// A score.
pub(super) fn score(row: &SqliteRow) -> sqlx::Result<Score> {
    Ok(Score {
        run: RunId(row.try_get("id")?),
        at: row.try_get("started_at")?,
        table: row.try_get("table_name")?,
        dimension: row.try_get("dimension")?,
        score: row.try_get("score")?,
        checks: count(row.try_get("checks")?),
        broken: count(row.try_get("broken")?),
    })
}

/// A line of a log.
pub(super) fn log_line(row: &SqliteRow) -> sqlx::Result<LogLine> {
    Ok(LogLine { at: row.try_get("at")?, step: row.try_get("step")?, text: row.try_get("text")? })
}

/// A column that version 1 does not have, in a file that can only be read.
fn since_2<'r, T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(row: &'r SqliteRow, column: &str) -> sqlx::Result<Option<T>> {
    if has(row, column) { row.try_get(column) } else { Ok(None) }
}

fn has(row: &SqliteRow, column: &str) -> bool {
    row.columns().iter().any(|c| c.name() == column)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn from_json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|_| strange(column, text))
}

fn optional_json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<Option<T>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| serde_json::from_str(text).map_err(|_| strange(column, text))).transpose()
}

fn from_word<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    let name: &str = row.try_get(column)?;
    serde_json::from_value(name.into()).map_err(|_| strange(column, name))
}

fn strange(column: &str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("\"{}\" cannot be a {column}", value.chars().take(60).collect::<String>()).into())
}
