//! A rule about a table, and what came of applying it.

use jiff::{Span, SpanRelativeTo, Unit};
use serde::{Deserialize, Serialize};

use crate::{Cell, Code, ContractType, NumberFormat, Outcome, Problem, TableName, format_value};

/// A rule with what happens to rows that break it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// The rule itself.
    #[serde(flatten)]
    pub rule: Rule,
    /// What happens when it is broken.
    #[serde(default)]
    pub action: CheckAction,
    /// Only rows for which this SQL condition holds are looked at.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How long a row may wait for its parent before it is a case for somebody, for instance `30d`; for ever without it.
    /// Only with the action `wait`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<String>,
    /// The share of rows looked at (0 to below 1) that may break the rule before it counts as broken. Not possible where rows
    /// are held: each of them is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tolerance: f64,
    /// How bad it is when the rule is broken; by the action without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What it is about, where the rule alone does not say it: a condition about two moments may be about timeliness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Dimension>,
    /// Who is asked about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Why the rule exists, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl CheckSpec {
    /// A rule with an action, and nothing else said.
    pub fn new(rule: Rule, action: CheckAction) -> Self {
        Self {
            rule,
            action,
            condition: None,
            wait_for: None,
            tolerance: 0.0,
            severity: None,
            dimension: None,
            owner: String::new(),
            description: String::new(),
        }
    }

    /// What it is about.
    pub fn dimension(&self) -> Dimension {
        self.dimension.unwrap_or_else(|| self.rule.dimension())
    }

    /// How bad it is when the rule is broken.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(match self.action {
            CheckAction::Warn | CheckAction::Wait => Severity::Warning,
            CheckAction::Quarantine | CheckAction::Fail => Severity::Error,
        })
    }

    /// How long a row may wait for its parent, in seconds; `None` for ever. Fails with `bad-config` for what is no duration.
    pub fn patience_s(&self) -> Outcome<Option<i64>> {
        let Some(text) = &self.wait_for else { return Ok(None) };
        let seconds = text.trim().parse::<Span>().ok().and_then(|span| {
            let days_are_24_hours = SpanRelativeTo::days_are_24_hours();
            span.total((Unit::Second, days_are_24_hours)).ok().filter(|s| *s >= 1.0)
        });
        let fault = || {
            Problem::new(Code::BadConfig, format!("the check {} lets rows wait for \"{text}\", which is no time", self.rule.label()))
                .next("write a number with minutes, hours, days or weeks, for instance wait_for = \"30d\"")
        };
        seconds.map(|s| Some(s as i64)).ok_or_else(fault)
    }
}

/// How bad a broken rule is: what is shown first, and whom it wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the usual four, by name")]
pub enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

