//! Calls a sink from outside of the thread that drives the database.
//!
//! A sink may block on a runtime of its own, and a thread that drives one must not. A call comes once in many thousand
//! rows, so a thread for each costs nothing that can be measured.

use std::panic::resume_unwind;
use std::thread;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Outcome, QuarantinedRow};

use crate::sink::Sink;

/// A sink whose calls come from threads of their own.
pub struct Outside<'a>(pub &'a dyn Sink);

impl Outside<'_> {
    fn call(&self, work: impl FnOnce(&dyn Sink) -> Outcome<()> + Send) -> Outcome<()> {
        let sink = self.0;
        thread::scope(|scope| scope.spawn(move || work(sink)).join().unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl Sink for Outside<'_> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.call(|sink| sink.open(schema))
    }

    fn wants_text(&self) -> bool {
        self.0.wants_text()
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        self.call(|sink| sink.batch(part, batch))
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.call(|sink| sink.end_part(part))
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.call(|sink| sink.held(rows))
    }
}
