//! Rows drawn at random and judged by people: how many of a table are wrong, as far as a sample can tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::TableName;

/// A sample of a table's rows, drawn to be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// Its name; the file's.
    #[serde(skip)]
    pub name: String,
    /// The table.
    pub table: TableName,
    /// The snapshot of the lake it was drawn from.
    pub snapshot: u64,
    /// When, RFC 3339 in UTC.
    pub drawn_at: String,
    /// By whom.
    pub drawn_by: String,
    /// Another number draws other rows.
    pub seed: u64,
    /// The column whose values are the strata; all rows are one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who answers for it, once all is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signature>,
    /// The strata with how many rows the table has of each.
    pub strata: Vec<Stratum>,
    /// The rows.
    pub rows: Vec<InspectedRow>,
}

/// Rows that agree in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stratum {
    /// The value.
    pub value: String,
    /// Rows of the table.
    pub rows: u64,
}

/// A row to be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectedRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its stratum.
    pub stratum: String,
    /// The columns that name it, or all of them where the table has no key; nulls are left out.
    pub key: BTreeMap<String, String>,
    /// What somebody said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<RowVerdict>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Who.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// When.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
}

/// What is said of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowVerdict {
    /// All of it is right.
    Right,
    /// Something in it is wrong.
    Wrong,
}

/// Who answers for an inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who.
    pub who: String,
    /// When.
    pub at: String,
}

/// How many rows of a table are wrong, by a sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ErrorEstimate {
    /// Rows that were judged.
    pub judged: u64,
    /// Of them wrong.
    pub wrong: u64,
    /// The share of wrong rows in the table, 0 to 1, each stratum by its weight.
    pub share: f64,
    /// Where it lies with 95 % confidence.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Inspection {
    /// Rows that nobody has judged yet.
    pub fn open(&self) -> usize {
        self.rows.iter().filter(|r| r.verdict.is_none()).count()
    }

    /// The share of wrong rows with its interval; nothing before each stratum has a judged row.
    ///
    /// The share is that of each stratum by its weight in the table. The interval is Wilson's (JASA 1927) for the effective
    /// size of the sample: the number of rows drawn without strata that would tell as much (Korn and Graubard 1998).
    pub fn estimate(&self) -> Option<ErrorEstimate> {
        let total: u64 = self.strata.iter().map(|s| s.rows).sum();
        if total == 0 {
            return None;
        }
        let (mut share, mut variance, mut evenly, mut judged, mut wrong) = (0.0, 0.0, 0.0, 0_u64, 0);
        for stratum in &self.strata {
            let weight = stratum.rows as f64 / total as f64;
            let own = || self.rows.iter().filter(|r| r.stratum == stratum.value && r.verdict.is_some());
            let (n, bad) = (own().count() as u64, own().filter(|r| r.verdict == Some(RowVerdict::Wrong)).count() as u64);
            if n == 0 {
                return None;
            }
            let p = bad as f64 / n as f64;
            share += weight * p;
            // Rows that were all judged leave nothing open.
            let left = 1.0 - (n as f64 / stratum.rows.max(n) as f64);
            variance += weight * weight * p * (1.0 - p) / (n as f64 - 1.0).max(1.0) * left;
            evenly += weight * weight / n as f64;
            judged += n;
            wrong += bad;
        }
        if judged >= total {
            return Some(ErrorEstimate { judged, wrong, share, low: share, high: share });
        }
        // Where nothing, or everything, is wrong the sample says nothing of its variance: then its size by weights counts.
        // A variance of few wrong rows is itself uncertain, so that strata are never taken to gain anything.
        let plain = share * (1.0 - share);
        let most = (1.0 / evenly).max(judged as f64 / (1.0 - judged as f64 / total as f64));
        let size = if variance > 0.0 && plain > 0.0 { (plain / variance).min(most) } else { 1.0 / evenly };
        let (low, high) = wilson(share, size);
        Some(ErrorEstimate { judged, wrong, share, low, high })
    }
}

