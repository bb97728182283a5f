//! Writes tables into a SQLite database: created and filled in one transaction each.

use std::path::Path;

use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Connection, Executor};
use trommel_model::{Cancel, Code, Outcome, Problem};

use super::config::{block_on, close, create, ident};
use super::error;
use crate::render::Cells;

/// Values of one INSERT; SQLite allows 32,766.
const VALUES: usize = 2000;

/// A table to write.
pub struct Insert<'a> {
    /// Its name; a table of that name is replaced.
    pub table: &'a str,
    /// Its columns.
    pub schema: &'a SchemaRef,
    /// Its rows.
    pub batches: &'a mut dyn Iterator<Item = Outcome<RecordBatch>>,
}

/// Creates a table and fills it in one transaction; the file is made when it is not there. Gives the rows written.
pub fn write(path: &Path, insert: Insert<'_>, cancel: &Cancel) -> Outcome<u64> {
    block_on(async {
        let mut connection = create(path).await?;
        let rows = fill(&mut connection, path, insert, cancel).await;
        close(connection).await;
        rows
    })
}

async fn fill(connection: &mut SqliteConnection, path: &Path, insert: Insert<'_>, cancel: &Cancel) -> Outcome<u64> {
    let fail = |e: &sqlx::Error| error::of(e, path);
    let mut transaction = connection.begin().await.map_err(|e| fail(&e))?;
    let table = ident(insert.table);
    let columns: Vec<String> =
        insert.schema.fields().iter().map(|f| format!("{} {}", ident(f.name()), declared(f.data_type())).trim().to_owned()).collect();
    transaction.execute(AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"))).await.map_err(|e| fail(&e))?;
    transaction.execute(AssertSqlSafe(format!("CREATE TABLE {table} ({})", columns.join(", ")))).await.map_err(|e| fail(&e))?;
    let width = columns.len();
    let at_once = (VALUES / width.max(1)).max(1);
    let full = statement(&table, width, at_once);
    let mut written = 0;
    for batch in insert.batches {
        let batch = batch?;
        let cells: Vec<Cells> = batch
            .columns()
            .iter()
            .map(Cells::new)
            .collect::<Result<_, _>>()
            .map_err(|e| Problem::new(Code::Internal, "a column cannot be written to SQLite").why(e.to_string()))?;
        let mut row = 0;
        while row < batch.num_rows() {
            cancel.check()?;
            let rows = at_once.min(batch.num_rows() - row);
            let mut arguments = SqliteArguments::default();
            for at in row..row + rows {
                for column in &cells {
                    bind(&mut arguments, column, at)
                        .map_err(|e| Problem::new(Code::Internal, "a value cannot be written to SQLite").why(e.to_string()))?;
                }
            }
            let sql = if rows == at_once { full.clone() } else { statement(&table, width, rows) };
            sqlx::query_with(AssertSqlSafe(sql), arguments)
                .persistent(rows == at_once)
                .execute(&mut *transaction)
                .await
                .map_err(|e| fail(&e))?;
            row += rows;
            written += rows as u64;
        }
    }
    transaction.commit().await.map_err(|e| fail(&e))?;
    Ok(written)
}

fn statement(table: &str, width: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("INSERT INTO {table} VALUES {}", vec![row; rows].join(","))
}

pub fn declared(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "BOOLEAN",
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
            "INTEGER"
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "REAL",
        DataType::Date32 | DataType::Date64 => "DATE",
        DataType::Time32(_) | DataType::Time64(_) => "TIME",
        DataType::Timestamp(..) => "TIMESTAMP",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "BLOB",
        _ => "TEXT",
    }
}

pub fn bind(arguments: &mut SqliteArguments, cells: &Cells, row: usize) -> Result<(), sqlx::error::BoxDynError> {
    if cells.is_null(row) {
        return arguments.add(None::<i64>);
    }
    match cells {
        Cells::Integer(_, v) => arguments.add(v[row]),
        Cells::Float(_, v) => arguments.add(v[row]),
        Cells::Boolean(v) => arguments.add(i64::from(v.value(row))),
        Cells::Binary(v) => arguments.add(v.value(row).to_vec()),
        _ => {
            let mut text = String::new();
            cells.print(row, &mut text);
            arguments.add(text)
        }
    }
}