impl Severity {
    /// The severity's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// What a check demands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Rule {
    /// Every row has a value in the column.
    NotNull {
        /// The column.
        column: String,
    },
    /// No two rows agree in all these columns; rows with a null among them are not compared.
    Unique {
        /// The columns.
        columns: Vec<String>,
    },
    /// The value is one of these; null passes.
    AcceptedValues {
        /// The column.
        column: String,
        /// What is allowed, compared as text.
        values: Vec<String>,
    },
    /// The value lies between two bounds, both included; null passes.
    Range {
        /// The column.
        column: String,
        /// Lower bound, a SQL literal value.
        #[serde(default)]
        min: Option<Bound>,
        /// Upper bound.
        #[serde(default)]
        max: Option<Bound>,
    },
    /// The text matches the whole pattern; null passes.
    Regex {
        /// The column.
        column: String,
        /// A regular expression in RE2 syntax.
        pattern: String,
    },
    /// The table has this many rows.
    RowCount {
        /// At least.
        #[serde(default)]
        min: Option<u64>,
        /// At most.
        #[serde(default)]
        max: Option<u64>,
    },
    /// Every value exists in another table's column; null passes.
    ForeignKey {
        /// The column.
        column: String,
        /// The other table and column, `layer.table.column`.
        references: String,
    },
    /// The text has this many characters; null passes.
    Length {
        /// The column.
        column: String,
        /// At least.
        #[serde(default)]
        min: Option<u64>,
        /// At most.
        #[serde(default)]
        max: Option<u64>,
    },
    /// The text has a well-known form; null passes.
    Format {
        /// The column.
        column: String,
        /// The form.
        format: TextFormat,
    },
    /// The value, as text, can be read as a type; null passes.
    Type {
        /// The column.
        column: String,
        /// The type, in the words of a contract.
        #[serde(rename = "type")]
        to: ContractType,
    },
    /// A condition in SQL holds for every row; where it is null the row passes.
    Expression {
        /// The condition.
        expression: String,
    },
    /// Rows that agree in the columns agree in another one too. Broken are the rows that do not say what most of their
    /// group say; rows with a null among the columns pass.
    FunctionalDependency {
        /// The columns that determine.
        columns: Vec<String>,
        /// The column that is determined.
        determines: String,
    },
    /// At most such a share of the column (0 to 1) is null.
    NullShare {
        /// The column.
        column: String,
        /// The greatest share.
        max: f64,
    },
    /// A number made of the whole table lies between two bounds, both included. Nothing is measured of no rows.
    Statistic {
        /// What is measured.
        statistic: Statistic,
        /// The column.
        column: String,
        /// Lower bound.
        #[serde(default)]
        min: Option<f64>,
        /// Upper bound.
        #[serde(default)]
        max: Option<f64>,
    },
    /// The newest value of a column of moments is no older than this, by the clock of this machine.
    Freshness {
        /// The column.
        column: String,
        /// The greatest age, for instance `26 hours` or `2 days`.
        within: String,
    },
    /// The table has the columns it should have, by name and, where said, by type.
    Schema {
        /// The columns, each `name` or `name: type`.
        columns: Vec<String>,
        /// No other columns are there.
        #[serde(default)]
        exact: bool,
    },
    /// Another table has as many rows, and the same values in the columns, in any order.
    Reconcile {
        /// The other table, `layer.table`.
        with: String,
        /// Columns that both have; the number of rows alone without them.
        #[serde(default)]
        columns: Vec<String>,
    },
    /// A column is distributed as in another table, by the population stability index over tenths of that one (numbers and
    /// moments) or over its values (everything else).
    Drift {
        /// The column, of both tables.
        column: String,
        /// The table to compare with, `layer.table`.
        baseline: String,
        /// The greatest index; usual are 0.1 (slight) and 0.25 (marked).
        #[serde(default = "slight_drift")]
        max: f64,
    },
    /// The number of rows has not changed by more than this since the last run in which it was checked.
    RowChange {
        /// The greatest fall, as a share of the rows there were.
        #[serde(default)]
        max_drop: Option<f64>,
        /// The greatest rise.
        #[serde(default)]
        max_rise: Option<f64>,
    },
    /// A number made of the whole table is as usual among those of earlier runs: within so many robust standard deviations
    /// (1.4826 × the median absolute deviation) of their median, once there are at least seven.
    Anomaly {
        /// What is measured.
        statistic: Statistic,
        /// The column; none for `rows`.
        #[serde(default)]
        column: Option<String>,
        /// How many deviations are too many.
        #[serde(default = "usual_sensitivity")]
        sensitivity: f64,
        /// Runs a season has, for instance 7 for daily runs in weeks: then only runs of the same place in it are compared.
        #[serde(default)]
        season: Option<u32>,
    },
}

fn slight_drift() -> f64 {
    0.1
}

fn usual_sensitivity() -> f64 {
    3.5
}

/// A well-known form of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// An e-mail address.
    Email,
    /// A telephone number of 7 to 15 digits, with the usual marks between them.
    Phone,
    /// A web address.
    Url,
    /// An IPv4 address.
    Ipv4,
    /// A UUID.
    Uuid,
    /// An international bank account number, check digits included.
    Iban,
    /// A card number, check digit included.
    Card,
    /// A date, `2026-01-31`, that exists.
    Date,
    /// An ISO 3166 country code of two letters, by form.
    CountryCode,
    /// An ISO 4217 currency code, by form.
    CurrencyCode,
}

impl TextFormat {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Ipv4,
        Self::Uuid,
        Self::Iban,
        Self::Card,
        Self::Date,
        Self::CountryCode,
        Self::CurrencyCode,
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Ipv4 => "ipv4",
            Self::Uuid => "uuid",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Date => "date",
            Self::CountryCode => "country_code",
            Self::CurrencyCode => "currency_code",
        }
    }
}

