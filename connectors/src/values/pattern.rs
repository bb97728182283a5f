//! Dates and times in the forms a contract names, written as in `strftime` (`%d.%m.%Y %H:%M`).
//!
//! Common directives are read by a small table; a pattern with any other goes to `jiff`.

use trommel_model::{Code, Outcome, Problem};

use super::Parsed;
use super::calendar::{DAY, days_of};

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    items: Option<Vec<Item>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Literal(u8),
    Blanks,
    Year4,
    Year2,
    Month,
    MonthName,
    Day,
    WeekdayName,
    Hour24,
    Hour12,
    Minute,
    Second,
    Fraction,
    HalfDay,
    Zone,
}

/// Who read a text.
enum By {
    Table(Found),
    Jiff(jiff::fmt::strtime::BrokenDownTime),
}

/// What the directives of a pattern found.
#[derive(Debug, Default)]
struct Found {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    hour: i64,
    half: Option<bool>,
    minute: i64,
    second: i64,
    micros: i64,
    offset_minutes: i64,
}

const MONTHS: [&[u8]; 12] =
    [b"january", b"february", b"march", b"april", b"may", b"june", b"july", b"august", b"september", b"october", b"november", b"december"];
const WEEKDAYS: [&[u8]; 7] = [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];

impl Pattern {
    /// Compiles a pattern; fails when no directive is known by that letter.
    pub fn new(text: &str) -> Outcome<Self> {
        let items = compile(text.as_bytes());
        if items.is_none() && jiff::fmt::strtime::format(text, jiff::civil::date(2024, 2, 29).at(1, 2, 3, 0)).is_err() {
            return Err(Problem::new(Code::BadConfig, format!("\"{text}\" is not a date pattern"))
                .next("write it as strftime does, for instance %d.%m.%Y or %Y-%m-%d %H:%M"));
        }
        Ok(Self { text: text.to_owned(), items })
    }

    /// Reads a day; never exact, since the canonical text is ISO 8601.
    pub fn date(&self, text: &[u8]) -> Option<Parsed<i32>> {
        let days = match self.found(text)? {
            By::Table(found) => found.days()?,
            By::Jiff(broken) => {
                let day = broken.to_date().ok()?;
                days_of(day.year().into(), day.month() as u32, day.day() as u32)?
            }
        };
        Some(Parsed::new(days, false))
    }

    /// Reads a clock time.
    pub fn time(&self, text: &[u8]) -> Option<Parsed<i64>> {
        let micros = match self.found(text)? {
            By::Table(found) => found.clock()?,
            By::Jiff(broken) => {
                let time = broken.to_time().ok()?;
                let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
                seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000
            }
        };
        Some(Parsed::new(micros, false))
    }

    /// Reads a timestamp; a zone in the pattern is applied, so that the value is in UTC.
    pub fn timestamp(&self, text: &[u8]) -> Option<Parsed<i64>> {
        let micros = match self.found(text)? {
            By::Table(found) => i64::from(found.days()?) * DAY + found.clock()? - found.offset_minutes * 60_000_000,
            By::Jiff(broken) => match broken.to_timestamp() {
                Ok(instant) => instant.as_microsecond(),
                Err(_) => broken.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond(),
            },
        };
        Some(Parsed::new(micros, false))
    }

    /// What the directives found; `None` when the text does not fit.
    fn found(&self, text: &[u8]) -> Option<By> {
        match &self.items {
            Some(items) => read(items, text.trim_ascii()).map(By::Table),
            None => self.by_jiff(text).map(By::Jiff),
        }
    }

    fn by_jiff(&self, text: &[u8]) -> Option<jiff::fmt::strtime::BrokenDownTime> {
        jiff::fmt::strtime::parse(&self.text, std::str::from_utf8(text).ok()?.trim()).ok()
    }
}

