//! Tables out to files: CSV, JSON, NDJSON, Parquet, Arrow and XLSX, streamed batch by batch.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use crate::atomic::AtomicFile;
use crate::{csv, excel, ipc, json, parquet};

/// What a table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma separated, RFC 4180.
    Csv,
    /// One list of records.
    Json,
    /// One record a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
    /// Arrow IPC, a file.
    Arrow,
    /// Arrow IPC, a stream.
    ArrowStream,
}

/// How a table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// As what.
    pub format: Format,
    /// CSV only: true leaves text alone that a spreadsheet would take for a formula.
    pub raw: bool,
    /// Name of the sheet in a workbook.
    pub title: String,
    /// Pairs for the notes sheet of a workbook: source, query, run, time and so on.
    pub notes: Vec<(String, String)>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where; empty for a stream.
    pub path: PathBuf,
    /// Rows.
    pub rows: u64,
    /// Bytes, of a file.
    pub bytes: u64,
    /// Remarks: text that had to be cut, sheets that had to be split.
    pub notes: Vec<String>,
}

/// A table being written. Dropped without [`Writer::finish`], a file is not made.
pub struct Writer {
    path: PathBuf,
    rows: u64,
    started: bool,
    format: Box<dyn TableWriter>,
}

/// One format's side of writing.
pub(crate) trait TableWriter: Send {
    /// The columns; comes once, first.
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()>;
    /// Rows.
    fn write(&mut self, batch: &RecordBatch) -> Outcome<()>;
    /// No more rows come. Gives remarks.
    fn finish(self: Box<Self>) -> Outcome<Vec<String>>;
}

/// Where bytes go: a file that appears when it is whole, or somebody's stream.
pub(crate) enum Target {
    File(AtomicFile),
    Stream(Box<dyn Write + Send>),
}

/// The format a file's ending stands for.
pub fn format_of(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        "ndjson" | "jsonl" => Format::Ndjson,
        "parquet" | "pq" => Format::Parquet,
        "xlsx" => Format::Xlsx,
        "arrow" | "feather" | "ipc" => Format::Arrow,
        "arrows" => Format::ArrowStream,
        _ => return None,
    })
}

impl Writer {
    /// Writes to a file, which takes the place of one that may be there when all is written.
    pub fn to_file(path: &Path, export: &Export) -> Outcome<Self> {
        let format: Box<dyn TableWriter> = match export.format {
            Format::Xlsx => Box::new(excel::write::Workbook::create(path, export)?),
            _ => text_writer(Target::File(AtomicFile::create(path)?), export)?,
        };
        Ok(Self { path: path.to_owned(), rows: 0, started: false, format })
    }

    /// Writes to a stream, such as standard output. Not for workbooks.
    pub fn to_stream(out: Box<dyn Write + Send>, export: &Export) -> Outcome<Self> {
        Ok(Self { path: PathBuf::new(), rows: 0, started: false, format: text_writer(Target::Stream(out), export)? })
    }

    /// Writes rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        if !std::mem::replace(&mut self.started, true) {
            self.format.start(&batch.schema())?;
        }
        self.rows += batch.num_rows() as u64;
        self.format.write(batch)
    }

    /// Ends the table and puts the file in its place. `schema` are the columns, for a table without rows.
    pub fn finish(mut self, schema: &SchemaRef) -> Outcome<Written> {
        if !self.started {
            self.format.start(schema)?;
        }
        let notes = self.format.finish()?;
        let bytes = std::fs::metadata(&self.path).map_or(0, |m| m.len());
        Ok(Written { path: self.path, rows: self.rows, bytes, notes })
    }
}

fn text_writer(target: Target, export: &Export) -> Outcome<Box<dyn TableWriter>> {
    Ok(match export.format {
        Format::Csv => Box::new(csv::write::CsvWriter::new(target, export.raw)),
        Format::Json => Box::new(json::write::JsonWriter::new(target, json::write::Layout::List)),
        Format::Ndjson => Box::new(json::write::JsonWriter::new(target, json::write::Layout::Lines)),
        Format::Parquet => Box::new(parquet::write::ParquetWriter::new(target)),
        Format::Arrow => Box::new(ipc::write::IpcWriter::new(target, ipc::write::Form::File)),
        Format::ArrowStream => Box::new(ipc::write::IpcWriter::new(target, ipc::write::Form::Stream)),
        Format::Xlsx => {
            return Err(
                Problem::new(Code::Usage, "a workbook cannot be written to a stream").next("name a file, for instance -o table.xlsx")
            );
        }
    })
}

impl Target {
    /// Writes bytes, a failure worded for a person.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Outcome<()> {
        match self.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(e) => Err(self.problem(&e)),
        }
    }

    /// A failure of this target.
    pub(crate) fn problem(&self, error: &io::Error) -> Problem {
        match self {
            Self::File(file) => Problem::from_io(error, "write the file", file.path()),
            Self::Stream(_) => Problem::from_io(error, "write the output", Path::new("-")),
        }
    }

    /// Ends it: the file appears, the stream is flushed.
    pub(crate) fn close(self) -> Outcome<()> {
        match self {
            Self::File(file) => file.commit(),
            Self::Stream(mut out) => out.flush().map_err(|e| Problem::from_io(&e, "write the output", Path::new("-"))),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(out) => out.flush(),
        }
    }
}
