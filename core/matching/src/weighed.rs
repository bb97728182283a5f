//! What the pairs of a match came to, before rows are grouped by them: handed to whoever groups, once or for several
//! thresholds.

use rustc_hash::FxHashMap;
use trommel_model::{Outcome, PairExplanation, Scoring};

use crate::Resolved;
use crate::cells::Cells;
use crate::cluster::Forest;
use crate::decisions::Settled;
use crate::given::Given;
use crate::learn::{Edge, Rules, Weigher, bits_of, group, probability};
use crate::watch::Watch;

/// Nobody is asked about pairs that are as likely as this, or as unlikely.
const CERTAIN: f64 = 0.999;

/// Pairs with their weights, and all that groups are held against.
pub(crate) struct Weighed<'w> {
    pub scoring: Scoring,
    /// Pairs that match; in the order of their rows when somebody looks at them.
    pub matched: Vec<Edge>,
    /// Pairs just below, as many as were asked for, in the order of their rows.
    pub doubtful: Vec<Edge>,
    /// The score from which on pairs match.
    pub threshold: f64,
    pub given: &'w Given,
    pub guard: Option<(&'w Weigher<'w>, &'w Cells)>,
    pub one_each: Option<&'w [u32]>,
    /// Rows that are the same record as the row before them.
    pub repeats: &'w [u32],
    /// Of the pairs of a row only the best joins.
    pub best_only: bool,
    /// What was learned, as text, to be kept.
    pub learned: Option<String>,
    pub resolved: Resolved,
    /// Why two rows weigh what they weigh.
    pub explain: &'w dyn Fn((u32, u32)) -> Outcome<PairExplanation>,
}

impl Weighed<'_> {
    /// The score of a pair: its probability, or the mean of its similarities.
    pub fn score(&self, edge: &Edge) -> f64 {
        score(self.scoring, edge.bits)
    }

    /// True for pairs that somebody may be asked about.
    pub fn doubts(&self, edge: &Edge) -> bool {
        is_doubtful(chance(self.scoring, self.threshold, edge.bits))
    }

    /// All pairs at or above a score.
    pub fn from(&self, score: f64) -> Vec<Edge> {
        let least = match self.scoring {
            Scoring::FellegiSunter | Scoring::Logistic => bits_of(score) as f32,
            Scoring::WeightedMean => (score - 1e-7) as f32,
        };
        self.matched.iter().chain(&self.doubtful).filter(|e| e.bits >= least).copied().collect()
    }

    /// Rows grouped by pairs; gives back the forest and the pairs that joined two groups.
    pub fn group(&self, rows: usize, pairs: Vec<Edge>, watch: &Watch<'_>) -> Outcome<(Forest, Vec<Edge>)> {
        self.group_under(&self.given.settled, rows, pairs, watch)
    }

    /// The same under other decisions than those that were given.
    pub fn group_under(&self, settled: &Settled, rows: usize, pairs: Vec<Edge>, watch: &Watch<'_>) -> Outcome<(Forest, Vec<Edge>)> {
        let forest = Forest::new(rows);
        let mut pairs = if self.best_only { best_links(pairs) } else { pairs };
        pairs.extend(self.given.kept());
        let rules = Rules { guard: self.guard, one_each: self.one_each, settled, repeats: self.repeats };
        let joined = group(&forest, pairs, &rules, watch)?;
        Ok((forest, joined))
    }
}

/// The pairs that are the best of either row; of equal ones the one whose other row comes first.
fn best_links(pairs: Vec<Edge>) -> Vec<Edge> {
    let mut best: FxHashMap<u32, (f32, u32)> = FxHashMap::default();
    for edge in &pairs {
        for (row, other) in [(edge.left, edge.right), (edge.right, edge.left)] {
            let slot = best.entry(row).or_insert((edge.bits, other));
            if slot.0.total_cmp(&edge.bits).then(other.cmp(&slot.1)).is_lt() {
                *slot = (edge.bits, other);
            }
        }
    }
    let is_best = |row: u32, other: u32| best.get(&row).is_some_and(|found| found.1 == other);
    pairs.into_iter().filter(|e| is_best(e.left, e.right) || is_best(e.right, e.left)).collect()
}

/// What a weight is as a score from 0 to 1. Decisions and what is kept from before are certain.
pub(crate) fn score(scoring: Scoring, bits: f32) -> f64 {
    match scoring {
        Scoring::FellegiSunter | Scoring::Logistic => probability(f64::from(bits)),
        Scoring::WeightedMean => f64::from(bits.min(1.0)),
    }
}

/// How likely a pair of this weight is to match. A mean is no probability: what is far from the threshold is as good as certain.
pub(crate) fn chance(scoring: Scoring, threshold: f64, bits: f32) -> f64 {
    match scoring {
        Scoring::FellegiSunter | Scoring::Logistic => score(scoring, bits),
        Scoring::WeightedMean => (0.5 + (f64::from(bits) - threshold) * 5.0).clamp(0.0, 1.0),
    }
}

/// The weight of a pair that is as likely as this to match.
pub(crate) fn weight_of(scoring: Scoring, threshold: f64, chance: f64) -> f32 {
    match scoring {
        Scoring::FellegiSunter | Scoring::Logistic => bits_of(chance) as f32,
        Scoring::WeightedMean => (threshold + (chance - 0.5) / 5.0) as f32,
    }
}

/// True for chances about which somebody may be asked.
pub(crate) fn is_doubtful(chance: f64) -> bool {
    (1.0 - CERTAIN..=CERTAIN).contains(&chance)
}

/// The pairs nearest to an even chance when there are more than so many, in the order of their rows.
pub(crate) fn most_doubtful(mut pairs: Vec<Edge>, most: usize, even: f32) -> Vec<Edge> {
    if pairs.len() > most {
        let doubt = |e: &Edge| (e.bits - even).abs();
        pairs.select_nth_unstable_by(most, |a, b| doubt(a).total_cmp(&doubt(b)).then((a.left, a.right).cmp(&(b.left, b.right))));
        pairs.truncate(most);
    }
    pairs.sort_unstable_by_key(|e| (e.left, e.right));
    pairs
}
