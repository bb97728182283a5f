//! Profiles that are kept from run to run, and what is different between two of them.

use serde::{Deserialize, Serialize};

use crate::{ColumnProfile, Profile};

/// The profile of a table as a run left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptProfile {
    /// The run.
    pub run: String,
    /// When it was taken, RFC 3339 in UTC.
    pub at: String,
    /// Rows of the table; the profile may be of a sample of them.
    pub rows: u64,
    /// The figures.
    pub profile: Profile,
}

/// What is different between two profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileChange {
    /// What was profiled.
    pub subject: String,
    /// The earlier one.
    pub from: ProfileStamp,
    /// The later one.
    pub to: ProfileStamp,
    /// The columns of both, those that changed most first.
    pub columns: Vec<ColumnChange>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// Which profile one side of a comparison is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileStamp {
    /// The run, `now`, or the name of something else.
    pub of: String,
    /// When it was taken; nothing for one that was taken for this comparison.
    pub at: Option<String>,
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were looked at, when they are fewer.
    pub looked_at: Option<u64>,
}

/// What is different about a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnChange {
    /// Its name.
    pub name: String,
    /// How much.
    pub weight: ChangeWeight,
    /// Population stability index: 0 when spread alike, from 0.1 on slight, from 0.25 on marked.
    pub psi: Option<f64>,
    /// Kolmogorov and Smirnov's distance: the largest difference of the shares of rows up to any value, 0 to 1.
    pub ks: Option<f64>,
    /// Values that were not there, with their rows, of a column with few values.
    pub new_values: Vec<(String, u64)>,
    /// Values that are not there any more, with the rows they had.
    pub gone_values: Vec<(String, u64)>,
    /// What is different, in words; the weightiest first.
    pub remarks: Vec<String>,
    /// The column as it was; nothing for one that is new.
    pub from: Option<Box<ColumnProfile>>,
    /// The column as it is; nothing for one that is gone.
    pub to: Option<Box<ColumnProfile>>,
}

/// How much a column changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWeight {
    /// Nothing that chance would not do.
    Same,
    /// Something, to be looked at when there is time.
    Slight,
    /// Much: what is made from it may be wrong.
    Marked,
}

impl ChangeWeight {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Slight => "slight",
            Self::Marked => "marked",
        }
    }
}

impl ProfileChange {
    /// How many columns changed so much.
    pub fn count(&self, weight: ChangeWeight) -> usize {
        self.columns.iter().filter(|c| c.weight == weight).count()
    }

    /// `3 columns changed markedly, 2 slightly, 12 not`.
    pub fn summary(&self) -> String {
        let [marked, slight, same] = [ChangeWeight::Marked, ChangeWeight::Slight, ChangeWeight::Same].map(|w| self.count(w));
        if marked + slight == 0 {
            return format!("none of {same} columns changed");
        }
        let columns = if marked == 1 { "column" } else { "columns" };
        format!("{marked} {columns} changed markedly, {slight} slightly, {same} not")
    }
}

impl ProfileStamp {
    /// `20260131-093000-k3f9 (1,000 rows)`, for people.
    pub fn words(&self, count: impl Fn(u64) -> String) -> String {
        let looked = self.looked_at.map_or_else(String::new, |n| format!(", {} of them looked at", count(n)));
        format!("{} ({} rows{looked})", self.of, count(self.rows))
    }
}
