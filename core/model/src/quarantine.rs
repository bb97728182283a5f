//! Rows held back, each with where it came from and why it is held.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Code, Problem, TableName};

/// One row held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedRow {
    /// The table the row was meant for, `layer.table`.
    pub table: String,
    /// At which stage it was held.
    pub stage: HeldAt,
    /// The source it came from.
    pub source: String,
    /// The file, or the table of a database.
    pub file: String,
    /// Line in the file (text), or row (everything else), from 1; 0 when not known.
    pub line: u64,
    /// The column at fault, when it is one.
    pub field: Option<String>,
    /// The rule that held it, for instance `cast(integer)` or `not_null(email)`.
    pub rule: String,
    /// Why, in words, with the value at fault.
    pub reason: String,
    /// The text of the row as it came: the raw line, or JSON of the row's cells.
    pub raw: String,
    /// What it waits for; none for a row that is at fault itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Wait>,
}

/// What a row waits for, and how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The row that has not come, for instance `raw.customers.id = 17`.
    pub parent: String,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
    /// Until when it is nobody's case; for ever without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What somebody decided about one record of a source's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The file, as `_file` has it.
    pub file: String,
    /// The line on which the record starts, from 1.
    pub line: u64,
    /// The text the record has in the file.
    pub was: String,
    /// The text it is read with instead; without one the row is discarded: it stays held, and nobody waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The rule that held the row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// Who decided.
    pub who: String,
    /// When, in UTC.
    pub at: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl Correction {
    /// True when the row is to be read as it came, whatever was decided before.
    pub fn reopens(&self) -> bool {
        self.now.as_ref() == Some(&self.was)
    }
}

/// The corrections that stand: of those of one record the last.
pub fn standing(corrections: &[Correction]) -> Vec<&Correction> {
    let last: BTreeMap<(&str, u64), usize> = corrections.iter().enumerate().map(|(at, c)| ((c.file.as_str(), c.line), at)).collect();
    corrections.iter().enumerate().filter(|(at, c)| last.get(&(c.file.as_str(), c.line)) == Some(at)).map(|(_, c)| c).collect()
}

/// Which row is held: the table it was meant for, and where it stands. Written `layer.table:file:line`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRow {
    /// The table.
    pub table: TableName,
    /// The file, as `_file` has it.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

impl FromStr for HeldRow {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let parts = text.split_once(':').and_then(|(table, rest)| rest.rsplit_once(':').map(|(file, line)| (table, file, line)));
        let row = parts.and_then(|(table, file, line)| {
            let line = line.parse().ok().filter(|line| *line > 0)?;
            Some(Self { table: table.parse().ok()?, file: file.to_owned(), line })
        });
        row.filter(|row| !row.file.is_empty()).ok_or_else(|| {
            Problem::new(Code::Usage, format!("\"{text}\" names no held row"))
                .next("write layer.table:file:line, as the column row of `trommel quarantine list` has it")
        })
    }
}

impl fmt::Display for HeldRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.table, self.file, self.line)
    }
}

/// What becomes of a held row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Amendment {
    /// Its record is read as this text.
    Text(String),
    /// Its record is read with these values in these columns.
    Set(Vec<(String, String)>),
    /// It stays held, and nobody waits for it.
    Discard,
    /// Whatever was decided is taken back.
    Reopen,
}

/// How it stands with a held row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldState {
    /// Somebody has to decide.
    Open,
    /// It waits for the row it refers to, and joins by itself when that comes.
    Waiting,
    /// It was corrected; a replay will read it.
    Corrected,
    /// It was corrected, and is held again.
    StillFaulty,
    /// Nobody waits for it.
    Discarded,
}

impl HeldState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Open, Self::Waiting, Self::Corrected, Self::StillFaulty, Self::Discarded];

    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Corrected => "corrected",
            Self::StillFaulty => "still faulty",
            Self::Discarded => "discarded",
        }
    }
}

/// Stages at which a row can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldAt {
    /// The record could not be taken apart.
    Parse,
    /// A value does not fit its type.
    Cast,
    /// The columns are not those of the contract.
    Contract,
    /// A check with action `quarantine` was broken.
    Check,
    /// The row does not fit the table of a database it was to be written to.
    Load,
}

impl HeldAt {
    /// The stage's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Cast => "cast",
            Self::Contract => "contract",
            Self::Check => "check",
            Self::Load => "load",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_rows_are_written_as_they_are_read() {
        for text in ["raw.orders:data/a.csv:17", "raw.orders:C:/x:y.csv:1"] {
            assert_eq!(text.parse::<HeldRow>().unwrap().to_string(), text);
        }
        for text in ["", "raw.orders", "raw.orders:a.csv", "raw.orders:a.csv:0", "raw.orders::1", "orders:a.csv:1", "raw.orders:a.csv:x"] {
            assert!(text.parse::<HeldRow>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_word_on_a_record_stands() {
        let said = |file: &str, line, now: Option<&str>| Correction {
            file: file.into(),
            line,
            was: "1".into(),
            now: now.map(str::to_owned),
            rule: String::new(),
            who: "ann".into(),
            at: String::new(),
            why: String::new(),
        };
        let all = [said("a", 1, Some("2")), said("b", 1, None), said("a", 1, Some("1")), said("a", 2, Some("3"))];
        let left: Vec<_> = standing(&all).into_iter().map(|c| (c.file.as_str(), c.line, c.reopens())).collect();
        assert_eq!(left, [("b", 1, false), ("a", 1, true), ("a", 2, false)]);
    }
}
