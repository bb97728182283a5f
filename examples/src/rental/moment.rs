//! Days and seconds as plain numbers, and the ways brokers write them.

/// Days since 1970-01-01.
pub type Day = i64;

/// Seconds since 1970-01-01 00:00, local to the pick-up place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

/// Seconds of a minute, an hour, a day.
pub const MINUTE: i64 = 60;
/// See [`MINUTE`].
pub const HOUR: i64 = 60 * MINUTE;
/// See [`MINUTE`].
pub const DAY: i64 = 24 * HOUR;

impl Moment {
    /// A time of a day.
    pub fn at(day: Day, seconds: i64) -> Self {
        Self(day * DAY + seconds)
    }

    /// The day it lies on.
    pub fn day(self) -> Day {
        self.0.div_euclid(DAY)
    }

    /// So many seconds later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// `2025-11-03 14:30:00`, with the given text between day and time.
    pub fn iso(self, between: &str) -> String {
        let (h, m, s) = self.clock();
        format!("{}{between}{h:02}:{m:02}:{s:02}", iso_day(self.day()))
    }

    /// `03.11.2025 14:30`.
    pub fn day_first(self) -> String {
        let (h, m, _) = self.clock();
        format!("{} {h:02}:{m:02}", day_first(self.day()))
    }

    fn clock(self) -> (i64, i64, i64) {
        let seconds = self.0.rem_euclid(DAY);
        (seconds / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE)
    }
}

/// `2025-11-03`.
pub fn iso_day(day: Day) -> String {
    let (y, m, d) = civil(day);
    format!("{y:04}-{m:02}-{d:02}")
}

/// `03.11.2025`.
pub fn day_first(day: Day) -> String {
    let (y, m, d) = civil(day);
    format!("{d:02}.{m:02}.{y:04}")
}

/// Year, month and day of a day in the proleptic Gregorian calendar
/// (Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
pub fn civil(day: Day) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, d)
}

/// The day of a year, month and day; the inverse of [`civil`].
pub fn day_of(year: i64, month: i64, day: i64) -> Day {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (day, text) in [(0, "1970-01-01"), (20_395, "2025-11-03"), (19_782, "2024-02-29"), (-1, "1969-12-31"), (11_016, "2000-02-29")] {
            assert_eq!(iso_day(day), text);
        }
        for day in -40_000..40_000 {
            let (y, m, d) = civil(day);
            assert_eq!(day_of(y, m, d), day);
        }
    }

    #[test]
    fn moments_are_written_both_ways() {
        let moment = Moment::at(20_395, 14 * HOUR + 30 * MINUTE + 5);
        assert_eq!(moment.iso(" "), "2025-11-03 14:30:05");
        assert_eq!(moment.iso("T"), "2025-11-03T14:30:05");
        assert_eq!(moment.day_first(), "03.11.2025 14:30");
        assert_eq!(moment.plus(DAY).day(), 20_396);
    }
}
