//! A query's result in bounded memory, in batches worth handling.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use duckdb::Connection;
use duckdb::core::{LogicalTypeHandle, LogicalTypeId};
use trommel_model::{Cancel, Code, Outcome, Problem};

use crate::problem::{Asked, OrProblem};
use crate::types::MARK;

/// DuckDB hands over 2,048 rows at a time; handling is cheaper by this many.
const BATCH_ROWS: usize = 16_384;

/// Runs the query and hands its batches to `each`; gives the schema, also of an empty result.
pub(crate) fn run(
    connection: &Connection,
    asked: Asked<'_>,
    cancel: &Cancel,
    each: &mut dyn FnMut(RecordBatch) -> Outcome<()>,
) -> Outcome<SchemaRef> {
    run_text(connection, asked.sql, asked, cancel, each)
}

/// Like [`run`], for a text of ours around what a person asked.
pub(crate) fn run_text(
    connection: &Connection,
    text: &str,
    asked: Asked<'_>,
    cancel: &Cancel,
    each: &mut dyn FnMut(RecordBatch) -> Outcome<()>,
) -> Outcome<SchemaRef> {
    let mut statement = connection.prepare(text).or_problem(asked)?;
    let marks: Vec<_> = (0..statement.column_count()).map(|i| mark(&statement.column_logical_type(i))).collect();
    let mut chunks = statement.stream_arrow([]).or_problem(asked)?;
    let schema = marked(&chunks.get_schema(), &marks);
    let mut held: Vec<RecordBatch> = Vec::new();
    let mut rows = 0;
    let mut hand_over = |held: &mut Vec<RecordBatch>| -> Outcome<()> {
        if held.is_empty() {
            return Ok(());
        }
        let batch = concat_batches(&schema, held.iter())
            .map_err(|e| Problem::new(Code::Internal, "the engine's batches do not fit together").why(e.to_string()))?;
        held.clear();
        each(batch)
    };
    for chunk in chunks.by_ref() {
        cancel.check()?;
        let chunk = chunk.or_problem(asked)?;
        if chunk.num_rows() == 0 {
            continue;
        }
        // Columns come back from the C interface with a schema of their own; the result's names and marks win.
        let chunk = RecordBatch::try_new(schema.clone(), chunk.columns().to_vec()).unwrap_or(chunk);
        rows += chunk.num_rows();
        held.push(chunk);
        if rows >= BATCH_ROWS {
            hand_over(&mut held)?;
            rows = 0;
        }
    }
    cancel.check()?;
    hand_over(&mut held)?;
    Ok(schema)
}

/// What Arrow cannot say of a column's type.
fn mark(logical_type: &LogicalTypeHandle) -> Option<&'static str> {
    match logical_type.id() {
        LogicalTypeId::Varchar if logical_type.get_alias().is_some_and(|alias| alias == "JSON") => Some("json"),
        LogicalTypeId::Uuid => Some("uuid"),
        LogicalTypeId::Hugeint => Some("int128"),
        LogicalTypeId::UHugeint => Some("uint128"),
        LogicalTypeId::TimeTZ => Some("timetz"),
        _ => None,
    }
}

fn marked(schema: &SchemaRef, marks: &[Option<&'static str>]) -> SchemaRef {
    if marks.iter().all(Option::is_none) {
        return schema.clone();
    }
    let fields = schema.fields().iter().enumerate().map(|(i, field)| match marks.get(i).copied().flatten() {
        Some(mark) => Arc::new(field.as_ref().clone().with_metadata(HashMap::from([(MARK.to_owned(), mark.to_owned())]))),
        None => field.clone(),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
