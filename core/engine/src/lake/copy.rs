//! A query's result into one Parquet file of a table, written by DuckDB and measured while it runs.

use std::fs::File;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use parquet::file::metadata::ParquetMetaDataReader;
use trommel_model::{Cancel, Code, Outcome, Problem, TableName};

use super::columns::Column;
use super::data_file::{DataFile, Written};
use super::durable::{self, NewFile};
use super::{Lake, stats};
use crate::operators;
use crate::problem::Asked;
use crate::sql::{self, ident, literal};
use crate::{Engine, Measured};

/// Runs `sql` into a file of `table`.
pub(super) fn run(
    lake: &Lake,
    engine: &Engine,
    table: &TableName,
    sql: &str,
    cancel: &Cancel,
) -> Outcome<(Option<DataFile>, SchemaRef, Measured)> {
    let wanted = engine.columns(sql)?;
    let target = lake.target(table, &wanted)?;
    let file = NewFile::in_folder(&target.folder)?;

    // Types that Parquet has no exact form of are cast on the way (128-bit integers become decimals).
    let list: Vec<_> = wanted
        .iter()
        .map(|(name, t)| match t.in_parquet() {
            stored if stored == *t => ident(name),
            stored => format!("CAST({} AS {}) AS {}", ident(name), stored.duckdb_name(), ident(name)),
        })
        .collect();
    let before = format!("COPY (SELECT {} FROM (\n", list.join(", "));
    let text = format!(
        "{before}{}\n)) TO {} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, FIELD_IDS {})",
        sql::body(sql),
        literal(&file.temporary().to_string_lossy()),
        field_ids(&target.columns.list),
    );
    let measured = engine.measured_around(&text, Asked::behind(&before, sql), cancel)?;

    let unreadable =
        |why: String| Problem::new(Code::LakeBroken, "the file just written cannot be read back").in_file(file.temporary()).why(why);
    let opened = File::open(file.temporary()).map_err(|e| unreadable(e.to_string()))?;
    let bytes = opened.metadata().map_err(|e| unreadable(e.to_string()))?.len();
    let footer = ParquetMetaDataReader::new().parse_and_finish(&opened).map_err(|e| unreadable(e.to_string()))?;
    let rows = footer.file_metadata().num_rows().unsigned_abs();
    let given = operators::rows_of(&measured.root);
    if rows != given {
        return Err(Problem::new(Code::LawBroken, format!("the file of {table} does not hold the rows of its query"))
            .why(format!("the query gave {given} rows, the file's footer counts {rows}")));
    }
    let schema: SchemaRef = Arc::new(Schema::new(wanted.iter().map(|(name, t)| t.arrow_field(name)).collect::<Vec<_>>()));
    if rows == 0 {
        return Ok((None, schema, measured));
    }
    let columns = stats::of_footer(&footer, &target.columns.list);
    let sha256 = durable::sha256(file.temporary(), cancel)?;
    let path = file.keep()?;
    let file = DataFile::new(&target, &path, Written { rows, bytes, sha256, columns })?;
    Ok((Some(file), schema, measured))
}

/// The identifiers as COPY wants them: `{'a': 1, 's': {__duckdb_field_id: 2, 'x': 3}}`.
fn field_ids(columns: &[Column]) -> String {
    let parts: Vec<_> = columns.iter().map(|c| format!("{}: {}", literal(&c.name), field_id(c))).collect();
    format!("{{{}}}", parts.join(", "))
}

fn field_id(column: &Column) -> String {
    if column.children.is_empty() {
        return column.id.to_string();
    }
    let parts: Vec<_> = column.children.iter().map(|c| format!("{}: {}", literal(&c.name), field_id(c))).collect();
    format!("{{__duckdb_field_id: {}, {}}}", column.id, parts.join(", "))
}
