//! `foreign_key`: every value exists in another table's column; null passes.
//!
//! A table may refer to itself. Its rows are then compared among themselves, so that a child and its parent may come together,
//! and where rows are held, a row whose parent is held is held too: the parent is no longer there to refer to.

use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{CheckAction, Outcome, TableName};

use super::subject::{Subject, value_is};
use super::{Among, Broken};

/// A key of a table that refers to the table itself. All are SQL.
#[derive(Debug, Clone)]
pub(super) struct OwnKey {
    /// The column that refers.
    column: String,
    /// The column referred to.
    key: String,
    /// True when rows are held that break the rule.
    holds: bool,
}

pub(super) fn broken(subject: &Subject<'_>, column: &str, references: &str) -> Outcome<Broken> {
    subject.column(column)?;
    let name = ident(column);
    let parts = references.rsplit_once('.').and_then(|(table, key)| Some((table.parse::<TableName>().ok()?, key)));
    let Some((table, key)) = parts.filter(|(_, key)| !key.is_empty()) else {
        return Err(subject
            .senseless(&format!("refers to \"{references}\", which is no column of a table"))
            .next("write layer.table.column, for instance clean.customers.id"));
    };
    let reason = value_is(
        column,
        &match subject.check.action {
            CheckAction::Wait => format!("which {references} does not have yet"),
            _ => format!("which {references} does not have"),
        },
    );
    if table == *subject.table {
        subject.column(key)?;
        let own = OwnKey { column: name, key: ident(key), holds: subject.check.action.holds_rows() };
        return Ok(Broken::Among { among: Among::Own(own), reason });
    }
    let (table, key) = (qualified(&table), ident(key));
    Ok(Broken::Row {
        // With a null among the values, NOT IN would never be true.
        condition: format!("({name} IS NOT NULL AND {name} NOT IN (SELECT _key.{key} FROM {table} AS _key WHERE _key.{key} IS NOT NULL))"),
        reason,
    })
}

/// The row that a row with this value waits for, as a SQL text: `raw.customers.id = 17`.
pub(super) fn parent(column: &str, references: &str) -> String {
    format!("concat({}, CAST({} AS VARCHAR))", literal(&parent_prefix(references)), ident(column))
}

/// What the name of a row that is waited for begins with.
pub fn parent_prefix(references: &str) -> String {
    format!("{references} = ")
}

impl OwnKey {
    /// True for rows of `from` that refer to none of its rows. `from` is anything a SELECT can read.
    pub(super) fn condition(&self, from: &str, looked_at: &str) -> String {
        let Self { column, key, holds } = self;
        let known = format!("SELECT {key} FROM {from} WHERE {key} IS NOT NULL");
        let orphan = format!("({column} IS NOT NULL AND {column} NOT IN ({known}))");
        if !holds {
            return orphan;
        }
        // Values to which no row answers: at first those that no row has, then those of rows that are held for it. A key that
        // several rows share does not go with one of them.
        format!(
            "({column} IS NOT NULL AND {column} IN (WITH RECURSIVE _gone(_key) AS (\
             SELECT {column} FROM {from} WHERE {looked_at} AND {orphan} \
             UNION SELECT _row.{key} FROM (SELECT * FROM {from} WHERE {looked_at}) AS _row JOIN _gone ON _row.{column} = _gone._key \
             WHERE _row.{key} IS NOT NULL AND _row.{key} NOT IN (SELECT {key} FROM {from} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1)\
             ) SELECT _key FROM _gone))"
        )
    }
}
