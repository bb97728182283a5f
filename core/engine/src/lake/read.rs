//! A snapshot, resolved: its tables with their columns, files, deletions and rows kept in the catalogue.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column as _, Row, SqliteConnection, TypeInfo, ValueRef};
use trommel_model::TableName;

use super::catalogue::Work;
use super::columns::{Column, Columns};
use crate::sql::ident;

/// The column that says in which snapshot a row (or its deletion) came, in files that hold several snapshots' rows.
pub(super) const SNAPSHOT_COLUMN: &str = "_ducklake_internal_snapshot_id";

/// The field id of that column.
pub(super) const SNAPSHOT_FIELD: i64 = 2_147_483_539;

/// A table as it stands at a snapshot.
#[derive(Debug, Clone)]
pub(super) struct StoredTable {
    pub name: TableName,
    pub columns: Columns,
    pub files: Vec<StoredFile>,
    /// Rows another writer left in the catalogue itself.
    pub inlined: Vec<InlinedRow>,
}

/// A data file with what is deleted from it.
#[derive(Debug, Clone)]
pub(super) struct StoredFile {
    pub path: PathBuf,
    /// Rows in the file, whether they count or not.
    pub rows: i64,
    /// Those that came no later than the snapshot.
    pub rows_by_then: i64,
    pub bytes: i64,
    /// Set when the file holds rows of several snapshots: the newest of them.
    pub partial_max: Option<i64>,
    /// Names in the file, when it was not written for the lake and has no field ids.
    pub mapping: Option<Vec<MappedName>>,
    pub deletions: Vec<DeleteFile>,
    /// Positions whose deletion is kept in the catalogue itself.
    pub deleted_positions: Vec<i64>,
}

/// A file that names deleted positions of a data file.
#[derive(Debug, Clone)]
pub(super) struct DeleteFile {
    pub path: PathBuf,
    pub format: String,
    pub rows: i64,
    pub bytes: i64,
    pub partial_max: Option<i64>,
}

/// A column of a file that is found by name.
#[derive(Debug, Clone)]
pub(super) struct MappedName {
    pub source_name: String,
    pub field_id: i64,
    pub from_path: bool,
}

/// A row kept in the catalogue: the text of each value, by column identifier.
pub(super) type InlinedRow = HashMap<i64, InlinedValue>;

/// A value as SQLite holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum InlinedValue {
    Null,
    Text(String),
    Bytes(Vec<u8>),
}

/// A view as it stands at a snapshot.
#[derive(Debug, Clone)]
pub(super) struct StoredView {
    pub name: TableName,
    pub sql: String,
    pub dialect: String,
}

/// The tables and views of a snapshot, by name.
pub(super) async fn snapshot(
    connection: &mut SqliteConnection,
    data_dir: &Path,
    snapshot: i64,
) -> Work<(Vec<StoredTable>, Vec<StoredView>)> {
    let alive = "begin_snapshot <= $1 AND (end_snapshot IS NULL OR end_snapshot > $1)";
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT t.table_id, t.table_name, t.path AS table_path, s.schema_name, s.path AS schema_path
         FROM (SELECT * FROM ducklake_table WHERE {alive}) t JOIN (SELECT * FROM ducklake_schema WHERE {alive}) s USING (schema_id)
         ORDER BY s.schema_name, t.table_name"
    )))
    .bind(snapshot)
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::new();
    for row in &rows {
        let text = |name: &str| -> Work<String> { Ok(row.try_get::<Option<String>, _>(name)?.unwrap_or_default()) };
        let name = TableName::new(text("schema_name")?, text("table_name")?);
        let folder = data_dir.join(text("schema_path")?).join(text("table_path")?);
        tables.push(table(connection, row.try_get("table_id")?, name, &folder, snapshot).await?);
    }
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT v.view_name, v.dialect, v.sql, s.schema_name
         FROM (SELECT * FROM ducklake_view WHERE {alive}) v JOIN (SELECT * FROM ducklake_schema WHERE {alive}) s USING (schema_id)
         ORDER BY v.view_id"
    )))
    .bind(snapshot)
    .fetch_all(&mut *connection)
    .await?;
    let mut views = Vec::new();
    for row in &rows {
        views.push(StoredView {
            name: TableName::new(row.try_get::<String, _>("schema_name")?, row.try_get::<String, _>("view_name")?),
            sql: row.try_get("sql")?,
            dialect: row.try_get("dialect")?,
        });
    }
    Ok((tables, views))
}

