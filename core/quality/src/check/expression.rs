//! `expression`: a condition in SQL holds; where it is null the row passes.

use trommel_engine::sql::literal;
use trommel_model::Outcome;

use super::Broken;
use super::subject::Subject;

pub(super) fn broken(subject: &Subject<'_>, expression: &str) -> Outcome<Broken> {
    if expression.trim().is_empty() {
        return Err(subject.senseless("says nothing").next("write a condition in SQL, for instance expression = \"ends >= begins\""));
    }
    Ok(Broken::Row {
        // On lines of its own, so that a comment at its end stays its own.
        condition: format!("(NOT CAST((\n{expression}\n) AS BOOLEAN))"),
        reason: literal(&format!("{} does not hold", expression.split_whitespace().collect::<Vec<_>>().join(" "))),
    })
}
