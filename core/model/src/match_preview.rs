//! What a match would do, before it does it: what moves when the threshold moves, and which pairs are in doubt.

use serde::{Deserialize, Serialize};

use crate::{PairExplanation, RecordKey};

/// A match looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchPreview {
    /// What is matched: the model's table, or the files.
    pub subject: String,
    /// Rows in.
    pub rows: u64,
    /// Pairs compared.
    pub pairs_compared: u64,
    /// Pairs by score in 20 bins from 0 to 1.
    pub histogram: Vec<u64>,
    /// Pairs below the histogram's first bin that is counted.
    pub pairs_below: u64,
    /// The threshold as the model has it, or as it was chosen.
    pub threshold: f64,
    /// The place of that threshold among the steps.
    pub chosen: usize,
    /// What would come of each threshold, from the lowest to the highest.
    pub steps: Vec<PreviewStep>,
    /// Pairs by the worth of an answer, most first.
    pub pairs: Vec<PreviewPair>,
    /// KPIs before and after, at the threshold as it is.
    pub kpis: Vec<KpiImpact>,
    /// Records of which the truth is known, when labels of records were given.
    pub labelled: Option<u64>,
    /// Pairs that were labelled, when labels of pairs were given.
    #[serde(default)]
    pub labelled_pairs: Option<u64>,
    /// Pairs that people decided, when these are all that is known to be true.
    #[serde(default)]
    pub decided_pairs: Option<u64>,
    /// What was remarked.
    pub notes: Vec<String>,
}

/// What would come of one threshold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewStep {
    /// The threshold.
    pub threshold: f64,
    /// Pairs at or above it.
    pub pairs: u64,
    /// Entities out.
    pub entities: u64,
    /// Rows of the largest.
    pub largest: u64,
    /// What is to be expected of the pairs, from their probabilities; none for a score that is no probability.
    pub expected: Option<Quality>,
    /// What labels, or else decisions, say of the entities.
    pub measured: Option<Quality>,
    /// Entities here that are several at the threshold as it is.
    pub merges: u64,
    /// Entities at the threshold as it is that are several here.
    pub splits: u64,
    /// The largest of both.
    pub changes: Vec<ClusterChange>,
}

/// Precision and recall, from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Of what is joined, the share that belongs together.
    pub precision: f64,
    /// Of what belongs together, the share that is joined.
    pub recall: f64,
}

/// Entities that would become one, or one that would become several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterChange {
    /// They become one; else one becomes them.
    pub merge: bool,
    /// The parts.
    pub parts: Vec<Vec<PreviewRecord>>,
    /// Records that are not listed.
    pub unlisted: u64,
}

/// One record as people know it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewRecord {
    /// Source and id. Of files: the file, and the number of the row from 1.
    pub key: RecordKey,
    /// What it says in the columns that are compared.
    pub said: Vec<Option<String>>,
}

/// A pair that a person could decide.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewPair {
    /// One record.
    pub left: PreviewRecord,
    /// The other.
    pub right: PreviewRecord,
    /// The probability that they match.
    pub probability: f64,
    /// The pair's score, held against the threshold.
    pub score: f64,
    /// Rows of the entities of both.
    pub rows: (u64, u64),
    /// What an answer is expected to change: uncertainty in bits, times the pairs of rows it joins or parts.
    pub worth: f64,
    /// Why it weighs what it weighs.
    pub why: PairExplanation,
    /// The golden record of both entities together; empty where they have more than a thousand rows.
    pub golden: Vec<GoldenCell>,
    /// The records that it is made of.
    #[serde(skip)]
    pub records: Vec<RecordKey>,
}

/// One cell of a golden record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenCell {
    /// The column.
    pub column: String,
    /// Its value; none is null.
    pub value: Option<String>,
    /// The record it is from.
    pub from: RecordKey,
    /// The rule that chose it.
    pub rule: String,
}

/// A KPI before and after a match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KpiImpact {
    /// The KPI.
    pub kpi: String,
    /// Its value in the lake as it is.
    pub before: Option<f64>,
    /// Its value if each record were an entity of its own.
    pub unmatched: Option<f64>,
    /// Its value with the match.
    pub after: Option<f64>,
    /// The tables between the match and the KPI that were made anew to tell.
    pub by: Vec<String>,
}

impl MatchPreview {
    /// What precision and recall were measured of, for instance `14 decided pairs`.
    pub fn measured_of(&self) -> Option<String> {
        let all = [(self.labelled, "labelled record"), (self.labelled_pairs, "labelled pair"), (self.decided_pairs, "decided pair")];
        let (count, what) = all.into_iter().find_map(|(count, what)| Some((count?, what)))?;
        Some(format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
    }
}

impl Quality {
    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}
