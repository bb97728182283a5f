//! A table that is written to: what its columns take.

use sqlx::Row;
use sqlx::postgres::PgRow;
use trommel_model::{Code, Outcome, Problem};

use super::config::{Session, literal};
use super::error;
use super::types::numeric_of;
use crate::database::write::{Bounds, Standing, TargetColumn};
use crate::values::Kind;

/// The privileges that matter.
const PRIVILEGES: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// What the table is like; `None` when there is none. `name` is quoted.
pub fn standing(session: &mut Session, name: &str) -> Outcome<Option<Standing>> {
    let name = literal(name);
    let privileges: Vec<String> = PRIVILEGES.iter().map(|p| format!("has_table_privilege(c.oid, '{p}')")).collect();
    let sql = format!("SELECT c.relkind::text, {} FROM pg_class c WHERE c.oid = to_regclass({name})", privileges.join(", "));
    let rows = session.rows(&sql)?;
    let Some(row) = rows.first() else { return Ok(None) };
    let fail = |e: sqlx::Error, session: &Session| error::of(&e, &session.reach);
    let kind: String = row.try_get(0).map_err(|e| fail(e, session))?;
    if !matches!(kind.as_str(), "r" | "p") {
        return Err(session.reach.fault(
            Problem::new(Code::BadConfig, format!("{name} is no table"))
                .next("write to the table behind it, or give the sink another table"),
        ));
    }
    let mut denied = Vec::new();
    for (at, privilege) in PRIVILEGES.iter().enumerate() {
        if !row.try_get::<bool, _>(at + 1).map_err(|e| fail(e, session))? {
            denied.push((*privilege).to_owned());
        }
    }
    // Domains are opened down to what they are made of; what they forbid, the server says.
    let columns = session.rows(&format!(
        "WITH RECURSIVE opened(place, oid, modifier, strict) AS (\
         SELECT attnum, atttypid, atttypmod, false FROM pg_attribute WHERE attrelid = {name}::regclass AND attnum > 0 AND NOT attisdropped \
         UNION ALL \
         SELECT o.place, t.typbasetype, CASE WHEN o.modifier = -1 THEN t.typtypmod ELSE o.modifier END, o.strict OR t.typnotnull \
         FROM opened o JOIN pg_type t ON t.oid = o.oid WHERE t.typtype = 'd') \
         SELECT a.attname::text, o.oid::int8, o.modifier, format_type(o.oid, o.modifier), a.attnotnull OR o.strict, \
         a.atthasdef OR a.attidentity <> '' OR NOT (a.attnotnull OR o.strict), a.attgenerated <> '' \
         FROM opened o JOIN pg_type t ON t.oid = o.oid JOIN pg_attribute a ON a.attrelid = {name}::regclass AND a.attnum = o.place \
         WHERE t.typtype <> 'd' ORDER BY o.place"
    ))?;
    let columns = columns.iter().map(column).collect::<Result<_, _>>().map_err(|e| fail(e, session))?;
    let keys = session.rows(&format!(
        "SELECT i.indisprimary, ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(at, place) \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.at WHERE k.place <= i.indnkeyatts ORDER BY k.place) \
         FROM pg_index i WHERE i.indrelid = {name}::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL"
    ))?;
    let mut standing = Standing { columns, denied, ..Standing::default() };
    for row in &keys {
        let columns: Vec<String> = row.try_get(1).map_err(|e| fail(e, session))?;
        if row.try_get(0).map_err(|e| fail(e, session))? {
            standing.key.clone_from(&columns);
        }
        standing.unique.push(columns);
    }
    Ok(Some(standing))
}

fn column(row: &PgRow) -> Result<TargetColumn, sqlx::Error> {
    let code = row.try_get::<i64, _>(1)? as u32;
    let modifier: i32 = row.try_get(2)?;
    let (kind, bounds, cast) = takes(code, modifier);
    Ok(TargetColumn {
        name: row.try_get(0)?,
        shown: row.try_get(3)?,
        kind,
        bounds,
        required: row.try_get(4)?,
        optional: row.try_get(5)?,
        generated: row.try_get(6)?,
        cast,
        code,
    })
}

/// What a type takes: the kind of its values, their bounds, and whether they go as text that the server reads.
fn takes(oid: u32, modifier: i32) -> (Option<Kind>, Bounds, bool) {
    let plain = |kind| (Some(kind), Bounds::None, false);
    // Years that both Arrow and the server have, and fractions of a second as the column keeps them.
    let dated = |kind| (Some(kind), Bounds::Moments(-4712, 290_000, u8::try_from(modifier).unwrap_or(6)), false);
    let limit = usize::try_from(modifier - 4).map_or(Bounds::None, Bounds::Characters);
    match oid {
        16 => plain(Kind::Boolean),
        20 => plain(Kind::Integer),
        21 => (Some(Kind::Integer), Bounds::Whole(i128::from(i16::MIN), i128::from(i16::MAX)), false),
        23 => (Some(Kind::Integer), Bounds::Whole(i128::from(i32::MIN), i128::from(i32::MAX)), false),
        26 => (Some(Kind::Integer), Bounds::Whole(0, i128::from(u32::MAX)), false),
        700 | 701 => plain(Kind::Float),
        1700 if modifier < 4 => plain(Kind::Decimal(0, 0)),
        1700 => numeric_of(modifier).map_or((Some(Kind::Text), Bounds::None, true), plain),
        25 => plain(Kind::Text),
        1042 | 1043 => (Some(Kind::Text), limit, false),
        114 | 3802 => (Some(Kind::Text), Bounds::Json, false),
        17 => (None, Bounds::None, false),
        1082 => dated(Kind::Date),
        1083 => dated(Kind::Time),
        1114 => dated(Kind::Timestamp),
        1184 => dated(Kind::Instant),
        2950 => (Some(Kind::Text), Bounds::Uuid, false),
        _ => (Some(Kind::Text), Bounds::None, true),
    }
}