fn compile(text: &[u8]) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            let item = if first.is_ascii_whitespace() { Item::Blanks } else { Item::Literal(*first) };
            if item != Item::Blanks || items.last() != Some(&Item::Blanks) {
                items.push(item);
            }
            continue;
        }
        let [letter, tail @ ..] = rest else { return None };
        let mut letter = *letter;
        rest = tail;
        // `%-d` asks for no padding when printing; reading takes one or two digits anyway.
        if letter == b'-' {
            letter = *rest.first()?;
            rest = &rest[1..];
        }
        match letter {
            b'Y' => items.push(Item::Year4),
            b'y' => items.push(Item::Year2),
            b'm' => items.push(Item::Month),
            b'b' | b'B' | b'h' => items.push(Item::MonthName),
            b'd' | b'e' => items.push(Item::Day),
            b'a' | b'A' => items.push(Item::WeekdayName),
            b'H' | b'k' => items.push(Item::Hour24),
            b'I' | b'l' => items.push(Item::Hour12),
            b'M' => items.push(Item::Minute),
            b'S' => items.push(Item::Second),
            b'f' => items.push(Item::Fraction),
            b'p' | b'P' => items.push(Item::HalfDay),
            b'z' => items.push(Item::Zone),
            b'F' => items.extend([Item::Year4, Item::Literal(b'-'), Item::Month, Item::Literal(b'-'), Item::Day]),
            b'D' => items.extend([Item::Month, Item::Literal(b'/'), Item::Day, Item::Literal(b'/'), Item::Year2]),
            b'T' => items.extend([Item::Hour24, Item::Literal(b':'), Item::Minute, Item::Literal(b':'), Item::Second]),
            b'R' => items.extend([Item::Hour24, Item::Literal(b':'), Item::Minute]),
            b'%' => items.push(Item::Literal(b'%')),
            _ => return None,
        }
    }
    Some(items)
}

fn read(items: &[Item], text: &[u8]) -> Option<Found> {
    let mut found = Found::default();
    let mut rest = text;
    for item in items {
        match item {
            Item::Literal(byte) => rest = rest.strip_prefix(std::slice::from_ref(byte))?,
            Item::Blanks => rest = rest.trim_ascii_start(),
            Item::Year4 => {
                let (value, length) = number(&mut rest, 4)?;
                found.year = Some(if length == 4 { value as i32 } else { return None });
            }
            Item::Year2 => {
                // POSIX: 69 to 99 are 19xx, 00 to 68 are 20xx.
                let (value, length) = number(&mut rest, 2)?;
                found.year = Some(if length == 2 { value as i32 + if value < 69 { 2000 } else { 1900 } } else { return None });
            }
            Item::Month => found.month = Some(number(&mut rest, 2)?.0 as u32),
            Item::MonthName => found.month = Some(named(&mut rest, &MONTHS)? as u32 + 1),
            Item::Day => found.day = Some(number(&mut rest, 2)?.0 as u32),
            Item::WeekdayName => {
                named(&mut rest, &WEEKDAYS)?;
            }
            Item::Hour24 => found.hour = within(number(&mut rest, 2)?.0, 0, 23)?,
            Item::Hour12 => found.hour = within(number(&mut rest, 2)?.0, 1, 12)?,
            Item::Minute => found.minute = within(number(&mut rest, 2)?.0, 0, 59)?,
            Item::Second => found.second = within(number(&mut rest, 2)?.0, 0, 59)?,
            Item::Fraction => {
                let (value, length) = number(&mut rest, 9)?;
                found.micros = value * 10_i64.pow(9 - length as u32) / 1000;
            }
            Item::HalfDay => {
                let afternoon = rest.first()?.eq_ignore_ascii_case(&b'p');
                if !afternoon && !rest.first()?.eq_ignore_ascii_case(&b'a') {
                    return None;
                }
                let length = if rest.get(1).is_some_and(|b| b.eq_ignore_ascii_case(&b'm')) {
                    2
                } else if rest.get(..4).is_some_and(|b| b[1..].eq_ignore_ascii_case(b".m.")) {
                    4
                } else {
                    return None;
                };
                rest = &rest[length..];
                found.half = Some(afternoon);
            }
            Item::Zone => found.offset_minutes = zone(&mut rest)?,
        }
    }
    rest.is_empty().then_some(found)
}

impl Found {
    fn days(&self) -> Option<i32> {
        days_of(self.year?, self.month?, self.day.unwrap_or(1))
    }

    fn clock(&self) -> Option<i64> {
        let hour = match self.half {
            Some(afternoon) => within(self.hour, 1, 12)? % 12 + if afternoon { 12 } else { 0 },
            None => self.hour,
        };
        Some(((hour * 60 + self.minute) * 60 + self.second) * 1_000_000 + self.micros)
    }
}

