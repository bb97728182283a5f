//! What the columns of a table hold.

use serde::{Deserialize, Serialize};

use crate::{Cell, DataType, Meaning, Relations};

/// The profile of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// What was profiled: a file or a table.
    pub subject: String,
    /// Its rows.
    pub rows: u64,
    /// How much was asked for.
    #[serde(default)]
    pub level: ProfileLevel,
    /// Its columns in order.
    pub columns: Vec<ColumnProfile>,
    /// What the columns have to do with each other, when it was asked for.
    #[serde(default)]
    pub relations: Option<Relations>,
    /// Remarks on reading: sniffed dialect, rows that could not be read.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How much a profile says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileLevel {
    /// Counts, extremes, mean, deviation, quantiles, histogram, frequent values.
    Summary,
    /// All that is known of a column: lengths, patterns, faults of text, meaning, personal data.
    #[default]
    Full,
}

/// The profile of a column. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Rows without a value.
    pub nulls: u64,
    /// Different values.
    pub distinct: Count,
    /// True when no value comes twice.
    #[serde(default)]
    pub unique: bool,
    /// Smallest value.
    pub min: Cell,
    /// Largest value.
    pub max: Cell,
    /// Mean, for numbers.
    pub mean: Option<f64>,
    /// Sample standard deviation, for numbers.
    pub sd: Option<f64>,
    /// Skewness, for numbers: 0 when symmetric, above when the long tail is on the right.
    #[serde(default)]
    pub skew: Option<f64>,
    /// Values at shares of the way from the smallest to the largest, for numbers and times.
    #[serde(default)]
    pub quantiles: Vec<Quantile>,
    /// Rows in equal-width bins from min to max, for numbers and dates; empty otherwise.
    pub histogram: Vec<u64>,
    /// Most frequent values with their rows, largest first.
    pub top: Vec<(Cell, u64)>,
    /// Least frequent values with their rows, smallest first; only when all values were counted and there are more than in `top`.
    #[serde(default)]
    pub rarest: Vec<(Cell, u64)>,
    /// Rows that are zero, for numbers.
    #[serde(default)]
    pub zeros: u64,
    /// Rows below zero, for numbers.
    #[serde(default)]
    pub negatives: u64,
    /// Rows that are NaN or infinite.
    #[serde(default)]
    pub not_finite: u64,
    /// The order the rows come in, when it is one.
    #[serde(default)]
    pub order: Option<RowOrder>,
    /// Values that usually stand for "unknown", such as 1900-01-01 or 9999, with their rows.
    #[serde(default)]
    pub suspicious: Vec<(Cell, u64)>,
    /// What is told of texts.
    #[serde(default)]
    pub text: Option<TextFacts>,
    /// What the values mean.
    #[serde(default)]
    pub meaning: Meaning,
    /// How the values are spread, for holding one profile against another; only at the full level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// How far estimates may be off; none when everything was counted.
    #[serde(default)]
    pub estimates: Option<Estimates>,
}

/// How the values of a column are spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Values at each hundredth of the way through the ordered rows, 101 of them: numbers as they are, dates in days and
    /// timestamps in microseconds since 1970. Empty for what has no amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub percentiles: Vec<f64>,
    /// Every value with its rows, most frequent first, when there are few; empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, u64)>,
}

/// A number that is exact or an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Counted.
    Exact(u64),
    /// Estimated by a sketch.
    About(u64),
}

/// The value at a share of the way through the ordered rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The share, from 0 to 1.
    pub share: f64,
    /// The value.
    pub value: Cell,
}

/// The order the rows of a column come in; nulls are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// Each is larger than the one before.
    StrictlyAscending,
    /// None is smaller than the one before.
    Ascending,
    /// Each is smaller than the one before.
    StrictlyDescending,
    /// None is larger than the one before.
    Descending,
    /// All are the same.
    Constant,
}

/// What is told of the texts of a column, in rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextFacts {
    /// Characters of the shortest.
    pub shortest: u64,
    /// Characters of the longest.
    pub longest: u64,
    /// Characters on average.
    pub mean_length: f64,
    /// Texts of no character.
    pub empty: u64,
    /// Texts of nothing but white space.
    pub blank: u64,
    /// Words that stand for no value: `NULL`, `N/A`, `-`, `unknown` …
    pub null_words: u64,
    /// Texts with white space before or behind.
    pub padded: u64,
    /// Texts in capitals.
    pub upper: u64,
    /// Texts in small letters.
    pub lower: u64,
    /// Texts with both, or with none.
    pub mixed: u64,
    /// Texts with signs that come from reading one encoding as another, such as `Ã©`.
    pub damaged: u64,
    /// Texts with control characters.
    pub control: u64,
    /// What the texts read as (`integer`, `decimal`, `date`, `text` …), with rows, largest first; more than one is a mixture.
    pub kinds: Vec<(String, u64)>,
    /// Values that differ from a more frequent one only by case or white space, with rows, largest first.
    pub variants: Vec<(String, u64)>,
    /// Shapes of the texts with their share of the rows, largest first: `9` a digit, `A` a capital, `a` a small letter; `A+` for
    /// several where lengths differ much.
    pub patterns: Vec<(String, f64)>,
}

/// How far estimates of a column may be off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimates {
    /// Standard error of `distinct`, relative.
    pub distinct: f64,
    /// Largest error of quantiles and bounds of bins, relative to the distance from smallest to largest.
    pub quantiles: f64,
    /// Rows by which the counts in `top` may be off.
    pub top: u64,
}
