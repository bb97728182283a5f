//! Steps 3 and 4, compare and score: how alike two rows are, given up as soon as it is too little.
//!
//! The score is the weighted mean of the comparisons whose values both rows have. It is worked out from cheap to
//! dear: equal and missing values first, then bounds from lengths and letters, then the measures themselves; after
//! each, the best that can still be reached is held against what is asked.

use trommel_model::{Comparison, Measure};

use crate::cells::Cells;
use crate::features::Values;
use crate::measure::{
    Pattern, Place, Texts, Wide, Words, damerau, jaro_winkler, jaro_winkler_bound, levenshtein, levenshtein_bound, most_alike, similarity,
};

/// A similarity at most, from common characters, lengths, and whether the first ones differ.
pub(crate) type MostAlike = fn(u32, (u32, u32), bool) -> f64;

/// What two sums of the same numbers in another order may differ by.
pub(crate) const ROUNDING: f64 = 1e-9;

/// The comparisons of a model, those that tell most for their cost first. The order changes no score.
pub(crate) struct Comparer<'a> {
    parts: Vec<Part<'a>>,
}

/// One comparison.
pub(crate) struct Part<'a> {
    /// Its place in the model.
    at: usize,
    weight: f64,
    floor: f64,
    missing: Option<f64>,
    /// What a pair with a missing value adds to the sum and to the weights.
    missing_sum: f64,
    missing_weight: f64,
    /// What two different values can give at most: the weight, unless nothing but equality counts.
    open: f64,
    method: Method<'a>,
}

