//! m, u and the prior, learned by expectation and maximisation.
//!
//! u begins as what random pairs say, and is corrected for the matches among them; m and the prior come from the
//! pairs that blocking makes, held against all pairs there are: those that blocking does not make are taken for
//! no matches.

use serde::{Deserialize, Serialize};
use trommel_model::{Comparison, Trained, TrainedComparison, TrainedLevel};

use super::counts::{Blocked, Counts};
use super::dependence::{MANY_LEVELS, Shares, own_shares};
use super::{bits_of, probability};
use crate::levels::{EQUAL, LevelPattern, MISSING, MOST_LEVELS, level_of};

/// Rounds at most.
const ROUNDS: usize = 100;
/// Learning ends when no share moves by more.
const SETTLED: f64 = 1e-5;
/// Matches are not believed to be more than this for each row, whatever is learned: many pairs that agree in little
/// would otherwise make each other likely.
const MATCHES_A_ROW: f64 = 0.5;
/// Matches for each row from which on they cannot be told from chance well enough to see dependence.
const TOO_MANY: f64 = 4.0;
/// Comparisons that keep more than this of their weight are taken for independent.
const NEARLY_OWN: f64 = 0.95;
/// Among blocked pairs most can be matches: what little doubt they leave must not pass for pairs that are none.
const SURELY_UNLIKE: f64 = 0.9;
/// What m is believed to be before anything is seen: equal, then shared by the levels, then else.
const BELIEVED_EQUAL: f64 = 0.75;
const BELIEVED_ELSE: f64 = 0.1;
const BELIEVED_ELSE_OF_TEXTS: f64 = 0.4;
/// Matching pairs that the belief counts for.
const BELIEF: f64 = 4.0;
/// And the share of all matches that it counts for besides.
const BELIEF_SHARE: f64 = 0.2;

/// What was learned; shares by comparison and level, `MISSING` first and unused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Model {
    /// Share of all pairs that match.
    pub prior: f64,
    pub m: Vec<[f64; MOST_LEVELS]>,
    pub u: Vec<[f64; MOST_LEVELS]>,
    /// How far equal values among random pairs are chance and not matches, from 0 to 1.
    pub chance: Vec<f64>,
    /// The share of each level's weight that does not follow from another comparison's.
    own: Vec<Shares>,
    /// Levels of each comparison without `MISSING`.
    levels: Vec<usize>,
    /// Bits that people's decisions add to the prior and to each level; no levels when there were none.
    #[serde(default)]
    corrected: (f64, Vec<Shares>),
}

impl Model {
    /// Learns. `all` is the number of pairs that may be made in all, `rows` what a first guess of matches is made from.
    ///
    /// Twice: what is learned under independence tells which random pairs surely match; the others tell how far
    /// comparisons depend on each other, and then the weights are learned again.
    /// How far is told by the pairs that were looked at, not by those they stand for: few pairs show little.
    /// `told[a][b]` says whether blocked pairs that are equal in comparison `a` tell how often `b` agrees.
    pub fn learn(
        comparisons: &[Comparison],
        levels: &[usize],
        random: &Counts,
        blocked: &Blocked,
        told: &[Vec<bool>],
        all: f64,
        rows: usize,
    ) -> Self {
        let Blocked { counts: blocked, one_of } = blocked;
        let first = Self::learn_with(comparisons, levels, random, blocked, all, rows, vec![[1.0; MOST_LEVELS]; levels.len()]);
        let (bits, prior) = (first.bits(), bits_of(first.prior));
        let unlike = |counts: &Counts, surely: f64| -> Counts {
            let of = |(p, n): &(LevelPattern, f64)| (*p, *n, 1.0 - probability(weight(&bits, *p) + prior));
            counts.iter().map(of).filter(|(.., unlike)| *unlike >= surely).map(|(p, n, unlike)| (p, n * unlike)).collect()
        };
        let matches = |(p, n): &(LevelPattern, f64)| n * probability(weight(&bits, *p) + prior);
        if blocked.iter().map(matches).sum::<f64>() > TOO_MANY * rows as f64 {
            return first;
        }
        let columns: Vec<&str> = comparisons.iter().map(|c| c.column.as_str()).collect();
        let looked_at = |counts: Counts| -> Counts { counts.into_iter().map(|(pattern, n)| (pattern, n / one_of)).collect() };
        let matching = looked_at(blocked.iter().map(|(pattern, n)| (*pattern, matches(&(*pattern, *n)))).collect());
        let own = own_shares(&columns, levels, &unlike(random, 0.0), (&looked_at(unlike(blocked, SURELY_UNLIKE)), &matching), told);
        if own.iter().flatten().all(|share| *share > NEARLY_OWN) {
            return first;
        }
        Self::learn_with(comparisons, levels, random, blocked, all, rows, own)
    }

