//! `unique`: no two rows agree in all the columns; rows with a null among them are not compared.
//!
//! *Counted* are all rows that agree with another one: each of them breaks the rule. *Held* are those that one cannot keep:
//! - where the table knows the position of its rows (`_file`, `_line`), every row after the first by file and line, so
//!   that one of them stays;
//! - where it does not, all of them, because nothing says which is right.
//!
//! A row that an earlier rule holds is no longer there to agree with.

use trommel_engine::sql::{ident, literal};
use trommel_model::{Outcome, Schema};

use super::Broken;
use super::subject::{Subject, repeated};

pub(super) fn broken(subject: &Subject<'_>, columns: &[String]) -> Outcome<Broken> {
    if columns.is_empty() {
        return Err(subject.senseless("names no column").next("set columns, for instance columns = [\"id\"]"));
    }
    for column in columns {
        subject.column(column)?;
    }
    let values: Vec<String> = columns.iter().map(|c| repeated(c)).collect();
    let reason = format!("concat({}, {})", literal(&format!("another row has the same {}: ", columns.join(", "))), values.join(", ', ', "));
    Ok(Broken::Shared { keys: columns.iter().map(|c| ident(c)).collect(), reason })
}

/// Keys as one value.
pub(super) fn one(keys: &[String]) -> String {
    match keys {
        [key] => key.clone(),
        several => format!("row({})", several.join(", ")),
    }
}

/// True for rows that are compared.
pub(super) fn known(keys: &[String]) -> String {
    let known: Vec<String> = keys.iter().map(|k| format!("{k} IS NOT NULL")).collect();
    format!("({})", known.join(" AND "))
}

/// True for a row that has to go so that the rows `among` which it is become unique: SQL with window functions.
pub(super) fn surplus(schema: &Schema, keys: &[String], among: &str) -> String {
    let partition = format!("PARTITION BY {among}, {}", keys.join(", "));
    if schema.position("_file").is_some() && schema.position("_line").is_some() {
        // Rows of one position differ in what was joined to them; a hash of the row decides alike every time.
        let row: Vec<String> = schema.names().map(ident).collect();
        return format!("row_number() OVER ({partition} ORDER BY _file, _line, hash({})) > 1", row.join(", "));
    }
    format!("count(*) OVER ({partition}) > 1")
}
