//! A value as a column of a kind takes it. Only what is well formed gets into a statement.

use jiff::civil::{Date, DateTime, Time};
use trommel_model::Literal;

use super::Kept;
use crate::values::Kind;

/// A value of a kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// A whole number.
    Integer(i64),
    /// Digits, a point among them where there are places.
    Decimal(String),
    /// A floating point number, with an end.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Text.
    Text(String),
    /// A day, `2024-02-29`.
    Date(String),
    /// A time of day, to the microsecond.
    Time(String),
    /// A point in time, to the microsecond; in UTC where the column is.
    Timestamp(String),
}

/// The value for a column of a kind, or why it is none that can be sent.
pub fn constant(kind: Kind, literal: &Literal) -> Result<Constant, Kept> {
    let found = match (kind, literal) {
        (Kind::Integer, Literal::Number(text)) => text.parse().ok().map(Constant::Integer),
        (Kind::Decimal(..), Literal::Number(text)) => is_decimal(text).then(|| Constant::Decimal(text.clone())),
        (Kind::Float, Literal::Number(text)) => text.parse().ok().filter(|f: &f64| f.is_finite()).map(Constant::Float),
        (Kind::Boolean, Literal::Boolean(value)) => Some(Constant::Boolean(*value)),
        (Kind::Text, Literal::Text(text)) if !text.contains('\0') => Some(Constant::Text(text.clone())),
        (_, Literal::Typed { data_type, text }) => typed(kind, data_type, text),
        _ => None,
    };
    found.ok_or(Kept("its value has a form that is not sent"))
}

fn typed(kind: Kind, data_type: &str, text: &str) -> Option<Constant> {
    match (kind, data_type) {
        (Kind::Date, "DATE") => text.parse::<Date>().ok().filter(|d| d.year() > 0).map(|d| Constant::Date(d.to_string())),
        (Kind::Time, "TIME") => text.parse::<Time>().ok().map(|t| Constant::Time(t.strftime("%H:%M:%S.%6f").to_string())),
        (Kind::Timestamp, "TIMESTAMP") => moment(text),
        (Kind::Instant, "TIMESTAMP WITH TIME ZONE" | "TIMESTAMPTZ") => moment(text.strip_suffix("+00")?),
        (Kind::Integer, "BIGINT" | "INTEGER") => text.parse().ok().map(Constant::Integer),
        _ => None,
    }
}

fn moment(text: &str) -> Option<Constant> {
    let moment: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    (moment.year() > 0).then(|| Constant::Timestamp(moment.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()))
}

/// Digits, with a sign in front and one point among them at most.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let points = unsigned.bytes().filter(|b| *b == b'.').count();
    (1..=38).contains(&digits) && points <= 1 && digits + points == unsigned.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_values_pass() {
        let number = |text: &str| Literal::Number(text.to_owned());
        let typed = |data_type: &str, text: &str| Literal::Typed { data_type: data_type.to_owned(), text: text.to_owned() };
        for (kind, literal, expected) in [
            (Kind::Integer, number("-5"), Some(Constant::Integer(-5))),
            (Kind::Integer, number("9223372036854775808"), None),
            (Kind::Integer, number("5.5"), None),
            (Kind::Decimal(10, 2), number("-10.00"), Some(Constant::Decimal("-10.00".to_owned()))),
            (Kind::Decimal(10, 2), number("1e5"), None),
            (Kind::Decimal(10, 2), number("1; drop table x"), None),
            (Kind::Float, number("1e300"), Some(Constant::Float(1e300))),
            (Kind::Float, number("1e400"), None),
            (Kind::Text, Literal::Text("it's".to_owned()), Some(Constant::Text("it's".to_owned()))),
            (Kind::Text, number("5"), None),
            (Kind::Date, typed("DATE", "2024-02-29"), Some(Constant::Date("2024-02-29".to_owned()))),
            (Kind::Date, typed("DATE", "2024-02-30"), None),
            (Kind::Date, typed("DATE", "0044-03-15 (BC)"), None),
            (Kind::Time, typed("TIME", "12:00:00"), Some(Constant::Time("12:00:00.000000".to_owned()))),
            (
                Kind::Timestamp,
                typed("TIMESTAMP", "2024-02-29 12:00:00.5"),
                Some(Constant::Timestamp("2024-02-29 12:00:00.500000".to_owned())),
            ),
            (Kind::Timestamp, typed("DATE", "2024-02-29"), None),
            (
                Kind::Instant,
                typed("TIMESTAMP WITH TIME ZONE", "2024-02-29 12:00:00+00"),
                Some(Constant::Timestamp("2024-02-29 12:00:00.000000".to_owned())),
            ),
            (Kind::Instant, typed("TIMESTAMP WITH TIME ZONE", "2024-02-29 12:00:00+02"), None),
        ] {
            assert_eq!(constant(kind, &literal).ok(), expected, "{literal:?}");
        }
    }
}
