//! Weights corrected by what people decided: logistic regression over the levels of the pairs they decided, with the
//! weights that were learned without them as its starting point.
//!
//! Few labels must not overturn what many pairs say, so each correction is drawn towards none, as by a normal
//! distribution around it (ridge regression; le Cessie and van Houwelingen 1992). Pairs that people are asked about are
//! those in doubt, so labels say little of how many pairs match in all: the prior is drawn more strongly.

use std::f64::consts::LN_2;

use super::dependence::Shares;
use super::probability;
use crate::levels::{LevelPattern, MISSING, MOST_LEVELS, level_of};

/// How far a level's weight is believed to be off, and the prior, as standard deviations in units of ln.
const LEVEL_OFF: f64 = 1.0;
const PRIOR_OFF: f64 = 0.5;
const ROUNDS: usize = 50;
/// Corrections are found when none moves by more.
const SETTLED: f64 = 1e-7;
/// No correction moves by more in one round.
const STRIDE: f64 = 4.0;

/// A pair that somebody decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label {
    pub pattern: LevelPattern,
    /// What it weighs as learned, with the prior in it.
    pub bits: f64,
    pub same: bool,
}

/// For the prior, and for each comparison and level, the bits to be added.
pub(super) fn corrections(comparisons: usize, labels: &[Label]) -> (f64, Vec<Shares>) {
    let mut seen: Vec<(usize, usize)> = labels
        .iter()
        .flat_map(|label| (0..comparisons).map(|at| (at, level_of(label.pattern, at))))
        .filter(|(_, level)| *level != MISSING)
        .collect();
    seen.sort_unstable();
    seen.dedup();
    // Place 0 is the prior.
    let places: Vec<Vec<usize>> = labels
        .iter()
        .map(|label| {
            let levels = (0..comparisons).filter_map(|at| seen.binary_search(&(at, level_of(label.pattern, at))).ok());
            std::iter::once(0).chain(levels.map(|place| place + 1)).collect()
        })
        .collect();
    let drawn = |place: usize| if place == 0 { PRIOR_OFF.powi(-2) } else { LEVEL_OFF.powi(-2) };
    let mut off = vec![0.0; seen.len() + 1];
    for _ in 0..ROUNDS {
        let mut slope: Vec<f64> = off.iter().enumerate().map(|(place, off)| -drawn(place) * off).collect();
        let mut bend = vec![vec![0.0; off.len()]; off.len()];
        for (place, row) in bend.iter_mut().enumerate() {
            row[place] = drawn(place);
        }
        for (label, places) in labels.iter().zip(&places) {
            let p = probability(label.bits + places.iter().map(|&place| off[place]).sum::<f64>() / LN_2);
            for &a in places {
                slope[a] += f64::from(u8::from(label.same)) - p;
                for &b in places {
                    bend[a][b] += p * (1.0 - p);
                }
            }
        }
        let step = solved(bend, slope);
        off.iter_mut().zip(&step).for_each(|(off, step)| *off += step.clamp(-STRIDE, STRIDE));
        if step.iter().all(|step| step.abs() < SETTLED) {
            break;
        }
    }
    let mut of_levels = vec![[0.0; MOST_LEVELS]; comparisons];
    for (&(at, level), off) in seen.iter().zip(&off[1..]) {
        of_levels[at][level] = off / LN_2;
    }
    (off[0] / LN_2, of_levels)
}

/// Solves `a x = b` for a symmetric positive matrix (Cholesky).
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            a[i][j] = if i == j { (a[i][i] - sum).max(f64::MIN_POSITIVE).sqrt() } else { (a[i][j] - sum) / a[j][j] };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_solved() {
        let a = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]];
        let x = solved(a.clone(), vec![1.0, -2.0, 3.0]);
        for (row, expected) in a.iter().zip([1.0, -2.0, 3.0]) {
            let found: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((found - expected).abs() < 1e-9, "{x:?}");
        }
    }

    /// Two comparisons; people say that agreeing in the second alone is no match, whatever was learned.
    #[test]
    fn what_people_say_often_enough_holds() {
        let pattern = |first: u128, second: u128| first | second << 3;
        let label = |pattern, bits, same| Label { pattern, bits, same };
        let labels = |times: usize| -> Vec<Label> {
            (0..times).flat_map(|_| [label(pattern(2, 1), 2.0, false), label(pattern(1, 1), 6.0, true)]).collect()
        };
        let weight = |times: usize, pattern: LevelPattern, bits: f64| {
            let (prior, of) = corrections(2, &labels(times));
            bits + prior + (0..2).map(|at| of[at][level_of(pattern, at)]).sum::<f64>()
        };
        assert!(weight(1, pattern(2, 1), 2.0) > 0.0, "one label is not enough");
        assert!(weight(30, pattern(2, 1), 2.0) < -1.0, "thirty are");
        assert!(weight(30, pattern(1, 1), 6.0) > 4.0);
        assert_eq!(corrections(2, &[]), (0.0, vec![[0.0; MOST_LEVELS]; 2]));
    }
}
