//! Dates, times and timestamps in ISO 8601 form. Other forms are read by [`super::Pattern`].

use super::calendar::{DAY, days_of};
use super::{Parsed, digits, trim};

/// Reads `2024-02-29` as days since 1970.
#[inline]
pub fn date(text: &[u8]) -> Option<Parsed<i32>> {
    let body = trim(text);
    if body.len() != 10 || body[4] != b'-' || body[7] != b'-' {
        return None;
    }
    let days = days_of(digits(&body[..4])? as i32, digits(&body[5..7])? as u32, digits(&body[8..])? as u32)?;
    Some(Parsed::new(days, body.len() == text.len()))
}

/// Reads `13:05`, `13:05:07` or `13:05:07.123456` as microseconds since midnight.
#[inline]
pub fn time(text: &[u8]) -> Option<Parsed<i64>> {
    let body = trim(text);
    let (micros, canonical) = clock(body)?;
    Some(Parsed::new(micros, canonical && body.len() == text.len()))
}

/// Reads `2024-02-29 13:05:07.5`, with `T` for the blank, or a date alone (midnight), as microseconds since 1970.
/// A zone (`Z`, `+01:00`) does not fit a timestamp without one.
#[inline]
pub fn timestamp(text: &[u8]) -> Option<Parsed<i64>> {
    let body = trim(text);
    let day = i64::from(date(body.get(..10)?)?.value) * DAY;
    if body.len() == 10 {
        return Some(Parsed::new(day, false));
    }
    if !matches!(body[10], b' ' | b'T') {
        return None;
    }
    let (micros, canonical) = clock(&body[11..])?;
    Some(Parsed::new(day + micros, canonical && body[10] == b' ' && body.len() == text.len()))
}

/// Reads a timestamp with a zone (`Z`, `+01`, `+0100`, `+01:00`) as microseconds since 1970 in UTC.
/// Exact in the form `2024-02-29T13:05:07Z`.
pub fn instant(text: &[u8]) -> Option<Parsed<i64>> {
    let body = trim(text);
    if body.len() < 14 {
        return None;
    }
    if let Some(local) = body.strip_suffix(b"Z") {
        let exact = local[10] == b'T' && clock(&local[11..])?.1 && body.len() == text.len();
        return Some(Parsed::new(timestamp(local)?.value, exact));
    }
    let sign = body[11..].iter().rposition(|b| matches!(b, b'+' | b'-'))? + 11;
    let (local, zone) = body.split_at(sign);
    let offset = match (&zone[1..], zone.len()) {
        (hours, 3) => digits(hours)? * 60,
        (both, 5) => digits(&both[..2])? * 60 + digits(&both[2..])?,
        (both, 6) if both[2] == b':' => digits(&both[..2])? * 60 + digits(&both[3..])?,
        _ => return None,
    };
    if offset > 18 * 60 {
        return None;
    }
    let offset = offset as i64 * 60_000_000;
    let value = timestamp(local.trim_ascii_end())?.value;
    Some(Parsed::new(if zone[0] == b'+' { value - offset } else { value + offset }, false))
}

/// Microseconds of a clock time and whether the text is canonical.
fn clock(text: &[u8]) -> Option<(i64, bool)> {
    let hours = digits(text.get(..2)?)?;
    let minutes = digits(text.get(3..5)?)?;
    if text[2] != b':' || hours > 23 || minutes > 59 {
        return None;
    }
    let base = (hours * 60 + minutes) as i64 * 60_000_000;
    if text.len() == 5 {
        return Some((base, false));
    }
    let seconds = digits(text.get(6..8)?)?;
    if text[5] != b':' || seconds > 59 {
        return None;
    }
    let base = base + seconds as i64 * 1_000_000;
    match &text[8..] {
        [] => Some((base, true)),
        [b'.', places @ ..] if (1..=9).contains(&places.len()) => {
            let micros = digits(places)? * 10_u64.pow(9 - places.len() as u32) / 1000;
            Some((base + micros as i64, places.len() <= 6 && !places.ends_with(b"0")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{print_date, print_time, print_timestamp};
    use super::*;

    #[test]
    fn iso_forms() {
        for (given, shown, exact) in [("2024-02-29", "2024-02-29", true), (" 2024-02-29 ", "2024-02-29", false)] {
            let found = date(given.as_bytes()).unwrap();
            assert_eq!((print_date(i64::from(found.value)).as_str(), found.exact), (shown, exact), "{given}");
        }
        for (given, shown, exact) in [("13:05", "13:05:00", false), ("13:05:07", "13:05:07", true), ("00:00:00.50", "00:00:00.5", false)] {
            let found = time(given.as_bytes()).unwrap();
            assert_eq!((print_time(found.value).as_str(), found.exact), (shown, exact), "{given}");
        }
        for (given, shown, exact) in [
            ("2024-02-29 13:05:07", "2024-02-29 13:05:07", true),
            ("2024-02-29T13:05:07.25", "2024-02-29 13:05:07.25", false),
            ("2024-02-29", "2024-02-29 00:00:00", false),
        ] {
            let found = timestamp(given.as_bytes()).unwrap();
            assert_eq!((print_timestamp(found.value).as_str(), found.exact), (shown, exact), "{given}");
        }
        for (given, shown) in [
            ("2024-02-29T13:05:07Z", "2024-02-29 13:05:07"),
            ("2024-02-29T13:05:07+02:00", "2024-02-29 11:05:07"),
            ("2024-02-29 13:05:07 -0130", "2024-02-29 14:35:07"),
        ] {
            let found = instant(given.as_bytes()).unwrap();
            assert_eq!((print_timestamp(found.value).as_str(), found.exact), (shown, given.ends_with('Z')), "{given}");
        }
    }

    #[test]
    fn strangers() {
        for bad in ["", "2024-2-9", "2024-02-30", "2024/02/09", "20240209", "2024-02-09x"] {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
        for bad in ["", "25:00", "12:60", "1:00", "12:00:60", "12:00:00.", "12-00"] {
            assert_eq!(time(bad.as_bytes()), None, "{bad}");
        }
        for bad in ["", "2024-02-29 7", "2024-02-29x12:00", "2024-02-29 12:00:00Z", "é024-02-29 1"] {
            assert_eq!(timestamp(bad.as_bytes()), None, "{bad}");
        }
        for bad in ["", "2024-02-29T13:05:07", "2024-02-29T13:05+25:00", "-------------------"] {
            assert_eq!(instant(bad.as_bytes()), None, "{bad}");
        }
    }
}