    fn learn_with(
        comparisons: &[Comparison],
        levels: &[usize],
        random: &Counts,
        blocked: &Counts,
        all: f64,
        rows: usize,
        own: Vec<Shares>,
    ) -> Self {
        let start = shares(levels, random, |_| 1.0, |_, _| 0.5);
        let believed = |at: usize, level: usize| {
            let n = levels[at];
            match level {
                // Long texts of one thing are often written anew.
                EQUAL if n >= MANY_LEVELS => BELIEVED_EQUAL - BELIEVED_ELSE_OF_TEXTS + BELIEVED_ELSE,
                l if l == n && n >= MANY_LEVELS => BELIEVED_ELSE_OF_TEXTS,
                EQUAL => BELIEVED_EQUAL,
                l if l == n => BELIEVED_ELSE,
                _ => (1.0 - BELIEVED_EQUAL - BELIEVED_ELSE) / (n - 2) as f64,
            }
        };
        let m = shares(levels, &Vec::new(), |_| 0.0, believed);
        let mut model = Self {
            prior: (rows as f64 / 4.0 / all.max(1.0)).clamp(1e-12, 0.5),
            m,
            u: start.clone(),
            chance: vec![1.0; levels.len()],
            own,
            levels: levels.to_vec(),
            corrected: (0.0, Vec::new()),
        };
        model.keep_given(comparisons);
        for _ in 0..ROUNDS {
            let bits = model.bits();
            let matching = |pattern: LevelPattern| probability(weight(&bits, pattern) + bits_of(model.prior));
            let matches: f64 = blocked.iter().map(|(pattern, pairs)| pairs * matching(*pattern)).sum();
            let mut next = Self {
                prior: (matches.min(MATCHES_A_ROW * rows as f64) / all.max(1.0)).clamp(1e-12, 0.5),
                m: shares(levels, blocked, matching, |at, level| (BELIEF + BELIEF_SHARE * matches) * believed(at, level)),
                u: shares(levels, random, |pattern| 1.0 - matching(pattern), |_, _| 0.5),
                ..model.clone()
            };
            next.keep_given(comparisons);
            let moved = model.distance(&next);
            model = next;
            if moved < SETTLED {
                break;
            }
        }
        for (at, chance) in model.chance.iter_mut().enumerate() {
            *chance = (model.u[at][EQUAL] / start[at][EQUAL]).clamp(0.0, 1.0);
        }
        model
    }

