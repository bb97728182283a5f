//! Exact text of decimals, dates and times.

use std::fmt::Write;

/// Digits of a whole number with the point put `scale` places from the right.
pub(crate) fn decimal(digits: &str, scale: i8) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { usize::from(scale.unsigned_abs()) };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let scale = scale as usize;
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// A day counted from 1970-01-01, in the proleptic Gregorian calendar; years before 1 are negative.
pub(crate) fn day(days: i64) -> String {
    // Days to civil date, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year < 0 { format!("-{:04}-{month:02}-{day:02}", -year) } else { format!("{year:04}-{month:02}-{day:02}") }
}

/// A time of day in units of which there are `per_second`; as many places after the point as it needs.
pub(crate) fn time(value: i64, per_second: i64) -> String {
    let seconds = value.div_euclid(per_second);
    let fraction = value.rem_euclid(per_second);
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if fraction > 0 {
        let width = per_second.ilog10() as usize;
        let digits = format!("{fraction:0width$}");
        // Writing to a String cannot fail.
        let _ = write!(text, ".{}", digits.trim_end_matches('0'));
    }
    text
}

/// Day and time in units of which there are `per_second` since 1970-01-01; `+00` behind it when it is an instant.
pub(crate) fn timestamp(value: i64, per_second: i64, zoned: bool) -> String {
    // DuckDB keeps ±infinity as the ends of the range.
    match value {
        i64::MAX => return "infinity".to_owned(),
        value if value <= -i64::MAX => return "-infinity".to_owned(),
        _ => {}
    }
    let per_day = 86_400 * per_second;
    let zone = if zoned { "+00" } else { "" };
    format!("{} {}{zone}", day(value.div_euclid(per_day)), time(value.rem_euclid(per_day), per_second))
}

/// A span of time: `1 year 2 months 3 days 04:05:06.5`.
pub(crate) fn interval(months: i32, days: i32, nanoseconds: i64) -> String {
    let mut parts = Vec::new();
    let mut part = |n: i64, unit: &str| {
        if n != 0 {
            parts.push(format!("{n} {unit}{}", if n.abs() == 1 { "" } else { "s" }));
        }
    };
    part(i64::from(months / 12), "year");
    part(i64::from(months % 12), "month");
    part(i64::from(days), "day");
    if nanoseconds != 0 || parts.is_empty() {
        let sign = if nanoseconds < 0 { "-" } else { "" };
        parts.push(format!("{sign}{}", time(nanoseconds.saturating_abs(), 1_000_000_000)));
    }
    parts.join(" ")
}
