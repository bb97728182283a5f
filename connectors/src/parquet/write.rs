//! Writes Parquet.

use std::path::Path;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use trommel_model::{Code, Outcome, Problem};

use super::config;
use crate::atomic::AtomicFile;
use crate::write::{TableWriter, Target};

/// A Parquet file being written batch by batch; it appears whole or not at all.
pub struct ParquetFile(ArrowWriter<AtomicFile>);

impl ParquetFile {
    /// Starts a file of these columns.
    pub fn create(path: &Path, schema: &SchemaRef) -> Outcome<Self> {
        let file = AtomicFile::create(path)?;
        ArrowWriter::try_new(file, schema.clone(), Some(config::properties())).map(Self).map_err(|e| failed(&e))
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        self.0.write(batch).map_err(|e| failed(&e))
    }

    /// Completes it and puts it in its place.
    pub fn finish(self) -> Outcome<()> {
        self.0.into_inner().map_err(|e| failed(&e))?.commit()
    }
}

/// An export as Parquet.
pub struct ParquetWriter {
    state: State,
}

enum State {
    Waiting(Option<Target>),
    Open(Box<ArrowWriter<Target>>),
}

impl ParquetWriter {
    /// Starts one.
    pub fn new(target: Target) -> Self {
        Self { state: State::Waiting(Some(target)) }
    }
}

impl TableWriter for ParquetWriter {
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()> {
        if let State::Waiting(target) = &mut self.state
            && let Some(target) = target.take()
        {
            let writer = ArrowWriter::try_new(target, schema.clone(), Some(config::properties())).map_err(|e| failed(&e))?;
            self.state = State::Open(Box::new(writer));
        }
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        match &mut self.state {
            State::Open(writer) => writer.write(batch).map_err(|e| failed(&e)),
            State::Waiting(_) => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> Outcome<Vec<String>> {
        if let State::Open(writer) = self.state {
            writer.into_inner().map_err(|e| failed(&e))?.close()?;
        }
        Ok(Vec::new())
    }
}

/// A failure to write: most often of the disk below.
fn failed(error: &ParquetError) -> Problem {
    if let ParquetError::External(inner) = error
        && let Some(io) = inner.downcast_ref::<std::io::Error>()
    {
        return Problem::from_io(io, "write the file", Path::new(""));
    }
    Problem::new(Code::FileUnreadable, "the Parquet file cannot be written").why(error.to_string())
}
