//! What a model would use a column for, in the nine kinds of `SortingHat`: gradient-boosted trees over [`facts`], grown by
//! [`grow`] and kept as text beside this file.
//!
//! `feature/trees.txt` was trained on the 80 % training part of `data_train.csv` of `SortingHat` (Shah, Lacanlale, Kumar, Yang,
//! Kumar: "Towards Benchmarking Feature Type Inference for `AutoML` Platforms", SIGMOD 2021; Apache License 2.0). It holds
//! splits and weights, no data. The program `feature_types` of `tests/bench` makes it anew and measures it.

mod facts;
mod grow;
mod trees;

pub use facts::{Example, features_of};
pub use grow::{ForestOptions, train};
pub use trees::Forest;

use std::sync::LazyLock;

use trommel_model::{Feature, FeatureType};

use super::Evidence;

/// The kind of feature a column is.
pub(super) fn of(evidence: &Evidence<'_>) -> Option<Feature> {
    static FOREST: LazyLock<Option<Forest>> = LazyLock::new(|| Forest::read(include_str!("trees.txt")));
    let forest = FOREST.as_ref()?;
    let texts: Vec<&str> = evidence.sample.iter().map(|(t, _)| t.as_str()).collect();
    let step = (texts.len() / 5).max(1);
    let numbers = evidence.data_type.is_number();
    let number = |v: Option<f64>| v.filter(|_| numbers).unwrap_or(0.0);
    let example = Example {
        name: evidence.name.to_owned(),
        rows: evidence.rows as f64,
        nulls: evidence.nulls as f64,
        distinct: evidence.distinct as f64,
        mean: number(evidence.mean),
        sd: number(evidence.sd),
        min: number(evidence.min),
        max: number(evidence.max),
        samples: texts.iter().step_by(step).take(5).map(|t| (*t).to_owned()).collect(),
    };
    let shares = forest.shares(&features_of(&example));
    let (best, share) = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    Some(Feature { kind: *FeatureType::ALL.get(best)?, confidence: (share * 1_000.0).round() / 1_000.0 })
}