enum Method<'a> {
    Exact,
    JaroWinkler(&'a Texts),
    Levenshtein(&'a Texts),
    Damerau(&'a Texts),
    WideDamerau(&'a Wide),
    Words(&'a Words),
    Ratio(&'a [f64]),
    WideJaroWinkler(&'a Wide),
    WideLevenshtein(&'a Wide),
    Distance(&'a [f64], f64),
    Places(&'a [Place], f64),
}

/// What a thread needs to compare without allocating; one place for each pair of a batch.
#[derive(Default)]
pub(crate) struct Scratch {
    patterns: Vec<Pattern>,
    /// For each comparison the pairs' values and the most they can give, comparison after comparison.
    open: Vec<Open>,
    /// Weighted similarities so far.
    sums: Vec<f64>,
    /// Weights of the comparisons that count.
    weights: Vec<f64>,
    /// What the comparisons still open can give at most.
    most: Vec<f64>,
    /// Pairs not given up yet.
    alive: Vec<usize>,
}

/// Two different values of a pair in a comparison; a bound of 0 says that there is nothing to find out.
#[derive(Clone, Copy, Default)]
struct Open {
    left: u32,
    right: u32,
    bound: f64,
}

impl<'a> Comparer<'a> {
    /// `ids` are the rows' values in each comparison. Which comparison comes first is decided by what it tells of
    /// `sample`, a few pairs of rows.
    pub fn new(comparisons: &[Comparison], values: &[&'a Values], ids: &[&[u32]], sample: &[(u32, u32)]) -> Self {
        let parts = comparisons.iter().zip(values).enumerate().map(|(at, (c, values))| Part {
            at,
            weight: c.weight,
            floor: c.floor,
            missing: c.missing,
            missing_sum: c.missing.map_or(0.0, |m| c.weight * m),
            missing_weight: c.missing.map_or(0.0, |_| c.weight),
            open: if c.method == Measure::Exact { 0.0 } else { c.weight },
            method: method(c, values),
        });
        let mut parts: Vec<(f64, Part<'a>)> = parts.map(|part| (part.worth(ids[part.at], sample), part)).collect();
        parts.sort_by(|(worth_a, a), (worth_b, b)| worth_b.total_cmp(worth_a).then(a.at.cmp(&b.at)));
        Self { parts: parts.into_iter().map(|(_, part)| part).collect() }
    }

    /// The comparisons' places in the model, in the order in which cells must hold their values.
    pub fn order(&self) -> Vec<usize> {
        self.parts.iter().map(|p| p.at).collect()
    }

    pub fn scratch(&self) -> Scratch {
        Scratch { patterns: self.parts.iter().map(|_| Pattern::default()).collect(), ..Scratch::default() }
    }

    /// Scores pairs of rows and tells of those at or above `at_least`, by their place among the pairs. Rows that
    /// share no value that both have score 0.
    ///
    /// Comparison by comparison, not pair by pair: the values of many pairs are fetched from memory at once.
    pub fn score(&self, cells: &Cells, pairs: &[(u32, u32)], at_least: f64, scratch: &mut Scratch, mut tell: impl FnMut(usize, f64)) {
        let Scratch { patterns, open, sums, weights, most, alive } = scratch;
        let count = pairs.len();
        if count == 0 {
            return;
        }
        for sums in [&mut *sums, &mut *weights, &mut *most] {
            sums.clear();
            sums.resize(count, 0.0);
        }
        open.clear();
        open.resize(count * self.parts.len(), Open::default());
        alive.clear();
        let at_least = at_least - ROUNDING;
        for (pair, &(left, right)) in pairs.iter().enumerate() {
            let (left, right) = (cells.row(left), cells.row(right));
            let (mut sum, mut weight, mut rest) = (0.0, 0.0, 0.0);
            for (at, (part, (&left, &right))) in self.parts.iter().zip(left.iter().zip(right)).enumerate() {
                if left == 0 || right == 0 {
                    sum += part.missing_sum;
                    weight += part.missing_weight;
                } else if left == right {
                    sum += part.weight;
                    weight += part.weight;
                } else {
                    weight += part.weight;
                    rest += part.open;
                    open[at * count + pair] = Open { left, right, bound: part.open };
                }
            }
            (sums[pair], weights[pair], most[pair]) = (sum, weight, rest);
            if sum + rest >= at_least * weight {
                alive.push(pair);
            }
        }
        for (part, open) in self.parts.iter().zip(open.chunks_exact_mut(count)) {
            part.bounds(alive, open, most);
            alive.retain(|&pair| sums[pair] + most[pair] >= at_least * weights[pair]);
        }
        for ((part, open), pattern) in self.parts.iter().zip(open.chunks_exact(count)).zip(patterns) {
            for &pair in &*alive {
                let Open { left, right, bound } = open[pair];
                if bound > 0.0 {
                    most[pair] -= part.weight * bound;
                    let needed = (at_least * weights[pair] - sums[pair] - most[pair]) / part.weight;
                    sums[pair] += part.weight * part.similarity(left, right, needed, pattern);
                }
            }
            alive.retain(|&pair| sums[pair] + most[pair] >= at_least * weights[pair]);
        }
        for &pair in &*alive {
            let score = if weights[pair] > 0.0 { (sums[pair] / weights[pair]).clamp(0.0, 1.0) } else { 0.0 };
            if score >= at_least {
                tell(pair, score);
            }
        }
    }

    /// What each comparison gives, in the order of the model; `None` for those left out.
    pub fn explain(&self, cells: &Cells, pair: (u32, u32), scratch: &mut Scratch) -> Vec<Option<f64>> {
        let mut found = vec![None; self.parts.len()];
        for (at, part) in self.parts.iter().enumerate() {
            found[part.at] = match values(cells, pair, at) {
                (0, _) | (_, 0) => part.missing,
                (l, r) if l == r => Some(1.0),
                (l, r) => Some(part.similarity(l, r, 0.0, &mut scratch.patterns[at])),
            };
        }
        found
    }
}

/// The values of one comparison that a pair has.
#[inline]
fn values(cells: &Cells, (left, right): (u32, u32), at: usize) -> (u32, u32) {
    (cells.row(left)[at], cells.row(right)[at])
}

fn method<'a>(comparison: &Comparison, values: &'a Values) -> Method<'a> {
    match (values, comparison.method) {
        (Values::Texts(texts), Measure::Levenshtein) => Method::Levenshtein(texts),
        (Values::Texts(texts), Measure::Damerau) => Method::Damerau(texts),
        (Values::Texts(texts), _) => Method::JaroWinkler(texts),
        (Values::Wide(wide), Measure::Damerau) => Method::WideDamerau(wide),
        (Values::Words(words), _) => Method::Words(words),
        (Values::Numbers(numbers), Measure::Ratio) => Method::Ratio(numbers),
        (Values::Wide(wide), Measure::Levenshtein) => Method::WideLevenshtein(wide),
        (Values::Wide(wide), _) => Method::WideJaroWinkler(wide),
        (Values::Numbers(numbers), _) => Method::Distance(numbers, comparison.tolerance.unwrap_or(f64::MIN_POSITIVE)),
        (Values::Places(places), _) => Method::Places(places, comparison.tolerance.unwrap_or(f64::MIN_POSITIVE)),
        (Values::Tokens(_), _) => Method::Exact,
    }
}

impl<'a> Part<'a> {
    /// A comparison of which only similarities from its lowest level on count.
    pub fn levelled(at: usize, c: &Comparison, values: &'a Values) -> Self {
        Self {
            at,
            weight: 1.0,
            floor: c.levels.last().copied().unwrap_or(1.0) - ROUNDING,
            missing: None,
            missing_sum: 0.0,
            missing_weight: 0.0,
            open: 1.0,
            method: method(c, values),
        }
    }

    /// What two different values can give at most, told from lengths and letters.
    #[inline]
    pub fn bound(&self, left: u32, right: u32) -> f64 {
        match &self.method {
            Method::JaroWinkler(texts) => jaro_winkler_bound(texts.sketch(left), texts.sketch(right)),
            Method::Levenshtein(texts) | Method::Damerau(texts) => levenshtein_bound(texts.sketch(left), texts.sketch(right)),
            _ => 1.0,
        }
    }

    /// The texts compared and what two of them can give at most, by the characters they have in common, their lengths and
    /// whether they begin otherwise; none where that does not tell it.
    pub fn told_by_letters(&self) -> Option<(&'a Texts, MostAlike)> {
        match self.method {
            Method::JaroWinkler(texts) => Some((texts, most_alike)),
            Method::Levenshtein(texts) | Method::Damerau(texts) => {
                Some((texts, |common, (left, right), _| similarity((left.max(right) - common) as usize, left.max(right) as usize)))
            }
            _ => None,
        }
    }

    /// What one comparison costs, in units of looking at two numbers.
    pub fn cost(&self) -> f64 {
        match self.method {
            Method::Exact | Method::Distance(..) | Method::Ratio(_) => 1.0,
            Method::JaroWinkler(_) | Method::Places(..) => 4.0,
            Method::Levenshtein(_) => 6.0,
            Method::Damerau(_) | Method::WideJaroWinkler(_) | Method::WideLevenshtein(_) | Method::WideDamerau(_) => 12.0,
            Method::Words(_) => 16.0,
        }
    }

    /// Weight that pairs lose by this comparison for each unit of its cost; what tells most should come first.
    fn worth(&self, ids: &[u32], sample: &[(u32, u32)]) -> f64 {
        let mut pattern = Pattern::default();
        let lost = sample.iter().map(|&(left, right)| match (ids[left as usize], ids[right as usize]) {
            (0, _) | (_, 0) => 0.0,
            (l, r) if l == r => 0.0,
            (l, r) => self.weight * (1.0 - self.similarity(l, r, 0.0, &mut pattern)),
        });
        lost.sum::<f64>() / self.cost()
    }

    /// Bounds what the different values of pairs can give, without looking at them closely, and lowers what is
    /// left to be had.
    #[inline]
    fn bounds(&self, alive: &[usize], open: &mut [Open], most: &mut [f64]) {
        match &self.method {
            Method::Exact
            | Method::WideJaroWinkler(_)
            | Method::WideLevenshtein(_)
            | Method::WideDamerau(_)
            | Method::Words(_)
            | Method::Places(..) => self.bound_each(alive, open, most, |_, _| 1.0),
            Method::JaroWinkler(texts) => {
                self.bound_each(alive, open, most, |l, r| jaro_winkler_bound(texts.sketch(l), texts.sketch(r)));
            }
            Method::Levenshtein(texts) | Method::Damerau(texts) => {
                self.bound_each(alive, open, most, |l, r| levenshtein_bound(texts.sketch(l), texts.sketch(r)));
            }
            Method::Distance(numbers, tolerance) => {
                self.bound_each(alive, open, most, |l, r| distance(numbers, *tolerance, l, r));
            }
            Method::Ratio(numbers) => self.bound_each(alive, open, most, |l, r| ratio(numbers, l, r)),
        }
    }

    #[inline]
    fn bound_each(&self, alive: &[usize], open: &mut [Open], most: &mut [f64], of: impl Fn(u32, u32) -> f64) {
        for &pair in alive {
            let open = &mut open[pair];
            if open.bound > 0.0 {
                open.bound = self.floored(of(open.left, open.right));
                most[pair] -= self.weight * (1.0 - open.bound);
            }
        }
    }

    /// What two different values give; may be 0 when that is below `at_least`.
    #[inline]
    pub fn similarity(&self, left: u32, right: u32, at_least: f64, pattern: &mut Pattern) -> f64 {
        let at_least = at_least.max(self.floor);
        self.floored(match &self.method {
            Method::Exact => 0.0,
            Method::JaroWinkler(texts) => {
                pattern.prepare(left, texts.codes(left));
                jaro_winkler(pattern, texts.codes(right))
            }
            Method::Levenshtein(texts) => {
                pattern.prepare(left, texts.codes(left));
                levenshtein(pattern, texts.codes(right), at_least)
            }
            Method::Damerau(texts) => {
                let (l, r) = (texts.codes(left), texts.codes(right));
                damerau(l, r, at_least).unwrap_or_else(|| {
                    pattern.prepare(left, l);
                    levenshtein(pattern, r, at_least)
                })
            }
            Method::WideDamerau(wide) => {
                damerau(wide.get(left), wide.get(right), at_least).unwrap_or_else(|| wide.levenshtein(left, right, at_least))
            }
            Method::Words(words) => words.similarity(left, right),
            Method::Ratio(numbers) => ratio(numbers, left, right),
            Method::WideJaroWinkler(wide) => wide.jaro_winkler(left, right),
            Method::WideLevenshtein(wide) => wide.levenshtein(left, right, at_least),
            Method::Distance(numbers, tolerance) => distance(numbers, *tolerance, left, right),
            Method::Places(places, tolerance) => (1.0 - places[left as usize].km(places[right as usize]) / tolerance).max(0.0),
        })
    }

    #[inline]
    fn floored(&self, similarity: f64) -> f64 {
        if similarity < self.floor { 0.0 } else { similarity }
    }
}

/// 1 − |a − b| / tolerance, not below 0.
fn distance(numbers: &[f64], tolerance: f64, left: u32, right: u32) -> f64 {
    (1.0 - (numbers[left as usize] - numbers[right as usize]).abs() / tolerance).max(0.0)
}

/// Smaller / larger; numbers of different signs are nothing alike.
fn ratio(numbers: &[f64], left: u32, right: u32) -> f64 {
    let (l, r) = (numbers[left as usize], numbers[right as usize]);
    if l.total_cmp(&r).is_eq() {
        return 1.0;
    }
    let (small, large) = if l.abs() < r.abs() { (l, r) } else { (r, l) };
    (small / large).max(0.0)
}
