//! What is in a delimited text: its dialect, the names of its columns and their types.

use std::path::Path;

use trommel_model::{Cancel, CsvOptions, DataType, Field, Outcome, ProgressSlot, SourceSpec};

use super::config::Dialect;
use super::error;
use super::read::CHUNK;
use super::sniff as sniffer;
use super::sniff::sample::Sample;
use super::understand;
use crate::read::{Job, unpacked};
use crate::sink::Mode;
use crate::values::Kind;
use crate::{Piece, ReadReport, parallel};

/// How a file is written and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// How it is written.
    pub dialect: Dialect,
    /// Its columns, each with the type that all its values bear.
    pub columns: Vec<Field>,
    /// Its rows.
    pub rows: u64,
    /// Remarks for people, each one sentence.
    pub notes: Vec<String>,
}

/// Makes out the dialect of a file from samples. What `options` say is taken as it is; the rest is sniffed.
pub fn sniff(path: &Path, options: &CsvOptions) -> Outcome<Dialect> {
    let sample = Sample::take(path, options.encoding.as_deref())?;
    sniffer::sniff(&sample, options).map(|found| found.0).map_err(|p| p.in_file(path))
}

/// Looks at a whole file, unpacked when it is packed: its dialect, and the types of its columns as reading it leniently would
/// make them.
pub fn describe(piece: &Piece, options: &CsvOptions, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Description> {
    let mut spec = SourceSpec::of_file(&piece.name, None);
    spec.csv = options.clone();
    let job = Job { piece, spec: &spec, mode: Mode::Lenient, threads: threads.max(1), cancel, progress };
    let mut description = None;
    unpacked(&job, u64::MAX, &mut |job| {
        let known = parallel::guarded(|| understand::file(job, CHUNK))?;
        let columns = known.columns(options.as_text).into_iter().map(|(name, kind)| Field::new(name, data_type(kind))).collect();
        description = Some(Description { columns, rows: known.found.records, notes: known.notes, dialect: known.dialect });
        Ok(ReadReport::default())
    })?;
    description.ok_or_else(|| error::empty().in_file(&piece.path))
}

/// The type a person calls it.
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Text,
        Kind::Integer => DataType::Integer,
        Kind::Float => DataType::Float,
        Kind::Decimal(precision, scale) => DataType::Decimal { precision, scale },
        Kind::Boolean => DataType::Boolean,
        Kind::Date => DataType::Date,
        Kind::Time => DataType::Time,
        Kind::Timestamp => DataType::Timestamp,
        Kind::Instant => DataType::TimestampTz,
    }
}
