//! Counts, bytes and times as people read them.

use jiff::Timestamp;
use trommel_model::{NumberFormat, format_value};

/// A count with its thousands apart: `1,203,554`.
pub(crate) fn count(n: u64) -> String {
    format_value(n as f64, NumberFormat::Integer, "")
}

/// An amount of memory or disk: `1.2 MB`, of 1,000 bytes a kB.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut size = n as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && size < 99.95);
    format!("{size:.decimals$} {}", UNITS[unit])
}

/// A span of time: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms as f64 / 1000.0;
    match seconds {
        s if s < 0.0995 => format!("{ms} ms"),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 59.5 => format!("{s:.0} s"),
        s => {
            let whole = s.round() as u64;
            if whole < 3600 {
                format!("{} min {:02} s", whole / 60, whole % 60)
            } else {
                format!("{} h {:02} min", whole / 3600, whole % 3600 / 60)
            }
        }
    }
}

/// Rows a second: `410,000 rows/s`.
pub(crate) fn rate(rows: u64, ms: u64) -> Option<String> {
    let per_second = (rows > 0 && ms >= 100).then(|| rows as f64 * 1000.0 / ms as f64)?;
    let digits = 10_f64.powf((per_second.log10().floor() - 1.0).max(0.0));
    Some(format!("{} rows/s", count(((per_second / digits).round() * digits) as u64)))
}

/// Milliseconds between two RFC 3339 times, when both can be read and are in order.
pub(crate) fn span_ms(from: &str, to: &str) -> Option<u64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    u64::try_from(to.as_millisecond() - from.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (given, expected) in [(0, "0 B"), (999, "999 B"), (1_200, "1.2 kB"), (999_600, "1.0 MB"), (2_000_000_000, "2.0 GB")] {
            assert_eq!(bytes(given), expected);
        }
        for (given, expected) in
            [(12, "12 ms"), (400, "0.4 s"), (9_960, "10 s"), (59_700, "1 min 00 s"), (185_000, "3 min 05 s"), (7_800_000, "2 h 10 min")]
        {
            assert_eq!(duration(given), expected);
        }
        assert_eq!(count(1_203_554), "1,203,554");
        assert_eq!(rate(411_234, 1_000).as_deref(), Some("410,000 rows/s"));
        assert_eq!(rate(5, 10), None, "too early to tell");
    }

    #[test]
    fn spans() {
        assert_eq!(span_ms("2026-01-31T09:30:00Z", "2026-01-31T09:30:02.5Z"), Some(2_500));
        assert_eq!(span_ms("2026-01-31T09:30:00Z", "nonsense"), None);
    }
}
