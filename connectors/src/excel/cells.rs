//! From a cell of the library to a value: dates by number format and date system, spans, faults.

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime};

use crate::spool::Value;
use crate::values::{date, time, timestamp};

/// Milliseconds of a day, the finest that a date of a spreadsheet keeps.
const DAY: i64 = 86_400_000;
/// Days from 1899-12-30 and from 1904-01-01 to 1970-01-01.
const SINCE_1900: i64 = 25_569;
const SINCE_1904: i64 = 24_107;
/// The day after 9999-12-31 in the system of 1900.
const END: f64 = 2_958_466.0;
/// Whole numbers beyond this are not all told apart by a double.
const EXACT: i64 = 1 << 53;

/// Which day is day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epoch {
    /// 1900 began with day 1, and had a 29 February.
    Of1900,
    /// 1 January 1904.
    Of1904,
}

/// The value of a cell, `None` when it has none. `scratch` may hold its text.
pub fn value<'a>(cell: &'a DataRef<'_>, epoch: Epoch, scratch: &'a mut String) -> Option<Value<'a>> {
    match cell {
        DataRef::Empty => None,
        DataRef::String(text) => self::text(text),
        DataRef::SharedString(text) => self::text(text),
        DataRef::Float(number) => Some(self::number(*number)),
        DataRef::Int(number) => Some(whole(*number, scratch)),
        DataRef::Bool(b) => Some(Value::Boolean(*b)),
        DataRef::DateTime(moment) => Some(self::moment(moment, epoch)),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::DurationIso(text) => Some(span(text).map_or(Value::Text(text.as_bytes()), Value::Span)),
        DataRef::Error(fault) => Some(Value::Fault(name(fault))),
    }
}

/// As [`value`], of a cell that owns its text.
pub fn owned<'a>(cell: &'a Data, epoch: Epoch, scratch: &'a mut String) -> Option<Value<'a>> {
    match cell {
        Data::Empty => None,
        Data::String(text) => self::text(text),
        Data::Float(number) => Some(self::number(*number)),
        Data::Int(number) => Some(whole(*number, scratch)),
        Data::Bool(b) => Some(Value::Boolean(*b)),
        Data::DateTime(moment) => Some(self::moment(moment, epoch)),
        Data::DateTimeIso(text) => iso(text),
        Data::DurationIso(text) => Some(span(text).map_or(Value::Text(text.as_bytes()), Value::Span)),
        Data::Error(fault) => Some(Value::Fault(name(fault))),
    }
}

fn text(text: &str) -> Option<Value<'_>> {
    if text.is_empty() { None } else { Some(Value::Text(text.as_bytes())) }
}

fn number(number: f64) -> Value<'static> {
    if number.is_finite() { Value::Number(number) } else { Value::Fault(b"#NUM!") }
}

fn whole(number: i64, scratch: &mut String) -> Value<'_> {
    if number.abs() < EXACT {
        return Value::Number(number as f64);
    }
    *scratch = number.to_string();
    Value::Form(scratch.as_bytes())
}

fn moment(moment: &ExcelDateTime, epoch: Epoch) -> Value<'static> {
    let days = moment.as_f64();
    if !days.is_finite() {
        return Value::Fault(b"#NUM!");
    }
    if moment.is_duration() {
        return if days.abs() < END { Value::Span((days * DAY as f64).round() as i64 * 1000) } else { Value::Number(days) };
    }
    serial(days, epoch)
}

/// The moment a number of days stands for. Less than a day is a time of day; what the calendar has not is a number.
pub fn serial(days: f64, epoch: Epoch) -> Value<'static> {
    if !(0.0..END).contains(&days) {
        return Value::Number(days);
    }
    let millis = (days * DAY as f64).round() as i64;
    let (day, rest) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    if day == 0 {
        return Value::Time(rest * 1000);
    }
    let day = match epoch {
        Epoch::Of1904 => day - SINCE_1904,
        Epoch::Of1900 if day > 60 => day - SINCE_1900,
        // 29 February 1900 was not.
        Epoch::Of1900 if day == 60 => return Value::Text(b"1900-02-29"),
        Epoch::Of1900 => day - SINCE_1900 + 1,
    };
    if rest == 0 { Value::Date(day) } else { Value::Timestamp(day * DAY * 1000 + rest * 1000) }
}

