//! Step 4, score: all pairs on all threads, counted and handed on when they are good enough.

use trommel_model::Outcome;

use crate::cells::Cells;
use crate::compare::{Comparer, ROUNDING};
use crate::resume::{Comparing, Piece, compare_all};

/// Bins of the histogram of scores.
const BINS: usize = 20;
/// Bins below the threshold that are still counted exactly: where somebody may move it to.
const BINS_BELOW: usize = 3;

/// What became of the pairs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tally {
    pub compared: u64,
    pub matched: u64,
    /// Pairs given up below `Cut::from`.
    pub below: u64,
    /// Pairs of these that a match which was stopped had compared.
    pub noted: u64,
    pub histogram: Vec<u64>,
}

/// Scores of interest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Pairs from here on match.
    pub threshold: f64,
    /// Scores below this are not worked out.
    pub from: f64,
}

impl Cut {
    /// The threshold, and the edge of a bin a little below it.
    pub fn at(threshold: f64) -> Self {
        let bin = (threshold * BINS as f64 + ROUNDING).floor() as usize;
        Self { threshold, from: bin.min(BINS - 1).saturating_sub(BINS_BELOW) as f64 / BINS as f64 }
    }
}

/// Scores every pair once; `matched` hears of those at or above the threshold, from any thread in any order.
pub(crate) fn score(
    comparing: &Comparing<'_>,
    cells: &Cells,
    comparer: &Comparer<'_>,
    cut: Cut,
    matched: impl Fn(u32, u32, f64) + Sync,
) -> Outcome<Tally> {
    let compare = |scratch: &mut _, pairs: &[(u32, u32)], found: &mut Vec<_>| {
        comparer.score(cells, pairs, cut.from, scratch, |pair, score| found.push((pairs[pair].0, pairs[pair].1, score)));
    };
    let each = |piece: Piece| {
        let mut tally = Tally::of(&piece);
        for (left, right, score) in piece.found {
            tally.count(score);
            if score + ROUNDING >= cut.threshold {
                tally.matched += 1;
                matched(left, right, score);
            }
        }
        tally
    };
    compare_all(comparing, || comparer.scratch(), compare, each)
}

impl Tally {
    pub fn none() -> Self {
        Self { compared: 0, matched: 0, below: 0, noted: 0, histogram: vec![0; BINS] }
    }

    /// Pairs compared and given up.
    pub fn of(piece: &Piece) -> Self {
        Self { compared: piece.compared, below: piece.compared - piece.found.len() as u64, ..Self::none() }
    }

    /// Counts a score exactly.
    #[inline]
    pub fn count(&mut self, score: f64) {
        self.histogram[((score * BINS as f64 + ROUNDING) as usize).min(BINS - 1)] += 1;
    }

    pub fn plus(mut self, other: Self) -> Self {
        self.compared += other.compared;
        self.matched += other.matched;
        self.below += other.below;
        self.noted += other.noted;
        for (mine, theirs) in self.histogram.iter_mut().zip(other.histogram) {
            *mine += theirs;
        }
        self
    }
}
