//! What is in a database: its tables, and the columns of what is read.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column as _, Executor, Row, SqlSafeStr, Statement};
use trommel_model::{Cancel, Outcome, RemoteTable};

use super::config::{Session, ident, literal};
use super::error;
use super::types::{Declared, numeric_of};
use crate::database::{Reach, Subject};
use crate::values::Kind;

/// The OID of `numeric`.
const NUMERIC: u32 = 1700;

/// The tables and views a user can see, without those of the system.
pub fn tables(reach: &Reach, cancel: &Cancel) -> Outcome<Vec<RemoteTable>> {
    let mut session = Session::open(reach, cancel)?;
    let found = list(&mut session)?;
    session.close();
    Ok(found)
}

/// The same, over a connection that is there.
pub fn list(session: &mut Session) -> Outcome<Vec<RemoteTable>> {
    const TABLES: &str = "SELECT n.nspname || '.' || c.relname, \
         CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END, \
         c.reltuples::float8, \
         ARRAY(SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(at, place) \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.at WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%' \
         AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1";
    let rows = session.rows(TABLES)?;
    let facts = |row: &PgRow| {
        let rows: f64 = row.try_get(2)?;
        Ok(RemoteTable {
            name: row.try_get(0)?,
            kind: row.try_get(1)?,
            // -1: never counted.
            rows: (rows >= 0.0).then_some(rows as u64),
            key: row.try_get(3)?,
        })
    };
    rows.iter().map(facts).collect::<Result<_, sqlx::Error>>().map_err(|e| error::of(&e, &session.reach))
}

/// The columns of what is read, in order, domains opened.
pub fn columns(session: &mut Session, subject: &Subject) -> Outcome<Vec<Declared>> {
    match subject {
        Subject::Table(..) => {
            let name = literal(&subject.from(ident));
            let sql = format!(
                "WITH RECURSIVE opened(place, name, oid, modifier) AS (\
                 SELECT attnum::int4, attname::text, atttypid, atttypmod FROM pg_attribute \
                 WHERE attrelid = {name}::regclass AND attnum > 0 AND NOT attisdropped \
                 UNION ALL \
                 SELECT o.place, o.name, t.typbasetype, CASE WHEN o.modifier = -1 THEN t.typtypmod ELSE o.modifier END \
                 FROM opened o JOIN pg_type t ON t.oid = o.oid WHERE t.typtype = 'd') \
                 SELECT o.name, o.oid::int8, o.modifier, format_type(o.oid, o.modifier), t.typtype::text, t.typcategory::text \
                 FROM opened o JOIN pg_type t ON t.oid = o.oid WHERE t.typtype <> 'd' ORDER BY o.place"
            );
            let rows = session.rows(&sql)?;
            rows.iter().map(declared).collect::<Result<_, _>>().map_err(|e| error::of(&e, &session.reach))
        }
        Subject::Query(query) => of_query(session, query),
    }
}

fn of_query(session: &mut Session, query: &str) -> Outcome<Vec<Declared>> {
    let Session { patience, connection, reach } = session;
    let statement = patience.wait(connection.prepare(AssertSqlSafe(query.to_owned()).into_sql_str()), |e| error::of(&e, reach))?;
    let found: Vec<(String, u32)> =
        statement.columns().iter().map(|c| (c.name().to_owned(), c.type_info().oid().map_or(0, |oid| oid.0))).collect();
    let list: Vec<String> = found.iter().map(|(_, oid)| oid.to_string()).collect();
    let sql = format!(
        "SELECT ''::text, oid::int8, -1, format_type(oid, NULL), typtype::text, typcategory::text FROM pg_type WHERE oid IN ({})",
        if list.is_empty() { "0".to_owned() } else { list.join(", ") }
    );
    let rows = session.rows(&sql)?;
    let types: Vec<Declared> = rows.iter().map(declared).collect::<Result<_, _>>().map_err(|e| error::of(&e, &session.reach))?;
    let of = |(name, oid): (String, u32)| {
        let known = types.iter().find(|t| t.oid == oid).ok_or_else(|| error::unknown_type(&name, &format!("{oid}")))?;
        Ok(Declared { name, ..known.clone() })
    };
    found.into_iter().map(of).collect()
}

fn declared(row: &PgRow) -> Result<Declared, sqlx::Error> {
    let first = |text: String| text.chars().next().unwrap_or(' ');
    Ok(Declared {
        name: row.try_get(0)?,
        oid: row.try_get::<i64, _>(1)? as u32,
        modifier: row.try_get(2)?,
        data_type: row.try_get(3)?,
        class: first(row.try_get(4)?),
        category: first(row.try_get(5)?),
    })
}

/// For each `numeric` without bounds the decimal that holds all of its values, where there is one.
pub fn bounds(session: &mut Session, from: &str, columns: &[Declared]) -> Outcome<Vec<Option<Kind>>> {
    let unbounded = |c: &Declared| c.oid == NUMERIC && numeric_of(c.modifier).is_none();
    let asked: Vec<String> = columns
        .iter()
        .filter(|c| unbounded(c))
        .map(|c| {
            let name = ident(&c.name);
            // The scale of NaN and the infinities is null.
            let whole = format!("max(abs(trunc({name}))) FILTER (WHERE scale({name}) IS NOT NULL)");
            format!("coalesce(max(scale({name})), 0), coalesce(length(({whole})::text), 1), count(*) FILTER (WHERE {name} IS NOT NULL AND scale({name}) IS NULL)")
        })
        .collect();
    if asked.is_empty() {
        return Ok(vec![None; columns.len()]);
    }
    let rows = session.rows(&format!("SELECT {} FROM {from}", asked.join(", ")))?;
    let mut at = 0;
    let mut out = Vec::with_capacity(columns.len());
    for column in columns {
        if !unbounded(column) {
            out.push(None);
            continue;
        }
        let fact = |place: usize| rows.first().and_then(|row| row.try_get::<i32, _>(place).ok()).unwrap_or(i32::MAX);
        let strange = rows.first().and_then(|row| row.try_get::<i64, _>(at + 2).ok()).unwrap_or(1);
        let (scale, whole) = (fact(at), fact(at + 1));
        at += 3;
        out.push((strange == 0 && scale.saturating_add(whole) <= 38).then(|| Kind::Decimal((scale + whole) as u8, scale as u8)));
    }
    Ok(out)
}
