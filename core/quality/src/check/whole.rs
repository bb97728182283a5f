//! Rules about the table as a whole: one number is measured, then judged.

use trommel_model::{NumberFormat, Outcome, format_value};

use super::subject::Subject;
use super::{anomaly, row_change};

/// A rule about the table as a whole.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub measure: Measure,
    pub judge: Judge,
}

/// What is measured.
#[derive(Debug, Clone)]
pub(super) enum Measure {
    /// An aggregate over the rows looked at; several are computed in one scan. Null where nothing can be measured.
    Aggregate(String),
    /// A SELECT of one row: the number `_value`, and the text `_fault`, null when all is well.
    Query(String),
    /// Known from the columns alone: the fault, if there is one.
    Known(Option<String>),
}

/// What a number has to be.
#[derive(Debug, Clone)]
pub(super) enum Judge {
    /// Between two bounds, both included; `what` it is, for people. Nothing measured is nothing broken.
    Within { min: Option<f64>, max: Option<f64>, what: String },
    /// At most so many hours; nothing measured is as bad as too many.
    Fresh { hours: f64, within: String, column: String },
    /// The measure says so itself.
    Told,
    /// Not too far from the last one.
    Change { max_drop: Option<f64>, max_rise: Option<f64> },
    /// As usual among the earlier ones.
    Usual { sensitivity: f64, season: Option<u32> },
}

impl Judge {
    /// The fault in words; none when all is well. `earlier` are the numbers of earlier runs, oldest first.
    pub fn fault(&self, value: Option<f64>, told: Option<String>, earlier: &[f64]) -> Option<String> {
        match (self, value) {
            (Self::Within { min, max, what }, Some(x)) => {
                let outside = x.is_nan() || min.is_some_and(|min| x < min) || max.is_some_and(|max| x > max);
                outside.then(|| format!("{what} is {}, not {}", said(x), expected(*min, *max)))
            }
            (Self::Fresh { hours, within, column }, Some(age)) => {
                (age > *hours).then(|| format!("the newest {column} is {} old, more than {within}", age_in_words(age)))
            }
            (Self::Fresh { column, .. }, None) => Some(format!("{column} has no value, so nothing says how old the data is")),
            (Self::Told, _) => told,
            (Self::Change { max_drop, max_rise }, Some(rows)) => row_change::fault(rows, earlier.last().copied(), *max_drop, *max_rise),
            (Self::Usual { sensitivity, season }, Some(x)) => anomaly::fault(x, earlier, *sensitivity, *season),
            (Self::Within { .. } | Self::Change { .. } | Self::Usual { .. }, None) => None,
        }
    }
}

/// Two bounds that make sense.
pub(super) fn bounds(subject: &Subject<'_>, min: Option<f64>, max: Option<f64>) -> Outcome<(Option<f64>, Option<f64>)> {
    match (min, max) {
        (None, None) => Err(subject.senseless("has no bounds").next("set min, max or both")),
        (Some(min), _) if min.is_nan() => Err(subject.senseless("has a lower bound that is no number").next("write a number as min")),
        (_, Some(max)) if max.is_nan() => Err(subject.senseless("has an upper bound that is no number").next("write a number as max")),
        (Some(min), Some(max)) if min > max => {
            Err(subject.senseless("has its least value above its greatest").next("exchange min and max"))
        }
        bounds => Ok(bounds),
    }
}

/// A number as people read it.
pub(super) fn said(x: f64) -> String {
    format_value(x, NumberFormat::Number, "")
}

fn expected(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min.total_cmp(&max).is_eq() => said(min),
        (Some(min), Some(max)) => format!("{} to {}", said(min), said(max)),
        (Some(min), None) => format!("{} or more", said(min)),
        (None, Some(max)) => format!("{} or less", said(max)),
        (None, None) => "anything".to_owned(),
    }
}

fn age_in_words(hours: f64) -> String {
    match hours {
        h if h < 1.0 => format!("{:.0} minutes", h * 60.0),
        h if h < 72.0 => format!("{h:.1} hours"),
        h => format!("{:.1} days", h / 24.0),
    }
}
