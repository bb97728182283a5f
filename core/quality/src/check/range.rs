//! `range`: the value lies between two bounds, both included; null passes, NaN does not.

use trommel_engine::sql::{ident, literal};
use trommel_model::{Bound, DataType, Outcome};

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, min: Option<&Bound>, max: Option<&Bound>) -> Outcome<Broken> {
    let data_type = &subject.column(column)?.data_type;
    let name = ident(column);
    if min.is_none() && max.is_none() {
        return Err(subject.senseless("has no bounds").next("set min, max or both"));
    }
    if let (Some(low), Some(high)) = (min.and_then(number), max.and_then(number))
        && low > high
    {
        return Err(subject.senseless("has its least value above its greatest").next("exchange min and max"));
    }
    let bound = |bound: &Bound| bound_sql(subject, column, data_type, bound);
    let mut faults = Vec::new();
    if let Some(min) = min {
        faults.push((format!("{name} < {}", bound(min)?), format!("less than {}", words(min))));
    }
    if let Some(max) = max {
        faults.push((format!("{name} > {}", bound(max)?), format!("more than {}", words(max))));
    }
    if *data_type == DataType::Float {
        // NaN is above everything for the engine; it lies between no bounds.
        faults.insert(0, (format!("isnan({name})"), "which is no number".to_owned()));
    }
    let conditions: Vec<&str> = faults.iter().map(|(condition, _)| condition.as_str()).collect();
    let reasons: Vec<String> =
        faults.iter().map(|(condition, fault)| format!("WHEN {condition} THEN {}", value_is(column, fault))).collect();
    Ok(Broken::Row { condition: format!("({})", conditions.join(" OR ")), reason: format!("CASE {} END", reasons.join(" ")) })
}

/// A bound as SQL that compares with the column without a cast of the column.
fn bound_sql(subject: &Subject<'_>, column: &str, data_type: &DataType, bound: &Bound) -> Outcome<String> {
    match (data_type, bound) {
        (t, Bound::Integer(n)) if t.is_number() => Ok(n.to_string()),
        (t, Bound::Float(x)) if t.is_number() && x.is_finite() => Ok(format!("CAST('{x:e}' AS DOUBLE)")),
        // Digits in quotes are a decimal of any length.
        (t, Bound::Text(text)) if t.is_number() && is_plain_number(text) => Ok(text.clone()),
        (
            DataType::Text | DataType::Date | DataType::Time | DataType::Timestamp | DataType::TimestampTz | DataType::Interval,
            Bound::Text(text),
        ) => Ok(literal(text)),
        (DataType::Boolean | DataType::Binary | DataType::Json | DataType::List(_) | DataType::Struct(_) | DataType::Other(_), _) => {
            Err(subject.senseless(&format!("is about {column}, which is {data_type} and has no order")))
        }
        (t, _) if t.is_number() => Err(subject
            .senseless(&format!("compares {column}, which is {data_type}, with {}", words(bound)))
            .next("write a number as bound")),
        _ => Err(subject
            .senseless(&format!("compares {column}, which is {data_type}, with the number {}", words(bound)))
            .next("write the bound in quotes, or cast the column first")),
    }
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn number(bound: &Bound) -> Option<f64> {
    match bound {
        Bound::Integer(n) => Some(*n as f64),
        Bound::Float(x) => Some(*x),
        Bound::Text(_) => None,
    }
}

fn words(bound: &Bound) -> String {
    match bound {
        Bound::Integer(n) => n.to_string(),
        Bound::Float(x) => x.to_string(),
        Bound::Text(text) => text.clone(),
    }
}