fn within(value: i64, least: i64, most: i64) -> Option<i64> {
    (least..=most).contains(&value).then_some(value)
}

/// At least one and at most `most` digits, with how many there were.
fn number(rest: &mut &[u8], most: usize) -> Option<(i64, usize)> {
    let length = rest.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
    let value = super::digits(&rest[..length])?;
    *rest = &rest[length..];
    Some((value as i64, length))
}

/// A name in full or its first three letters; its place in the list.
fn named(rest: &mut &[u8], names: &[&[u8]]) -> Option<usize> {
    let starts = |name: &[u8]| rest.get(..name.len()).is_some_and(|b| b.eq_ignore_ascii_case(name));
    let (at, length) = names
        .iter()
        .position(|name| starts(name))
        .map(|at| (at, names[at].len()))
        .or_else(|| names.iter().position(|name| starts(&name[..3])).map(|at| (at, 3)))?;
    *rest = &rest[length..];
    Some(at)
}

fn zone(rest: &mut &[u8]) -> Option<i64> {
    if let Some(after) = rest.strip_prefix(b"Z") {
        *rest = after;
        return Some(0);
    }
    let sign = match rest.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    *rest = &rest[1..];
    let (hours, length) = number(rest, 2)?;
    *rest = rest.strip_prefix(b":").unwrap_or(rest);
    let minutes = number(rest, 2).map_or(0, |m| m.0);
    (length == 2 && hours <= 18 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::super::{print_date, print_time, print_timestamp};
    use super::*;

    #[test]
    fn forms_of_dates() {
        for (pattern, given, shown) in [
            ("%d.%m.%Y", "9.2.2024", "2024-02-09"),
            ("%d/%m/%Y", "29/02/2024", "2024-02-29"),
            ("%m/%d/%y", "12/31/68", "2068-12-31"),
            ("%m/%d/%y", "12/31/69", "1969-12-31"),
            ("%d-%b-%y", "22-JUL-09", "2009-07-22"),
            ("%A, %d %B %Y", "Friday, 09 February 2024", "2024-02-09"),
            ("%b-%y", "Oct-14", "2014-10-01"),
            ("%j %Y", "060 2024", "2024-02-29"),
        ] {
            let found = Pattern::new(pattern).unwrap().date(given.as_bytes());
            assert_eq!(found.map(|p| print_date(p.value.into())).as_deref(), Some(shown), "{pattern} {given}");
        }
        for (pattern, bad) in
            [("%d.%m.%Y", "31.2.2024"), ("%d.%m.%Y", "1.1.24"), ("%d.%m.%Y", "1.1.2024x"), ("%Y", "2024"), ("%d-%b-%y", "22-XXX-09")]
        {
            assert_eq!(Pattern::new(pattern).unwrap().date(bad.as_bytes()), None, "{pattern} {bad}");
        }
    }

    #[test]
    fn forms_of_times() {
        for (pattern, given, shown) in
            [("%I:%M %p", "12:05 am", "00:05:00"), ("%I:%M%p", "1:05PM", "13:05:00"), ("%H.%M", "7.30", "07:30:00")]
        {
            let found = Pattern::new(pattern).unwrap().time(given.as_bytes());
            assert_eq!(found.map(|p| print_time(p.value)).as_deref(), Some(shown), "{given}");
        }
        for (pattern, given, shown) in [
            ("%m/%d/%Y %H:%M", "12/1/2010 8:26", "2010-12-01 08:26:00"),
            ("%Y%m%dT%H%M%S%z", "20240229T130507+0200", "2024-02-29 11:05:07"),
            ("%F %T.%f", "2024-02-29 13:05:07.25", "2024-02-29 13:05:07.25"),
        ] {
            let found = Pattern::new(pattern).unwrap().timestamp(given.as_bytes());
            assert_eq!(found.map(|p| print_timestamp(p.value)).as_deref(), Some(shown), "{given}");
        }
        assert_eq!(Pattern::new("%I:%M %p").unwrap().time(b"13:05 pm"), None);
    }

    #[test]
    fn a_pattern_that_is_none() {
        assert!(Pattern::new("%Q").is_err());
        assert!(Pattern::new("%").is_err());
    }
}