/// A number made of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The number of rows.
    Rows,
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Mean,
    /// The standard deviation of the sample.
    Sd,
    /// The median.
    Median,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// How many values differ.
    Distinct,
    /// How many are null.
    Nulls,
}

impl Statistic {
    /// The statistic's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Sd => "sd",
            Self::Median => "median",
            Self::Min => "min",
            Self::Max => "max",
            Self::Distinct => "distinct",
            Self::Nulls => "nulls",
        }
    }
}

/// A bound of a range: a number, or a date or text in quotes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A date, timestamp or text.
    Text(String),
}

/// What happens to rows that break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckAction {
    /// They stay and are counted.
    #[default]
    Warn,
    /// They are held back with the reason. Not possible for `row_count`.
    Quarantine,
    /// They are held back until the row they refer to has come, and then join by themselves. Only for `foreign_key`.
    Wait,
    /// The run fails and nothing of the table is published.
    Fail,
}

impl CheckAction {
    /// The action's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Quarantine => "quarantine",
            Self::Wait => "wait",
            Self::Fail => "fail",
        }
    }

    /// True when rows that break the rule are put aside.
    pub fn holds_rows(self) -> bool {
        matches!(self, Self::Quarantine | Self::Wait)
    }
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the six dimensions of data quality, by name")]
pub enum Dimension {
    Completeness,
    Validity,
    Uniqueness,
    Consistency,
    Timeliness,
    Volume,
}

/// What came of one check in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The table.
    pub table: TableName,
    /// The check as a short sentence, for instance `not_null(email)`.
    pub check: String,
    /// What it is about.
    pub dimension: Dimension,
    /// What was to happen.
    pub action: CheckAction,
    /// How bad it is.
    pub severity: Severity,
    /// Who is asked about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Rows looked at.
    pub rows: u64,
    /// Rows that break the rule; for rules about the table as a whole, 1 when broken.
    pub broken: u64,
    /// Rows that may break it: more are too many.
    pub tolerated: u64,
    /// What was measured, for rules about the table as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The fault in words, for rules about the table as a whole that are broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A few rows that break it: column names and values.
    pub examples: Vec<Vec<(String, Cell)>>,
}

impl CheckResult {
    /// True when more rows break the rule than may.
    pub fn is_broken(&self) -> bool {
        self.broken > self.tolerated
    }

    /// What was found, in words: `3 of 10 rows break it`, `the number of rows is 3, not 5 or more`.
    pub fn finding(&self) -> String {
        let count = |n: u64| format_value(n as f64, NumberFormat::Integer, "");
        let (broken, of) = (count(self.broken), count(self.rows));
        match &self.reason {
            Some(reason) => reason.clone(),
            None if self.tolerated > 0 => format!("{broken} of {of} rows break it, {} may", count(self.tolerated)),
            None if self.broken == 1 => format!("1 of {of} rows breaks it"),
            None => format!("{broken} of {of} rows break it"),
        }
    }

    /// The share of rows that keep the rule, 0 to 1; for rules about the table as a whole, 0 or 1.
    pub fn score(&self) -> f64 {
        if self.value.is_some() || self.reason.is_some() || self.rows == 0 {
            return if self.broken == 0 { 1.0 } else { 0.0 };
        }
        1.0 - self.broken.min(self.rows) as f64 / self.rows as f64
    }
}

