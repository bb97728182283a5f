//! `row_change`: the number of rows has not changed by more than this since the last run in which it was checked.

use trommel_model::Outcome;

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole, said};

pub(super) fn broken(subject: &Subject<'_>, max_drop: Option<f64>, max_rise: Option<f64>) -> Outcome<Broken> {
    if max_drop.is_none() && max_rise.is_none() {
        return Err(subject.senseless("allows any change").next("set max_drop, max_rise or both, for instance max_drop = 0.1"));
    }
    if let Some(share) = [max_drop, max_rise].into_iter().flatten().find(|share| share.is_nan() || *share < 0.0) {
        return Err(subject
            .senseless(&format!("allows a change of {share}"))
            .next("write a share of the rows there were, 0.1 for a tenth"));
    }
    Ok(Broken::Whole(Whole { measure: Measure::Aggregate("count(*)".to_owned()), judge: Judge::Change { max_drop, max_rise } }))
}

/// The fault of a number of rows after an earlier one; none where there is no earlier one.
pub(super) fn fault(rows: f64, before: Option<f64>, max_drop: Option<f64>, max_rise: Option<f64>) -> Option<String> {
    let before = before?;
    let change = if before == 0.0 { if rows == 0.0 { 0.0 } else { f64::INFINITY } } else { (rows - before) / before };
    let too_far = max_drop.is_some_and(|drop| -change > drop) || max_rise.is_some_and(|rise| change > rise);
    too_far.then(|| {
        let by = if change.is_finite() { format!(" ({:+.1} %)", change * 100.0) } else { String::new() };
        format!("the table has {} rows, after {} in the last run{by}", said(rows), said(before))
    })
}
