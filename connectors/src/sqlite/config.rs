//! How a SQLite database is opened, and how names are written in its SQL.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use trommel_model::{Cancel, Code, Outcome, Problem};

use super::error;

/// How long a lock of somebody else is waited for.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine between two looks at whether to stop; some milliseconds of work.
const STEPS: i32 = 100_000;
/// Rows that the reading thread may be ahead.
const AHEAD: usize = 1024;

/// A name as SQL writes it: in double quotes, quotes inside doubled. The one place where names enter SQL text.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Opens a database for reading only.
pub async fn open(path: &Path) -> Outcome<SqliteConnection> {
    open_patiently(path, PATIENCE).await
}

/// As [`open`], with the time to wait for somebody else's lock.
pub async fn open_patiently(path: &Path, patience: Duration) -> Outcome<SqliteConnection> {
    if !path.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Problem::from_io(&missing, "open the database", path));
    }
    if std::fs::metadata(path).is_ok_and(|facts| facts.len() == 0) {
        return Err(Problem::new(Code::EmptyFile, "the file is empty").in_file(path).next("check that it was written to its end"));
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(patience).row_buffer_size(AHEAD);
    options.disable_statement_logging().connect().await.map_err(|e| error::of(&e, path))
}

/// Begins the one transaction of a read, so that all of it is of one moment, and lets the wish to stop end even a
/// statement that runs for long.
pub async fn begin(connection: &mut SqliteConnection, cancel: &Cancel, path: &Path) -> Outcome<()> {
    let stop = cancel.clone();
    let mut handle = connection.lock_handle().await.map_err(|e| error::of(&e, path))?;
    handle.set_progress_handler(STEPS, move || !stop.is_raised());
    drop(handle);
    connection.execute("BEGIN").await.map(drop).map_err(|e| error::of(&e, path))
}

/// Opens a database for writing, making it when it is not there.
pub async fn create(path: &Path) -> Outcome<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(PATIENCE)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full);
    options.disable_statement_logging().connect().await.map_err(|e| error::of(&e, path))
}

/// Closes a connection; what was to be said was said before.
pub async fn close(connection: SqliteConnection) {
    // A connection that does not close cleanly has nothing left to lose: it only read, or it has committed.
    let _ = connection.close().await;
}

/// Runs a future on a small runtime of its own, so that the rest of the crate stays synchronous.
pub fn block_on<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    runtime()?.block_on(work)
}

/// What drives the calls of a connection, on the thread that makes them.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|e| Problem::new(Code::Internal, "cannot start the database reader").why(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(ident("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
    }
}
