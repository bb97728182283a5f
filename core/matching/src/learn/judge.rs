//! A threshold from labels, and what is to be expected of it on pairs that nobody labelled.
//!
//! A threshold, and weights, that were told from labels flatter these very labels. Each label is therefore judged by what is
//! told from the others (cross-validation; Stone 1974), where there are enough of both kinds.

use trommel_model::LabelScores;

use super::labels::{Label, corrections};
use super::{bits_of, probability};
use crate::levels::{MISSING, MOST_LEVELS, level_of};
use crate::tested::Tested;

/// Parts of which each is judged by the others.
const FOLDS: usize = 5;
/// Where all labels stand on one side, the threshold is so many bits beyond the last of them.
const BEYOND: f64 = 2.0;

/// Labels with what their pairs weigh.
pub(super) struct Taught {
    pub comparisons: usize,
    /// Labels correct weights.
    pub correct: bool,
    /// What people decided besides.
    pub decided: Vec<Label>,
    /// Weights as they are learned without labels, and as they are in the end.
    pub before: Vec<Label>,
    pub now: Vec<Label>,
}

/// A stretch of thresholds, in bits, that part labels equally well.
struct Cut {
    f1: f64,
    from: f64,
    to: f64,
}

impl Taught {
    /// The best threshold, and what it and the weights are worth. `threshold` is the one without labels; a `fixed` one stays.
    pub fn judge(&self, threshold: f64, fixed: bool) -> LabelScores {
        let bits = |labels: &[Label]| labels.iter().map(|l| (l.bits, l.same)).collect::<Vec<_>>();
        let both = |same: bool| self.now.iter().filter(|label| label.same == same).count();
        let cut = best_cut(bits(&self.now), bits_of(threshold));
        let folds = if both(true).min(both(false)) >= FOLDS { FOLDS } else { 0 };
        let mut tested = Tested::default();
        for fold in 0..folds {
            let held = |at: &usize| at % FOLDS == fold;
            let others: Vec<Label> = (0..self.before.len()).filter(|at| !held(at)).map(|at| self.before[at]).collect();
            let off = self.corrected_by(&others);
            let weigh = |label: &Label| (label.bits + bits_off(label, &off), label.same);
            let least = if fixed {
                bits_of(threshold)
            } else {
                inside(&best_cut(others.iter().map(weigh).collect(), bits_of(threshold)), threshold)
            };
            for label in (0..self.before.len()).filter(held).map(|at| &self.before[at]) {
                tested.count(label.same, weigh(label).0 >= least);
            }
        }
        LabelScores {
            best: probability(inside(&cut, threshold)),
            as_good: (probability(cut.from), probability(cut.to)),
            chosen: !fixed && both(true) > 0 && both(false) > 0,
            held_out: (folds > 0).then(|| tested.quality()),
            folds: folds as u64,
            held_out_f1: if folds > 0 { tested.f1_interval() } else { (0.0, 1.0) },
        }
    }

    fn corrected_by(&self, labels: &[Label]) -> (f64, Vec<[f64; MOST_LEVELS]>) {
        if self.correct { corrections(self.comparisons, &[self.decided.as_slice(), labels].concat()) } else { (0.0, Vec::new()) }
    }
}

/// What corrections add to the weight of a pair.
fn bits_off(label: &Label, (prior, of_levels): &(f64, Vec<[f64; MOST_LEVELS]>)) -> f64 {
    let level = |at: usize| Some(level_of(label.pattern, at)).filter(|level| *level != MISSING);
    prior + of_levels.iter().enumerate().filter_map(|(at, of)| Some(of[level(at)?])).sum::<f64>()
}

