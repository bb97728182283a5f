//! The ledger: every run of an environment with its steps, checks and log, in `ledger.sqlite`.
//!
//! Several processes use it at once. Each write is one short transaction that is on disk when the call returns (WAL with
//! full sync). Readers have a connection of their own and never wait for a writer. All calls block; they must not be made
//! from inside an asynchronous runtime.

mod fault;
mod open;
mod read;
mod rows;
mod schema;
mod write;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Runtime;
use trommel_model::{Code, Outcome, Problem, RunId};

use crate::state::State;

/// The ledger of one environment. Can be shared between threads.
pub struct Ledger {
    state: State,
    path: PathBuf,
    reader: Mutex<Store>,
    /// Absent when the workspace cannot be written.
    writer: Option<Mutex<Store>>,
}

/// How well a table kept its checks in one dimension of quality, in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub at: String,
    /// The table.
    pub table: String,
    /// The dimension.
    pub dimension: String,
    /// The mean share of rows that keep a check, 0 to 1; a check of the whole table counts 0 or 1.
    pub score: f64,
    /// How many checks.
    pub checks: u64,
    /// How many of them have a row that breaks them.
    pub broken: u64,
}

/// A connection, and the runtime that drives it.
struct Store {
    runtime: Runtime,
    /// Present until the store is dropped.
    connection: Option<SqliteConnection>,
}

impl Ledger {
    fn reader(&self) -> MutexGuard<'_, Store> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> Outcome<MutexGuard<'_, Store>> {
        match &self.writer {
            Some(writer) => Ok(writer.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Err(Problem::new(Code::Denied, "the ledger cannot be written")
                .in_file(&self.path)
                .next("check the permissions of the workspace's folder .trommel")),
        }
    }
}

impl Store {
    /// Does something with the connection and waits for it.
    fn with<T>(&mut self, work: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> sqlx::Result<T> {
        let connection = self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        self.runtime.block_on(work(connection))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Waits until SQLite has closed its files, so that a workspace can be moved or removed right away.
        if let Some(connection) = self.connection.take() {
            let _ = self.runtime.block_on(connection.close());
        }
    }
}