    /// The weight of each level in bits. A likelier level never weighs less than one that is less alike: where it
    /// would, the two are counted as one (pooling of adjacent violators).
    pub fn bits(&self) -> Vec<[f64; MOST_LEVELS]> {
        let of = |at: usize| {
            let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(MOST_LEVELS);
            for level in EQUAL..=self.levels[at] {
                let mut pool = (self.m[at][level], self.u[at][level], 1);
                while let Some(&(m, u, levels)) = pools.last().filter(|(m, u, _)| m / u < pool.0 / pool.1) {
                    pool = (pool.0 + m, pool.1 + u, pool.2 + levels);
                    pools.pop();
                }
                pools.push(pool);
            }
            let mut bits = [0.0; MOST_LEVELS];
            let spread = pools.iter().flat_map(|&(m, u, levels)| std::iter::repeat_n((m / u).log2(), levels));
            for ((slot, weight), own) in bits[EQUAL..].iter_mut().zip(spread).zip(&self.own[at][EQUAL..]) {
                *slot = if weight > 0.0 { weight * own } else { weight };
            }
            if let Some(corrections) = self.corrected.1.get(at) {
                bits.iter_mut().zip(corrections).for_each(|(bits, more)| *bits += more);
            }
            for level in (EQUAL..self.levels[at]).rev() {
                bits[level] = bits[level].max(bits[level + 1]);
            }
            bits
        };
        (0..self.levels.len()).map(of).collect()
    }

    /// The bits of the prior.
    pub fn prior_bits(&self) -> f64 {
        bits_of(self.prior) + self.corrected.0
    }

    /// Takes over what people's decisions add.
    pub fn correct(&mut self, corrections: (f64, Vec<Shares>)) {
        self.corrected = corrections;
    }

    /// The probability from which on matches are taken, so that the F1 to be expected is largest (Lipton, Elkan and
    /// Naryanaswamy 2014).
    pub fn best_threshold(&self, blocked: &Counts) -> f64 {
        let (bits, prior) = (self.bits(), self.prior_bits());
        let mut pairs: Vec<(f64, f64)> = blocked.iter().map(|(pattern, n)| (probability(weight(&bits, *pattern) + prior), *n)).collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let matches: f64 = pairs.iter().map(|(p, n)| p * n).sum();
        let (mut taken, mut right, mut best) = (0.0, 0.0, (0.0, 0.5));
        for (p, n) in pairs {
            taken += n;
            right += p * n;
            let f1 = 2.0 * right / (taken + matches);
            if f1 > best.0 {
                best = (f1, p);
            }
        }
        best.1
    }

    /// True when it was learned for comparisons with so many levels each.
    pub fn fits(&self, levels: &[usize]) -> bool {
        self.levels == levels
    }

    /// What a person gave is not learned.
    fn keep_given(&mut self, comparisons: &[Comparison]) {
        for (at, comparison) in comparisons.iter().enumerate() {
            for (learned, given) in [(&mut self.m[at], &comparison.m), (&mut self.u[at], &comparison.u)] {
                for (slot, share) in learned[EQUAL..].iter_mut().zip(given) {
                    *slot = share.clamp(1e-9, 1.0);
                }
            }
        }
    }

