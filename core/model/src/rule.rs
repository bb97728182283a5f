//! What a check demands of a table.

use serde::{Deserialize, Serialize};

use crate::ContractType;

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
