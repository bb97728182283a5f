//! What a match came to: counts, what was learned, how it stands against labels, and why two rows score what they score.

use serde::{Deserialize, Serialize};

use crate::Quality;

/// What a match did, for people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchReport {
    /// Rows in.
    pub rows: u64,
    /// Pairs that share a block under each rule, in order of the rules, before pairs are made distinct.
    pub pairs_per_rule: Vec<u64>,
    /// Distinct pairs compared.
    pub pairs_compared: u64,
    /// Pairs at or above the threshold.
    pub pairs_matched: u64,
    /// Entities out.
    pub entities: u64,
    /// Rows merged away: rows − entities.
    pub merged: u64,
    /// Rows of the largest entity.
    pub largest_entity: u64,
    /// Blocks larger than `max_block`, with their size; the key's text.
    pub oversize_blocks: Vec<(String, u64)>,
    /// Pairs by score in 20 bins from 0 to 1, counted from `histogram_from` on.
    pub score_histogram: Vec<u64>,
    /// Below this score (the lower edge of a bin) comparing stops as soon as it cannot be reached any more.
    #[serde(default)]
    pub histogram_from: f64,
    /// Pairs whose score is below `histogram_from`; how far below was not worked out.
    /// `pairs_compared` = the sum of `score_histogram` + `pairs_below`.
    #[serde(default)]
    pub pairs_below: u64,
    /// Rows whose (source, id) stood on another row too; they belong to that row's entity without being compared.
    #[serde(default)]
    pub repeated_ids: u64,
    /// Rows that no rule could place, because a key of each rule is missing; each is an entity of its own.
    #[serde(default)]
    pub rows_without_block: u64,
    /// What was learned, for `fellegi_sunter`.
    #[serde(default)]
    pub trained: Option<Trained>,
    /// How the match stands against labels, when there are any.
    #[serde(default)]
    pub labels: Option<LabelReport>,
}

/// A match held against pairs of which somebody knows whether they are one.
///
/// All figures are of these pairs alone: they say as much of a match as the pairs are like those it makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// Pairs.
    pub pairs: u64,
    /// Of them those that are one.
    pub same: u64,
    /// Whether the two rows of each came to be one entity.
    pub entities: Quality,
    /// Where the F1 of the entities lies with 95 in 100.
    pub entities_f1: (f64, f64),
    /// What scores alone say, of scores that were learned; none for a weighted mean.
    pub scores: Option<LabelScores>,
}

/// Scores of labelled pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelScores {
    /// The threshold whose F1 is best, in the middle of those that do as well.
    pub best: f64,
    /// From where to where thresholds do as well.
    pub as_good: (f64, f64),
    /// True when it is the threshold of the match, because the model names none.
    pub chosen: bool,
    /// Each label judged by a threshold, and weights where labels correct them, that were told from the others.
    pub held_out: Option<Quality>,
    /// In so many parts.
    pub folds: u64,
    /// Where the F1 of that lies with 95 in 100.
    pub held_out_f1: (f64, f64),
}

/// What Fellegi-Sunter scoring learned from the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Share of all pairs that match.
    pub prior: f64,
    /// The probability from which on pairs are taken for matches.
    pub threshold: f64,
    /// The comparisons in the order of the model.
    pub comparisons: Vec<TrainedComparison>,
}

/// The levels of one comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainedComparison {
    /// The column.
    pub column: String,
    /// The share of its weight, from 0 to 1, that is its own where what it says follows in part from another comparison; none
    /// where all of it is.
    #[serde(default)]
    pub own: Option<f64>,
    /// From equal to else.
    pub levels: Vec<TrainedLevel>,
}

/// One level of likeness.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainedLevel {
    /// What it is: `equal`, `0.92 or more`, `else`.
    pub level: String,
    /// How often matching pairs are at this level.
    pub m: f64,
    /// How often other pairs are.
    pub u: f64,
    /// log2(m / u).
    pub bits: f64,
}

/// What one blocking rule would cost, known without comparing anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockingEstimate {
    /// The rule as text, for instance `surname, postcode (first 3)`.
    pub rule: String,
    /// Pairs of rows that share a block.
    pub pairs: u64,
    /// Pairs that would be made: as `pairs`, but oversize blocks are split.
    pub pairs_made: u64,
    /// Blocks of two rows or more.
    pub blocks: u64,
    /// Rows of the largest block.
    pub largest_block: u64,
    /// Rows left out, because a key is missing.
    pub rows_without_key: u64,
    /// Blocks larger than `max_block`, with their size; the key's text.
    pub oversize_blocks: Vec<(String, u64)>,
}

/// Why two rows score what they score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairExplanation {
    /// The weighted mean of the parts, or the probability of a match; from 0 to 1.
    pub score: f64,
    /// For `fellegi_sunter`: log2 of the odds of a match before anything is compared.
    #[serde(default)]
    pub prior_bits: Option<f64>,
    /// The comparisons in the order of the model.
    pub parts: Vec<PairPart>,
}

/// One comparison of two rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairPart {
    /// The column.
    pub column: String,
    /// The value of the first row as it was compared; none when missing.
    pub left: Option<String>,
    /// The value of the second row as it was compared; none when missing.
    pub right: Option<String>,
    /// Similarity from 0 to 1; none when the comparison was left out of the mean.
    pub similarity: Option<f64>,
    /// Share of the score.
    pub weight: f64,
    /// For `fellegi_sunter`: the level of likeness; none when a value is missing.
    #[serde(default)]
    pub level: Option<String>,
    /// For `fellegi_sunter`: what the level adds to the odds, as log2; 0 when a value is missing.
    #[serde(default)]
    pub bits: Option<f64>,
}
