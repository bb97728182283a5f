//! Making a table, and changing its columns, in the catalogue.

use std::collections::HashMap;

use sqlx::{Row, SqliteConnection};
use trommel_model::TableName;

use super::catalogue::Work;
use super::clock;
use super::columns::{Column, Columns, OldFiles};
use super::commit::Commit;
use super::target::Place;
use crate::sql::ident;
use crate::types::ColumnType;

/// Makes a table with the columns `wanted`; gives its number.
pub(super) async fn create(
    commit: &mut Commit,
    connection: &mut SqliteConnection,
    schema_id: i64,
    place: &Place,
    table: &TableName,
    wanted: &[(String, ColumnType)],
) -> Work<i64> {
    let columns = Columns::default().evolved(table, wanted, OldFiles::Go)?;
    let id = commit.catalog_id();
    sqlx::query("INSERT INTO ducklake_table VALUES (?, ?, ?, NULL, ?, ?, ?, 1)")
        .bind(id)
        .bind(clock::fresh_uuid())
        .bind(commit.snapshot)
        .bind(schema_id)
        .bind(table.table.clone())
        .bind(place.table_path.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await?;
    for (order, row) in flat(&columns.list, None).into_iter().enumerate() {
        insert(connection, id, commit.snapshot, order as i64 + 1, &row, None).await?;
    }
    commit.did(format!("created_table:{}.{}", ident(&table.layer), ident(&table.table)));
    commit.changed_schema(connection, Some(id)).await?;
    Ok(id)
}

/// Changes the columns of a table to what rows of `wanted` make of them; gives its number.
pub(super) async fn evolve(
    commit: &mut Commit,
    connection: &mut SqliteConnection,
    table_id: i64,
    table: &TableName,
    wanted: &[(String, ColumnType)],
    old: OldFiles,
) -> Work<i64> {
    let present = Columns::load(connection, table_id, commit.snapshot).await?;
    let next = present.evolved(table, wanted, old)?;
    if next.list == present.list {
        return Ok(table_id);
    }
    let stored = stored(connection, table_id, commit.snapshot).await?;
    let next = flat(&next.list, None);
    let orders = orders(&next, &stored);
    for (id, row) in &stored {
        if !next.iter().any(|n| n.column.id == *id && row.says(n, orders[id])) {
            end(connection, table_id, *id, commit.snapshot).await?;
        }
    }
    for row in &next {
        let known = stored.get(&row.column.id);
        if !known.is_some_and(|k| k.says(row, orders[&row.column.id])) {
            insert(connection, table_id, commit.snapshot, orders[&row.column.id], row, known).await?;
        }
    }
    commit.did(format!("altered_table:{table_id}"));
    commit.changed_schema(connection, Some(table_id)).await?;
    Ok(table_id)
}

/// A column as a row of `ducklake_column`.
struct Flat<'a> {
    column: &'a Column,
    parent: Option<i64>,
}

fn flat(columns: &[Column], parent: Option<i64>) -> Vec<Flat<'_>> {
    let mut rows = Vec::new();
    for column in columns {
        rows.push(Flat { column, parent });
        rows.extend(flat(&column.children, Some(column.id)));
    }
    rows
}

/// What the catalogue says of a column now.
struct Stored {
    name: String,
    type_name: String,
    order: i64,
    parent: Option<i64>,
    initial_default: Option<String>,
    default_value: Option<String>,
    default_value_type: Option<String>,
    nulls_allowed: Option<i64>,
}

impl Stored {
    fn says(&self, row: &Flat<'_>, order: i64) -> bool {
        self.name == row.column.name
            && row.column.column_type.lake_name().is_ok_and(|name| name == self.type_name)
            && self.order == order
            && self.parent == row.parent
            && self.initial_default == row.column.initial_default
    }
}

async fn stored(connection: &mut SqliteConnection, table_id: i64, snapshot: i64) -> Work<HashMap<i64, Stored>> {
    let rows = sqlx::query(
        "SELECT * FROM ducklake_column WHERE table_id = $1 AND begin_snapshot <= $2 AND (end_snapshot IS NULL OR end_snapshot > $2)",
    )
    .bind(table_id)
    .bind(snapshot)
    .fetch_all(connection)
    .await?;
    let mut stored = HashMap::new();
    for row in &rows {
        stored.insert(
            row.try_get("column_id")?,
            Stored {
                name: row.try_get("column_name")?,
                type_name: row.try_get("column_type")?,
                order: row.try_get("column_order")?,
                parent: row.try_get("parent_column")?,
                initial_default: row.try_get("initial_default")?,
                default_value: row.try_get("default_value")?,
                default_value_type: row.try_get("default_value_type")?,
                nulls_allowed: row.try_get("nulls_allowed")?,
            },
        );
    }
    Ok(stored)
}

/// Places of the columns: those they have where that puts siblings in the right order and new ones
/// behind them; otherwise counted anew.
fn orders(next: &[Flat<'_>], stored: &HashMap<i64, Stored>) -> HashMap<i64, i64> {
    let mut highest = stored.values().map(|s| s.order).max().unwrap_or_default();
    let mut last_of: HashMap<Option<i64>, i64> = HashMap::new();
    let mut orders = HashMap::new();
    for row in next {
        let order = stored.get(&row.column.id).map_or_else(
            || {
                highest += 1;
                highest
            },
            |s| s.order,
        );
        let last = last_of.entry(row.parent).or_default();
        if order <= *last {
            return next.iter().enumerate().map(|(i, row)| (row.column.id, i as i64 + 1)).collect();
        }
        *last = order;
        orders.insert(row.column.id, order);
    }
    orders
}

async fn end(connection: &mut SqliteConnection, table_id: i64, column_id: i64, snapshot: i64) -> Work<()> {
    sqlx::query("UPDATE ducklake_column SET end_snapshot = ? WHERE table_id = ? AND column_id = ? AND end_snapshot IS NULL")
        .bind(snapshot)
        .bind(table_id)
        .bind(column_id)
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    table_id: i64,
    snapshot: i64,
    order: i64,
    row: &Flat<'_>,
    known: Option<&Stored>,
) -> Work<()> {
    let nested = row.column.column_type.is_nested();
    sqlx::query("INSERT INTO ducklake_column VALUES (?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'duckdb')")
        .bind(row.column.id)
        .bind(snapshot)
        .bind(table_id)
        .bind(order)
        .bind(row.column.name.clone())
        .bind(row.column.column_type.lake_name()?)
        .bind(row.column.initial_default.clone())
        .bind(known.map_or_else(|| Some("NULL".to_owned()), |k| k.default_value.clone()))
        .bind(known.map_or(Some(1), |k| k.nulls_allowed))
        .bind(row.parent)
        .bind(known.map_or_else(|| Some(if nested { "" } else { "literal" }.to_owned()), |k| k.default_value_type.clone()))
        .execute(connection)
        .await?;
    Ok(())
}
