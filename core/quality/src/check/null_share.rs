//! `null_share`: at most such a share of the column is null.

use trommel_engine::sql::ident;
use trommel_model::Outcome;

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole};

pub(super) fn broken(subject: &Subject<'_>, column: &str, max: f64) -> Outcome<Broken> {
    subject.column(column)?;
    if !(0.0..=1.0).contains(&max) {
        return Err(subject.senseless(&format!("allows a share of {max}")).next("write a share from 0 to 1, for instance max = 0.05"));
    }
    let share = format!("avg(CASE WHEN {} IS NULL THEN 1.0 ELSE 0.0 END)", ident(column));
    let judge = Judge::Within { min: None, max: Some(max), what: format!("the share of nulls in {column}") };
    Ok(Broken::Whole(Whole { measure: Measure::Aggregate(share), judge }))
}
