//! Labels that are dates: which of them to write on the time axis, and how.

use jiff::civil::DateTime;
use jiff::{SpanRound, ToSpan, Unit};

/// The periods of a time axis, in order.
pub(super) struct Periods(Vec<DateTime>);

/// A distance between marks: so many of a unit, counted from the start of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Hours(i64),
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

const STEPS: [Step; 21] = [
    Step::Hours(1),
    Step::Hours(3),
    Step::Hours(6),
    Step::Hours(12),
    Step::Days(1),
    Step::Days(2),
    Step::Weeks(1),
    Step::Weeks(2),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(20),
    Step::Years(50),
    Step::Years(100),
    Step::Years(500),
    Step::Years(1000),
];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Periods {
    /// The labels as periods, when every one is an ISO date or date and time and each is later than the one before.
    pub(super) fn of(labels: &[String]) -> Option<Self> {
        let periods: Vec<DateTime> = labels.iter().map(|l| l.parse().ok()).collect::<Option<_>>()?;
        (periods.len() > 1 && periods.windows(2).all(|w| w[0] < w[1])).then_some(Self(periods))
    }

    /// The steps that make sense for these periods, finest first: none finer than the data.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        let hours_apart = self.0.windows(2).map(|w| hours_between(w[0], w[1])).min().unwrap_or(0);
        let finest = match hours_apart {
            0..24 => Step::Hours(1),
            24..672 => Step::Days(1),
            672..8_760 => Step::Months(1),
            _ => Step::Years(1),
        };
        STEPS.into_iter().filter(move |s| *s >= finest)
    }

    /// The periods in which a step begins, by position, and what is written there.
    pub(super) fn marks(&self, step: Step) -> Vec<(usize, String)> {
        let mut marks = Vec::new();
        let mut year = None;
        for (i, &at) in self.0.iter().enumerate() {
            let before = if i == 0 { at.checked_sub(1.second()).unwrap_or(at) } else { self.0[i - 1] };
            if bucket(at, step) != bucket(before, step) {
                marks.push((i, text(at, step, year != Some(at.year()))));
                year = Some(at.year());
            }
        }
        marks
    }
}

fn hours_between(a: DateTime, b: DateTime) -> i64 {
    let round = SpanRound::new().largest(Unit::Hour).smallest(Unit::Hour);
    a.until(b).and_then(|span| span.round(round.days_are_24_hours())).map_or(0, |span| i64::from(span.get_hours()))
}

/// Which step of the calendar a moment is in.
fn bucket(at: DateTime, step: Step) -> i64 {
    let day = at.date().duration_since(jiff::civil::date(1970, 1, 5)).as_hours() / 24;
    let month = i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
    match step {
        Step::Hours(n) => (day * 24 + i64::from(at.hour())).div_euclid(n),
        Step::Days(n) => day.div_euclid(n),
        // Day 0 is a Monday.
        Step::Weeks(n) => day.div_euclid(7 * n),
        Step::Months(n) => month.div_euclid(n),
        Step::Years(n) => i64::from(at.year()).div_euclid(n),
    }
}

fn text(at: DateTime, step: Step, new_year: bool) -> String {
    let month = MONTHS[usize::from(at.month().unsigned_abs()).saturating_sub(1) % 12];
    match step {
        Step::Hours(_) if at.hour() != 0 => format!("{:02}:{:02}", at.hour(), at.minute()),
        Step::Hours(_) | Step::Days(_) | Step::Weeks(_) if new_year => format!("{} {month} {}", at.day(), at.year()),
        Step::Hours(_) | Step::Days(_) | Step::Weeks(_) => format!("{} {month}", at.day()),
        Step::Months(_) if new_year => format!("{month} {}", at.year()),
        Step::Months(_) => month.to_owned(),
        Step::Years(_) => at.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(first: &str, step: jiff::Span, count: usize) -> Periods {
        let first: DateTime = first.parse().unwrap();
        let labels: Vec<String> = first.series(step).take(count).map(|d| d.to_string()).collect();
        Periods::of(&labels).unwrap()
    }

    #[test]
    fn marks_stand_where_the_calendar_turns() {
        let written = |p: &Periods, step| p.marks(step).into_iter().map(|(i, t)| format!("{i} {t}")).collect::<Vec<_>>().join(", ");
        let days = periods("2023-12-28", 1.day(), 40);
        assert_eq!(written(&days, Step::Weeks(1)), "4 1 Jan 2024, 11 8 Jan, 18 15 Jan, 25 22 Jan, 32 29 Jan, 39 5 Feb");
        assert_eq!(written(&days, Step::Months(1)), "4 Jan 2024, 35 Feb");
        let weeks = periods("2024-01-01", 7.days(), 10);
        assert_eq!(written(&weeks, Step::Months(1)), "0 Jan 2024, 5 Feb, 9 Mar");
        let hours = periods("2024-03-01T05:00", 1.hour(), 24);
        assert_eq!(written(&hours, Step::Hours(6)), "1 06:00, 7 12:00, 13 18:00, 19 2 Mar");
        let years = periods("1999-01-01", 1.year(), 12);
        assert_eq!(written(&years, Step::Years(5)), "1 2000, 6 2005, 11 2010");
    }

    #[test]
    fn steps_are_no_finer_than_the_data() {
        for (step, expected) in [
            (1.hour(), Step::Hours(1)),
            (1.day(), Step::Days(1)),
            (7.days(), Step::Days(1)),
            (1.month(), Step::Months(1)),
            (3.months(), Step::Months(1)),
            (1.year(), Step::Years(1)),
        ] {
            assert_eq!(periods("2023-01-01", step, 8).steps().next(), Some(expected), "{step}");
        }
    }

    #[test]
    fn other_labels_are_no_time_axis() {
        let is = |labels: &[&str]| Periods::of(&labels.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>()).is_some();
        assert!(is(&["2024-01-01", "2024-01-02"]) && is(&["2024-01-01T00:00", "2024-01-01T01:00"]));
        assert!(
            !is(&["2024-01-02", "2024-01-01"])
                && !is(&["Oslo", "Paris"])
                && !is(&["2024-01-01"])
                && !is(&[])
                && !is(&["10000-01-01", "10001-01-01"])
        );
    }
}
