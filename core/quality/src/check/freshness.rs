//! `freshness`: the newest value of a column of moments is no older than this, by the clock of this machine.
//!
//! A date counts from its beginning, and moments without a zone are taken as UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome};

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole};

/// Units of age with their hours, and what they may be called.
const UNITS: [(&str, f64); 5] = [("minute", 1.0 / 60.0), ("hour", 1.0), ("day", 24.0), ("week", 168.0), ("second", 1.0 / 3_600.0)];

pub(super) fn broken(subject: &Subject<'_>, column: &str, within: &str) -> Outcome<Broken> {
    let data_type = &subject.column(column)?.data_type;
    if !matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz) {
        let fault = format!("is about {column}, which is {data_type} and tells no moment");
        return Err(subject.senseless(&fault).next("name a column of dates or timestamps, or cast it first"));
    }
    let Some(hours) = hours(within) else {
        let fault = format!("allows an age of \"{within}\", which is none");
        return Err(subject
            .senseless(&fault)
            .next("write a number with minutes, hours, days or weeks, for instance within = \"26 hours\""));
    };
    let newest = match data_type {
        DataType::TimestampTz => format!("epoch_us(max({}))", ident(column)),
        _ => format!("epoch_us(CAST(max({}) AS TIMESTAMP))", ident(column)),
    };
    // The engine's own clock needs zone data to be compared with anything.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Ok(Broken::Whole(Whole {
        measure: Measure::Query(format!(
            "SELECT ({now} - {newest}) / 3600e6 AS _value, CAST(NULL AS VARCHAR) AS _fault FROM (\n{}\n) WHERE {}",
            trommel_engine::sql::body(subject.relation),
            subject.looked_at
        )),
        judge: Judge::Fresh { hours, within: within.trim().to_owned(), column: column.to_owned() },
    }))
}

/// An age in hours.
fn hours(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    let (_, hours) = UNITS.iter().find(|(name, _)| unit == *name || unit.strip_suffix('s') == Some(name))?;
    number.parse::<f64>().ok().filter(|n| *n > 0.0 && n.is_finite()).map(|n| n * hours)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn ages() {
        for (text, expected) in [
            ("26 hours", Some(26.0)),
            ("1 day", Some(24.0)),
            ("1.5 days", Some(36.0)),
            ("30minutes", Some(0.5)),
            ("2 weeks", Some(336.0)),
            ("0 days", None),
            ("days", None),
            ("3", None),
            ("3 moons", None),
            ("-1 day", None),
        ] {
            assert_eq!(hours(text), expected, "{text}");
        }
    }
}
