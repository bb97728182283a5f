//! What is in a database: its tables, and the columns of what is read.

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Column as _, Executor, Row, SqlSafeStr, Statement};
use trommel_model::{Cancel, Outcome, RemoteTable};

use super::config::{Session, ident};
use super::error;
use super::types::{Becomes, Open, becomes};
use crate::database::{Reach, Subject};
use crate::values::Kind;

/// The tables and views of the connection's database, or of all databases when it names none.
pub fn tables(reach: &Reach, cancel: &Cancel) -> Outcome<Vec<RemoteTable>> {
    let mut session = Session::open(reach, cancel)?;
    let found = list(&mut session)?;
    session.close();
    Ok(found)
}

/// The same, over a connection that is there.
pub fn list(session: &mut Session) -> Outcome<Vec<RemoteTable>> {
    const TABLES: &str = "SELECT CONCAT(t.table_schema, '.', t.table_name), IF(t.table_type LIKE '%VIEW', 'view', 'table'), \
         CAST(t.table_rows AS SIGNED), \
         (SELECT GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR '\\0') FROM information_schema.key_column_usage k \
          WHERE k.table_schema = t.table_schema AND k.table_name = t.table_name AND k.constraint_name = 'PRIMARY') \
         FROM information_schema.tables t WHERE t.table_schema = COALESCE(DATABASE(), t.table_schema) \
         AND t.table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1";
    let rows = session.rows(TABLES, &[])?;
    let facts = |row: &MySqlRow| {
        let key: Option<String> = row.try_get(3)?;
        Ok(RemoteTable {
            name: row.try_get(0)?,
            kind: row.try_get(1)?,
            rows: row.try_get::<Option<i64>, _>(2)?.and_then(|rows| u64::try_from(rows).ok()),
            key: key.map(|k| k.split('\0').map(str::to_owned).collect()).unwrap_or_default(),
        })
    };
    rows.iter().map(facts).collect::<Result<_, sqlx::Error>>().map_err(|e| error::of(&e, &session.reach))
}

/// A column as the server declares it.
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its type's name, for people.
    pub data_type: String,
    /// What it becomes, and what is open about it; none for a type that is not read.
    pub known: Option<(Becomes, Option<Open>)>,
}

/// The columns of what is read, in order, each with what it becomes.
pub fn columns(session: &mut Session, subject: &Subject) -> Outcome<Vec<Becomes>> {
    let from = subject.from(ident);
    let mut found = Vec::new();
    for column in declared(session, &from)? {
        let Declared { name, data_type, known } = column;
        found.push(known.ok_or_else(|| session.reach.fault(error::unknown_type(&name, &data_type)))?);
    }
    if let Subject::Table(schema, table) = subject
        && found.iter().any(|(_, open)| *open == Some(Open::Digits))
    {
        let digits = digits(session, schema.as_deref(), table)?;
        for (column, open) in &mut found {
            if let Some((_, precision, scale)) = digits.iter().find(|(name, ..)| *open == Some(Open::Digits) && *name == column.name) {
                column.kind = Some(Kind::Decimal(*precision, *scale));
                *open = None;
            }
        }
    }
    settle(session, &from, found)
}

/// The decimals of a table that a decimal here can hold: name, digits in all, digits after the point. What a table declares
/// need not be looked for in its values.
fn digits(session: &mut Session, schema: Option<&str>, table: &str) -> Outcome<Vec<(String, u8, u8)>> {
    const DECIMALS: &str = "SELECT column_name, CAST(numeric_precision AS SIGNED), CAST(numeric_scale AS SIGNED) \
         FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? \
         AND data_type = 'decimal' AND numeric_precision <= 38 AND numeric_scale <= numeric_precision";
    let rows = session.rows(DECIMALS, &[schema.unwrap_or_default(), table])?;
    let of = |row: &MySqlRow| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? as u8, row.try_get::<i64, _>(2)? as u8));
    rows.iter().map(of).collect::<Result<_, sqlx::Error>>().map_err(|e| error::of(&e, &session.reach))
}

/// The columns as the server declares them, in order.
pub fn declared(session: &mut Session, from: &str) -> Outcome<Vec<Declared>> {
    let sql = format!("SELECT * FROM {from}");
    let Session { patience, connection, reach } = session;
    let statement = patience.wait(connection.prepare(AssertSqlSafe(sql).into_sql_str()), |e| error::of(&e, reach))?;
    let of = |column: &sqlx::mysql::MySqlColumn| Declared {
        name: column.name().to_owned(),
        data_type: column.type_info().to_string(),
        known: becomes(column.name(), column.type_info()),
    };
    Ok(statement.columns().iter().map(of).collect())
}

/// Finds out what is open about columns by looking at their values.
pub fn settle(session: &mut Session, from: &str, found: Vec<(Becomes, Option<Open>)>) -> Outcome<Vec<Becomes>> {
    let asked: Vec<String> = found
        .iter()
        .filter_map(|(column, open)| {
            let name = ident(&column.name);
            Some(match (*open)? {
                // A decimal prints all of its places; before the point there may be a sign.
                Open::Digits => format!(
                    "CAST(COALESCE(MAX(CHAR_LENGTH(SUBSTRING_INDEX(ABS({name}), '.', 1))), 1) AS SIGNED), \
                     CAST(COALESCE(MAX(IF(LOCATE('.', {name}) > 0, CHAR_LENGTH(SUBSTRING_INDEX({name}, '.', -1)), 0)), 0) AS SIGNED)"
                ),
                Open::Clock => format!(
                    "CAST(COALESCE(MIN({name}) >= CAST('00:00:00' AS TIME), 1) AS SIGNED), \
                     CAST(COALESCE(MAX({name}) < CAST('24:00:00' AS TIME), 1) AS SIGNED)"
                ),
            })
        })
        .collect();
    if asked.is_empty() {
        return Ok(found.into_iter().map(|(column, _)| column).collect());
    }
    let rows = session.rows(&format!("SELECT {} FROM {from}", asked.join(", ")), &[])?;
    let fact = |at: usize| rows.first().and_then(|row| row.try_get::<i64, _>(at).ok()).unwrap_or_default();
    let mut at = 0;
    let settled = |(mut column, open): (Becomes, Option<Open>)| {
        let Some(open) = open else { return column };
        let (first, second) = (fact(at), fact(at + 1));
        at += 2;
        column.kind = Some(match open {
            Open::Digits if first > 0 && first + second <= 38 => Kind::Decimal((first + second) as u8, second as u8),
            Open::Clock if first == 1 && second == 1 => Kind::Time,
            _ => Kind::Text,
        });
        column
    };
    Ok(found.into_iter().map(settled).collect())
}
