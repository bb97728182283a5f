//! `foreign_key`: every value exists in another table's column; null passes.

use trommel_engine::sql::{ident, qualified};
use trommel_model::{Outcome, TableName};

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, references: &str) -> Outcome<Broken> {
    subject.column(column)?;
    let name = ident(column);
    let parts = references.rsplit_once('.').and_then(|(table, key)| Some((table.parse::<TableName>().ok()?, key)));
    let Some((table, key)) = parts.filter(|(_, key)| !key.is_empty()) else {
        return Err(subject
            .senseless(&format!("refers to \"{references}\", which is no column of a table"))
            .next("write layer.table.column, for instance clean.customers.id"));
    };
    let (table, key) = (qualified(&table), ident(key));
    Ok(Broken::Row {
        // With a null among the values, NOT IN would never be true.
        condition: format!("({name} IS NOT NULL AND {name} NOT IN (SELECT _key.{key} FROM {table} AS _key WHERE _key.{key} IS NOT NULL))"),
        reason: value_is(column, &format!("which {references} does not have")),
    })
}
