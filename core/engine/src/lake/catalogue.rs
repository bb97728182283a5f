//! The lake's catalogue: a SQLite database in DuckLake 1.0 form, with our own tables beside it.
//!
//! The tables are exactly those that DuckDB's ducklake extension 1.5.5 makes on SQLite, so that either
//! side can open what the other has made. Ours begin with `trommel_`; others ignore them.
//!
//! Two connections: one that reads and one that writes, so that a reader never waits for a commit of
//! its own process (write-ahead logging sees to the other processes). All calls are synchronous; the
//! small runtime that sqlx wants is inside.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::runtime::Runtime;
use trommel_model::{Code, Outcome, Problem};

use super::clock;

/// How long a writer waits for another one's transaction.
const BUSY: Duration = Duration::from_secs(30);

/// The DuckLake version this catalogue is written in, and the only one it reads.
pub(super) const VERSION: &str = "1.0";

/// The catalogue, open.
pub(super) struct Catalogue {
    path: PathBuf,
    runtime: Runtime,
    reader: Mutex<SqliteConnection>,
    writer: Mutex<SqliteConnection>,
    writable: bool,
}

/// What can go wrong while the catalogue is used.
pub(super) enum Fault {
    Sqlite(sqlx::Error),
    Told(Box<Problem>),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Told(Box::new(problem))
    }
}

/// What work on the catalogue gives.
pub(super) type Work<T> = Result<T, Fault>;

impl Catalogue {
    /// Opens the catalogue in `path`, makes it when absent, and brings `data_path` up to date.
    pub fn open(path: &Path, data_path: &Path) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|e| Problem::new(Code::Internal, "cannot start the catalogue's runtime").why(e.to_string()))?;
        let opened = runtime.block_on(async {
            let writer = options(path).create_if_missing(true).connect().await?;
            let reader = options(path).connect().await?;
            Ok::<_, sqlx::Error>((reader, writer, true))
        });
        let (reader, writer, writable) = match opened {
            Err(error) if is_read_only(&error) && path.is_file() => runtime
                .block_on(async {
                    let frozen = || SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
                    Ok::<_, sqlx::Error>((frozen().connect().await?, frozen().connect().await?, false))
                })
                .map_err(|e| problem(&e, path))?,
            other => other.map_err(|e| problem(&e, path))?,
        };
        let catalogue = Self { path: path.to_owned(), runtime, reader: Mutex::new(reader), writer: Mutex::new(writer), writable };
        catalogue.prepare(data_path)?;
        Ok(catalogue)
    }

    /// Reads, seeing one state of the catalogue throughout.
    pub fn read<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> Work<T>) -> Outcome<T> {
        let mut connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        self.transaction(&mut connection, "BEGIN", work)
    }

    /// Changes the catalogue: all that `work` does, or nothing. Waits for other writers.
    pub fn write<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> Work<T>) -> Outcome<T> {
        if !self.writable {
            return Err(Problem::new(Code::Denied, "the lake cannot be written")
                .in_file(&self.path)
                .next("check the permissions of the folder"));
        }
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.transaction(&mut connection, "BEGIN IMMEDIATE", work)
    }

    fn transaction<T>(
        &self,
        connection: &mut SqliteConnection,
        begin: &'static str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Work<T>,
    ) -> Outcome<T> {
        let result = self.runtime.block_on(async {
            sqlx::raw_sql(begin).execute(&mut *connection).await?;
            match work(&mut *connection).await {
                Ok(value) => {
                    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
                    Ok(value)
                }
                Err(fault) => {
                    // The fault that made us stop is what is told; SQLite rolls back on its own if this fails.
                    let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
                    Err(fault)
                }
            }
        });
        result.map_err(|fault: Fault| match fault {
            Fault::Sqlite(error) => {
                // A COMMIT that failed for want of space leaves the transaction open.
                let _ = self.runtime.block_on(sqlx::raw_sql("ROLLBACK").execute(&mut *connection));
                problem(&error, &self.path)
            }
            Fault::Told(told) => *told,
        })
    }

    fn prepare(&self, data_path: &Path) -> Outcome<()> {
        let data_path = format!("{}/", data_path.to_string_lossy().trim_end_matches('/'));
        let state = self.read(async |connection| {
            let made: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'trommel_snapshot'")
                .fetch_one(&mut *connection)
                .await?;
            let foreign: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'ducklake_metadata'")
                .fetch_one(&mut *connection)
                .await?;
            let stored: Option<String> = match foreign {
                0 => None,
                _ => metadata(connection, "data_path").await?,
            };
            Ok((made > 0, foreign > 0, stored))
        })?;
        if state != (true, true, Some(data_path.clone())) && self.writable {
            self.write(async |connection| make(connection, &data_path).await)?;
        }
        self.read(async |connection| check_readable(connection).await).map_err(|p| p.in_file(&self.path))
    }
}