/// Wilson's interval for a share seen among so many.
fn wilson(share: f64, size: f64) -> (f64, f64) {
    let z2 = Z * Z;
    let middle = (share + z2 / (2.0 * size)) / (1.0 + z2 / size);
    let half = Z / (1.0 + z2 / size) * (share * (1.0 - share) / size + z2 / (4.0 * size * size)).sqrt();
    // The ends are exact, whatever the arithmetic leaves.
    let low = if share <= 0.0 { 0.0 } else { (middle - half).max(0.0) };
    (low, if share >= 1.0 { 1.0 } else { (middle + half).min(1.0) })
}

impl ErrorEstimate {
    /// `2 of 100 judged rows are wrong: 2.0 % of the table (0.6 % to 7.0 %)`.
    pub fn words(&self) -> String {
        let pct = |x: f64| format!("{:.1} %", x * 100.0);
        format!(
            "{} of {} judged rows are wrong: {} of the table, {} to {} with 95 % confidence",
            self.wrong,
            self.judged,
            pct(self.share),
            pct(self.low),
            pct(self.high)
        )
    }
}

impl RowVerdict {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspection(strata: &[(u64, u64, u64)]) -> Inspection {
        let mut rows = Vec::new();
        for (s, (_, judged, wrong)) in strata.iter().enumerate() {
            for i in 0..*judged {
                rows.push(InspectedRow {
                    number: rows.len() as u32 + 1,
                    stratum: s.to_string(),
                    key: BTreeMap::new(),
                    verdict: Some(if i < *wrong { RowVerdict::Wrong } else { RowVerdict::Right }),
                    why: String::new(),
                    who: String::new(),
                    at: String::new(),
                });
            }
        }
        Inspection {
            name: "x".into(),
            table: TableName::new("a", "b"),
            snapshot: 1,
            drawn_at: String::new(),
            drawn_by: String::new(),
            seed: 0,
            by: None,
            signed: None,
            strata: strata.iter().enumerate().map(|(s, (rows, ..))| Stratum { value: s.to_string(), rows: *rows }).collect(),
            rows,
        }
    }

    #[test]
    fn the_interval_is_the_known_one_for_one_stratum() {
        // Wilson's interval of 2 in 100 is 0.55 % to 7.00 %; of none in 100, 0 to 3.70 %.
        let found = inspection(&[(1_000_000, 100, 2)]).estimate().unwrap();
        assert!(
            (found.share - 0.02).abs() < 1e-9 && (found.low - 0.0055).abs() < 0.000_2 && (found.high - 0.07).abs() < 0.001,
            "{found:?}"
        );
        let none = inspection(&[(1_000_000, 100, 0)]).estimate().unwrap();
        assert!(none.low == 0.0 && (none.high - 0.037).abs() < 0.001, "{none:?}");
        assert_eq!(inspection(&[(10, 3, 0), (10, 0, 0)]).estimate(), None, "a stratum of which nothing is known");
        // A tenth of the table is all wrong, the rest all right.
        let split = inspection(&[(900, 50, 0), (100, 50, 50)]).estimate().unwrap();
        assert!((split.share - 0.1).abs() < 1e-9 && split.low < 0.1 && split.high > 0.1);
    }

    /// Of many samples about 95 in 100 have the truth in their interval.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut seed = 7_u64;
        let mut chance = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        for shares in [[0.02, 0.02], [0.01, 0.2], [0.05, 0.3]] {
            let truth = 0.8 * shares[0] + 0.2 * shares[1];
            let mut held = 0;
            for _ in 0..2_000 {
                let mut wrong = |share: f64, n: u64| (0..n).filter(|_| chance() < share).count() as u64;
                let found = inspection(&[(800_000, 120, wrong(shares[0], 120)), (200_000, 80, wrong(shares[1], 80))]).estimate().unwrap();
                held += u32::from(found.low <= truth && truth <= found.high);
            }
            let share = f64::from(held) / 2_000.0;
            assert!((0.92..=0.995).contains(&share), "{shares:?}: {share}");
        }
    }
}
