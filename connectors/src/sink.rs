//! Where a reader puts rows: the one interface between connectors and everything that stores or shows tables.

use std::sync::{Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Outcome, QuarantinedRow};

/// How a reader treats rows that do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are held, each with its position, text and reason.
    Strict,
    /// Short rows are padded, types widen until every value fits; everything is counted and reported.
    Lenient,
}

/// Receives a table in parts, from several threads.
///
/// `open` comes once and first. Parts are numbered in file order; the batches of one part come in order and from
/// one thread, different parts may come from different threads and out of order. `end_part` closes each part.
pub trait Sink: Sync {
    /// The columns that will come, with `_file`, `_line` and `_text` at the end.
    fn open(&self, schema: &SchemaRef) -> Outcome<()>;
    /// Rows of a part.
    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()>;
    /// No more rows of this part will come.
    fn end_part(&self, part: usize) -> Outcome<()>;
    /// Rows that were held.
    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()>;
    /// False when `_text` is not looked at: then it is null throughout, and making it is saved.
    fn wants_text(&self) -> bool {
        true
    }
}

/// A sink that keeps everything in memory, for previews and tests.
#[derive(Debug, Default)]
pub struct Collect(Mutex<Collected>);

/// What a [`Collect`] got.
#[derive(Debug, Default, Clone)]
pub struct Collected {
    /// The columns, once `open` was called.
    pub schema: Option<SchemaRef>,
    /// Batches with their part.
    pub batches: Vec<(usize, RecordBatch)>,
    /// Held rows, in the order they came.
    pub held: Vec<QuarantinedRow>,
}

impl Collect {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What came, batches in file order.
    pub fn into_parts(self) -> Collected {
        let mut all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.batches.sort_by_key(|(part, _)| *part);
        all.held.sort_by_key(|row| row.line);
        all
    }

    fn with<T>(&self, change: impl FnOnce(&mut Collected) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Collect {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.with(|all| all.schema = Some(schema.clone()));
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        self.with(|all| all.batches.push((part, batch)));
        Ok(())
    }

    fn end_part(&self, _part: usize) -> Outcome<()> {
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.with(|all| all.held.extend(rows));
        Ok(())
    }
}
