//! The first rows of a piece, fast, without reading the whole of it.

use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::{DataType as Arrow, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use trommel_model::{
    Cancel, Cell, Code, DataType, Field, FileFormat, Outcome, Problem, ProgressSlot, QuarantinedRow, Schema, SourceSpec, Window,
};

use crate::read::{Job, not_a_file, unpacked};
use crate::render::Cells;
use crate::sink::{Collect, Mode, Sink};
use crate::{Piece, ReadReport, csv, excel, fixed, ipc, is_position, json, parallel, parquet, sqlite, xml};

/// Bytes of a packed file that are unpacked for its first rows, where the rest is not needed to make sense of them.
const UNPACKED: u64 = 4 << 20;

/// The first rows of a piece and how reading went. With a contract its rules apply, so that held rows show; types of
/// other columns are those of the part that was read.
pub fn preview(piece: &Piece, spec: &SourceSpec, rows: usize) -> Outcome<(Window, ReadReport)> {
    let cancel = Cancel::new();
    let progress = ProgressSlot::new();
    let mode = if spec.columns.is_empty() { Mode::Lenient } else { Mode::Strict };
    let job = Job { piece, spec, mode, threads: 1, cancel: &cancel, progress: &progress };
    let sink = First::new(rows);
    // A document cut off in its middle is none.
    let cut = matches!(piece.format, FileFormat::Csv | FileFormat::Ndjson | FileFormat::Fixed);
    let report = unpacked(&job, if cut { UNPACKED } else { u64::MAX }, &mut |job| {
        parallel::guarded(|| match job.piece.format {
            FileFormat::Csv => csv::read::preview(job, &sink),
            FileFormat::Json | FileFormat::Ndjson => json::read::preview(job, &sink),
            FileFormat::Parquet => parquet::read::read(job, &sink),
            FileFormat::Sqlite => sqlite::read::read(job, &sink),
            FileFormat::Excel => excel::read::preview(job, &sink),
            FileFormat::Xml => xml::read::preview(job, &sink),
            FileFormat::Fixed => fixed::read::preview(job, &sink),
            FileFormat::Arrow => ipc::read::read(job, &sink),
            FileFormat::Server => Err(not_a_file()),
        })
    });
    windowed(report.map_err(|p| if p.place.file.is_none() { p.in_file(&piece.path) } else { p }), sink, rows)
}

/// What a [`First`] collected, as the rows of a window.
pub fn windowed(report: Outcome<ReadReport>, sink: First, rows: usize) -> Outcome<(Window, ReadReport)> {
    let report = match report {
        Ok(report) => report,
        // Enough rows came; that is how the sink stops the reader.
        Err(problem) if problem.code == Code::Interrupted => ReadReport::default(),
        Err(problem) => return Err(problem),
    };
    let collected = sink.inner.into_parts();
    let Some(schema) = collected.schema else { return Ok((Window::default(), report)) };
    let mut window = Window { schema: schema_of(&schema), offset: 0, rows: Vec::new() };
    for (_, batch) in &collected.batches {
        append(batch, rows, &mut window.rows)?;
    }
    Ok((window, report))
}

/// Collects rows and stops the reader when there are enough.
pub struct First {
    inner: Collect,
    rows: AtomicU64,
    most: u64,
    then: Then,
}

/// What is done about rows that come when there are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The reader is stopped.
    Stop,
    /// They are let go.
    Pass,
}

impl First {
    /// Collects so many rows.
    pub fn new(rows: usize) -> Self {
        Self { inner: Collect::new(), rows: AtomicU64::new(0), most: rows as u64, then: Then::Stop }
    }

    /// Collects so many rows and lets the rest pass.
    pub fn keeping(rows: usize) -> Self {
        Self { then: Then::Pass, ..Self::new(rows) }
    }
}

impl Sink for First {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.inner.open(schema)
    }

    fn wants_text(&self) -> bool {
        self.inner.wants_text()
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        if self.rows.load(Ordering::Relaxed) >= self.most {
            return if self.then == Then::Stop { Err(Problem::interrupted()) } else { Ok(()) };
        }
        self.rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        self.inner.batch(part, batch)
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.inner.end_part(part)
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.inner.held(rows)
    }
}

/// The columns without the position columns.
fn schema_of(schema: &SchemaRef) -> Schema {
    let own = schema.fields().iter().filter(|f| !is_position(f.name()));
    Schema::new(own.map(|f| Field::new(f.name(), data_type(f.data_type()))).collect())
}