    fn distance(&self, other: &Self) -> f64 {
        let shares = |a: &[[f64; MOST_LEVELS]], b: &[[f64; MOST_LEVELS]]| {
            a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        shares(&self.m, &other.m).max(shares(&self.u, &other.u)).max((self.prior / other.prior).ln().abs())
    }

    /// For people.
    pub fn told(&self, comparisons: &[Comparison], threshold: f64) -> Trained {
        let bits = self.bits();
        let level = |at: usize, level: usize| TrainedLevel {
            level: level_text(&comparisons[at], level).unwrap_or_default(),
            m: self.m[at][level],
            u: self.u[at][level],
            bits: bits[at][level],
        };
        let comparisons = comparisons.iter().enumerate().map(|(at, c)| TrainedComparison {
            column: c.column.clone(),
            own: self.own[at][EQUAL..self.levels[at].max(EQUAL + 1)].iter().copied().reduce(f64::min).filter(|own| *own <= NEARLY_OWN),
            levels: (EQUAL..=self.levels[at]).map(|l| level(at, l)).collect(),
        });
        Trained { prior: self.prior, threshold, comparisons: comparisons.collect() }
    }
}

/// A level as a person would say it; `None` for "missing".
pub(crate) fn level_text(comparison: &Comparison, level: usize) -> Option<String> {
    match level {
        MISSING => None,
        EQUAL => Some("equal".to_owned()),
        l => Some(comparison.levels.get(l - 2).map_or_else(|| "else".to_owned(), |from| format!("{from} or more"))),
    }
}

/// The weight of a pattern without the prior.
pub(crate) fn weight(bits: &[[f64; MOST_LEVELS]], pattern: LevelPattern) -> f64 {
    bits.iter().enumerate().map(|(at, bits)| bits[level_of(pattern, at)]).sum()
}

/// How often each level is met, patterns weighing as said, over pairs that have both values.
fn shares(
    levels: &[usize],
    counts: &Counts,
    weigh: impl Fn(LevelPattern) -> f64,
    believed: impl Fn(usize, usize) -> f64,
) -> Vec<[f64; MOST_LEVELS]> {
    let mut sums = vec![[0.0; MOST_LEVELS]; levels.len()];
    for (pattern, pairs) in counts {
        let pairs = pairs * weigh(*pattern);
        for (at, sums) in sums.iter_mut().enumerate() {
            sums[level_of(*pattern, at)] += pairs;
        }
    }
    for (at, sums) in sums.iter_mut().enumerate() {
        sums[MISSING] = 0.0;
        for (level, sum) in sums.iter_mut().enumerate().take(levels[at] + 1).skip(EQUAL) {
            *sum += believed(at, level);
        }
        let all: f64 = sums.iter().sum();
        for sum in sums.iter_mut() {
            *sum /= all;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use trommel_model::Measure;

    use super::*;

    /// Pairs of three comparisons made from known shares, counted without chance.
    fn made(m: f64, u: f64, pairs: f64, matches: f64) -> Counts {
        (0..8_u32)
            .map(|equal| {
                let share = |p: f64| (0..3).map(|at| if equal >> at & 1 == 1 { p } else { 1.0 - p }).product::<f64>();
                let pattern = (0..3).fold(0, |all, at| all | (if equal >> at & 1 == 1 { 1 } else { 2 }) << (3 * at));
                (pattern, matches * share(m) + (pairs - matches) * share(u))
            })
            .collect()
    }

    #[test]
    fn what_the_data_were_made_from_is_learned() {
        let comparisons: Vec<Comparison> = (0..3).map(|at| Comparison::new(format!("c{at}"), Measure::Exact)).collect();
        let all = 1_000_000.0;
        let counts = made(0.9, 0.05, all, 2_000.0);
        let blocked = Blocked { counts: counts.clone(), one_of: 1.0 };
        let model = Model::learn(&comparisons, &[2; 3], &counts, &blocked, &vec![vec![false; 3]; 3], all, 10_000);
        for at in 0..3 {
            assert!((model.m[at][EQUAL] - 0.9).abs() < 0.02, "m {:?}", model.m);
            assert!((model.u[at][EQUAL] - 0.05).abs() < 0.005, "u {:?}", model.u);
        }
        assert!((model.prior * all / 2_000.0 - 1.0).abs() < 0.1, "prior {}", model.prior);
        let threshold = model.best_threshold(&counts);
        assert!(threshold > 0.2 && threshold < 0.99, "{threshold}");
    }

    #[test]
    fn given_shares_are_kept() {
        let mut comparison = Comparison::new("c", Measure::Exact);
        comparison.m = vec![0.7, 0.3];
        comparison.u = vec![0.01, 0.99];
        let counts = vec![(1, 50.0), (2, 950.0)];
        let blocked = Blocked { counts: counts.clone(), one_of: 1.0 };
        let model = Model::learn(&[comparison], &[2], &counts, &blocked, &[vec![false]], 1_000.0, 50);
        assert_eq!((&model.m[0][1..3], &model.u[0][1..3]), ([0.7, 0.3].as_slice(), [0.01, 0.99].as_slice()));
    }
}