/// The threshold of a cut, in bits: the one there is without labels when it is as good, else the middle.
fn inside(cut: &Cut, threshold: f64) -> f64 {
    let bits = bits_of(threshold);
    if cut.from < bits && bits <= cut.to {
        return bits;
    }
    match (cut.from.is_finite(), cut.to.is_finite()) {
        (false, false) => bits,
        (false, true) => cut.to - BEYOND,
        (true, false) => cut.from + BEYOND,
        (true, true) => f64::midpoint(cut.from, cut.to),
    }
}

/// The cut of best F1; of equally good ones the one that holds the threshold there is without labels, then the widest.
fn best_cut(mut labels: Vec<(f64, bool)>, threshold: f64) -> Cut {
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let same = labels.iter().filter(|(_, same)| *same).count();
    let (most, least) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut best: Option<Cut> = None;
    let mut right = 0;
    for taken in 0..=labels.len() {
        right += usize::from(taken > 0 && labels[taken - 1].1);
        let to = if taken == 0 { most } else { labels[taken - 1].0 };
        let from = labels.get(taken).map_or(least, |(bits, _)| *bits);
        if from >= to {
            continue;
        }
        let f1 = if taken + same == 0 { 1.0 } else { 2.0 * right as f64 / (taken + same) as f64 };
        let holds = |from: f64, to: f64| from < threshold && threshold <= to;
        let better = best.as_ref().is_none_or(|b| {
            let equal = (f1 - b.f1).abs() < 1e-12;
            let (mine, other) = (holds(from, to), holds(b.from, b.to));
            if equal { mine && !other || mine == other && to - from > b.to - b.from } else { f1 > b.f1 }
        });
        if better {
            best = Some(Cut { f1, from, to });
        }
    }
    best.unwrap_or(Cut { f1: 0.0, from: least, to: most })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(bits: f64, same: bool) -> Label {
        Label { pattern: 0, bits, same }
    }

    fn judge(labels: &[Label], threshold: f64, fixed: bool) -> LabelScores {
        let taught = Taught { comparisons: 0, correct: false, decided: Vec::new(), before: labels.to_vec(), now: labels.to_vec() };
        taught.judge(threshold, fixed)
    }

    #[test]
    fn the_threshold_parts_what_is_one_from_what_is_not() {
        let labels: Vec<Label> = (0..20).flat_map(|n| [label(2.0 + f64::from(n), true), label(-2.0 - f64::from(n), false)]).collect();
        let scores = judge(&labels, 0.5, false);
        assert!(scores.chosen && (scores.best - 0.5).abs() < 1e-9, "what is as good stays: {scores:?}");
        assert!((scores.as_good.0 - probability(-2.0)).abs() < 1e-9 && (scores.as_good.1 - probability(2.0)).abs() < 1e-9);
        assert_eq!((scores.folds, scores.held_out.map(|q| q.f1())), (5, Some(1.0)));
        assert!(scores.held_out_f1.0 > 0.8 && scores.held_out_f1.0 < 0.95, "twenty are not many: {scores:?}");
        let moved = judge(&labels, 0.99, false);
        assert!((moved.best - 0.5).abs() < 1e-9, "{moved:?}");
        let fixed = judge(&labels, 0.99, true);
        assert!(!fixed.chosen && fixed.held_out.unwrap().recall < 1.0);
    }

    #[test]
    fn labels_of_one_kind_choose_nothing() {
        let scores = judge(&[label(3.0, true), label(1.0, true)], 0.5, false);
        assert!(!scores.chosen && scores.held_out.is_none(), "{scores:?}");
        assert!(!judge(&[], 0.5, false).chosen);
    }

    #[test]
    fn what_is_judged_is_not_learned_from() {
        // Labels at random: learned from themselves they would seem better than chance.
        let random = |n: u32| n.wrapping_mul(2_654_435_761) >> 13 & 1 == 1;
        let labels: Vec<Label> = (0..200).map(|n| label(f64::from(n % 7) - 3.0, random(n))).collect();
        let scores = judge(&labels, 0.5, false);
        assert!(scores.held_out.unwrap().precision < 0.65, "{scores:?}");
    }
}