impl Rule {
    /// What the rule is about.
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::NotNull { .. } | Self::NullShare { .. } => Dimension::Completeness,
            Self::Unique { .. } => Dimension::Uniqueness,
            Self::RowCount { .. } | Self::RowChange { .. } | Self::Anomaly { statistic: Statistic::Rows, .. } => Dimension::Volume,
            Self::AcceptedValues { .. }
            | Self::Range { .. }
            | Self::Regex { .. }
            | Self::Length { .. }
            | Self::Format { .. }
            | Self::Type { .. }
            | Self::Statistic { .. }
            | Self::Anomaly { .. }
            | Self::Schema { .. } => Dimension::Validity,
            Self::ForeignKey { .. }
            | Self::Expression { .. }
            | Self::FunctionalDependency { .. }
            | Self::Reconcile { .. }
            | Self::Drift { .. } => Dimension::Consistency,
            Self::Freshness { .. } => Dimension::Timeliness,
        }
    }

    /// The rule as a short label, for instance `not_null(email)`.
    pub fn label(&self) -> String {
        match self {
            Self::NotNull { column } => format!("not_null({column})"),
            Self::Unique { columns } => format!("unique({})", columns.join(", ")),
            Self::AcceptedValues { column, .. } => format!("accepted_values({column})"),
            Self::Range { column, .. } => format!("range({column})"),
            Self::Regex { column, .. } => format!("regex({column})"),
            Self::RowCount { .. } => "row_count".to_owned(),
            Self::ForeignKey { column, references } => format!("foreign_key({column} → {references})"),
            Self::Length { column, .. } => format!("length({column})"),
            Self::Format { column, format } => format!("format({column}, {})", format.name()),
            Self::Type { column, to } => format!("type({column}, {})", String::from(*to)),
            Self::Expression { expression } => format!("expression({expression})"),
            Self::FunctionalDependency { columns, determines } => {
                format!("functional_dependency({} → {determines})", columns.join(", "))
            }
            Self::NullShare { column, .. } => format!("null_share({column})"),
            Self::Statistic { statistic, column, .. } => format!("{}({column})", statistic.name()),
            Self::Freshness { column, .. } => format!("freshness({column})"),
            Self::Schema { .. } => "schema".to_owned(),
            Self::Reconcile { with, .. } => format!("reconcile({with})"),
            Self::Drift { column, baseline, .. } => format!("drift({column} from {baseline})"),
            Self::RowChange { .. } => "row_change".to_owned(),
            Self::Anomaly { statistic, column, .. } => {
                format!(
                    "anomaly({})",
                    column.as_ref().map_or_else(|| statistic.name().to_owned(), |c| format!("{} of {c}", statistic.name()))
                )
            }
        }
    }

    /// True for rules that say something about each row by itself, whatever the others are.
    pub fn is_by_row(&self) -> bool {
        matches!(
            self,
            Self::NotNull { .. }
                | Self::AcceptedValues { .. }
                | Self::Range { .. }
                | Self::Regex { .. }
                | Self::Length { .. }
                | Self::Format { .. }
                | Self::Type { .. }
                | Self::Expression { .. }
        )
    }

    /// True for rules about the table as a whole, which is about no row in particular: they can hold none.
    pub fn is_by_table(&self) -> bool {
        matches!(
            self,
            Self::RowCount { .. }
                | Self::NullShare { .. }
                | Self::Statistic { .. }
                | Self::Freshness { .. }
                | Self::Schema { .. }
                | Self::Reconcile { .. }
                | Self::Drift { .. }
                | Self::RowChange { .. }
                | Self::Anomaly { .. }
        )
    }

    /// The other table that the rule reads, as it was written.
    pub fn other_table(&self) -> Option<&str> {
        match self {
            Self::ForeignKey { references, .. } => references.rsplit_once('.').map(|(table, _)| table),
            Self::Reconcile { with, .. } => Some(with),
            Self::Drift { baseline, .. } => Some(baseline),
            _ => None,
        }
    }

    /// True for rules that compare with earlier runs.
    pub fn needs_history(&self) -> bool {
        matches!(self, Self::RowChange { .. } | Self::Anomaly { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_row_may_wait() {
        let rule = || Rule::ForeignKey { column: "a".into(), references: "raw.b.c".into() };
        for (text, expected) in [
            (None, Some(None)),
            (Some("30d"), Some(Some(2_592_000))),
            (Some("90 minutes"), Some(Some(5_400))),
            (Some("2 weeks"), Some(Some(1_209_600))),
            (Some("0d"), None),
            (Some("-3d"), None),
            (Some("1 month"), None),
            (Some("soon"), None),
        ] {
            let check = CheckSpec { wait_for: text.map(str::to_owned), ..CheckSpec::new(rule(), CheckAction::Wait) };
            assert_eq!(check.patience_s().ok(), expected, "{text:?}");
        }
    }
}
