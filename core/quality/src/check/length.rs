//! `length`: the value, as text, has so many characters; null passes.

use trommel_engine::sql::ident;
use trommel_model::Outcome;

use super::Broken;
use super::subject::{Subject, value_is};
use super::whole::bounds;

pub(super) fn broken(subject: &Subject<'_>, column: &str, min: Option<u64>, max: Option<u64>) -> Outcome<Broken> {
    subject.column(column)?;
    bounds(subject, min.map(|n| n as f64), max.map(|n| n as f64))?;
    let length = format!("length(CAST({} AS VARCHAR))", ident(column));
    let sides = [
        min.map(|n| (format!("{length} < {n}"), format!("shorter than {n}"))),
        max.map(|n| (format!("{length} > {n}"), format!("longer than {n}"))),
    ];
    let sides: Vec<(String, String)> = sides.into_iter().flatten().collect();
    let conditions: Vec<&str> = sides.iter().map(|(condition, _)| condition.as_str()).collect();
    let reasons: Vec<String> =
        sides.iter().map(|(condition, fault)| format!("WHEN {condition} THEN {}", value_is(column, fault))).collect();
    Ok(Broken::Row { condition: format!("({})", conditions.join(" OR ")), reason: format!("CASE {} END", reasons.join(" ")) })
}
