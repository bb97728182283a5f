//! Arrow batches into one Parquet file of a table.
//!
//! Row groups of 122,880 rows (DuckDB's own size), dictionaries where values repeat, zstd at level 1.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, RecordBatch, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Type, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use trommel_model::{Code, Outcome, Problem};

use super::columns::{Column, same, wanted};
use super::data_file::{DataFile, Written};
use super::dictionary::where_worth_it;
use super::durable::{Hashed, NewFile};
use super::floats::Floats;
use super::stats;
use super::target::Target;

const ROW_GROUP: usize = 122_880;

/// Longest text that becomes a bound in the catalogue; beyond it there is none.
const BOUND_BYTES: usize = 256;

/// Writes one data file. Dropping it without [`TableWriter::finish`] leaves nothing behind.
pub struct TableWriter {
    target: Target,
    schema: Arc<Schema>,
    state: State,
    file: NewFile,
    rows: u64,
    floats: Floats,
}

/// The file is begun with the first rows: they show which columns are worth a dictionary.
enum State {
    Waiting(WriterPropertiesBuilder),
    Open(Box<ArrowWriter<Hashed<BufWriter<File>>>>),
}

impl TableWriter {
    /// A writer of rows of `schema` for the table that `target` says.
    pub(super) fn new(target: Target, schema: &SchemaRef) -> Outcome<Self> {
        let wanted = wanted(schema);
        if let Some((name, _)) = wanted.iter().find(|(_, t)| contains_interval(t)) {
            return Err(Problem::new(Code::Internal, "spans of time are stored by queries only").at_field(name));
        }
        let schema = Arc::new(target.columns.file_schema(&wanted)?);
        let file = NewFile::in_folder(&target.folder)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(|e| internal(&e))?))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_statistics_truncate_length(Some(BOUND_BYTES))
            .set_created_by(concat!("Trommel ", env!("CARGO_PKG_VERSION")).to_owned());
        let parquet_schema = ArrowSchemaConverter::new().convert(&schema).map_err(|e| internal(&e))?;
        for leaf in parquet_schema.columns().iter().filter(|leaf| matches!(leaf.physical_type(), Type::FLOAT | Type::DOUBLE)) {
            properties = properties.set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::None);
        }
        Ok(Self { target, schema, state: State::Waiting(properties), file, rows: 0, floats: Floats::default() })
    }

    /// Adds rows. The batch has the columns, by position, of the schema the writer was made for.
    pub fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        if batch.num_columns() != self.schema.fields().len() {
            return Err(Problem::new(Code::Internal, "a batch has other columns than its table"));
        }
        let columns = batch.columns().iter().zip(self.schema.fields()).map(|(column, field)| fitted(column, field));
        let columns = columns
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| Problem::new(Code::Internal, "a batch has other types than its table").why(e.to_string()))?;
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|e| Problem::new(Code::Internal, "a batch does not fit its table").why(e.to_string()))?;
        for (column, field) in batch.columns().iter().zip(self.schema.fields()) {
            if let Some(known) = self.target.columns.list.iter().find(|c| same(&c.name, field.name())) {
                self.floats.see(known, column);
            }
        }
        if let State::Waiting(properties) = &self.state {
            let properties = where_worth_it(properties.clone(), &batch).build();
            let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
            let out = Hashed::new(BufWriter::with_capacity(1 << 20, self.file.create()?));
            let writer = ArrowWriter::try_new_with_options(out, self.schema.clone(), options);
            self.state = State::Open(Box::new(writer.map_err(|e| failed(&e, self.file.temporary()))?));
        }
        if let State::Open(writer) = &mut self.state {
            writer.write(&batch).map_err(|e| failed(&e, self.file.temporary()))?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Rows added so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file and makes it durable. `None` when no row was written.
    pub fn finish(self) -> Outcome<Option<DataFile>> {
        let State::Open(mut writer) = self.state else { return Ok(None) };
        if self.rows == 0 {
            return Ok(None);
        }
        let path = self.file.temporary().to_owned();
        let footer = writer.finish().map_err(|e| failed(&e, &path))?;
        let mut columns = stats::of_footer(&footer, &self.target.columns.list);
        let leaves = self.target.columns.list.iter().flat_map(Column::leaves).map(|c| (c.id, c)).collect();
        self.floats.complete(&mut columns, &leaves);
        let rows = footer.file_metadata().num_rows().unsigned_abs();
        let (bytes, sha256) = writer.inner_mut().finish().map_err(|e| Problem::from_io(&e, "write the file", &path))?;
        if rows != self.rows {
            return Err(Problem::new(Code::LawBroken, "a data file does not hold the rows that were written to it")
                .why(format!("{} written, {rows} in the file", self.rows)));
        }
        let path: PathBuf = self.file.keep()?;
        DataFile::new(&self.target, &path, Written { rows, bytes, sha256, columns }).map(Some)
    }
}

/// The column in the layout the file stores: other widths of text, times and decimals are cast, fields are renamed.
fn fitted(column: &ArrayRef, field: &FieldRef) -> Result<ArrayRef, arrow::error::ArrowError> {
    if column.data_type() == field.data_type() {
        return Ok(column.clone());
    }
    match (column.data_type(), field.data_type()) {
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let parts = column.as_struct();
            let columns = parts.columns().iter().zip(fields).map(|(c, f)| fitted(c, f)).collect::<Result<Vec<_>, _>>()?;
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, parts.nulls().cloned())?))
        }
        (DataType::List(_), DataType::List(element)) => {
            let list = column.as_list::<i32>();
            let values = fitted(list.values(), element)?;
            Ok(Arc::new(arrow::array::ListArray::try_new(element.clone(), list.offsets().clone(), values, list.nulls().cloned())?))
        }
        (DataType::Map(..), DataType::Map(pair, sorted)) => {
            let map = column.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let entries = fitted(&entries, pair)?;
            let entries = entries.as_struct().clone();
            Ok(Arc::new(MapArray::try_new(pair.clone(), map.offsets().clone(), entries, map.nulls().cloned(), *sorted)?))
        }
        (_, wanted) => cast(column, wanted),
    }
}

fn contains_interval(t: &crate::types::ColumnType) -> bool {
    matches!(t, crate::types::ColumnType::Interval) || t.children().iter().any(|(_, child)| contains_interval(child))
}

fn internal(error: &ParquetError) -> Problem {
    Problem::new(Code::Internal, "the file writer cannot be set up").why(error.to_string())
}

/// A fault of the Parquet writer; below most of them is one of the operating system.
fn failed(error: &ParquetError, path: &Path) -> Problem {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = source {
        if let Some(io) = e.downcast_ref::<std::io::Error>() {
            return Problem::from_io(io, "write the file", path);
        }
        source = e.source();
    }
    Problem::new(Code::FileUnreadable, "cannot write the file").in_file(path).why(error.to_string())
}
