//! Totals of a table and of its columns, counted anew from the files that are alive.
//!
//! Readers use these to plan and to leave out work, so a total is only written when it is certain:
//! a column of which one file is not known has no bounds, and may hold nulls.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::catalogue::Work;
use super::columns::{Column, Columns};
use super::stats::Bound;
use crate::sql::ident;
use crate::types::ColumnType;

/// Writes the totals of a table as they are at `snapshot`, the one in the making.
pub(super) async fn write(connection: &mut SqliteConnection, table_id: i64, snapshot: i64) -> Work<()> {
    let totals = sqlx::query(
        "SELECT count(*) AS files, coalesce(sum(record_count), 0) AS records, coalesce(sum(file_size_bytes), 0) AS bytes
         FROM ducklake_data_file WHERE table_id = ? AND end_snapshot IS NULL",
    )
    .bind(table_id)
    .fetch_one(&mut *connection)
    .await?;
    let (files, records, bytes): (i64, i64, i64) = (totals.try_get("files")?, totals.try_get("records")?, totals.try_get("bytes")?);
    let inlined = inlined_rows(connection, table_id).await?;
    let done = sqlx::query("UPDATE ducklake_table_stats SET record_count = ?, file_size_bytes = ? WHERE table_id = ?")
        .bind(records + inlined)
        .bind(bytes)
        .bind(table_id)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 0 {
        sqlx::query("INSERT INTO ducklake_table_stats VALUES (?, ?, 0, ?)")
            .bind(table_id)
            .bind(records + inlined)
            .bind(bytes)
            .execute(&mut *connection)
            .await?;
    }

    let columns = Columns::load(connection, table_id, snapshot).await?;
    let leaves: Vec<&Column> = columns.list.iter().flat_map(Column::leaves).collect();
    let mut totals: HashMap<i64, Total> = HashMap::new();
    let rows = sqlx::query(
        "SELECT s.column_id, s.value_count, s.null_count, s.min_value, s.max_value, s.contains_nan
         FROM ducklake_file_column_stats s JOIN ducklake_data_file f USING (data_file_id)
         WHERE f.table_id = ? AND f.end_snapshot IS NULL",
    )
    .bind(table_id)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let id: i64 = row.try_get("column_id")?;
        if let Some(leaf) = leaves.iter().find(|c| c.id == id) {
            totals.entry(id).or_default().add(row, &leaf.column_type)?;
        }
    }
    sqlx::query("DELETE FROM ducklake_table_column_stats WHERE table_id = ?").bind(table_id).execute(&mut *connection).await?;
    for leaf in leaves {
        let mut total = totals.remove(&leaf.id).unwrap_or_default();
        if total.files < files || inlined > 0 {
            total.unknown = true;
            total.nulls = true;
            total.nan = true;
        }
        let known = |bound: Option<(Bound, String)>| bound.filter(|_| !total.unknown).map(|(_, text)| text);
        let float = matches!(leaf.column_type, ColumnType::Float32 | ColumnType::Float64);
        sqlx::query("INSERT INTO ducklake_table_column_stats VALUES (?, ?, ?, ?, ?, ?, NULL)")
            .bind(table_id)
            .bind(leaf.id)
            .bind(i64::from(total.nulls))
            .bind(float.then_some(i64::from(total.nan)))
            .bind(known(total.min))
            .bind(known(total.max))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What all files together say of a column.
#[derive(Default)]
struct Total {
    files: i64,
    nulls: bool,
    nan: bool,
    unknown: bool,
    min: Option<(Bound, String)>,
    max: Option<(Bound, String)>,
}

impl Total {
    fn add(&mut self, row: &sqlx::sqlite::SqliteRow, column_type: &ColumnType) -> Work<()> {
        self.files += 1;
        let values: Option<i64> = row.try_get("value_count")?;
        let nulls: Option<i64> = row.try_get("null_count")?;
        self.nulls |= nulls != Some(0);
        self.nan |= row.try_get::<Option<i64>, _>("contains_nan")? != Some(0);
        if values == Some(0) && nulls.is_some_and(|n| n > 0) {
            return Ok(());
        }
        let bound = |text: Option<String>| text.and_then(|text| Some((Bound::of_text(&text, column_type)?, text)));
        match (bound(row.try_get("min_value")?), bound(row.try_get("max_value")?)) {
            (Some(min), Some(max)) => {
                if self.min.as_ref().is_none_or(|known| min.0.is_below(&known.0)) {
                    self.min = Some(min);
                }
                if self.max.as_ref().is_none_or(|known| known.0.is_below(&max.0)) {
                    self.max = Some(max);
                }
            }
            _ => self.unknown = true,
        }
        Ok(())
    }
}

/// Rows of the table that are kept in the catalogue itself.
async fn inlined_rows(connection: &mut SqliteConnection, table_id: i64) -> Work<i64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT i.table_name FROM ducklake_inlined_data_tables i JOIN sqlite_master m ON m.name = i.table_name WHERE i.table_id = ?",
    )
    .bind(table_id)
    .fetch_all(&mut *connection)
    .await?;
    let mut rows = 0;
    for table in tables {
        let alive: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {} WHERE end_snapshot IS NULL", ident(&table))))
            .fetch_one(&mut *connection)
            .await?;
        rows += alive;
    }
    Ok(rows)
}
