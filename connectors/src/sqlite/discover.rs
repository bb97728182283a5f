//! What is in a database: its tables, and the columns of what is read.

use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement};
use trommel_model::{Outcome, RemoteTable, SourceSpec};

use super::config::{block_on, close, ident, open};
use super::error;

/// What a source reads from a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A table or view.
    Table(String),
    /// A query.
    Query(String),
}

/// A column as the database declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its declared type, upper case; empty without one.
    pub data_type: String,
}

/// The tables and views of a database, by name.
pub fn tables(path: &Path) -> Outcome<Vec<String>> {
    block_on(async {
        let mut connection = open(path).await?;
        let names = list(&mut connection, path).await;
        close(connection).await;
        names
    })
}

/// The tables and views of a database with what can be known of them without reading them: the largest row id stands for
/// how many rows there are.
pub fn table_facts(path: &Path) -> Outcome<Vec<RemoteTable>> {
    const KINDS: &str = "SELECT type, name FROM sqlite_master \
         WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    block_on(async {
        let mut connection = open(path).await?;
        let fault = |e: sqlx::Error| error::of(&e, path);
        let found: Vec<(String, String)> = sqlx::query_as(KINDS).fetch_all(&mut connection).await.map_err(fault)?;
        let mut facts = Vec::with_capacity(found.len());
        for (kind, name) in found {
            let key = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")
                .bind(&name)
                .fetch_all(&mut connection)
                .await
                .map_err(fault)?;
            let newest = format!("SELECT max(rowid) FROM {}", ident(&name));
            // Views and tables without row ids have no such number.
            let rows: Option<i64> = match kind.as_str() {
                "table" => sqlx::query_scalar(AssertSqlSafe(newest)).fetch_one(&mut connection).await.ok(),
                _ => None,
            };
            facts.push(RemoteTable { name, kind, rows: rows.and_then(|rows| u64::try_from(rows).ok()), key });
        }
        close(connection).await;
        Ok(facts)
    })
}

/// The one table of a database; with one table and some views, the table. With several, a fault that lists them and says
/// how to name one.
pub fn only_table(path: &Path) -> Outcome<String> {
    block_on(async {
        let mut connection = open(path).await?;
        let found = only(&mut connection, path).await;
        close(connection).await;
        found
    })
}

async fn only(connection: &mut SqliteConnection, path: &Path) -> Outcome<String> {
    let names = list(connection, path).await?;
    let views: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'view'")
        .fetch_all(connection)
        .await
        .map_err(|e| error::of(&e, path))?;
    let mut tables = names.iter().filter(|name| !views.contains(name));
    match (tables.next(), tables.next(), &names[..]) {
        (Some(table), None, _) | (None, None, [table]) => Ok(table.clone()),
        (None, None, []) => Err(error::no_tables(path)),
        _ => Err(error::several_tables(&names, path)),
    }
}

/// What a source reads. A database with one table needs no naming.
pub async fn subject(connection: &mut SqliteConnection, spec: &SourceSpec, piece: &str, path: &Path) -> Outcome<Subject> {
    if let Some(query) = &spec.query {
        return Ok(Subject::Query(query.trim().trim_end_matches(';').to_owned()));
    }
    let tables = list(connection, path).await?;
    let named = spec.table.clone().or_else(|| tables.iter().find(|t| *t == piece).cloned());
    match (named, &tables[..]) {
        (Some(name), _) => match tables.iter().find(|t| **t == name).or_else(|| tables.iter().find(|t| t.eq_ignore_ascii_case(&name))) {
            Some(table) => Ok(Subject::Table(table.clone())),
            None => Err(error::unknown_table(&name, &tables, path)),
        },
        (None, [only]) => Ok(Subject::Table(only.clone())),
        (None, []) => Err(error::no_tables(path)),
        (None, _) => Err(error::which_table(&tables, path)),
    }
}

/// The columns of what is read, in order.
pub async fn columns(connection: &mut SqliteConnection, subject: &Subject, path: &Path) -> Outcome<Vec<Declared>> {
    if let Subject::Table(table) = subject {
        let rows = sqlx::query("SELECT name, upper(type) FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid")
            .bind(table)
            .fetch_all(connection)
            .await;
        let rows = rows.map_err(|e| error::of(&e, path))?;
        return rows
            .iter()
            .map(|row| Ok(Declared { name: row.try_get(0)?, data_type: row.try_get(1)? }))
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|e| error::of(&e, path));
    }
    let statement = (&mut *connection).prepare(AssertSqlSafe(subject.from()).into_sql_str()).await.map_err(|e| error::of(&e, path))?;
    Ok(statement.columns().iter().map(|c| Declared { name: c.name().to_owned(), data_type: String::new() }).collect())
}

/// True when the table has row ids to order by, which a column of that name would hide.
pub async fn has_row_ids(connection: &mut SqliteConnection, subject: &Subject, columns: &[Declared]) -> bool {
    let Subject::Table(table) = subject else { return false };
    if columns.iter().any(|c| c.name.eq_ignore_ascii_case("rowid")) {
        return false;
    }
    let probe = format!("SELECT rowid FROM {} LIMIT 1", ident(table));
    let is_table =
        sqlx::query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1").bind(table).fetch_optional(&mut *connection).await;
    matches!(is_table, Ok(Some(_))) && sqlx::query(AssertSqlSafe(probe)).fetch_optional(connection).await.is_ok()
}

/// The tables and views of a database, by name.
pub(super) async fn list(connection: &mut SqliteConnection, path: &Path) -> Outcome<Vec<String>> {
    const TABLES: &str =
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let rows = sqlx::query(TABLES).fetch_all(connection).await.map_err(|e| error::of(&e, path))?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>().map_err(|e| error::of(&e, path))
}

impl Subject {
    /// The subject as it stands in FROM, as a complete SELECT.
    pub fn from(&self) -> String {
        match self {
            Self::Table(table) => format!("SELECT * FROM {}", ident(table)),
            Self::Query(query) => query.clone(),
        }
    }

    /// Its name for `_file`.
    pub fn name(&self) -> &str {
        match self {
            Self::Table(table) => table,
            Self::Query(_) => "query",
        }
    }
}
