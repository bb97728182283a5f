//! How often each pattern of levels is met: among random pairs, and among the pairs that blocking makes.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::Outcome;

use crate::cells::Cells;
use crate::intern::combine;
use crate::levels::{Ladder, LevelPattern};
use crate::pairs::Candidates;
use crate::watch::Watch;

/// Random pairs looked at.
const RANDOM_PAIRS: u64 = 400_000;
/// Rows that make no more pairs than this are all paired with each other: of few rows chance says too much.
const ALL_PAIRS: u64 = 1_000_000;
/// Blocked pairs looked at, about.
const BLOCKED_PAIRS: u64 = 600_000;
/// Random pairs of one piece of work.
const PIECE: u64 = 8_192;

/// Patterns in order, with how many pairs each stands for.
pub(crate) type Counts = Vec<(LevelPattern, f64)>;

type Tally = FxHashMap<LevelPattern, u64>;

/// Pairs of rows that may be paired, all there are.
pub(crate) fn all_pairs(rows: usize, apart: Option<&[u32]>) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let mut sizes: FxHashMap<u32, f64> = FxHashMap::default();
    for source in apart.into_iter().flatten() {
        *sizes.entry(*source).or_default() += 1.0;
    }
    let mut sizes: Vec<f64> = sizes.into_values().collect();
    sizes.sort_by(f64::total_cmp);
    pairs(rows as f64) - sizes.into_iter().map(pairs).sum::<f64>()
}

/// Patterns of pairs drawn at random; the same rows give the same pairs.
pub(crate) fn random(ladder: &Ladder<'_>, cells: &Cells, rows: usize, apart: Option<&[u32]>, watch: &Watch<'_>) -> Outcome<Counts> {
    let n = rows as u64;
    let all = n * n.saturating_sub(1) / 2;
    let draws = if all <= ALL_PAIRS { all } else { RANDOM_PAIRS };
    watch.start("learning from random pairs", draws)?;
    let pair = |at: u64| -> (u32, u32) {
        if all <= ALL_PAIRS {
            return nth_pair(at);
        }
        let (a, b) = (combine(at, 1) % n, combine(at, 2) % (n - 1));
        let b = if b >= a { b + 1 } else { b };
        (a.min(b) as u32, a.max(b) as u32)
    };
    let tallies = (0..draws.div_ceil(PIECE)).into_par_iter().map_init(
        || ladder.scratch(),
        |scratch, piece| {
            watch.check()?;
            let mut tally = Tally::default();
            for at in piece * PIECE..draws.min((piece + 1) * PIECE) {
                let (a, b) = pair(at);
                if apart.is_none_or(|sources| sources[a as usize] != sources[b as usize]) {
                    *tally.entry(ladder.pattern(cells, (a, b), scratch)).or_default() += 1;
                }
            }
            watch.advance(PIECE);
            Ok(tally)
        },
    );
    Ok(in_order(tallies.try_reduce(Tally::default, |a, b| Ok(sum(a, b)))?, 1.0))
}

/// Patterns of the pairs that blocking makes.
pub(crate) struct Blocked {
    /// Scaled to all of them.
    pub counts: Counts,
    /// One pair in so many was looked at, chosen by its first row.
    pub one_of: f64,
}

/// Looks at the pairs that blocking makes, or at a sample of them.
pub(crate) fn blocked(ladder: &Ladder<'_>, cells: &Cells, candidates: &Candidates<'_>, watch: &Watch<'_>) -> Outcome<Blocked> {
    let (tasks, total) = candidates.tasks(watch)?;
    let one_of = total.div_ceil(BLOCKED_PAIRS).max(1);
    watch.start("learning from blocked pairs", total / one_of)?;
    let tallies = tasks.par_iter().with_max_len(1).map_init(
        || ladder.scratch(),
        |scratch, task| {
            let mut tally = Tally::default();
            let wanted = |row| one_of == 1 || combine(1, u64::from(row)).is_multiple_of(one_of);
            candidates.visit_of(task, wanted, watch, |pairs| {
                for &pair in pairs {
                    *tally.entry(ladder.pattern(cells, pair, scratch)).or_default() += 1;
                }
            })?;
            Ok(tally)
        },
    );
    let one_of = one_of as f64;
    Ok(Blocked { counts: in_order(tallies.try_reduce(Tally::default, |a, b| Ok(sum(a, b)))?, one_of), one_of })
}

/// The pairs (0, 1), (0, 2), (1, 2), (0, 3), … by number.
fn nth_pair(at: u64) -> (u32, u32) {
    let mut b = f64::midpoint(((8 * at + 1) as f64).sqrt(), 1.0) as u64;
    while b * (b - 1) / 2 > at {
        b -= 1;
    }
    while (b + 1) * b / 2 <= at {
        b += 1;
    }
    ((at - b * (b - 1) / 2) as u32, b as u32)
}

fn sum(mut a: Tally, b: Tally) -> Tally {
    if a.len() < b.len() {
        return sum(b, a);
    }
    for (pattern, pairs) in b {
        *a.entry(pattern).or_default() += pairs;
    }
    a
}

fn in_order(tally: Tally, scale: f64) -> Counts {
    let mut counts: Counts = tally.into_iter().map(|(pattern, pairs)| (pattern, pairs as f64 * scale)).collect();
    counts.sort_unstable_by_key(|(pattern, _)| *pattern);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_by_number_are_all_pairs_once() {
        let found: Vec<(u32, u32)> = (0..45).map(nth_pair).collect();
        let expected: Vec<(u32, u32)> = (1..10).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
        assert_eq!(found, expected);
        assert_eq!(nth_pair(4_999_950_000 - 1), (99_998, 99_999));
    }

    #[test]
    fn pairs_across_sources_are_counted() {
        assert!((all_pairs(5, None) - 10.0).abs() < 1e-9);
        assert!((all_pairs(5, Some(&[1, 1, 2, 2, 2])) - 6.0).abs() < 1e-9);
    }
}
