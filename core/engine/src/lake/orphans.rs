//! Files that no snapshot names: what a run left that was stopped before it could publish.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sqlx::{Row, SqliteConnection};
use trommel_model::{Outcome, Problem};

use super::catalogue::Work;

/// Files below `data_dir` that are older than `age` and not among `named`, in order.
pub(super) fn find(data_dir: &Path, named: &HashSet<PathBuf>, age: Duration) -> Outcome<Vec<PathBuf>> {
    let newest = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut found = Vec::new();
    let mut folders = vec![data_dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |e: &std::io::Error| Problem::from_io(e, "list the folder", &folder);
        for entry in std::fs::read_dir(&folder).map_err(|e| failed(&e))? {
            let entry = entry.map_err(|e| failed(&e))?;
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                folders.push(entry.path());
            } else if about.is_file() && !named.contains(&entry.path()) && about.modified().is_ok_and(|at| at <= newest) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Every file that a snapshot names, whether it still is the newest or not, and those another program will remove.
pub(super) async fn named(connection: &mut SqliteConnection, data_dir: &Path) -> Work<HashSet<PathBuf>> {
    let mut named = HashSet::new();
    for files in ["ducklake_data_file", "ducklake_delete_file"] {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT f.path, f.path_is_relative, t.path AS table_path, s.path AS schema_path
             FROM {files} f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)"
        )))
        .fetch_all(&mut *connection)
        .await?;
        for row in &rows {
            let text = |name: &str| -> Work<String> { Ok(row.try_get::<Option<String>, _>(name)?.unwrap_or_default()) };
            let path = text("path")?;
            named.insert(match row.try_get::<i64, _>("path_is_relative")? {
                0 => PathBuf::from(path),
                _ => data_dir.join(text("schema_path")?).join(text("table_path")?).join(path),
            });
        }
    }
    let rows = sqlx::query("SELECT path, path_is_relative FROM ducklake_files_scheduled_for_deletion").fetch_all(connection).await?;
    for row in &rows {
        // A relative path stays as it is under `join`'s absolute argument.
        named.insert(data_dir.join(row.try_get::<String, _>("path")?));
    }
    Ok(named)
}
