//! Values of the binary protocol into columns.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html>

use super::types::{Becomes, Wire};
use crate::database::Column;
use crate::values::{Kind, decimal};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// What became of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It was appended.
    Well,
    /// It has no place in its column; this is its text. Nothing was appended.
    Odd(String),
    /// It is not what its type says.
    Garbled,
}

/// Appends a value.
#[inline]
pub fn push(column: &mut Column, becomes: &Becomes, bytes: &[u8]) -> Pushed {
    let done = match becomes.wire {
        Wire::Integer => integer(bytes).map(|v| column.push_long(v)),
        Wire::Unsigned => unsigned(bytes).map(|v| match becomes.kind {
            Some(Kind::Decimal(..)) => column.push_decimal(i128::from(v)),
            _ => column.push_long(v as i64),
        }),
        Wire::Float => match *bytes {
            [a, b, c, d] => Some(f64::from(f32::from_le_bytes([a, b, c, d]))),
            _ => bytes.try_into().ok().map(f64::from_le_bytes),
        }
        .map(|v| column.push_float(v)),
        Wire::Decimal => {
            if let Some(Kind::Decimal(precision, scale)) = becomes.kind {
                match decimal(bytes, b'.', precision, scale) {
                    Some(parsed) => {
                        column.push_decimal(parsed.value);
                        Some(())
                    }
                    None => return Pushed::Odd(String::from_utf8_lossy(bytes).into_owned()),
                }
            } else {
                column.push_bytes(bytes);
                Some(())
            }
        }
        Wire::Bits => {
            let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            match i64::try_from(value) {
                Ok(value) => {
                    column.push_long(value);
                    Some(())
                }
                Err(_) => return Pushed::Odd(value.to_string()),
            }
        }
        Wire::Bytes => {
            column.push_bytes(bytes);
            Some(())
        }
        Wire::Moment => match moment(bytes) {
            Some(found) => match (found.day(), becomes.kind) {
                (None, kind) => return Pushed::Odd(found.text(kind == Some(Kind::Date))),
                (Some(day), Some(Kind::Date)) => {
                    column.push_day(day);
                    Some(())
                }
                (Some(day), _) => {
                    column.push_long(i64::from(day) * MICROS_A_DAY + found.micros);
                    Some(())
                }
            },
            None => None,
        },
        Wire::Time => span(bytes).map(|micros| match becomes.kind {
            Some(Kind::Time) => column.push_long(micros),
            _ => column.push_bytes(print_span(micros).as_bytes()),
        }),
    };
    if done.is_some() { Pushed::Well } else { Pushed::Garbled }
}