/// A moment in the form of ISO 8601.
pub fn iso(text: &str) -> Option<Value<'_>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return None;
    }
    if let Some(day) = date(bytes) {
        return Some(Value::Date(i64::from(day.value)));
    }
    let plain = bytes.strip_suffix(b"Z").unwrap_or(bytes);
    if let Some(moment) = timestamp(plain) {
        return Some(Value::Timestamp(moment.value));
    }
    Some(time(plain).map_or(Value::Text(bytes), |t| Value::Time(t.value)))
}

/// A span in the form of ISO 8601, `PT10H10M10.5S`, in microseconds.
pub fn span(text: &str) -> Option<i64> {
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (days, clock) = body.strip_prefix('P')?.split_once('T').unwrap_or((&body[1..], ""));
    let mut micros = 0_f64;
    for (part, units) in [(days, &[('D', 86_400e6)][..]), (clock, &[('H', 3_600e6), ('M', 60e6), ('S', 1e6)][..])] {
        let mut rest = part;
        for (unit, size) in units {
            if let Some((number, after)) = rest.split_once(*unit) {
                micros += number.replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)? * size;
                rest = after;
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    let micros = (micros < 1e18).then(|| micros.round() as i64)?;
    Some(if negative { -micros } else { micros })
}

fn name(fault: &CellErrorType) -> &'static [u8] {
    match fault {
        CellErrorType::Div0 => b"#DIV/0!",
        CellErrorType::NA => b"#N/A",
        CellErrorType::Name => b"#NAME?",
        CellErrorType::Null => b"#NULL!",
        CellErrorType::Num => b"#NUM!",
        CellErrorType::Ref => b"#REF!",
        CellErrorType::Value => b"#VALUE!",
        CellErrorType::GettingData => b"#GETTING_DATA",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{print_date, print_timestamp};

    #[test]
    fn days_of_both_systems() {
        for (days, epoch, expected) in [
            (44_197.0, Epoch::Of1900, "2021-01-01"),
            (1.0, Epoch::Of1900, "1900-01-01"),
            (59.0, Epoch::Of1900, "1900-02-28"),
            (61.0, Epoch::Of1900, "1900-03-01"),
            (42_735.0, Epoch::Of1904, "2021-01-01"),
            (2_958_465.0, Epoch::Of1900, "9999-12-31"),
        ] {
            assert!(matches!(serial(days, epoch), Value::Date(d) if print_date(d) == expected), "{days}");
        }
        assert!(matches!(serial(44_484.791_666_666_7, Epoch::Of1900), Value::Timestamp(t) if print_timestamp(t) == "2021-10-15 19:00:00"));
        assert_eq!(serial(0.5, Epoch::Of1900), Value::Time(43_200_000_000));
        assert_eq!(serial(60.0, Epoch::Of1900), Value::Text(b"1900-02-29"));
        assert_eq!(serial(-1.0, Epoch::Of1900), Value::Number(-1.0));
    }

    #[test]
    fn spans() {
        for (text, micros) in [
            ("PT10H10M10.5S", Some(36_610_500_000)),
            ("PT26H", Some(93_600_000_000)),
            ("-PT1S", Some(-1_000_000)),
            ("P1D", Some(86_400_000_000)),
        ] {
            assert_eq!(span(text), micros, "{text}");
        }
        for bad in ["", "10", "PTxH", "PT1H2", "P1Y"] {
            assert_eq!(span(bad), None, "{bad}");
        }
    }
}
