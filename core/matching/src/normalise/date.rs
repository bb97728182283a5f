//! Dates as people write them.

use std::borrow::Cow;

use jiff::civil::Date;

/// The day in a text as `YYYY-MM-DD`. A text that is no date but has digits stays as it is (it may be a mistyped
/// date, and still near the right one); one without digits says nothing and becomes empty.
pub(super) fn iso(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match parse(text) {
        Some(date) => Cow::Owned(format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())),
        None if text.bytes().any(|b| b.is_ascii_digit()) => Cow::Borrowed(text),
        None => Cow::Borrowed(""),
    }
}

/// The day in a text as days since 1970-01-01.
pub(crate) fn days(text: &str) -> Option<f64> {
    let epoch = Date::constant(1970, 1, 1);
    let date = parse(text.trim())?;
    Some(f64::from(date.duration_since(epoch).as_hours() as i32 / 24))
}

/// One part of a date: digits with their count, or the number of a month.
#[derive(Clone, Copy)]
enum Part {
    Digits(u32, usize),
    Month(i8),
}

/// Day first when day and month could be either.
fn parse(text: &str) -> Option<Date> {
    let mut parts = parts(text)?;
    // A time of day may follow.
    if parts.len() > 3 {
        parts.truncate(3);
    }
    match *parts.as_slice() {
        [Part::Digits(number, 8)] => ymd(number / 10_000, number / 100 % 100, number % 100).or_else(|| {
            let year = number % 10_000;
            // Eight digits are no date of the Middle Ages, but perhaps a mistyped one.
            ymd(year, number / 10_000 % 100, number / 1_000_000).filter(|_| (1800..2200).contains(&year))
        }),
        [Part::Digits(number, 14)] => ymd(number / 10_000, number / 100 % 100, number % 100),
        [Part::Digits(year, 4), Part::Digits(month, _), Part::Digits(day, 1..=2)] => ymd(year, month, day),
        [Part::Digits(a, 1..=2), Part::Digits(b, 1..=2), Part::Digits(year, digits @ (2 | 4))] => {
            let year = century(year, digits);
            ymd(year, b, a).or_else(|| ymd(year, a, b))
        }
        [Part::Digits(day, 1..=2), Part::Month(month), Part::Digits(year, digits @ (2 | 4))]
        | [Part::Month(month), Part::Digits(day, 1..=2), Part::Digits(year, digits @ (2 | 4))] => {
            ymd(century(year, digits), u32::from(month.unsigned_abs()), day)
        }
        [Part::Digits(year, 4), Part::Month(month), Part::Digits(day, 1..=2)] => ymd(year, u32::from(month.unsigned_abs()), day),
        _ => None,
    }
}

fn ymd(year: u32, month: u32, day: u32) -> Option<Date> {
    let small = |n: u32| i8::try_from(n).ok();
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok().filter(|d| d.year() > 0)
}

/// Two digits mean 1969 to 2068, as POSIX has it.
fn century(year: u32, digits: usize) -> u32 {
    match (digits, year) {
        (4, _) => year,
        (_, 69..) => 1900 + year,
        _ => 2000 + year,
    }
}

/// Splits a text; `None` when a word is neither a month, a day of the week nor an ending of a number.
fn parts(text: &str) -> Option<Vec<Part>> {
    if text.len() > 40 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = Vec::with_capacity(6);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            // Fourteen digits are a day and a time; only the day is of interest.
            let digits = &rest[..end];
            let day = if end == 14 { &digits[..8] } else { digits };
            parts.push(Part::Digits(day.parse().ok()?, end));
            rest = &rest[end..];
        } else if c.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            match word(&rest[..end], parts.len())? {
                Word::Month(month) => parts.push(Part::Month(month)),
                Word::Ignored => {}
                Word::Time => break,
            }
            rest = &rest[end..];
        } else if matches!(c, '-' | '/' | '.' | ',' | ' ' | ':' | '+' | '\u{a0}' | '\'') {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
    }
    Some(parts)
}

enum Word {
    Month(i8),
    Ignored,
    /// What follows is a time of day.
    Time,
}

fn word(word: &str, before: usize) -> Option<Word> {
    const MONTHS: [&[&str]; 12] = [
        &["jan"],
        &["feb", "fév", "fev"],
        &["mar", "mär"],
        &["apr", "avr"],
        &["may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aoû"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez", "déc"],
    ];
    const IGNORED: [&str; 18] =
        ["st", "nd", "rd", "th", "of", "z", "utc", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "am", "pm", "de", "den"];
    let word = word.to_lowercase();
    if word == "t" && before == 3 {
        return Some(Word::Time);
    }
    if let Some(month) = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name))) {
        return Some(Word::Month(month as i8 + 1));
    }
    let weekday = word.len() > 5 && word.ends_with("day");
    (weekday || IGNORED.contains(&word.as_str())).then_some(Word::Ignored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_read() {
        let cases = [
            ("1999-04-07", "1999-04-07"),
            ("19990407", "1999-04-07"),
            ("07041999", "1999-04-07"),
            ("20101201083000", "2010-12-01"),
            ("2010-12-01T08:26:00Z", "2010-12-01"),
            ("2010-12-01 08:26:00.000", "2010-12-01"),
            ("7.4.1999", "1999-04-07"),
            ("07/04/1999", "1999-04-07"),
            ("04/17/1999", "1999-04-17"),
            ("7/4/99", "1999-04-07"),
            ("1/2/05", "2005-02-01"),
            ("7 April 1999", "1999-04-07"),
            ("7. Mär 1999", "1999-03-07"),
            ("April 7th, 1999", "1999-04-07"),
            ("Wednesday, 7 Apr 1999", "1999-04-07"),
            ("1999 Apr 7", "1999-04-07"),
            ("2000-02-30", "2000-02-30"),
            ("19081399", "19081399"),
            ("unknown", ""),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(iso(text), expected, "{text}");
        }
    }

    #[test]
    fn days_count_from_1970() {
        let cases =
            [("1970-01-01", Some(0.0)), ("1969-12-31", Some(-1.0)), ("1.1.2000", Some(10_957.0)), ("2000-13-45", None), ("x", None)];
        for (text, expected) in cases {
            assert_eq!(days(text), expected, "{text}");
        }
    }
}
