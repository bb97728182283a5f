//! A KPI: a formula with a grain, dimensions and a target; and the values it took.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{Cell, format_change};

/// A KPI as `kpis/NAME.toml` says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiSpec {
    /// The name. Set from the file's name.
    #[serde(skip)]
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it says and how to read it.
    #[serde(default)]
    pub description: String,
    /// The table, `layer.table`.
    pub from: String,
    /// A SQL aggregate over the table, for instance `sum(amount)`.
    pub formula: String,
    /// Only rows for which this SQL condition holds.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// The column on the time axis.
    #[serde(default)]
    pub time: Option<String>,
    /// The step of the time axis.
    #[serde(default)]
    pub grain: Grain,
    /// Columns it can be broken down by.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// How values are written.
    #[serde(default)]
    pub format: NumberFormat,
    /// The currency or other unit written beside values.
    #[serde(default)]
    pub unit: String,
    /// Whether more is better.
    #[serde(default)]
    pub better: Better,
    /// What is aimed at.
    #[serde(default)]
    pub target: Option<f64>,
    /// Beyond this (in the bad direction) it is a warning.
    #[serde(default)]
    pub warn: Option<f64>,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
}

/// Steps of a time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Grain {
    Hour,
    #[default]
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    /// With as many digits as are useful.
    #[default]
    Number,
    /// Without decimals.
    Integer,
    /// Two decimals and the unit.
    Currency,
    /// A share from 0 to 1, shown per hundred.
    Percent,
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Better {
    #[default]
    Higher,
    Lower,
}

/// The values of one KPI: the whole, the newest period against the one before, and the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiValues {
    /// The KPI.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Over all rows.
    pub total: Option<f64>,
    /// The newest period in the data.
    pub current: Option<KpiPoint>,
    /// The period before it on the calendar; its value is absent when it has no rows and the formula gives nothing for none.
    pub previous: Option<KpiPoint>,
    /// How the KPI stands against target and threshold.
    pub standing: Standing,
    /// The step of the series; absent without a time axis.
    #[serde(default)]
    pub grain: Option<Grain>,
    /// All periods from the oldest to the newest, those without rows included; empty without a time axis.
    pub series: Vec<KpiPoint>,
    /// By the values of each dimension, largest first.
    pub by_dimension: Vec<KpiBreakdown>,
    /// How values are written.
    pub format: NumberFormat,
    /// The unit.
    pub unit: String,
    /// Which direction is good.
    pub better: Better,
    /// What is aimed at.
    pub target: Option<f64>,
}

/// One period of a KPI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiPoint {
    /// The start of the period, ISO 8601.
    pub period: String,
    /// The value; absent when the formula gives null.
    pub value: Option<f64>,
}

/// A KPI by the values of one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiBreakdown {
    /// The column.
    pub dimension: String,
    /// Its values with the KPI for each.
    pub values: Vec<(Cell, Option<f64>)>,
    /// How many more values the column has that are not listed.
    #[serde(default)]
    pub rest: u64,
}

/// How a KPI stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No target is set.
    NoTarget,
    /// At the target or better.
    Met,
    /// Short of the target.
    Missed,
    /// Beyond the warning threshold.
    Warning,
}

impl KpiValues {
    /// How the newest period differs from the one before, in words: `+2.3 %`, or `−1.2 points` for shares.
    pub fn change(&self) -> Option<String> {
        let (current, previous) = self.current_and_previous()?;
        format_change(current, previous, self.format)
    }

    /// Whether the newest period is better than the one before; absent when they are equal or one has no value.
    pub fn improved(&self) -> Option<bool> {
        let (current, previous) = self.current_and_previous()?;
        match current.partial_cmp(&previous)? {
            Ordering::Equal => None,
            Ordering::Greater => Some(self.better == Better::Higher),
            Ordering::Less => Some(self.better == Better::Lower),
        }
    }

    fn current_and_previous(&self) -> Option<(f64, f64)> {
        Some((self.current.as_ref()?.value?, self.previous.as_ref()?.value?))
    }
}

impl Grain {
    /// The name `date_trunc` knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}
