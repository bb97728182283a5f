//! Reads Arrow IPC as one part, batch by batch; which of its two forms a file has is told by its first bytes.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::record_batch::RecordBatch;
use trommel_model::{Outcome, Problem};

use super::error;
use crate::assemble::Counts;
use crate::read::Job;
use crate::sink::Sink;
use crate::{ReadReport, parallel, typed};

/// Reads a file. A breakdown of the library on a hostile file is a fault of the file.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    parallel::guarded(|| batches(job, sink)).map_err(error::of_file)
}

fn batches(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    let fail = |e: &std::io::Error| Problem::from_io(e, "read the file", &job.piece.path);
    let mut file = File::open(&job.piece.path).map_err(|e| fail(&e))?;
    let mut head = Vec::new();
    (&mut file).take(8).read_to_end(&mut head).map_err(|e| fail(&e))?;
    file.rewind().map_err(|e| fail(&e))?;
    if head.is_empty() {
        return Err(error::empty());
    }
    if head.starts_with(b"FEA1") {
        return Err(error::old_feather());
    }
    let input = BufReader::with_capacity(1 << 18, file);
    if head.starts_with(b"ARROW1") {
        let reader = FileReader::try_new(input, None).map_err(|e| error::unreadable(&e))?;
        let schema = reader.schema();
        rows(job, &schema, reader, sink)
    } else {
        let reader = StreamReader::try_new(input, None).map_err(|e| error::unreadable(&e))?;
        let schema = reader.schema();
        rows(job, &schema, reader, sink)
    }
}

fn rows(
    job: &Job<'_>,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    sink: &dyn Sink,
) -> Outcome<ReadReport> {
    let plan = typed::plan(job, schema)?;
    sink.open(&plan.schema)?;
    let mut counts = Counts::default();
    let mut first = 1_i64;
    for batch in batches {
        job.cancel.check()?;
        let batch = batch.map_err(|e| error::unreadable(&e))?;
        let more = typed::deliver(job, &plan, &batch, first, (0, sink), &|e| error::unreadable(&e))?;
        first += batch.num_rows() as i64;
        counts.rows_out += more.rows_out;
        counts.held += more.held;
        counts.nulled += more.nulled;
        job.progress.update(|p| p.rows = first as u64 - 1);
    }
    sink.end_part(0)?;
    Ok(ReadReport {
        rows_in: first as u64 - 1,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes: plan.notes,
        dialect: None,
        found: Vec::new(),
    })
}
