//! A table that is written to: what its columns take.

use sqlx::Row;
use sqlx::mysql::MySqlRow;
use trommel_model::{Code, Outcome, Problem};

use super::config::Session;
use super::error;
use crate::database::write::{Bounds, Standing, TargetColumn};
use crate::values::Kind;

/// What the table is like; `None` when there is none.
pub fn standing(session: &mut Session, schema: Option<&str>, table: &str) -> Outcome<Option<Standing>> {
    let values: Vec<&str> = schema.into_iter().chain([table]).collect();
    let place = if schema.is_some() { "table_schema = ? AND table_name = ?" } else { "table_schema = DATABASE() AND table_name = ?" };
    let kinds = session.rows(
        &format!(
            "SELECT CAST(table_type AS CHAR), CAST(engine AS CHAR), CAST((SELECT e.transactions FROM information_schema.engines e \
             WHERE e.engine = t.engine) AS CHAR) FROM information_schema.tables t WHERE {place}"
        ),
        &values,
    )?;
    let Some(row) = kinds.first() else { return Ok(None) };
    let fail = |e: sqlx::Error| error::of(&e, &session.reach);
    let kind: String = row.try_get(0).map_err(fail)?;
    let (engine, transactions): (Option<String>, Option<String>) = (row.try_get(1).map_err(fail)?, row.try_get(2).map_err(fail)?);
    if kind.contains("VIEW") {
        return Err(session.reach.fault(
            Problem::new(Code::BadConfig, format!("{table} is a view"))
                .next("write to the table behind it, or give the sink another table"),
        ));
    }
    if let (Some(engine), Some("NO")) = (engine, transactions.as_deref()) {
        return Err(session.reach.fault(
            Problem::new(Code::BadConfig, format!("{table} is kept by {engine}, which has no transactions"))
                .why("a write that fails on the way would leave a part of the rows in it")
                .next(format!("ALTER TABLE {table} ENGINE = InnoDB, or give the sink another table")),
        ));
    }
    let columns = session.rows(
        &format!(
            "SELECT CAST(column_name AS CHAR), LOWER(CAST(data_type AS CHAR)), CAST(column_type AS CHAR), \
             CAST(character_maximum_length AS SIGNED), CAST(character_octet_length AS SIGNED), \
             CAST(numeric_precision AS SIGNED), CAST(numeric_scale AS SIGNED), CAST(datetime_precision AS SIGNED), \
             CAST(is_nullable = 'NO' AS SIGNED), CAST(column_default IS NOT NULL AS SIGNED), LOWER(CAST(extra AS CHAR)), \
             CAST(character_set_name AS CHAR), CAST(collation_name AS CHAR) \
             FROM information_schema.columns WHERE {place} ORDER BY ordinal_position"
        ),
        &values,
    )?;
    let columns = columns.iter().map(column).collect::<Result<_, _>>().map_err(|e| error::of(&e, &session.reach))?;
    let mut standing = Standing { columns, ..Standing::default() };
    // A part of a column, or an expression, names no row.
    let keys = session.rows(
        &format!(
            "SELECT CAST(index_name AS CHAR), CAST(GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR '\\0') AS CHAR) \
             FROM information_schema.statistics WHERE {place} AND non_unique = 0 GROUP BY index_name HAVING COUNT(sub_part) = 0"
        ),
        &values,
    )?;
    for row in &keys {
        let fail = |e: sqlx::Error| error::of(&e, &session.reach);
        let (name, columns): (String, Option<String>) = (row.try_get(0).map_err(fail)?, row.try_get(1).map_err(fail)?);
        let columns: Vec<String> = columns.map(|c| c.split('\0').map(str::to_owned).collect()).unwrap_or_default();
        if name == "PRIMARY" {
            standing.key.clone_from(&columns);
        }
        standing.unique.push(columns);
    }
    Ok(Some(standing))
}

fn column(row: &MySqlRow) -> Result<TargetColumn, sqlx::Error> {
    let data_type: String = row.try_get(1)?;
    let declared: String = row.try_get(2)?;
    let number = |at: usize| row.try_get::<Option<i64>, _>(at).map(|n| n.unwrap_or_default().max(0) as usize);
    let facts = Facts {
        data_type: &data_type,
        declared: &declared,
        characters: number(3)?,
        bytes: number(4)?,
        precision: number(5)?,
        scale: number(6)?,
        digits: number(7)?.min(6) as u8,
    };
    let (kind, bounds) = facts.takes();
    let strict = row.try_get::<i64, _>(8)? != 0;
    let extra = row.try_get::<Option<String>, _>(10)?.unwrap_or_default();
    let charset: Option<String> = row.try_get(11)?;
    let collation: Option<String> = row.try_get(12)?;
    let written = match (charset, collation) {
        (Some(charset), Some(collation)) => format!("{declared} CHARACTER SET {charset} COLLATE {collation}"),
        _ => declared.clone(),
    };
    Ok(TargetColumn {
        name: row.try_get(0)?,
        shown: written,
        kind,
        bounds,
        required: strict,
        optional: !strict || row.try_get::<i64, _>(9)? != 0 || extra.contains("auto_increment"),
        generated: extra.contains("generated") && !extra.contains("default_generated"),
        cast: false,
        code: 0,
    })
}

/// What is known of a type.
struct Facts<'a> {
    data_type: &'a str,
    declared: &'a str,
    characters: usize,
    bytes: usize,
    precision: usize,
    scale: usize,
    digits: u8,
}

impl Facts<'_> {
    /// The kind of its values and their bounds.
    fn takes(&self) -> (Option<Kind>, Bounds) {
        let whole = |bits: u32| {
            let (least, most) = if self.declared.contains("unsigned") {
                (0, (1_i128 << bits) - 1)
            } else {
                (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
            };
            let kind = if bits == 64 && least == 0 { Kind::Decimal(20, 0) } else { Kind::Integer };
            (Some(kind), Bounds::Whole(least, most))
        };
        match self.data_type {
            "tinyint" => whole(8),
            "smallint" => whole(16),
            "mediumint" => whole(24),
            "int" => whole(32),
            "bigint" => whole(64),
            "bit" => (Some(Kind::Integer), Bounds::Whole(0, (1_i128 << self.precision.clamp(1, 63)) - 1)),
            "year" => (Some(Kind::Integer), Bounds::Whole(1901, 2155)),
            "float" | "double" => (Some(Kind::Float), Bounds::None),
            "decimal" if self.precision <= 38 => (Some(Kind::Decimal(self.precision as u8, self.scale as u8)), Bounds::None),
            "char" | "varchar" => (Some(Kind::Text), Bounds::Characters(self.characters)),
            "tinytext" | "text" | "mediumtext" => (Some(Kind::Text), Bounds::Bytes(self.bytes)),
            "json" => (Some(Kind::Text), Bounds::Json),
            "uuid" => (Some(Kind::Text), Bounds::Uuid),
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" => (None, Bounds::Bytes(self.bytes)),
            "longblob" => (None, Bounds::None),
            "date" => (Some(Kind::Date), Bounds::Moments(1, 9999, 6)),
            "datetime" => (Some(Kind::Timestamp), Bounds::Moments(1, 9999, self.digits)),
            "timestamp" => (Some(Kind::Instant), Bounds::Moments(1970, 2037, self.digits)),
            "time" => (Some(Kind::Time), Bounds::Moments(1, 9999, self.digits)),
            // The server reads the text.
            _ => (Some(Kind::Text), Bounds::None),
        }
    }
}
