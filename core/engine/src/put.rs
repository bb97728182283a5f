//! Arrow batches as an in-memory table of the engine.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType as Arrow, Field, Schema};
use duckdb::Connection;
use trommel_model::{Code, Outcome, Problem, TableName};

use crate::problem::{Asked, OrProblem};
use crate::sql::{ident, qualified};
use crate::types::ColumnType;

/// Makes or replaces the table.
pub(crate) fn table(connection: &Connection, table: &str, batches: Vec<RecordBatch>) -> Outcome<()> {
    let Some(schema) = batches.first().map(RecordBatch::schema) else {
        return Err(Problem::new(Code::Internal, format!("no batch says which columns {table} has")));
    };
    let (layer, name) = table.split_once('.').unwrap_or(("main", table));
    let columns: Vec<_> = schema.fields().iter().map(|f| format!("{} {}", ident(f.name()), type_of(f).duckdb_name())).collect();
    let target = qualified(&TableName::new(layer, name));
    let asked = Asked::plain("");
    connection
        .execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}; CREATE OR REPLACE TABLE {target} ({})", ident(layer), columns.join(", ")))
        .or_problem(asked)?;
    let mut appender = connection.appender_to_db(name, layer).or_problem(asked)?;
    for batch in batches {
        let batch = plain(&batch).map_err(|e| Problem::new(Code::Internal, format!("cannot load {table}")).why(e.to_string()))?;
        appender.append_record_batch(batch).or_problem(asked)?;
    }
    appender.flush().or_problem(asked)
}

/// Marked types arrive as what Arrow holds them in; DuckDB casts them while appending.
fn type_of(field: &Field) -> ColumnType {
    match ColumnType::of_arrow(field) {
        ColumnType::Huge | ColumnType::UHuge => ColumnType::Decimal(38, 0),
        other => other,
    }
}

/// The batch without the layouts that the appender does not know: views, dictionaries, half floats.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
    let schema = batch.schema();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let wanted = plain_type(field.data_type());
        columns.push(if &wanted == field.data_type() { column.clone() } else { arrow::compute::cast(column, &wanted)? });
        fields.push(Field::new(field.name(), wanted, true));
    }
    RecordBatch::try_new(std::sync::Arc::new(Schema::new(fields)), columns)
}

fn plain_type(of: &Arrow) -> Arrow {
    match of {
        Arrow::Utf8View | Arrow::LargeUtf8 | Arrow::Null => Arrow::Utf8,
        Arrow::BinaryView | Arrow::LargeBinary => Arrow::Binary,
        Arrow::Dictionary(_, value) => plain_type(value),
        Arrow::Float16 => Arrow::Float32,
        Arrow::Date64 => Arrow::Date32,
        other => other.clone(),
    }
}
