//! The weight of a pair: prior and levels in bits added up, given up as soon as it cannot reach what is asked.

use rayon::prelude::*;
use trommel_model::Comparison;

use super::estimate::Model;
use crate::cells::Cells;
use crate::levels::{EQUAL, Ladder, LevelPattern, MISSING, MOST_LEVELS};
use crate::measure::Pattern;

/// Values that are equal in more rows than this share are taken to be as frequent as that, not more.
const FREQUENT: f64 = 0.5;

/// What each level of each comparison weighs.
pub(crate) struct Weigher<'a> {
    ladder: Ladder<'a>,
    pub prior_bits: f32,
    bits: Vec<[f32; MOST_LEVELS]>,
    /// For each comparison the weight of equality by value; empty where all values weigh the same.
    equal: Vec<Vec<f32>>,
    /// Comparisons from those that part most for their cost to those that part least.
    order: Vec<usize>,
}

impl<'a> Weigher<'a> {
    /// `rows_with` are the rows of each value of those comparisons whose equal values weigh by their frequency.
    pub fn new(comparisons: &[Comparison], ladder: Ladder<'a>, model: &Model, rows_with: &[Vec<u32>]) -> Self {
        let bits: Vec<[f32; MOST_LEVELS]> = model.bits().iter().map(|bits| bits.map(|b| b as f32)).collect();
        let equal = comparisons
            .iter()
            .enumerate()
            .map(|(at, c)| if c.term_frequency { by_value(&rows_with[at], model, at, bits[at][EQUAL]) } else { Vec::new() })
            .collect();
        let spread = |at: usize| {
            let of = &bits[at][EQUAL..=ladder.levels(at)];
            f64::from(of.iter().copied().fold(f32::MIN, f32::max) - of.iter().copied().fold(f32::MAX, f32::min))
        };
        let mut order: Vec<(f64, usize)> = (0..ladder.len()).map(|at| (spread(at) / ladder.cost(at), at)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let order = order.into_iter().map(|(_, at)| at).collect();
        Self { ladder, prior_bits: model.prior_bits() as f32, bits, equal, order }
    }

    /// Gives the levels back, to be weighed otherwise.
    pub fn into_ladder(self) -> Ladder<'a> {
        self.ladder
    }

    /// The levels of a pair.
    pub fn pattern(&self, cells: &Cells, pair: (u32, u32), patterns: &mut [Pattern]) -> LevelPattern {
        self.ladder.pattern(cells, pair, patterns)
    }

    pub fn scratch(&self) -> Vec<Pattern> {
        self.ladder.scratch()
    }

    /// The weight of a pair with the prior in it, or `None` when it is below `at_least`.
    #[inline]
    pub fn weigh(&self, cells: &Cells, (left, right): (u32, u32), at_least: f32, patterns: &mut [Pattern]) -> Option<f32> {
        let (left, right) = (cells.row(left), cells.row(right));
        let mut most = self.prior_bits;
        for &at in &self.order {
            let (l, r) = (left[at], right[at]);
            if l != 0 && r != 0 {
                most += if l == r { self.of_equal(at, l) } else { self.bits[at][EQUAL + 1] };
            }
        }
        if most < at_least {
            return None;
        }
        for &at in &self.order {
            let (l, r) = (left[at], right[at]);
            if l != 0 && r != 0 && l != r {
                most += self.bits[at][self.ladder.bound(at, l, r)] - self.bits[at][EQUAL + 1];
                if most < at_least {
                    return None;
                }
            }
        }
        // The same sum in the same order for every pair, so that rounding is the same too.
        let mut sum = self.prior_bits;
        for &at in &self.order {
            let (l, r) = (left[at], right[at]);
            if l == 0 || r == 0 {
                continue;
            }
            if l == r {
                sum += self.of_equal(at, l);
                continue;
            }
            let bound = self.bits[at][self.ladder.bound(at, l, r)];
            let found = self.bits[at][self.ladder.level(at, l, r, patterns)];
            sum += found;
            most += found - bound;
            // What rounding may add up to is far below a hundredth of a bit.
            if most + 0.01 < at_least {
                return None;
            }
        }
        (sum >= at_least).then_some(sum)
    }

    /// What each comparison says of a pair: its level and the bits it adds.
    pub fn explain(&self, cells: &Cells, (left, right): (u32, u32), patterns: &mut [Pattern]) -> Vec<(usize, f64, f64)> {
        let (left, right) = (cells.row(left), cells.row(right));
        (0..self.ladder.len())
            .map(|at| {
                let level = self.ladder.level(at, left[at], right[at], patterns);
                let bits = match level {
                    MISSING => 0.0,
                    EQUAL => self.of_equal(at, left[at]),
                    other => self.bits[at][other],
                };
                let similarity = if level == MISSING { 0.0 } else { self.ladder.similarity(at, left[at], right[at], patterns) };
                (level, f64::from(bits), similarity)
            })
            .collect()
    }

    #[inline]
    fn of_equal(&self, at: usize, value: u32) -> f32 {
        self.equal[at].get(value as usize).copied().unwrap_or(self.bits[at][EQUAL])
    }
}

/// The weight of equality for each value of a comparison: a value that is twice as rare as the average pair of equal
/// values weighs a bit more (Winkler 2000), as far as equal values among random pairs are chance.
fn by_value(rows: &[u32], model: &Model, at: usize, average: f32) -> Vec<f32> {
    let filled = f64::from(rows[1..].iter().sum::<u32>().max(1));
    let meeting: f64 = rows[1..].iter().map(|&n| (f64::from(n) / filled).powi(2)).sum();
    let chance = model.chance[at];
    let weight = |&n: &u32| {
        let frequency = (f64::from(n.max(1)) / filled).min(FREQUENT);
        (f64::from(average) + chance * (meeting / frequency).log2()) as f32
    };
    let mut weights: Vec<f32> = rows.iter().map(weight).collect();
    weights[0] = 0.0;
    weights
}

/// How many rows have each value, for comparisons whose equal values weigh by their frequency; `ids` are the rows' values.
pub(crate) fn rows_with(comparisons: &[Comparison], ids: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let count = |(comparison, ids): (&Comparison, &Vec<u32>)| {
        if !comparison.term_frequency {
            return Vec::new();
        }
        let mut rows = vec![0; ids.iter().copied().max().unwrap_or(0) as usize + 1];
        for &id in ids {
            rows[id as usize] += 1;
        }
        rows
    };
    comparisons.par_iter().zip(ids).map(count).collect()
}
