//! What the lake remembers beside its tables: source files that are in, and what tables were made from.

use sqlx::{Row, SqliteConnection};
use trommel_model::TableName;

use super::catalogue::Work;

/// A source file whose rows are in the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// The source it belongs to.
    pub source: String,
    /// Its name, relative to the source's folder.
    pub file: String,
    /// Its size when it was read.
    pub bytes: u64,
    /// Its time of change when it was read, in milliseconds since 1970.
    pub modified_ms: i64,
    /// Its hash when it was read.
    pub sha256: String,
    /// Rows of it that are in the table.
    pub rows: u64,
    /// Rows of it that are held.
    pub held: u64,
    /// The run that read it.
    pub run: String,
}

/// What was kept about a table when it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFacts {
    /// What it was made from: a hash of its specification and inputs.
    pub fingerprint: String,
    /// The snapshot it was published with.
    pub snapshot: u64,
}

pub(super) async fn files(connection: &mut SqliteConnection, source: &str) -> Work<Vec<SeenFile>> {
    let rows =
        sqlx::query("SELECT * FROM trommel_seen WHERE source = ? ORDER BY file").bind(source.to_owned()).fetch_all(connection).await?;
    let mut files = Vec::new();
    for row in &rows {
        files.push(SeenFile {
            source: row.try_get("source")?,
            file: row.try_get("file")?,
            bytes: row.try_get::<i64, _>("bytes")? as u64,
            modified_ms: row.try_get("modified_ms")?,
            sha256: row.try_get("sha256")?,
            rows: row.try_get::<i64, _>("rows")? as u64,
            held: row.try_get::<i64, _>("held")? as u64,
            run: row.try_get("run")?,
        });
    }
    Ok(files)
}

pub(super) async fn remember(connection: &mut SqliteConnection, file: &SeenFile) -> Work<()> {
    sqlx::query("INSERT OR REPLACE INTO trommel_seen (source, file, bytes, modified_ms, sha256, \"rows\", held, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(file.source.clone())
        .bind(file.file.clone())
        .bind(file.bytes as i64)
        .bind(file.modified_ms)
        .bind(file.sha256.clone())
        .bind(file.rows as i64)
        .bind(file.held as i64)
        .bind(file.run.clone())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn forget(connection: &mut SqliteConnection, source: &str, file: &str) -> Work<()> {
    sqlx::query("DELETE FROM trommel_seen WHERE source = ? AND file = ?")
        .bind(source.to_owned())
        .bind(file.to_owned())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn facts(connection: &mut SqliteConnection, table: &TableName) -> Work<Option<TableFacts>> {
    let row = sqlx::query("SELECT fingerprint, snapshot_id FROM trommel_table WHERE layer = ? AND \"table\" = ?")
        .bind(table.layer.clone())
        .bind(table.table.clone())
        .fetch_optional(connection)
        .await?;
    match row {
        None => Ok(None),
        Some(row) => {
            Ok(Some(TableFacts { fingerprint: row.try_get("fingerprint")?, snapshot: row.try_get::<i64, _>("snapshot_id")? as u64 }))
        }
    }
}

pub(super) async fn fingerprint(connection: &mut SqliteConnection, table: &TableName, text: &str, snapshot: i64) -> Work<()> {
    sqlx::query("INSERT OR REPLACE INTO trommel_table (layer, \"table\", fingerprint, snapshot_id) VALUES (?, ?, ?, ?)")
        .bind(table.layer.clone())
        .bind(table.table.clone())
        .bind(text.to_owned())
        .bind(snapshot)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn keep(connection: &mut SqliteConnection, table: &TableName, text: &str) -> Work<()> {
    sqlx::query("UPDATE trommel_table SET fingerprint = ? WHERE layer = ? AND \"table\" = ?")
        .bind(text.to_owned())
        .bind(table.layer.clone())
        .bind(table.table.clone())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn forget_table(connection: &mut SqliteConnection, table: &TableName) -> Work<()> {
    sqlx::query("DELETE FROM trommel_table WHERE layer = ? AND \"table\" = ?")
        .bind(table.layer.clone())
        .bind(table.table.clone())
        .execute(connection)
        .await?;
    Ok(())
}
