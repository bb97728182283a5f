//! Writes Arrow IPC: a file for `.arrow` and `.feather`, a stream for `.arrows` and for standard output.

use std::path::Path;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::writer::{FileWriter, StreamWriter};
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use crate::write::{TableWriter, Target};

/// Which of the two forms is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With an index at its end, for random access.
    File,
    /// From start to end.
    Stream,
}

/// Arrow being written.
pub struct IpcWriter {
    state: State,
    form: Form,
}

enum State {
    Waiting(Option<Target>),
    File(Box<FileWriter<Target>>),
    Stream(Box<StreamWriter<Target>>),
}

impl IpcWriter {
    /// Starts one.
    pub fn new(target: Target, form: Form) -> Self {
        Self { state: State::Waiting(Some(target)), form }
    }
}

impl TableWriter for IpcWriter {
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()> {
        if let State::Waiting(target) = &mut self.state
            && let Some(target) = target.take()
        {
            self.state = match self.form {
                Form::File => State::File(Box::new(FileWriter::try_new(target, schema).map_err(failed)?)),
                Form::Stream => State::Stream(Box::new(StreamWriter::try_new(target, schema).map_err(failed)?)),
            };
        }
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        match &mut self.state {
            State::File(writer) => writer.write(batch).map_err(failed),
            State::Stream(writer) => writer.write(batch).map_err(failed),
            State::Waiting(_) => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> Outcome<Vec<String>> {
        match self.state {
            State::File(writer) => writer.into_inner().map_err(failed)?.close()?,
            State::Stream(writer) => writer.into_inner().map_err(failed)?.close()?,
            State::Waiting(_) => {}
        }
        Ok(Vec::new())
    }
}

/// A failure to write: most often of the disk below.
fn failed(error: ArrowError) -> Problem {
    match error {
        ArrowError::IoError(_, io) => Problem::from_io(&io, "write the file", Path::new("")),
        other => Problem::new(Code::FileUnreadable, "the Arrow file cannot be written").why(other.to_string()),
    }
}
