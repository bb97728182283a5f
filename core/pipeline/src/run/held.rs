//! Held rows on their way into the quarantine of a table.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use trommel_engine::lake::{DataFile, Lake, TableWriter};
use trommel_model::{Code, Outcome, Problem, QuarantinedRow, RunId, TableName};

use crate::graph::quarantine_of;

/// Rows kept in memory before they are written.
const CHUNK: usize = 100_000;

/// Collects the rows held from one table, or from one file of a source.
pub(super) struct Held<'l> {
    lake: &'l Lake,
    table: TableName,
    run: RunId,
    source_file: Option<String>,
    waiting: Vec<QuarantinedRow>,
    writer: Option<TableWriter>,
    rows: u64,
}

/// The columns of every quarantine.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("table"),
        text("stage"),
        text("source"),
        text("file"),
        Field::new("line", DataType::Int64, true),
        text("field"),
        text("rule"),
        text("reason"),
        text("raw"),
        text("run"),
        text("waits_for"),
        text("waiting_since"),
        text("wait_until"),
    ]))
}

impl<'l> Held<'l> {
    /// An empty one for rows held from `table`.
    pub fn new(lake: &'l Lake, table: &TableName, run: &RunId, source_file: Option<String>) -> Self {
        Self { lake, table: quarantine_of(table), run: run.clone(), source_file, waiting: Vec::new(), writer: None, rows: 0 }
    }

    /// Adds rows.
    pub fn add(&mut self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.rows += rows.len() as u64;
        self.waiting.extend(rows);
        if self.waiting.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Outcome<Vec<DataFile>> {
        self.flush()?;
        let file = self.writer.take().map(TableWriter::finish).transpose()?.flatten();
        Ok(file
            .into_iter()
            .map(|f| match &self.source_file {
                Some(name) => f.from_source(name),
                None => f,
            })
            .collect())
    }

    fn flush(&mut self) -> Outcome<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        // Rows come from several threads; among themselves they are told in the order of the file.
        self.waiting.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        let batch = batch(&self.waiting, &self.run)?;
        self.waiting.clear();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(self.lake.writer(&self.table, &schema())?),
        };
        writer.write(&batch)
    }
}

fn batch(rows: &[QuarantinedRow], run: &RunId) -> Outcome<RecordBatch> {
    let text = |of: fn(&QuarantinedRow) -> Option<&str>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<StringArray>()) };
    let run: ArrayRef = Arc::new(rows.iter().map(|_| Some(&run.0)).collect::<StringArray>());
    let columns: Vec<ArrayRef> = vec![
        text(|r| Some(&r.table)),
        text(|r| Some(r.stage.name())),
        text(|r| Some(&r.source)),
        text(|r| Some(&r.file)),
        Arc::new(rows.iter().map(|r| Some(r.line as i64)).collect::<Int64Array>()),
        text(|r| r.field.as_deref()),
        text(|r| Some(&r.rule)),
        text(|r| Some(&r.reason)),
        text(|r| Some(&r.raw)),
        run,
        text(|r| r.waits.as_ref().map(|w| w.parent.as_str())),
        text(|r| r.waits.as_ref().map(|w| w.since.as_str())),
        text(|r| r.waits.as_ref().and_then(|w| w.until.as_deref())),
    ];
    RecordBatch::try_new(schema(), columns).map_err(|e| Problem::new(Code::Internal, "held rows do not form a table").why(e.to_string()))
}
