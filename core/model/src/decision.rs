//! `decisions/NAME.toml`: what people decided about records of a match, as versioned rows.

use serde::{Deserialize, Serialize};

use crate::{MatchDecision, RecordKey, Verdict};

/// One file of decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionFile {
    /// The match model they are about, `layer.table`.
    #[serde(rename = "match")]
    pub model: String,
    /// Where it is written, relative to the workspace.
    #[serde(skip)]
    pub path: String,
    /// The rows, oldest first; none is ever changed, a later version of the same pair takes its place.
    #[serde(default)]
    pub decisions: Vec<DecisionRow>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRow {
    /// What was decided.
    pub verdict: Ruling,
    /// One record.
    pub left: RecordKey,
    /// The other.
    pub right: RecordKey,
    /// Counts up with each decision about the same pair. Two rows of one version, made by two people apart from each
    /// other, are both taken; if they say different things, that is shown as a contradiction.
    #[serde(default = "first_version")]
    pub version: u32,
    /// By whom.
    #[serde(default)]
    pub who: String,
    /// When, RFC 3339.
    #[serde(default)]
    pub when: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}

fn first_version() -> u32 {
    1
}

/// What can be decided of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// They are the same entity.
    Merge,
    /// They are different entities and stay so.
    Keep,
    /// They were one entity and are to be parted.
    Split,
    /// What was decided before no longer holds; the score decides.
    Withdrawn,
}

impl Ruling {
    /// The name `verdict = …` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Keep => "keep",
            Self::Split => "split",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What a match does about it.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Merge => Some(Verdict::Together),
            Self::Keep | Self::Split => Some(Verdict::Apart),
            Self::Withdrawn => None,
        }
    }
}

impl DecisionRow {
    /// True when it is about the same two records.
    pub fn about(&self, left: &RecordKey, right: &RecordKey) -> bool {
        (&self.left, &self.right) == (left, right) || (&self.left, &self.right) == (right, left)
    }

    /// True when a later version of the same pair has taken its place.
    pub fn superseded(&self, rows: &[Self]) -> bool {
        rows.iter().any(|other| other.version > self.version && other.about(&self.left, &self.right))
    }
}

/// The rows that hold, as a match takes them.
pub fn decisions_in_force(rows: &[DecisionRow]) -> Vec<MatchDecision> {
    // Of many rows few are about the same pair; a map finds the newest version of each.
    let pair = |row: &DecisionRow| {
        let (a, b) = (row.left.clone(), row.right.clone());
        if a <= b { (a, b) } else { (b, a) }
    };
    let mut newest: std::collections::BTreeMap<_, u32> = std::collections::BTreeMap::new();
    for row in rows {
        let version = newest.entry(pair(row)).or_default();
        *version = row.version.max(*version);
    }
    rows.iter()
        .filter(|row| newest.get(&pair(row)) == Some(&row.version))
        .filter_map(|row| {
            row.verdict.verdict().map(|verdict| MatchDecision {
                left: row.left.clone(),
                right: row.right.clone(),
                verdict,
                who: row.who.clone(),
                why: row.why.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdict: Ruling, left: &str, right: &str, version: u32) -> DecisionRow {
        let key = |id: &str| RecordKey { source: "crm".into(), id: id.into() };
        let text = String::new;
        DecisionRow { verdict, left: key(left), right: key(right), version, who: text(), when: text(), why: text() }
    }

    #[test]
    fn the_newest_version_of_a_pair_holds() {
        let rows = [
            row(Ruling::Merge, "1", "2", 1),
            row(Ruling::Keep, "2", "1", 2),
            row(Ruling::Merge, "3", "4", 1),
            row(Ruling::Withdrawn, "3", "4", 2),
            row(Ruling::Merge, "5", "6", 1),
            row(Ruling::Split, "5", "6", 1),
        ];
        let holds: Vec<(String, Verdict)> = decisions_in_force(&rows).into_iter().map(|d| (d.left.id, d.verdict)).collect();
        assert_eq!(holds, [("2".into(), Verdict::Apart), ("5".into(), Verdict::Together), ("5".into(), Verdict::Apart)]);
        assert!(rows[0].superseded(&rows) && !rows[1].superseded(&rows) && !rows[4].superseded(&rows));
    }
}
