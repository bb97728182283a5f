//! What the columns of a table have to do with each other.

use serde::{Deserialize, Serialize};

/// What was found out about a table as a whole. Columns are told by name; shares are from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Relations {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were looked at: every so many, or all.
    pub sampled: u64,
    /// Rows that equal an earlier one in all columns.
    pub duplicates: u64,
    /// Smallest sets of columns that tell all rows apart.
    pub keys: Vec<Vec<String>>,
    /// Columns that decide others.
    pub dependencies: Vec<FoundDependency>,
    /// Columns that go together, strongest first.
    pub correlations: Vec<Correlation>,
    /// Sets of columns that are missing together, most frequent first.
    pub missing: Vec<MissingTogether>,
}

/// Sentences of a kind that are told, at most.
const TOLD: usize = 8;

impl Relations {
    /// In sentences, so many of a kind; those about one column, when it is named.
    pub fn told(&self, column: Option<&str>) -> Vec<String> {
        let about = |columns: &[&String]| column.is_none_or(|column| columns.iter().any(|c| *c == column));
        let mut told = Vec::new();
        if column.is_none() {
            told.push(match self.duplicates {
                0 => "no row equals an earlier one".to_owned(),
                1 => "1 row equals an earlier one".to_owned(),
                n => format!("{n} rows equal an earlier one"),
            });
        }
        for key in self.keys.iter().filter(|key| about(&key.iter().collect::<Vec<_>>())).take(TOLD) {
            let s = if key.len() == 1 { "s" } else { "" };
            told.push(format!("{} tell{s} all rows apart", key.join(" + ")));
        }
        for found in self.dependencies.iter().filter(|found| about(&[&found.from, &found.to])).take(TOLD) {
            let rows: Vec<String> = found.examples.iter().map(ToString::to_string).collect();
            let against = match found.broken {
                0 => String::new(),
                1 => format!(", but for row {}", rows.join(", ")),
                n if n as usize > rows.len() => format!(", but for {n} rows: {} …", rows.join(", ")),
                n => format!(", but for {n} rows: {}", rows.join(", ")),
            };
            told.push(format!("{} decides {}{against}", found.from, found.to));
        }
        for pair in self.correlations.iter().filter(|pair| about(&[&pair.a, &pair.b])).take(TOLD) {
            let measure = match pair.measure {
                CorrelationMeasure::Pearson => "Pearson",
                CorrelationMeasure::Spearman => "Spearman",
                CorrelationMeasure::CramersV => "Cramér's V",
            };
            told.push(format!("{} and {} go together: {measure} {:.2}", pair.a, pair.b, pair.value));
        }
        let several = self.missing.iter().filter(|set| set.columns.len() > 1);
        for set in several.filter(|set| about(&set.columns.iter().collect::<Vec<_>>())).take(TOLD) {
            let rows = if set.rows == 1 { "row" } else { "rows" };
            told.push(format!("{} are missing together in {} {rows}", set.columns.join(", "), set.rows));
        }
        told
    }
}

/// One column decides another, with few rows against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundDependency {
    /// The deciding column.
    pub from: String,
    /// The decided column.
    pub to: String,
    /// Rows that contradict it.
    pub broken: u64,
    /// The first rows that contradict it, from 1.
    pub examples: Vec<u64>,
}

/// How two columns go together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// One column.
    pub a: String,
    /// The other.
    pub b: String,
    /// How it is measured.
    pub measure: CorrelationMeasure,
    /// From -1 to 1; for Cramér's V from 0 to 1.
    pub value: f64,
    /// Rows in which both have a value.
    pub rows: u64,
}

/// How going together is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationMeasure {
    /// Along a line, of two columns of numbers.
    Pearson,
    /// In the same order, of two columns of numbers.
    Spearman,
    /// Of two columns of few values: Cramér's V, corrected for chance.
    CramersV,
}

/// Columns that have no value in the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingTogether {
    /// The columns.
    pub columns: Vec<String>,
    /// Rows in which exactly these have no value.
    pub rows: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_told_in_sentences() {
        let dependency = FoundDependency { from: "zip".into(), to: "city".into(), broken: 12, examples: vec![3, 9] };
        let correlation = Correlation { a: "price".into(), b: "tax".into(), measure: CorrelationMeasure::Pearson, value: 0.996, rows: 20 };
        let relations = Relations {
            duplicates: 1,
            keys: vec![vec!["id".into()], vec!["day".into(), "zip".into()]],
            dependencies: vec![dependency],
            correlations: vec![correlation],
            missing: vec![MissingTogether { columns: vec!["tax".into()], rows: 4 }],
            ..Relations::default()
        };
        assert_eq!(
            relations.told(None),
            [
                "1 row equals an earlier one",
                "id tells all rows apart",
                "day + zip tell all rows apart",
                "zip decides city, but for 12 rows: 3, 9 …",
                "price and tax go together: Pearson 1.00",
            ]
        );
        assert_eq!(relations.told(Some("city")), ["zip decides city, but for 12 rows: 3, 9 …"]);
    }
}
