//! `not_null`: every row has a value in the column. An empty text is a value.

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::Broken;
use super::subject::Subject;

pub(super) fn broken(subject: &Subject<'_>, column: &str) -> Outcome<Broken> {
    subject.column(column)?;
    Ok(Broken::Row { condition: format!("{} IS NULL", ident(column)), reason: literal(&format!("{column} has no value")) })
}
