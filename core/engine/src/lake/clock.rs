//! Times and identifiers as the catalogue writes them.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Now, as DuckLake writes a time: `2026-01-31 09:30:00.123456+00`.
pub(super) fn now_text() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S.%6f+00").to_string()
}

/// A UUID of version 7 (RFC 9562): the time in milliseconds, then random bits, so that names sort by age.
pub(super) fn fresh_uuid() -> String {
    let millis = Timestamp::now().as_millisecond().unsigned_abs() & 0xffff_ffff_ffff;
    // The standard library seeds each of these from the system's random source.
    let random = || RandomState::new().build_hasher().finish();
    let high = (millis << 16) | 0x7000 | (random() & 0x0fff);
    let low = (random() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    let digits = format!("{high:016x}{low:016x}");
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// A time of the catalogue as RFC 3339: `2026-01-31T09:30:00.123456Z`. Text that is not such a time comes back as it is.
pub(super) fn rfc3339(text: &str) -> String {
    text.replacen(' ', "T", 1).strip_suffix("+00").map_or_else(|| text.to_owned(), |start| format!("{start}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_version_7_and_never_twice_the_same() {
        let (a, b) = (fresh_uuid(), fresh_uuid());
        assert_ne!(a, b);
        assert_eq!(a.len(), 36);
        assert_eq!(&a[14..15], "7");
        assert!(matches!(&a[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn times_of_both_writers_are_understood() {
        assert_eq!(rfc3339("2026-11-20 20:24:25.89505+00"), "2026-11-20T20:24:25.89505Z");
        assert!(rfc3339(&now_text()).parse::<Timestamp>().is_ok());
    }
}
