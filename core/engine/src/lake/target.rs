//! Where rows for a table go: its folder, and the identifiers its columns have or will have.

use std::path::{Path, PathBuf};

use sqlx::{Row, SqliteConnection};
use trommel_model::{Outcome, TableName};

use super::catalogue::Work;
use super::columns::{Columns, OldFiles};
use crate::types::ColumnType;

/// A table, present or to come, as a file for it must be written.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The snapshot this was found out at.
    pub base: i64,
    /// The columns the table will have when what is written replaces everything.
    pub columns: Columns,
    /// The table's folder.
    pub folder: PathBuf,
    /// The lake's data folder.
    pub data_dir: PathBuf,
}

impl Target {
    /// Finds out where rows of `wanted` for `table` go.
    pub async fn find(
        connection: &mut SqliteConnection,
        data_dir: &Path,
        table: &TableName,
        wanted: &[(String, ColumnType)],
    ) -> Work<Self> {
        let base = latest(connection).await?;
        let place = Place::find(connection, table, base).await?;
        let present = match place.table_id {
            Some(id) => Columns::load(connection, id, base).await?,
            None => Columns::default(),
        };
        let columns = present.evolved(table, wanted, OldFiles::Go)?;
        Ok(Self { base, columns, folder: place.folder(data_dir), data_dir: data_dir.to_owned() })
    }
}

/// The newest snapshot.
pub(super) async fn latest(connection: &mut SqliteConnection) -> Work<i64> {
    Ok(sqlx::query_scalar("SELECT max(snapshot_id) FROM ducklake_snapshot").fetch_one(connection).await?)
}

/// Where a table stands in the catalogue at a snapshot.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub schema_id: Option<i64>,
    pub table_id: Option<i64>,
    pub view_id: Option<i64>,
    /// The layer's folder, relative to the data folder unless it is absolute.
    pub schema_path: PathBuf,
    /// The table's folder, relative to the layer's unless it is absolute.
    pub table_path: PathBuf,
}

impl Place {
    /// Looks a table (or view) up by name.
    pub async fn find(connection: &mut SqliteConnection, table: &TableName, snapshot: i64) -> Work<Self> {
        let schema = sqlx::query(
            "SELECT schema_id, path FROM ducklake_schema
             WHERE schema_name = ? COLLATE NOCASE AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)",
        )
        .bind(table.layer.clone())
        .bind(snapshot)
        .bind(snapshot)
        .fetch_optional(&mut *connection)
        .await?;
        let mut place = Self {
            schema_id: None,
            table_id: None,
            view_id: None,
            schema_path: PathBuf::from(format!("{}/", folder_name(&table.layer))),
            table_path: PathBuf::from(format!("{}/", folder_name(&table.table))),
        };
        let Some(schema) = schema else { return Ok(place) };
        let schema_id: i64 = schema.try_get("schema_id")?;
        place.schema_id = Some(schema_id);
        place.schema_path = schema.try_get::<Option<String>, _>("path")?.map_or(place.schema_path, PathBuf::from);
        let found = sqlx::query(
            "SELECT table_id, path FROM ducklake_table
             WHERE schema_id = ? AND table_name = ? COLLATE NOCASE AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)",
        )
        .bind(schema_id)
        .bind(table.table.clone())
        .bind(snapshot)
        .bind(snapshot)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(found) = found {
            place.table_id = Some(found.try_get("table_id")?);
            place.table_path = found.try_get::<Option<String>, _>("path")?.map_or(place.table_path, PathBuf::from);
        }
        place.view_id = sqlx::query_scalar(
            "SELECT view_id FROM ducklake_view
             WHERE schema_id = ? AND view_name = ? COLLATE NOCASE AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)",
        )
        .bind(schema_id)
        .bind(table.table.clone())
        .bind(snapshot)
        .bind(snapshot)
        .fetch_optional(&mut *connection)
        .await?;
        Ok(place)
    }

    /// The table's folder.
    pub fn folder(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(&self.schema_path).join(&self.table_path)
    }
}

/// A folder's name for a table's or layer's: the name itself where it is a plain word.
fn folder_name(name: &str) -> String {
    if trommel_model::is_word(name) { name.to_owned() } else { hex::encode(name) }
}

/// True when a name can be told apart from every other by those who read the lake.
pub(super) fn check_name(table: &TableName) -> Outcome<()> {
    let text = table.to_string();
    text.parse::<TableName>().map(|_| ())
}
