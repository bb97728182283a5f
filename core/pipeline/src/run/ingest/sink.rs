//! Rows of one file on their way into the lake: each part of it into a Parquet file of its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arrow::array::{Array as _, RecordBatch, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use trommel_connectors::Sink;
use trommel_engine::lake::{DataFile, Lake, TableWriter};
use trommel_model::{Code, Outcome, Problem, QuarantinedRow, TableName};

use super::unify::becomes;
use crate::run::held::Held;

/// Takes the rows of one file.
pub(super) struct FileSink<'l> {
    lake: &'l Lake,
    table: &'l TableName,
    file: &'l str,
    /// The columns the table is expected to have.
    expected: Option<SchemaRef>,
    open: OnceLock<Opened>,
    parts: Mutex<BTreeMap<usize, Part>>,
    held: Mutex<Held<'l>>,
    in_flight: AtomicU64,
    peak: AtomicU64,
}

/// Set once the reader has said its columns.
struct Opened {
    /// The columns as they come.
    came: SchemaRef,
    /// The columns as they are written.
    written: SchemaRef,
    /// For each column that comes: some row had a value.
    seen: Vec<AtomicBool>,
}

/// What a file came to.
pub(super) struct Landed {
    /// Its columns as they came.
    pub schema: SchemaRef,
    /// Its columns as they were written.
    pub written: SchemaRef,
    /// For each column: not one row has a value.
    pub empty: Vec<bool>,
    /// The Parquet files, in the order of the file.
    pub files: Vec<DataFile>,
    /// The files of its held rows.
    pub held_files: Vec<DataFile>,
    /// Held rows.
    pub held: u64,
    /// Largest sum of the batches that were in memory at a time, in bytes.
    pub peak_bytes: u64,
}

/// One part: rows are still coming, or it is complete.
enum Part {
    /// Its writer; taken out while a batch is written.
    Open(Option<Box<TableWriter>>),
    /// Its file; none when the part had no row.
    Closed(Option<DataFile>),
}

impl<'l> FileSink<'l> {
    /// A sink for the rows of `file` that go to `table`. They are written with the `expected` columns where they fit
    /// them, and as they come where not.
    pub fn new(lake: &'l Lake, table: &'l TableName, file: &'l str, expected: Option<SchemaRef>, held: Held<'l>) -> Self {
        Self {
            lake,
            table,
            file,
            expected,
            open: OnceLock::new(),
            parts: Mutex::default(),
            held: Mutex::new(held),
            in_flight: AtomicU64::new(0),
            peak: AtomicU64::new(0),
        }
    }

    /// What came, once the reader is done.
    pub fn finish(self) -> Outcome<Landed> {
        let Opened { came, written, seen } = self.open.into_inner().ok_or_else(|| broken("said no columns"))?;
        let mut files = Vec::new();
        for part in self.parts.into_inner().unwrap_or_else(PoisonError::into_inner).into_values() {
            let Part::Closed(file) = part else { return Err(broken("left a part open")) };
            files.extend(file);
        }
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Landed {
            schema: came,
            written,
            empty: seen.into_iter().map(|s| !s.into_inner()).collect(),
            files,
            held: held.rows(),
            held_files: held.finish()?,
            peak_bytes: self.peak.into_inner(),
        })
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<usize, Part>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Outcome<&Opened> {
        self.open.get().ok_or_else(|| broken("sent rows before columns"))
    }

    /// Notes which columns have values. A column that had one is not looked at again.
    fn look_for_values(&self, batch: &RecordBatch) -> Outcome<()> {
        for (column, seen) in batch.columns().iter().zip(&self.opened()?.seen) {
            if !seen.load(Ordering::Relaxed) && column.null_count() < column.len() {
                seen.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// The part's writer, out of the common map, so that parts do not wait for each other.
    fn take(&self, part: usize) -> Outcome<TableWriter> {
        let taken = match self.parts().entry(part).or_insert(Part::Open(None)) {
            Part::Open(writer) => writer.take(),
            Part::Closed(_) => return Err(broken("sent rows of a part that had ended")),
        };
        match taken {
            Some(writer) => Ok(*writer),
            None => self.lake.writer(self.table, &self.opened()?.written),
        }
    }
}

impl Sink for FileSink<'_> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        // A required column is required by its contract; the table itself can hold nulls everywhere.
        let nullable = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect::<Vec<_>>();
        let schema = Arc::new(Schema::new(nullable));
        let seen = schema.fields().iter().map(|_| AtomicBool::new(false)).collect();
        let expected = self.expected.as_ref().filter(|expected| fits(&schema, expected));
        let written = expected.unwrap_or(&schema).clone();
        self.open.set(Opened { came: schema, written, seen }).map_err(|_| broken("said its columns twice"))
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let bytes = batch.get_array_memory_size() as u64;
        let now = self.in_flight.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(now, Ordering::Relaxed);
        self.look_for_values(&batch)?;
        let batch = shaped(&batch, &self.opened()?.written)?;
        let mut writer = self.take(part)?;
        writer.write(&batch)?;
        self.parts().insert(part, Part::Open(Some(Box::new(writer))));
        self.in_flight.fetch_sub(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        let writer = match self.parts().remove(&part) {
            Some(Part::Open(writer)) => writer,
            Some(Part::Closed(_)) => return Err(broken("ended a part twice")),
            None => None,
        };
        let file = writer.map(|w| w.finish()).transpose()?.flatten();
        let file = file.map(|f| f.from_source(self.file));
        self.parts().insert(part, Part::Closed(file));
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).add(rows)
    }
}

/// True when every column that comes has its place.
fn fits(came: &SchemaRef, expected: &SchemaRef) -> bool {
    came.fields().iter().all(|f| expected.field_with_name(f.name()).is_ok_and(|e| becomes(f, e)))
}

/// The batch with exactly these columns, those it lacks empty.
fn shaped(batch: &RecordBatch, written: &SchemaRef) -> Outcome<RecordBatch> {
    let column = |field: &FieldRef| match batch.column_by_name(field.name()) {
        Some(column) if column.data_type() == field.data_type() => Ok(column.clone()),
        Some(column) => cast_with_options(column, field.data_type(), &CastOptions { safe: false, ..CastOptions::default() }),
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
    };
    let columns = written.fields().iter().map(column).collect::<Result<_, _>>();
    columns
        .and_then(|columns| RecordBatch::try_new(written.clone(), columns))
        .map_err(|e| Problem::new(Code::Internal, "rows do not have the columns of their table").why(e.to_string()))
}

fn broken(what: &str) -> Problem {
    Problem::new(Code::Internal, format!("a reader {what}")).next("nothing was published; please report this")
}
