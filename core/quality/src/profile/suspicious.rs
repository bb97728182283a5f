//! Values that people and programs put where they know nothing.

use trommel_model::{Cell, DataType};

/// A value told as suspicious makes up at least this share of the values, or stands at an end of time.
const SHARE: f64 = 0.001;

/// Values among the frequent ones that usually stand for "unknown", with their rows.
pub(super) fn of(data_type: &DataType, values: u64, frequent: impl Iterator<Item = (Cell, u64)>) -> Vec<(Cell, u64)> {
    let told = |cell: &Cell, rows: u64| match data_type {
        DataType::Date | DataType::Timestamp | DataType::TimestampTz => stands_for_no_day(&cell.text()),
        DataType::Integer | DataType::Float | DataType::Decimal { .. } | DataType::HugeInteger => {
            rows as f64 >= SHARE * values as f64 && rows > 1 && cell.number().is_some_and(stands_for_no_number)
        }
        DataType::Text => {
            let text = cell.text();
            stands_for_no_day(&text) || rows > 1 && stands_for_no_text(&text)
        }
        _ => false,
    };
    let mut found: Vec<(Cell, u64)> = frequent.filter(|(cell, rows)| told(cell, *rows)).collect();
    found.truncate(5);
    found
}

fn stands_for_no_day(text: &str) -> bool {
    [
        "1900-01-01",
        "1899-12-30",
        "1899-12-31",
        "1970-01-01",
        "9999-12-31",
        "0001-01-01",
        "1753-01-01",
        "2099-12-31",
        "01/01/1900",
        "1/1/1900",
        "01.01.1900",
        "31.12.9999",
    ]
    .iter()
    .any(|day| text.starts_with(day) && text[day.len()..].trim_start_matches([' ', 'T', '0', ':', '.', '+', 'Z']).is_empty())
}

fn stands_for_no_number(value: f64) -> bool {
    let size = value.abs();
    // -1 among numbers that are otherwise not negative is common; 9s of three and more digits are a filled field.
    (999.0..1e16).contains(&size) && size.fract() == 0.0 && format!("{size:.0}").bytes().all(|b| b == b'9')
        || (value + 1.0).abs() < f64::EPSILON
}

fn stands_for_no_text(text: &str) -> bool {
    let digits =
        text.len() >= 3 && text.bytes().all(|b| b == text.as_bytes()[0]) && matches!(text.as_bytes()[0], b'9' | b'0' | b'x' | b'X');
    digits || ["test", "dummy", "asdf", "foo", "xxx", "todo", "default"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_stand_ins_are_told_and_usual_values_are_not() {
        for (data_type, value, rows, expected) in [
            (DataType::Date, Cell::Text("1900-01-01".into()), 1, true),
            (DataType::Timestamp, Cell::Text("9999-12-31 00:00:00".into()), 1, true),
            (DataType::Date, Cell::Text("2024-01-01".into()), 90, false),
            (DataType::Integer, Cell::Integer(9_999), 50, true),
            (DataType::Integer, Cell::Integer(-1), 50, true),
            (DataType::Integer, Cell::Integer(99), 50, false),
            (DataType::Float, Cell::Float(12.5), 50, false),
            (DataType::Text, Cell::Text("0000".into()), 50, true),
            (DataType::Text, Cell::Text("Berlin".into()), 50, false),
        ] {
            assert_eq!(!of(&data_type, 100, [(value.clone(), rows)].into_iter()).is_empty(), expected, "{value:?}");
        }
    }
}
