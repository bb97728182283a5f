//! `accepted_values`: the value, as text, is one of a list; null passes. Nothing is in an empty list.

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, values: &[String]) -> Outcome<Broken> {
    subject.column(column)?;
    let name = ident(column);
    let accepted: Vec<String> = values.iter().map(|v| literal(v)).collect();
    let other = if accepted.is_empty() { "true".to_owned() } else { format!("CAST({name} AS VARCHAR) NOT IN ({})", accepted.join(", ")) };
    Ok(Broken::Row {
        condition: format!("({name} IS NOT NULL AND {other})"),
        reason: value_is(column, "which is not one of the accepted values"),
    })
}
