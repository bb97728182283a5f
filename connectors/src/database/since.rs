//! Which rows an incremental load reads: those from where the last run ended, or those of a range.

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};
use trommel_model::{Code, Outcome, Problem};

/// Rows by their cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The column.
    pub column: String,
    /// The value it begins at, as text that the database reads.
    pub from: Option<String>,
    /// True when rows with exactly this value are read, too: a key tells whether they came before.
    pub inclusive: bool,
    /// The value before which it ends.
    pub until: Option<String>,
    /// True when rows without a value are read, too: nobody knows when they changed, and a key tells them apart.
    pub unset: bool,
}

impl Since {
    /// Begins where the largest cursor seen so far is, less the look-back.
    pub fn new(column: &str, largest: &str, lookback: Option<&str>, has_key: bool) -> Outcome<Self> {
        let bound = match lookback {
            None => largest.to_owned(),
            Some(lookback) => less(largest, lookback).ok_or_else(|| {
                Problem::new(Code::BadConfig, format!("the cursor \"{column}\" cannot go back by \"{lookback}\""))
                    .why(format!("its largest value so far is {largest}"))
                    .next("write a number for numbers, and for times such as \"2 days\" or \"6 hours\"")
            })?,
        };
        Ok(Self { column: column.to_owned(), from: Some(bound), inclusive: has_key, until: None, unset: has_key })
    }

    /// From a value on, and up to before another one.
    pub fn range(column: &str, from: Option<&str>, until: Option<&str>) -> Self {
        Self { column: column.to_owned(), from: from.map(str::to_owned), inclusive: true, until: until.map(str::to_owned), unset: false }
    }

    /// The condition in SQL. `name` is the column, quoted; `value` gives a bound its place.
    pub fn condition(&self, name: &str, mut value: impl FnMut(&str) -> String) -> String {
        let mut parts = Vec::new();
        if let Some(from) = &self.from {
            parts.push(format!("{name} {} {}", if self.inclusive { ">=" } else { ">" }, value(from)));
        }
        if let Some(until) = &self.until {
            parts.push(format!("{name} < {}", value(until)));
        }
        let range = if parts.is_empty() { format!("{name} IS NOT NULL") } else { parts.join(" AND ") };
        if self.unset { format!("({range} OR {name} IS NULL)") } else { format!("({range})") }
    }

    /// The bounds, in the order in which [`Self::condition`] places them.
    pub fn bounds(&self) -> Vec<&str> {
        self.from.iter().chain(&self.until).map(String::as_str).collect()
    }
}

/// A number less a number, or a time less a span.
fn less(largest: &str, lookback: &str) -> Option<String> {
    if let (Ok(largest), Ok(less)) = (largest.parse::<i128>(), lookback.trim().parse::<i128>()) {
        return Some(largest.checked_sub(less)?.to_string());
    }
    let span = span(lookback)?;
    // Times in a zone are kept in UTC, and the session is in UTC.
    let text = largest.trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00");
    // A time of day is read as a day, too, and left out.
    if let (false, Ok(day)) = (text.contains(':'), text.parse::<Date>()) {
        return Some(day.to_datetime(jiff::civil::Time::midnight()).checked_sub(span).ok()?.date().to_string());
    }
    let moment: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    Some(moment.checked_sub(span).ok()?.to_string().replacen('T', " ", 1))
}

/// `2 days`, `6 hours`, `1 week`.
fn span(text: &str) -> Option<Span> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|n| (0..=1_000_000).contains(n))?;
    Some(match unit.trim().trim_end_matches('s') {
        "second" => number.seconds(),
        "minute" => number.minutes(),
        "hour" => number.hours(),
        "day" => number.days(),
        "week" => (7 * number).days(),
        "month" => i32::try_from(number).ok().filter(|n| *n < 12_000)?.months(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_have_both_ends() {
        let said = |since: Since| since.condition("c", |bound| format!("'{bound}'"));
        assert_eq!(said(Since::new("c", "5", None, false).unwrap()), "(c > '5')");
        assert_eq!(said(Since::new("c", "5", Some("2"), true).unwrap()), "(c >= '3' OR c IS NULL)");
        assert_eq!(said(Since::range("c", Some("1"), Some("9"))), "(c >= '1' AND c < '9')");
        assert_eq!(said(Since::range("c", None, Some("9"))), "(c < '9')");
        assert_eq!(Since::range("c", Some("1"), Some("9")).bounds(), ["1", "9"]);
    }

    #[test]
    fn cursors_go_back() {
        for (largest, lookback, expected) in [
            ("1000", "100", Some("900")),
            ("2024-03-01", "1 day", Some("2024-02-29")),
            ("2024-03-01 00:30:00", "1 hour", Some("2024-02-29 23:30:00")),
            ("2024-03-31 12:00:00.123456", "1 month", Some("2024-02-29 12:00:00.123456")),
            ("2024-03-01 00:00:00+00", "2 weeks", Some("2024-02-16 00:00:00")),
            ("2024-03-01", "5", None),
            ("abc", "1 day", None),
            ("2024-03-01", "1 fortnight", None),
        ] {
            assert_eq!(less(largest, lookback).as_deref(), expected, "{largest} less {lookback}");
        }
    }
}
