//! A series without holes: what the calendar has and the data has not.

use jiff::civil::DateTime;
use jiff::{Span, ToSpan};
use trommel_model::{Grain, KpiPoint};

use super::question::pattern;

/// Periods beyond which holes stay holes: 11 years of hours. One wrong date must not make millions of points.
const MOST: usize = 100_000;

/// The points with every period between the first and the last; new ones have the value the formula gives for no rows.
///
/// `points` are in order. They come back as they are when they lie outside of the years 0 to 9999 or too far apart.
pub(super) fn filled(points: Vec<(String, Option<f64>)>, grain: Grain, for_no_rows: Option<f64>) -> Vec<KpiPoint> {
    try_filled(&points, grain, for_no_rows)
        .unwrap_or_else(|| points.into_iter().map(|(period, value)| KpiPoint { period, value }).collect())
}

/// The period before `newest` on the calendar, when the series has it.
pub(super) fn before(series: &[KpiPoint], newest: &KpiPoint, grain: Grain) -> Option<KpiPoint> {
    let start: DateTime = newest.period.parse().ok()?;
    let wanted = written(start.checked_sub(step(grain)).ok()?, grain);
    series.iter().rev().nth(1).filter(|p| p.period == wanted).cloned()
}

fn try_filled(points: &[(String, Option<f64>)], grain: Grain, for_no_rows: Option<f64>) -> Option<Vec<KpiPoint>> {
    let mut series = Vec::with_capacity(points.len());
    let mut next: Option<DateTime> = None;
    for (period, value) in points {
        let start: DateTime = period.parse().ok()?;
        while let Some(missing) = next.filter(|n| *n < start) {
            series.push(KpiPoint { period: written(missing, grain), value: for_no_rows });
            if series.len() > MOST {
                return None;
            }
            next = missing.checked_add(step(grain)).ok();
        }
        series.push(KpiPoint { period: period.clone(), value: *value });
        next = start.checked_add(step(grain)).ok();
    }
    Some(series)
}

fn step(grain: Grain) -> Span {
    match grain {
        Grain::Hour => 1.hour(),
        Grain::Day => 1.day(),
        Grain::Week => 7.days(),
        Grain::Month => 1.month(),
        Grain::Quarter => 3.months(),
        Grain::Year => 1.year(),
    }
}

fn written(start: DateTime, grain: Grain) -> String {
    start.strftime(pattern(grain)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_by_the_calendar() {
        for (grain, given, expected) in [
            (Grain::Hour, "2024-02-28T23:00 2024-02-29T02:00", "2024-02-28T23:00 2024-02-29T00:00* 2024-02-29T01:00* 2024-02-29T02:00"),
            (Grain::Day, "2024-02-28 2024-03-01", "2024-02-28 2024-02-29* 2024-03-01"),
            (Grain::Week, "2023-12-25 2024-01-08", "2023-12-25 2024-01-01* 2024-01-08"),
            (Grain::Month, "2023-11-01 2024-02-01", "2023-11-01 2023-12-01* 2024-01-01* 2024-02-01"),
            (Grain::Quarter, "2023-07-01 2024-01-01", "2023-07-01 2023-10-01* 2024-01-01"),
            (Grain::Year, "2020-01-01 2022-01-01", "2020-01-01 2021-01-01* 2022-01-01"),
            (Grain::Day, "", ""),
            (Grain::Day, "2024-01-01", "2024-01-01"),
            (Grain::Hour, "0001-01-01T00:00 2024-01-01T00:00", "0001-01-01T00:00 2024-01-01T00:00"),
            (Grain::Day, "2024-01-01 12024-01-01", "2024-01-01 12024-01-01"),
        ] {
            let points = given.split_whitespace().map(|p| (p.to_owned(), Some(1.0))).collect();
            let filled = filled(points, grain, Some(0.0));
            let shown: Vec<String> =
                filled.iter().map(|p| format!("{}{}", p.period, if p.value == Some(0.0) { "*" } else { "" })).collect();
            assert_eq!(shown.join(" "), expected);
        }
    }

    #[test]
    fn the_period_before_is_one_on_the_calendar() {
        let point = |period: &str| KpiPoint { period: period.into(), value: Some(1.0) };
        for (series, expected) in
            [(vec!["2024-02-01", "2024-03-01"], Some("2024-02-01")), (vec!["2023-01-01", "2024-03-01"], None), (vec!["2024-03-01"], None)]
        {
            let series: Vec<KpiPoint> = series.into_iter().map(point).collect();
            assert_eq!(before(&series, &series[series.len() - 1], Grain::Month).map(|p| p.period).as_deref(), expected);
        }
    }
}