/// One value of the lake-wide metadata.
pub(super) async fn metadata(connection: &mut SqliteConnection, key: &str) -> Work<Option<String>> {
    Ok(sqlx::query_scalar("SELECT value FROM ducklake_metadata WHERE key = ? AND scope IS NULL")
        .bind(key.to_owned())
        .fetch_optional(connection)
        .await?)
}

/// Makes what is missing. Several processes may come here at once; the transaction puts them in a row.
async fn make(connection: &mut SqliteConnection, data_path: &str) -> Work<()> {
    sqlx::raw_sql(include_str!("catalogue.sql")).execute(&mut *connection).await?;
    if metadata(connection, "version").await?.is_none() {
        let created_by = concat!("Trommel ", env!("CARGO_PKG_VERSION"));
        // Rows that another writer keeps in the catalogue are read, but Parquet files are what everybody can read: ask for those.
        let settings = [
            ("version", VERSION),
            ("created_by", created_by),
            ("data_path", data_path),
            ("encrypted", "false"),
            ("data_inlining_row_limit", "0"),
        ];
        for (key, value) in settings {
            sqlx::query("INSERT INTO ducklake_metadata (key, value) VALUES (?, ?)")
                .bind(key)
                .bind(value.to_owned())
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query("INSERT INTO ducklake_snapshot VALUES (0, ?, 0, 1, 0)").bind(clock::now_text()).execute(&mut *connection).await?;
        sqlx::raw_sql("INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made) VALUES (0, 'created_schema:\"main\"')")
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO ducklake_schema VALUES (0, ?, 0, NULL, 'main', 'main/', 1)")
            .bind(clock::fresh_uuid())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("UPDATE ducklake_metadata SET value = ? WHERE key = 'data_path' AND scope IS NULL AND value <> ?")
        .bind(data_path.to_owned())
        .bind(data_path.to_owned())
        .execute(&mut *connection)
        .await?;
    Ok(())
}

async fn check_readable(connection: &mut SqliteConnection) -> Work<()> {
    let version = metadata(connection, "version").await?.unwrap_or_default();
    if version != VERSION {
        return Err(Problem::new(Code::LakeBroken, format!("the lake is of DuckLake version {version}"))
            .why(format!("this program reads and writes version {VERSION}"))
            .into());
    }
    if metadata(connection, "encrypted").await?.as_deref() == Some("true") {
        return Err(Problem::new(Code::LakeBroken, "the lake's files are encrypted, which this program does not read").into());
    }
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    let from_file = SqliteConnectOptions::from_str("sqlite://").unwrap_or_default();
    from_file
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
}

/// SQLite's primary result code of an error.
fn result_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn is_read_only(error: &sqlx::Error) -> bool {
    // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN
    matches!(result_code(error), Some(3 | 8 | 14))
}

fn problem(error: &sqlx::Error, path: &Path) -> Problem {
    let told = match result_code(error) {
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(5 | 6) => Problem::new(Code::Locked, "another program is writing the lake").next("wait for it to end and try again"),
        Some(3 | 8 | 14) => Problem::new(Code::Denied, "the lake cannot be opened").next("check the permissions of the folder"),
        // SQLITE_FULL
        Some(13) => Problem::new(Code::NoSpace, "no space left for the lake").next("free some space and run again; nothing was published"),
        // SQLITE_IOERR
        Some(10) => Problem::new(Code::LakeBroken, "the lake cannot be read or written"),
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Some(11 | 26) => Problem::new(Code::LakeBroken, "the lake's catalogue is not a sound database")
            .next("restore lake.sqlite from a backup; the data files beside it are Parquet and can be read without it"),
        _ => Problem::new(Code::LakeBroken, "the lake's catalogue cannot be used"),
    };
    told.in_file(path).why(error.to_string())
}
