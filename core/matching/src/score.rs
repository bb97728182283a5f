//! Step 4, score: all pairs on all threads, counted and handed on when they are good enough.

use rayon::prelude::*;
use trommel_model::Outcome;

use crate::cells::Cells;
use crate::compare::{Comparer, ROUNDING};
use crate::pairs::Candidates;
use crate::watch::Watch;

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
    candidates: &Candidates<'_>,
    cells: &Cells,
    comparer: &Comparer<'_>,
    cut: Cut,
    watch: &Watch<'_>,
    matched: impl Fn(u32, u32, f64) + Sync,
) -> Outcome<Tally> {
    let (tasks, total) = candidates.tasks(watch)?;
    watch.start("comparing pairs", total)?;
    tasks
        .par_iter()
        .with_max_len(1)
        .map_init(
            || comparer.scratch(),
            |scratch, task| {
                let mut tally = Tally::none();
                candidates.visit(task, watch, |pairs| {
                    let mut scored = 0;
                    comparer.score(cells, pairs, cut.from, scratch, |pair, score| {
                        scored += 1;
                        tally.count(score);
                        if score + ROUNDING >= cut.threshold {
                            tally.matched += 1;
                            matched(pairs[pair].0, pairs[pair].1, score);
                        }
                    });
                    tally.compared += pairs.len() as u64;
                    tally.below += pairs.len() as u64 - scored;
                })?;
                Ok(tally)
            },
        )
        .try_reduce(Tally::none, |a, b| Ok(a.plus(b)))
}

impl Tally {
    pub fn none() -> Self {
        Self { compared: 0, matched: 0, below: 0, histogram: vec![0; BINS] }
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
        for (mine, theirs) in self.histogram.iter_mut().zip(other.histogram) {
            *mine += theirs;
        }
        self
    }
}
