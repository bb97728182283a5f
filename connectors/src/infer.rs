//! The type of a column from everything that was seen in it.
//!
//! A type is only inferred when no value loses its meaning by it: digits with leading zeros, with a plus sign or with
//! more digits than 64 bits hold are identifiers and stay text, and so do dates in forms that leave day and month open.

use crate::values::{Kind, date, float, instant, integer, time, timestamp, trim};

/// Words that mean "no value" among numbers, dates and booleans when nobody said otherwise.
const NULL_WORDS: [&[u8]; 9] = [b"NULL", b"null", b"NA", b"N/A", b"n/a", b"#N/A", b"NaN", b"nan", b"None"];

/// True for the usual words for "no value".
pub fn is_null_word(text: &[u8]) -> bool {
    text.len() <= 4 && NULL_WORDS.contains(&text)
}

/// A set of the shapes of value seen in a column, and when text was among them, where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    shapes: u16,
    /// Values that read as something other than text.
    pub typed: u64,
    /// Values that are only text; not counted on once there are many.
    pub text: u64,
    /// Words for "no value".
    pub null_words: u64,
    /// Line of the first value that is only text; 0 when there is none.
    pub first_text_line: u64,
}

/// One shape a value can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Shape {
    /// A whole number of 64 bits in plain form.
    Integer = 1,
    /// A number with a point or an exponent.
    Float = 2,
    /// `true` or `false`.
    Boolean = 4,
    /// `2024-02-29`.
    Date = 8,
    /// `13:05:07`.
    Time = 16,
    /// `2024-02-29 13:05`.
    Timestamp = 32,
    /// `2024-02-29T13:05:07Z`.
    Instant = 64,
    /// Anything else.
    Text = 128,
    /// A word for "no value".
    NullWord = 256,
}

impl Shape {
    /// The shape of a value that is not empty.
    pub fn of(text: &[u8], mark: u8) -> Self {
        let body = trim(text);
        let Some(&first) = body.first() else { return Self::Text };
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.') || first == mark {
            return Self::of_number_like(body, mark);
        }
        if body.eq_ignore_ascii_case(b"true") || body.eq_ignore_ascii_case(b"false") {
            return Self::Boolean;
        }
        if is_null_word(body) { Self::NullWord } else { Self::Text }
    }

    /// The shape of a value that comes after one of a known shape: the same as [`Shape::of`], sooner where both are alike.
    #[inline]
    pub fn after(before: Self, text: &[u8], mark: u8) -> Self {
        let alike = match before {
            Self::Integer => is_plain_number(text, None),
            Self::Float => is_plain_number(text, Some(mark)),
            Self::Date => text.len() == 10 && date(text).is_some(),
            Self::Timestamp => text.len() > 10 && text[0].is_ascii_digit() && text[text.len() - 1] > b' ' && timestamp(text).is_some(),
            _ => false,
        };
        if alike { before } else { Self::of(text, mark) }
    }

    fn of_number_like(body: &[u8], mark: u8) -> Self {
        let unsigned = body.strip_prefix(b"-").unwrap_or(body);
        if integer(body).is_some() {
            return if body[0] == b'+' || (unsigned.len() > 1 && unsigned[0] == b'0') { Self::Text } else { Self::Integer };
        }
        if body.len() >= 8 && body[0].is_ascii_digit() {
            if body.len() == 8 && time(body).is_some() {
                return Self::Time;
            }
            if body[4] == b'-' {
                if date(body).is_some() {
                    return Self::Date;
                }
                if timestamp(body).is_some() {
                    return Self::Timestamp;
                }
                if instant(body).is_some() {
                    return Self::Instant;
                }
            }
        }
        // Digits alone that are no 64-bit integer are an identifier; leading zeros before more digits as well.
        let coded = unsigned.len() > 1 && unsigned[0] == b'0' && unsigned[1].is_ascii_digit();
        if body[0] != b'+' && !coded && !unsigned.iter().all(u8::is_ascii_digit) && float(body, mark).is_some() {
            return Self::Float;
        }
        if body.len() > 8 && time(body).is_some() { Self::Time } else { Self::Text }
    }
}

/// True for digits that any reader takes for the same number: no more than a float holds, none in front that says nothing,
/// and with a mark, exactly one.
#[inline]
fn is_plain_number(text: &[u8], mark: Option<u8>) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let marks = usize::from(mark.is_some());
    if digits.len() <= marks || digits.len() > 15 || digits[0] == b'0' && digits.len() > 1 && digits[1].is_ascii_digit() {
        return false;
    }
    let mut others = 0;
    for byte in digits {
        if byte.wrapping_sub(b'0') > 9 {
            if Some(*byte) != mark {
                return false;
            }
            others += 1;
        }
    }
    others == marks
}

