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

/// What a thread needs to weigh many pairs without allocating.
#[derive(Default)]
pub(crate) struct Scratch {
    patterns: Vec<Pattern>,
    /// For each comparison the pairs' values and the most they can weigh, comparison after comparison.
    values: Vec<(u32, u32)>,
    bounds: Vec<f32>,
    /// The most each pair can weigh.
    most: Vec<f32>,
    /// What each pair weighs so far.
    sums: Vec<f32>,
    /// Pairs not given up yet.
    alive: Vec<usize>,
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

    pub fn scratch_for_many(&self) -> Scratch {
        Scratch { patterns: self.ladder.scratch(), ..Scratch::default() }
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

    /// Weighs pairs, as [`Self::weigh`] weighs one, and tells of those at or above `at_least`, by their place among the pairs.
    ///
    /// Comparison by comparison, not pair by pair: what many pairs need from memory is fetched at once.
    pub fn weigh_all(&self, cells: &Cells, pairs: &[(u32, u32)], at_least: f32, scratch: &mut Scratch, mut tell: impl FnMut(usize, f32)) {
        let Scratch { patterns, values, bounds, most, sums, alive } = scratch;
        let count = pairs.len();
        values.clear();
        values.resize(count * self.order.len(), (0, 0));
        most.clear();
        alive.clear();
        for (pair, &(left, right)) in pairs.iter().enumerate() {
            let (left, right) = (cells.row(left), cells.row(right));
            let mut sum = self.prior_bits;
            for (place, &at) in self.order.iter().enumerate() {
                let (l, r) = (left[at], right[at]);
                // Values are missing as chance has it, which no processor foretells: no branch depends on it.
                sum += if l.min(r) != 0 { self.bits[at][EQUAL + 1] } else { 0.0 };
                if l == r && l != 0 {
                    sum += self.of_equal(at, l) - self.bits[at][EQUAL + 1];
                }
                values[place * count + pair] = (l, r);
            }
            most.push(sum);
            if sum >= at_least {
                alive.push(pair);
            }
        }
        bounds.clear();
        bounds.resize(count * self.order.len(), 0.0);
        for (place, &at) in self.order.iter().enumerate() {
            let (values, bounds) = (&values[place * count..][..count], &mut bounds[place * count..][..count]);
            let mut kept = 0;
            for place in 0..alive.len() {
                let pair = alive[place];
                let (l, r) = values[pair];
                bounds[pair] = self.bits[at][self.ladder.bound(at, l, r)];
                let less = bounds[pair] - self.bits[at][EQUAL + 1];
                let open = if l == r { 0 } else { l.min(r) };
                most[pair] += if open != 0 { less } else { 0.0 };
                alive[kept] = pair;
                kept += usize::from(most[pair] >= at_least);
            }
            alive.truncate(kept);
        }
        sums.clear();
        sums.resize(count, self.prior_bits);
        for (place, &at) in self.order.iter().enumerate() {
            let (values, bounds) = (&values[place * count..][..count], &bounds[place * count..][..count]);
            for &pair in &*alive {
                let (l, r) = values[pair];
                if l == 0 || r == 0 {
                    continue;
                }
                if l == r {
                    sums[pair] += self.of_equal(at, l);
                    continue;
                }
                let found = self.bits[at][self.ladder.level(at, l, r, patterns)];
                sums[pair] += found;
                most[pair] += found - bounds[pair];
            }
            // What rounding may add up to is far below a hundredth of a bit.
            alive.retain(|&pair| most[pair] + 0.01 >= at_least);
        }
        for &pair in alive.iter().filter(|&&pair| sums[pair] >= at_least) {
            tell(pair, sums[pair]);
        }
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
    comparisons.par_iter().zip(ids).with_max_len(1).map(count).collect()
}
