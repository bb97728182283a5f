//! A large table by several connections that see the same moment.
//!
//! Servers of this kind do not share a snapshot. Connections see the same rows of a table when nobody writes to it between
//! the beginnings of their transactions: the table alone, not the server, is locked for reading while they begin, and a
//! lock that is not had within a second, or that the user may not take, is done without: then one connection reads.

use std::sync::{Mutex, PoisonError};

use sqlx::Row;
use trommel_model::{Code, Outcome};

use super::config::{Session, ident};
use super::error;
use crate::database::{Found, Subject};

/// Keys of one part. The same for any number of threads, so that a table reads the same.
const PART_KEYS: i64 = 1 << 19;
/// More parts than this: the keys are too far apart for ranges of them.
const MOST_PARTS: i64 = 4096;
/// Rows from which on it is worth while.
const FROM_ROWS: i64 = 1_000_000;

/// A table in ranges of its key, and connections that see the same of it.
pub struct Split {
    /// The key's column.
    pub key: String,
    /// How many ranges there are.
    pub parts: usize,
    smallest: i64,
    sessions: Mutex<Vec<Session>>,
}

/// The table in parts; none when one connection reads it, perhaps with a remark why.
pub fn split(found: &Found<'_>, session: &mut Session, subject: &Subject) -> Outcome<(Option<Split>, Option<&'static str>)> {
    let Subject::Table(schema, table) = subject else { return Ok((None, None)) };
    if found.threads < 2 || found.most.is_some() {
        return Ok((None, None));
    }
    let Some(key) = whole_key(session, schema.as_deref(), table)? else { return Ok((None, None)) };
    let from = subject.from(ident);
    let name = ident(&key);
    let ends = session.rows(
        &format!("SELECT CAST(MIN({name}) AS SIGNED), CAST(MAX({name}) AS SIGNED), MAX({name}) > 9223372036854775807 FROM {from}"),
        &[],
    )?;
    let end = |at: usize| ends.first().and_then(|row| row.try_get::<Option<i64>, _>(at).ok()).flatten();
    let (Some(smallest), Some(largest)) = (end(0), end(1)) else { return Ok((None, None)) };
    let parts = largest.checked_sub(smallest).map_or(i64::MAX, |width| width / PART_KEYS + 1);
    if end(2) != Some(0) || !(2..=MOST_PARTS).contains(&parts) {
        return Ok((None, None));
    }
    let mut readers = Vec::new();
    for _ in 0..found.threads.min(parts as usize) {
        readers.push(Session::open(&found.reach, found.cancel)?);
    }
    let mut guard = Session::open(&found.reach, found.cancel)?;
    let locked = guard.run("SET SESSION lock_wait_timeout = 1").and_then(|()| guard.run(&format!("LOCK TABLES {from} READ")));
    if let Err(problem) = locked {
        if problem.code == Code::Interrupted {
            return Err(problem);
        }
        return Ok((None, Some("one connection reads the table: it cannot be locked for the moment in which several begin")));
    }
    let begun = readers.iter_mut().try_for_each(Session::begin_reading);
    guard.run("UNLOCK TABLES")?;
    guard.close();
    begun?;
    // The ends were looked at before; rows beyond them belong to the first and the last part.
    Ok((Some(Split { key, parts: parts as usize, smallest, sessions: Mutex::new(readers) }), None))
}

/// The one column of whole numbers that is the primary key of a large table of `InnoDB`, the engine that has snapshots.
fn whole_key(session: &mut Session, schema: Option<&str>, table: &str) -> Outcome<Option<String>> {
    const KEY: &str = "SELECT c.column_name FROM information_schema.columns c \
         JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
         WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND c.table_name = ? AND c.column_key = 'PRI' \
         AND c.data_type IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') AND t.engine = 'InnoDB' AND t.table_rows >= ? \
         AND (SELECT COUNT(*) FROM information_schema.columns o WHERE o.table_schema = c.table_schema AND o.table_name = c.table_name \
              AND o.column_key = 'PRI') = 1";
    let rows = session.rows(KEY, &[schema.unwrap_or_default(), table, &FROM_ROWS.to_string()])?;
    rows.first().map(|row| row.try_get(0)).transpose().map_err(|e| error::of(&e, &session.reach))
}

impl Split {
    /// The range of a part: from, and up to before; the first has no beginning and the last no end.
    pub fn range(&self, part: usize) -> (Option<i64>, Option<i64>) {
        let at = |part: usize| self.smallest.saturating_add(part as i64 * PART_KEYS);
        ((part > 0).then(|| at(part)), (part + 1 < self.parts).then(|| at(part + 1)))
    }

    /// How many rows may come before a part.
    pub fn before(part: usize) -> u64 {
        part as u64 * PART_KEYS as u64
    }

    /// One of the connections that nobody uses.
    pub fn session(&self) -> Option<Session> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Gives a connection back, for the next part.
    pub fn give_back(&self, session: Session) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Says goodbye.
    pub fn close(self) {
        for session in self.sessions.into_inner().unwrap_or_else(PoisonError::into_inner) {
            session.close();
        }
    }
}
