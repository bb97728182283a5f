//! `accepted_values`: the value, as text, is one of a list; null passes. Nothing is in an empty list.

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, values: &[String]) -> Outcome<Broken> {
    subject.column(column)?;
    let name = ident(column);
    let accepted: Vec<String> = values.iter().map(|v| literal(v)).collect();
    // Looking into a list is several times faster than NOT IN: the engine does it once for each entry of a dictionary.
    // A null stays null, which is not broken.
    let condition = if accepted.is_empty() {
        format!("{name} IS NOT NULL")
    } else {
        format!("NOT list_contains([{}], CAST({name} AS VARCHAR))", accepted.join(", "))
    };
    Ok(Broken::Row { condition, reason: value_is(column, "which is not one of the accepted values") })
}
