//! One cell as it waits: what it is, and its form as text for a column of a kind.

use crate::infer::{Shape, is_null_word};
use crate::values::{Kind, print_date, print_float, print_time, print_timestamp, trim};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Whole numbers beyond this are not all told apart by a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A cell that has a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Text; digits in it mean nothing.
    Text(&'a [u8]),
    /// Text whose type is to be found out by its form.
    Form(&'a [u8]),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Days since 1970.
    Date(i64),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970.
    Timestamp(i64),
    /// A span of time in microseconds.
    Span(i64),
    /// A fault in place of a value, such as `#N/A`: no value in a typed column, its name in a column of text.
    Fault(&'a [u8]),
}

impl Value<'_> {
    /// The shape by which the type of a column is found.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Text(text) if is_null_word(trim(text)) => Shape::NullWord,
            Self::Form(text) => Shape::of(text, b'.'),
            Self::Number(n) if n.fract() == 0.0 && n.abs() < EXACT => Shape::Integer,
            Self::Number(_) => Shape::Float,
            Self::Boolean(_) => Shape::Boolean,
            Self::Date(_) => Shape::Date,
            Self::Time(_) => Shape::Time,
            Self::Timestamp(_) => Shape::Timestamp,
            Self::Span(span) if (0..DAY).contains(span) => Shape::Time,
            Self::Text(_) | Self::Span(_) => Shape::Text,
            Self::Fault(_) => Shape::NullWord,
        }
    }

    /// Appends the text of the value as a column of a kind takes it; `false` when there is none for it.
    pub fn print(&self, kind: Kind, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Text(text) | Self::Form(text) => out.extend_from_slice(text),
            Self::Fault(name) if kind == Kind::Text => out.extend_from_slice(name),
            Self::Fault(_) => return false,
            Self::Number(n) => number(*n, kind, out),
            Self::Boolean(b) => out.extend_from_slice(match (b, kind) {
                (true, Kind::Text) => b"TRUE",
                (false, Kind::Text) => b"FALSE",
                (true, _) => b"true",
                (false, _) => b"false",
            }),
            Self::Date(days) if kind == Kind::Timestamp => out.extend_from_slice(print_timestamp(days * DAY).as_bytes()),
            Self::Date(days) => out.extend_from_slice(print_date(*days).as_bytes()),
            Self::Time(micros) => out.extend_from_slice(print_time(*micros).as_bytes()),
            Self::Timestamp(micros) => out.extend_from_slice(print_timestamp(*micros).as_bytes()),
            Self::Span(micros) => out.extend_from_slice(print_span(*micros).as_bytes()),
        }
        true
    }
}

/// A number as a column of a kind writes it, so that it is exact there when it can be.
fn number(n: f64, kind: Kind, out: &mut Vec<u8>) {
    let whole = n.fract() == 0.0 && n.abs() < EXACT;
    match kind {
        Kind::Float => out.extend_from_slice(print_float(n).as_bytes()),
        Kind::Decimal(_, scale) => {
            let shown = n.to_string();
            out.extend_from_slice(shown.as_bytes());
            let places = shown.find('.').map_or(0, |at| shown.len() - at - 1);
            if places == 0 && scale > 0 {
                out.push(b'.');
            }
            out.extend(std::iter::repeat_n(b'0', usize::from(scale).saturating_sub(places)));
        }
        _ if whole => out.extend_from_slice(itoa::Buffer::new().format(n as i64).as_bytes()),
        _ => out.extend_from_slice(print_float(n).as_bytes()),
    }
}

/// Hours, minutes and seconds of a span, hours without an end: `26:30:00`.
fn print_span(micros: i64) -> String {
    let clock = print_time(micros.unsigned_abs().min(i64::MAX as u64) as i64);
    if micros < 0 { format!("-{clock}") } else { clock }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_by_kind() {
        for (value, kind, expected) in [
            (Value::Number(12.0), Kind::Integer, "12"),
            (Value::Number(12.0), Kind::Float, "12.0"),
            (Value::Number(12.0), Kind::Text, "12"),
            (Value::Number(0.1), Kind::Text, "0.1"),
            (Value::Number(12.5), Kind::Decimal(10, 2), "12.50"),
            (Value::Number(12.0), Kind::Decimal(10, 2), "12.00"),
            (Value::Number(1e300), Kind::Text, "1e300"),
            (Value::Boolean(true), Kind::Text, "TRUE"),
            (Value::Boolean(false), Kind::Boolean, "false"),
            (Value::Date(19_782), Kind::Date, "2024-02-29"),
            (Value::Date(19_782), Kind::Timestamp, "2024-02-29 00:00:00"),
            (Value::Span(95_400_000_000), Kind::Text, "26:30:00"),
            (Value::Span(-1_000_000), Kind::Text, "-00:00:01"),
            (Value::Fault(b"#N/A"), Kind::Text, "#N/A"),
        ] {
            let mut out = Vec::new();
            assert!(value.print(kind, &mut out));
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{value:?}");
        }
        assert!(!Value::Fault(b"#N/A").print(Kind::Integer, &mut Vec::new()));
    }
}
