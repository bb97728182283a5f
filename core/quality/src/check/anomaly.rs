//! `anomaly`: a number is as usual among those of earlier runs.
//!
//! Robust z-score: |x − median| / (1.4826 · MAD) (Iglewicz and Hoaglin, 1993). Where more than half of the earlier numbers
//! are the same, the mean absolute deviation (× 1.2533) stands in for the MAD; where all are, any other number is unusual.

use trommel_model::{Outcome, Statistic};

use super::subject::Subject;
use super::whole::{Judge, Measure, Whole, said};
use super::{Broken, statistic};

/// Earlier numbers there have to be before anything is unusual.
const ENOUGH: usize = 7;

pub(super) fn broken(subject: &Subject<'_>, of: Statistic, column: Option<&str>, sensitivity: f64, season: Option<u32>) -> Outcome<Broken> {
    if !(sensitivity > 0.0 && sensitivity.is_finite()) {
        return Err(subject.senseless(&format!("has a sensitivity of {sensitivity}")).next("write a number above 0; 3.5 is usual"));
    }
    if season.is_some_and(|runs| runs < 2) {
        return Err(subject.senseless("has a season of less than two runs").next("write the runs of one season, or leave it out"));
    }
    let measure = Measure::Aggregate(statistic::aggregate(subject, of, column)?);
    Ok(Broken::Whole(Whole { measure, judge: Judge::Usual { sensitivity, season } }))
}

/// The fault of a number among earlier ones, oldest first.
pub(super) fn fault(x: f64, earlier: &[f64], sensitivity: f64, season: Option<u32>) -> Option<String> {
    let alike: Vec<f64> = match season {
        // The newest of them is one run back; the same place in its season is `season` runs back.
        Some(runs) => earlier.iter().rev().skip(runs as usize - 1).step_by(runs as usize).copied().collect(),
        None => earlier.to_vec(),
    };
    let alike: Vec<f64> = alike.into_iter().filter(|x| x.is_finite()).collect();
    if alike.len() < ENOUGH {
        return None;
    }
    let middle = median(alike.clone())?;
    let away: Vec<f64> = alike.iter().map(|y| (y - middle).abs()).collect();
    let spread = match median(away.clone())? {
        mad if mad > 0.0 => 1.4826 * mad,
        _ => 1.2533 * away.iter().sum::<f64>() / away.len() as f64,
    };
    let distance = (x - middle).abs();
    let unusual = if spread > 0.0 { distance / spread > sensitivity } else { distance > 0.0 };
    (unusual || x.is_nan()).then(|| {
        let least = alike.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = alike.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        format!(
            "{} is unusual: {} earlier runs had {} to {}, {} in the middle",
            said(x),
            alike.len(),
            said(least),
            said(greatest),
            said(middle)
        )
    })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[half]),
        _ => Some(f64::midpoint(values[half - 1], values[half])),
    }
}
