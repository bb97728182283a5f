//! `regex`: the value, as text, matches the whole pattern (RE2); null passes.

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, pattern: &str) -> Outcome<Broken> {
    subject.column(column)?;
    Ok(Broken::Row {
        // Null in, null out: not broken.
        condition: format!("NOT regexp_full_match(CAST({} AS VARCHAR), {})", ident(column), literal(pattern)),
        reason: value_is(column, &format!("which does not match {pattern}")),
    })
}