async fn table(connection: &mut SqliteConnection, id: i64, name: TableName, folder: &Path, snapshot: i64) -> Work<StoredTable> {
    let columns = Columns::load(connection, id, snapshot).await?;
    let mut files = files(connection, id, folder, snapshot).await?;
    let positions = inlined_deletions(connection, id, snapshot).await?;
    for (file_id, file) in &mut files {
        file.deleted_positions = positions.get(file_id).cloned().unwrap_or_default();
    }
    let inlined = inlined_rows(connection, id, &columns, snapshot).await?;
    Ok(StoredTable { name, columns, files: files.into_values().collect(), inlined })
}

async fn files(connection: &mut SqliteConnection, table_id: i64, folder: &Path, snapshot: i64) -> Work<BTreeMap<i64, StoredFile>> {
    let rows = sqlx::query(
        "SELECT data_file_id, path, path_is_relative, record_count, file_size_bytes, mapping_id, partial_max FROM ducklake_data_file
         WHERE table_id = $1 AND begin_snapshot <= $2 AND (end_snapshot IS NULL OR end_snapshot > $2)",
    )
    .bind(table_id)
    .bind(snapshot)
    .fetch_all(&mut *connection)
    .await?;
    let mut files = BTreeMap::new();
    for row in &rows {
        let mapping = match row.try_get::<Option<i64>, _>("mapping_id")? {
            Some(mapping) => Some(name_mapping(connection, mapping).await?),
            None => None,
        };
        let path = path(row, folder)?;
        let (rows, partial_max) = (row.try_get("record_count")?, row.try_get("partial_max")?);
        let file = StoredFile {
            rows,
            rows_by_then: rows_until(&path, rows, partial_max, snapshot),
            path,
            bytes: row.try_get("file_size_bytes")?,
            partial_max,
            mapping,
            deletions: Vec::new(),
            deleted_positions: Vec::new(),
        };
        files.insert(row.try_get("data_file_id")?, file);
    }
    let rows = sqlx::query(
        "SELECT data_file_id, path, path_is_relative, format, delete_count, file_size_bytes, partial_max FROM ducklake_delete_file
         WHERE table_id = $1 AND begin_snapshot <= $2 AND (end_snapshot IS NULL OR end_snapshot > $2)",
    )
    .bind(table_id)
    .bind(snapshot)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        if let Some(file) = files.get_mut(&row.try_get("data_file_id")?) {
            let path = path(row, folder)?;
            let partial_max = row.try_get("partial_max")?;
            file.deletions.push(DeleteFile {
                rows: rows_until(&path, row.try_get("delete_count")?, partial_max, snapshot),
                path,
                format: row.try_get("format")?,
                bytes: row.try_get("file_size_bytes")?,
                partial_max,
            });
        }
    }
    Ok(files)
}

fn path(row: &SqliteRow, folder: &Path) -> Work<PathBuf> {
    let path: String = row.try_get("path")?;
    let relative: i64 = row.try_get("path_is_relative")?;
    Ok(if relative == 0 { PathBuf::from(path) } else { folder.join(path) })
}

/// Of `rows` rows (or deletions) in a file, those no later than the snapshot. Only a file that another
/// writer merged holds rows of several; a file that cannot be read counts as a whole, and says so when it is read.
fn rows_until(path: &Path, rows: i64, partial_max: Option<i64>, snapshot: i64) -> i64 {
    if partial_max.is_none_or(|newest| newest <= snapshot) {
        return rows;
    }
    let count = || -> Option<i64> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
        let only = ProjectionMask::columns(builder.parquet_schema(), [SNAPSHOT_COLUMN]);
        let mut count = 0;
        for batch in builder.with_projection(only).build().ok()? {
            let batch = batch.ok()?;
            let snapshots = batch.column(0).as_primitive_opt::<Int64Type>()?;
            count += snapshots.iter().flatten().filter(|s| *s <= snapshot).count() as i64;
        }
        Some(count)
    };
    count().unwrap_or(rows)
}

async fn name_mapping(connection: &mut SqliteConnection, mapping: i64) -> Work<Vec<MappedName>> {
    let rows = sqlx::query(
        "SELECT source_name, target_field_id, is_partition FROM ducklake_name_mapping WHERE mapping_id = ? AND parent_column IS NULL",
    )
    .bind(mapping)
    .fetch_all(connection)
    .await?;
    let name = |row: &SqliteRow| -> Work<MappedName> {
        Ok(MappedName {
            source_name: row.try_get("source_name")?,
            field_id: row.try_get("target_field_id")?,
            from_path: row.try_get::<Option<i64>, _>("is_partition")?.unwrap_or_default() != 0,
        })
    };
    rows.iter().map(name).collect()
}