impl Seen {
    /// Adds a value found on a line.
    #[inline]
    pub fn add(&mut self, shape: Shape, line: u64) {
        self.shapes |= shape as u16;
        match shape {
            Shape::Text => {
                self.text += 1;
                if self.first_text_line == 0 {
                    self.first_text_line = line;
                }
            }
            Shape::NullWord => self.null_words += 1,
            _ => self.typed += 1,
        }
    }

    /// Joins what another part of the file has.
    pub fn join(&mut self, other: &Self) {
        self.shapes |= other.shapes;
        self.typed += other.typed;
        self.text += other.text;
        self.null_words += other.null_words;
        self.first_text_line = match (self.first_text_line, other.first_text_line) {
            (0, line) | (line, 0) => line,
            (a, b) => a.min(b),
        };
    }

    /// True once nothing can change the type: it is text.
    #[inline]
    pub fn is_text(&self) -> bool {
        self.shapes & Shape::Text as u16 != 0
    }

    /// The narrowest type that keeps every value.
    pub fn kind(&self) -> Kind {
        const INTEGER: u16 = Shape::Integer as u16;
        const NUMBER: u16 = Shape::Integer as u16 | Shape::Float as u16;
        const MOMENT: u16 = Shape::Date as u16 | Shape::Timestamp as u16;
        match self.shapes & !(Shape::NullWord as u16) {
            0 => Kind::Text,
            INTEGER => Kind::Integer,
            x if x & !NUMBER == 0 => Kind::Float,
            x if x == Shape::Boolean as u16 => Kind::Boolean,
            x if x == Shape::Date as u16 => Kind::Date,
            x if x & !MOMENT == 0 => Kind::Timestamp,
            x if x == Shape::Instant as u16 => Kind::Instant,
            x if x == Shape::Time as u16 => Kind::Time,
            _ => Kind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], kind: Kind) {
        let mut seen = Seen::default();
        for value in values {
            seen.add(Shape::of(value.as_bytes(), b'.'), 1);
        }
        assert_eq!(seen.kind(), kind, "{values:?}");
    }

    #[test]
    fn types_of_columns() {
        check(&[], Kind::Text);
        check(&["1", "-2", " 3"], Kind::Integer);
        check(&["1", "2.5"], Kind::Float);
        check(&["1e3", ".5"], Kind::Float);
        check(&["0.5", "0"], Kind::Float);
        check(&["1", "NA", "3"], Kind::Integer);
        check(&["NA", "N/A"], Kind::Text);
        check(&["true", "FALSE"], Kind::Boolean);
        check(&["2024-01-31", "2024-02-01"], Kind::Date);
        check(&["2024-01-31", "2024-02-01 10:00"], Kind::Timestamp);
        check(&["2024-01-31T10:00:00Z"], Kind::Instant);
        check(&["10:00:00", "10:00:00.5"], Kind::Time);
        check(&["1", "x"], Kind::Text);
        check(&["1", "true"], Kind::Text);
        check(&["2024-01-31", "7"], Kind::Text);
    }

    #[test]
    fn identifiers_stay_text() {
        for id in ["007", "+49123", "12345678901234567890", "00.5", "00:15", "31/12/2024", "1,234", "$5", "-", "."] {
            check(&[id], Kind::Text);
        }
    }

    #[test]
    fn what_came_before_changes_nothing() {
        let before =
            [Shape::Integer, Shape::Float, Shape::Boolean, Shape::Date, Shape::Time, Shape::Timestamp, Shape::Instant, Shape::Text];
        for text in [
            "0",
            "7",
            "-7",
            "-0",
            "+7",
            "007",
            "123456789012345",
            "1234567890123456",
            "12345678901234567890",
            "1.5",
            "-1.5",
            "-.5",
            "1.",
            ".",
            "-",
            "--1",
            "1-2",
            "00.5",
            "0.50",
            "1.2.3",
            "1,5",
            "1e5",
            "12345678901234.5",
            "123456789012345.67",
            " 1.5",
            "1.5 ",
            "2024-02-29",
            "2024-02-30",
            " 2024-02-29",
            "2024-02-29 10:00",
            "2024-02-29T10:00:00.5",
            "2024-02-29 10:00 ",
            "2024-02-29T10:00:00Z",
            "2024-02-29 25:00",
            "10:00:00",
            "10:00",
            "true",
            "NA",
            "x",
            "é",
            " ",
        ] {
            for mark in [b'.', b','] {
                for before in before {
                    let (after, of) = (Shape::after(before, text.as_bytes(), mark), Shape::of(text.as_bytes(), mark));
                    assert_eq!(after, of, "{text:?} after {before:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_text_is_the_earliest() {
        let mut a = Seen::default();
        let mut b = Seen::default();
        a.join(&b);
        assert_eq!(a.first_text_line, 0);
        a.add(Shape::Text, 9);
        a.join(&b);
        assert_eq!(a.first_text_line, 9);
        b.add(Shape::Text, 4);
        a.join(&b);
        assert_eq!(a.first_text_line, 4);
        let mut c = Seen::default();
        c.join(&a);
        assert_eq!(c.first_text_line, 4);
    }
}
