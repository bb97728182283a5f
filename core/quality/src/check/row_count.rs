//! `row_count`: the table has at least, or at most, so many rows.

use trommel_model::Outcome;

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole, bounds};

pub(super) fn broken(subject: &Subject<'_>, min: Option<u64>, max: Option<u64>) -> Outcome<Broken> {
    let (min, max) = bounds(subject, min.map(|n| n as f64), max.map(|n| n as f64))?;
    Ok(Broken::Whole(Whole {
        measure: Measure::Aggregate("count(*)".to_owned()),
        judge: Judge::Within { min, max, what: "the number of rows".to_owned() },
    }))
}