fn integer(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i64::from(a as i8),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => u64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// A day and the microseconds since it began.
struct Moment {
    year: u16,
    month: u8,
    day: u8,
    micros: i64,
}

/// What follows the length byte: nothing (the zero date), a day, a time to the second, a time to the microsecond.
fn moment(bytes: &[u8]) -> Option<Moment> {
    let (&length, rest) = bytes.split_first()?;
    if usize::from(length) != rest.len() {
        return None;
    }
    let mut found = Moment { year: 0, month: 0, day: 0, micros: 0 };
    if let [low, high, month, day, ..] = *rest {
        (found.year, found.month, found.day) = (u16::from_le_bytes([low, high]), month, day);
    }
    match rest {
        [] | [_, _, _, _] => {}
        [_, _, _, _, hour, minute, second, fraction @ ..] => found.micros = clock(*hour, *minute, *second, fraction)?,
        _ => return None,
    }
    Some(found)
}

fn clock(hour: u8, minute: u8, second: u8, fraction: &[u8]) -> Option<i64> {
    let micros = match *fraction {
        [] => 0,
        [a, b, c, d] => i64::from(u32::from_le_bytes([a, b, c, d])),
        _ => return None,
    };
    Some(((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1_000_000 + micros)
}

impl Moment {
    /// Days since 1970; `None` for days that no calendar has, such as 0000-00-00 and 2024-02-00.
    fn day(&self) -> Option<i32> {
        let year = i16::try_from(self.year).ok()?;
        let date = jiff::civil::Date::new(year, self.month as i8, self.day as i8).ok()?;
        let since = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).ok()?;
        Some(since.get_days())
    }

    fn text(&self, only_day: bool) -> String {
        let day = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        if only_day { day } else { format!("{day} {}", print_span(self.micros)) }
    }
}

/// A span of time in microseconds: sign, days, hours, minutes, seconds, microseconds.
fn span(bytes: &[u8]) -> Option<i64> {
    let (&length, rest) = bytes.split_first()?;
    match rest {
        [] if length == 0 => Some(0),
        [negative, a, b, c, d, hour, minute, second, fraction @ ..] if usize::from(length) == rest.len() => {
            let days = i64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            let micros = days.checked_mul(MICROS_A_DAY)?.checked_add(clock(*hour, *minute, *second, fraction)?)?;
            Some(if *negative == 0 { micros } else { -micros })
        }
        _ => None,
    }
}

/// `-838:59:59`, with microseconds where there are some.
fn print_span(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let all = micros.unsigned_abs();
    let (seconds, fraction) = (all / 1_000_000, all % 1_000_000);
    let clock = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { clock } else { format!("{clock}.{fraction:06}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(wire: Wire, kind: Kind, bytes: &[u8]) -> (Pushed, String) {
        let becomes = Becomes { name: "c".to_owned(), wire, kind: Some(kind) };
        let mut column = Column::new(becomes.kind);
        let pushed = push(&mut column, &becomes, bytes);
        let array = column.finish().unwrap();
        let shown = || arrow::util::display::array_value_to_string(&array, 0).unwrap();
        (pushed, if array.is_empty() { String::new() } else { shown() })
    }

    #[test]
    fn days_and_times() {
        let well = |text: &str| (Pushed::Well, text.to_owned());
        let odd = |text: &str| (Pushed::Odd(text.to_owned()), String::new());
        let day = |bytes: &[u8]| pushed(Wire::Moment, Kind::Date, bytes);
        assert_eq!(day(&[4, 0xE8, 0x07, 2, 29]), well("2024-02-29"));
        assert_eq!(day(&[4, 0xB2, 0x07, 1, 1]), well("1970-01-01"));
        assert_eq!(day(&[0]), odd("0000-00-00"));
        assert_eq!(day(&[4, 0xE8, 0x07, 2, 0]), odd("2024-02-00"));
        assert_eq!(day(&[4, 0xE8, 0x07]).0, Pushed::Garbled);
        let moment = |bytes: &[u8]| pushed(Wire::Moment, Kind::Timestamp, bytes);
        assert_eq!(moment(&[7, 0xE8, 0x07, 2, 29, 13, 5, 7]), well("2024-02-29T13:05:07"));
        assert_eq!(moment(&[11, 0xE8, 0x07, 2, 29, 13, 5, 7, 1, 0, 0, 0]), well("2024-02-29T13:05:07.000001"));
        assert_eq!(moment(&[0]), odd("0000-00-00 00:00:00"));
        let time = |bytes: &[u8]| pushed(Wire::Time, Kind::Text, bytes);
        assert_eq!(time(&[0]), well("00:00:00"));
        assert_eq!(time(&[8, 1, 34, 0, 0, 0, 22, 59, 59]), well("-838:59:59"));
        assert_eq!(time(&[12, 0, 0, 0, 0, 0, 1, 2, 3, 64, 226, 1, 0]), well("01:02:03.123456"));
    }

    #[test]
    fn numbers() {
        assert_eq!(pushed(Wire::Integer, Kind::Integer, &[0xFF]).1, "-1");
        assert_eq!(pushed(Wire::Unsigned, Kind::Integer, &[0xFF]).1, "255");
        assert_eq!(pushed(Wire::Unsigned, Kind::Decimal(20, 0), &[0xFF; 8]).1, "18446744073709551615");
        assert_eq!(pushed(Wire::Bits, Kind::Integer, &[1, 0]).1, "256");
        assert_eq!(pushed(Wire::Bits, Kind::Integer, &[0xFF; 8]).0, Pushed::Odd("18446744073709551615".to_owned()));
        assert_eq!(pushed(Wire::Decimal, Kind::Decimal(5, 2), b"-12.30").1, "-12.30");
        assert_eq!(pushed(Wire::Integer, Kind::Integer, &[1, 2, 3]).0, Pushed::Garbled);
    }
}