fn data_type(arrow: &Arrow) -> DataType {
    match arrow {
        Arrow::Boolean => DataType::Boolean,
        Arrow::Int8 | Arrow::Int16 | Arrow::Int32 | Arrow::Int64 | Arrow::UInt8 | Arrow::UInt16 | Arrow::UInt32 => DataType::Integer,
        Arrow::UInt64 => DataType::HugeInteger,
        Arrow::Float16 | Arrow::Float32 | Arrow::Float64 => DataType::Float,
        Arrow::Decimal128(precision, scale) if *scale >= 0 => DataType::Decimal { precision: *precision, scale: *scale as u8 },
        Arrow::Utf8 | Arrow::LargeUtf8 | Arrow::Utf8View => DataType::Text,
        Arrow::Date32 | Arrow::Date64 => DataType::Date,
        Arrow::Time32(_) | Arrow::Time64(_) => DataType::Time,
        Arrow::Timestamp(TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond | TimeUnit::Nanosecond, None) => {
            DataType::Timestamp
        }
        Arrow::Timestamp(_, Some(_)) => DataType::TimestampTz,
        Arrow::Interval(_) | Arrow::Duration(_) => DataType::Interval,
        Arrow::Binary | Arrow::LargeBinary | Arrow::BinaryView | Arrow::FixedSizeBinary(_) => DataType::Binary,
        Arrow::Dictionary(_, values) => data_type(values),
        Arrow::List(of) | Arrow::LargeList(of) | Arrow::FixedSizeList(of, _) => DataType::List(Box::new(data_type(of.data_type()))),
        Arrow::Struct(fields) => DataType::Struct(fields.iter().map(|f| Field::new(f.name(), data_type(f.data_type()))).collect()),
        other => DataType::Other(other.to_string()),
    }
}

fn append(batch: &RecordBatch, most: usize, out: &mut Vec<Vec<Cell>>) -> Outcome<()> {
    let own = batch.schema().fields().iter().enumerate().filter(|(_, f)| !is_position(f.name())).map(|(at, _)| at).collect::<Vec<_>>();
    let columns: Vec<Cells> = own
        .iter()
        .map(|at| Cells::new(batch.column(*at)))
        .collect::<Result<_, _>>()
        .map_err(|e| Problem::new(Code::Internal, "a column cannot be shown").why(e.to_string()))?;
    for row in 0..batch.num_rows().min(most.saturating_sub(out.len())) {
        out.push(columns.iter().map(|c| cell(c, row)).collect());
    }
    Ok(())
}

fn cell(cells: &Cells, row: usize) -> Cell {
    if cells.is_null(row) {
        return Cell::Null;
    }
    match cells {
        Cells::Boolean(v) => Cell::Boolean(v.value(row)),
        Cells::Integer(_, v) => Cell::Integer(v[row]),
        Cells::Float(_, v) => Cell::Float(v[row]),
        other => {
            let mut text = String::new();
            other.print(row, &mut text);
            Cell::Text(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, format: FileFormat, text: &str, spec: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let piece = Piece { name: name.to_owned(), path, format, bytes: text.len() as u64, modified_ms: 0 };
        let (window, _) = preview(&piece, &serde_json::from_str(spec).unwrap(), 3).unwrap();
        let shown: Vec<String> = window.rows.iter().map(|r| r.iter().map(Cell::to_string).collect::<Vec<_>>().join("|")).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_first_rows_of_each_kind_of_text() {
        let csv = "n,t\n".to_owned() + &(1..=100_000).map(|n| format!("{n},x\n")).collect::<Vec<_>>().concat();
        check("x.csv", FileFormat::Csv, &csv, "{}", &["1|x", "2|x", "3|x"]);
        check("x.csv", FileFormat::Csv, "n,t\n1,a\nx,b\n3,c\n", r#"{"columns": [{"name": "n", "type": "integer"}]}"#, &["1|a", "3|c"]);
        let lines = (1..=200_000).map(|n| format!("{{\"n\": {n}}}\n")).collect::<Vec<_>>().concat();
        check("x.ndjson", FileFormat::Ndjson, &lines, "{}", &["1", "2", "3"]);
        let list = format!("[{}]", lines.trim_end().replace('\n', ","));
        check("x.json", FileFormat::Json, &list, "{}", &["1", "2", "3"]);
        let inside = format!("{{\"items\": {list}}}");
        check("x.json", FileFormat::Json, &inside, "{}", &["1", "2", "3"]);
    }
}
