//! A new table in a database, filled bit by bit.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, QueryBuilder, Sqlite};
use tokio::runtime::Runtime;
use trommel_model::{Cell, Code, Outcome, Problem};

use super::config::{create, ident, runtime};
use super::error;

/// Values of one statement; SQLite takes 32,766.
const PARAMETERS: usize = 32_000;
/// Rows of one statement. More do not make it faster.
const ROWS: usize = 500;

/// A table being filled.
pub struct TableWriter {
    path: PathBuf,
    name: String,
    width: usize,
    runtime: Runtime,
    /// Present until it is finished or dropped.
    connection: Option<SqliteConnection>,
}

impl TableWriter {
    /// Makes a database with one empty table. Columns have a name and a declared type, which may be empty.
    ///
    /// `file-exists` when there is a file at `path` already.
    pub fn create(path: &Path, name: &str, columns: &[(&str, &str)]) -> Outcome<Self> {
        if path.exists() {
            return Err(Problem::new(Code::FileExists, "there is a file of that name")
                .in_file(path)
                .next("choose another name, or remove it"));
        }
        Self::add(path, name, columns, &[])
    }

    /// Makes an empty table in a database, which is made when it is not there. `key` are the columns of its primary key.
    pub fn add(path: &Path, name: &str, columns: &[(&str, &str)], key: &[&str]) -> Outcome<Self> {
        if columns.is_empty() {
            return Err(Problem::new(Code::Usage, "a table needs a column").in_file(path));
        }
        let runtime = runtime()?;
        let connection = runtime.block_on(create(path))?;
        let mut writer = Self { path: path.to_owned(), name: name.to_owned(), width: columns.len(), runtime, connection: Some(connection) };
        let mut list: Vec<String> = columns.iter().map(|(name, declared)| format!("{} {declared}", ident(name))).collect();
        if !key.is_empty() {
            list.push(format!("PRIMARY KEY ({})", key.iter().map(|k| ident(k)).collect::<Vec<_>>().join(", ")));
        }
        let sql = format!("CREATE TABLE {} ({})", ident(name), list.join(", "));
        writer.with(async |db| sqlx::query(AssertSqlSafe(sql)).execute(db).await.map(drop))?;
        Ok(writer)
    }

    /// Adds rows, all of them or none. Every row has a cell for each column.
    pub fn append(&mut self, rows: &mut dyn Iterator<Item = Vec<Cell>>) -> Outcome<()> {
        let width = self.width;
        let most = (PARAMETERS / width).clamp(1, ROWS);
        let into = format!("INSERT INTO {} ", ident(&self.name));
        let uneven = self.with(async |db| {
            // Dropped without a commit, it is rolled back.
            let mut change = db.begin().await?;
            loop {
                let part: Vec<Vec<Cell>> = rows.take(most).collect();
                if let Some(row) = part.iter().find(|row| row.len() != width) {
                    return Ok(Some(row.len()));
                }
                if part.is_empty() {
                    break;
                }
                let mut query = QueryBuilder::<Sqlite>::new(into.as_str());
                query.push_values(part, |mut values, row| {
                    for cell in row {
                        match cell {
                            Cell::Null => values.push_bind(Option::<i64>::None),
                            Cell::Boolean(value) => values.push_bind(i64::from(value)),
                            Cell::Integer(value) => values.push_bind(value),
                            Cell::Float(value) => values.push_bind(value),
                            Cell::Text(value) => values.push_bind(value),
                        };
                    }
                });
                query.build().execute(&mut *change).await?;
            }
            change.commit().await?;
            Ok(None)
        })?;
        match uneven {
            None => Ok(()),
            Some(found) => {
                Err(Problem::new(Code::Usage, format!("a row has {found} cells, the table has {width} columns")).in_file(&self.path))
            }
        }
    }

    /// Closes the database.
    pub fn finish(mut self) -> Outcome<()> {
        match self.connection.take() {
            Some(connection) => self.runtime.block_on(connection.close()).map_err(|e| error::of(&e, &self.path)),
            None => Ok(()),
        }
    }

    fn with<T>(&mut self, work: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> Outcome<T> {
        let done = match self.connection.as_mut() {
            Some(db) => self.runtime.block_on(work(db)),
            None => Err(sqlx::Error::PoolClosed),
        };
        done.map_err(|e| error::of(&e, &self.path))
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        // Not finished: what was appended is in the file, and closing waits until SQLite has let go of it.
        if let Some(connection) = self.connection.take() {
            let _ = self.runtime.block_on(connection.close());
        }
    }
}