/// Deletions kept in `ducklake_inlined_delete_ID`: positions by data file.
async fn inlined_deletions(connection: &mut SqliteConnection, table_id: i64, snapshot: i64) -> Work<HashMap<i64, Vec<i64>>> {
    let mut positions: HashMap<i64, Vec<i64>> = HashMap::new();
    let table = format!("ducklake_inlined_delete_{table_id}");
    if !exists(connection, &table).await? {
        return Ok(positions);
    }
    let rows = sqlx::query(AssertSqlSafe(format!("SELECT file_id, row_id FROM {} WHERE begin_snapshot <= ?", ident(&table))))
        .bind(snapshot)
        .fetch_all(connection)
        .await?;
    for row in &rows {
        positions.entry(row.try_get("file_id")?).or_default().push(row.try_get("row_id")?);
    }
    Ok(positions)
}

/// Rows kept in `ducklake_inlined_data_ID_VERSION`. Each such table has the columns its table had at
/// that version of the schema, under the names of then.
async fn inlined_rows(connection: &mut SqliteConnection, table_id: i64, columns: &Columns, snapshot: i64) -> Work<Vec<InlinedRow>> {
    let mut rows_found = Vec::new();
    let tables =
        sqlx::query("SELECT table_name, schema_version FROM ducklake_inlined_data_tables WHERE table_id = ? ORDER BY schema_version")
            .bind(table_id)
            .fetch_all(&mut *connection)
            .await?;
    for table in &tables {
        let name: String = table.try_get("table_name")?;
        let version: i64 = table.try_get("schema_version")?;
        if !exists(connection, &name).await? {
            continue;
        }
        let rows = sqlx::query(AssertSqlSafe(format!(
            "SELECT * FROM {} WHERE begin_snapshot <= $1 AND (end_snapshot IS NULL OR end_snapshot > $1) ORDER BY row_id",
            ident(&name)
        )))
        .bind(snapshot)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            continue;
        }
        let begin: Option<i64> = sqlx::query_scalar("SELECT min(snapshot_id) FROM ducklake_snapshot WHERE schema_version = ?")
            .bind(version)
            .fetch_one(&mut *connection)
            .await?;
        let then = match begin {
            Some(begin) => Columns::load(connection, table_id, begin).await?.list,
            None => columns.list.clone(),
        };
        for row in &rows {
            rows_found.push(inlined_row(row, &then)?);
        }
    }
    Ok(rows_found)
}

fn inlined_row(row: &SqliteRow, columns: &[Column]) -> Work<InlinedRow> {
    let mut values = HashMap::new();
    for (i, column) in row.columns().iter().enumerate() {
        if let Some(known) = columns.iter().find(|c| c.name == column.name()) {
            values.insert(known.id, inlined_value(row, i)?);
        }
    }
    Ok(values)
}

fn inlined_value(row: &SqliteRow, i: usize) -> Work<InlinedValue> {
    let raw = row.try_get_raw(i)?;
    if raw.is_null() {
        return Ok(InlinedValue::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => InlinedValue::Text(row.try_get_unchecked::<i64, _>(i)?.to_string()),
        "REAL" => InlinedValue::Text(row.try_get_unchecked::<f64, _>(i)?.to_string()),
        "BLOB" => InlinedValue::Bytes(row.try_get_unchecked(i)?),
        _ => InlinedValue::Text(row.try_get_unchecked(i)?),
    })
}

async fn exists(connection: &mut SqliteConnection, table: &str) -> Work<bool> {
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?")
        .bind(table.to_owned())
        .fetch_one(connection)
        .await?;
    Ok(found > 0)
}

impl StoredTable {
    /// Rows a reader sees, from the catalogue's own counts.
    pub fn rows(&self) -> i64 {
        let in_files: i64 = self
            .files
            .iter()
            .map(|f| f.rows_by_then - f.deleted_positions.len() as i64 - f.deletions.iter().map(|d| d.rows).sum::<i64>())
            .sum();
        in_files + self.inlined.len() as i64
    }

    /// Bytes of its files.
    pub fn bytes(&self) -> i64 {
        self.files.iter().map(|f| f.bytes + f.deletions.iter().map(|d| d.bytes).sum::<i64>()).sum()
    }
}
