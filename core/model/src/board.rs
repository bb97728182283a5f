//! A board: KPIs and charts on a page; and a chart as data, before anybody draws it.

use serde::{Deserialize, Serialize};

use crate::{KpiValues, NumberFormat};

/// A board as `boards/NAME.toml` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardSpec {
    /// The name. Set from the file's name.
    #[serde(skip)]
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What stands on it, in reading order.
    #[serde(default)]
    pub cards: Vec<CardSpec>,
}

/// One card of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// The KPI it shows.
    pub kpi: String,
    /// How it is drawn.
    #[serde(default)]
    pub chart: CardChart,
    /// The dimension it is broken down by, for bars.
    #[serde(default)]
    pub by: Option<String>,
}

/// How a card is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardChart {
    /// A number with its change and target.
    #[default]
    Number,
    /// The series over time.
    Line,
    /// Bars by the values of a dimension, or over time without one.
    Bar,
}

/// A board with its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoardValues {
    /// The board.
    pub spec: BoardSpec,
    /// The values of each KPI on it, once.
    pub kpis: Vec<KpiValues>,
    /// The lake snapshot they were read from.
    pub snapshot: u64,
}

/// A chart as data: what is drawn, not how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The heading.
    pub title: String,
    /// What is drawn.
    pub kind: ChartKind,
    /// The texts of the horizontal axis, one a point.
    pub labels: Vec<String>,
    /// What is drawn above them.
    pub series: Vec<ChartSeries>,
    /// How values are written.
    pub format: NumberFormat,
    /// The unit written beside values.
    pub unit: String,
    /// A line at the target.
    pub target: Option<f64>,
}

/// Kinds of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ChartKind {
    Line,
    Bar,
}

/// One series of a chart; as many values as the chart has labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChartSeries {
    /// What it is called.
    pub name: String,
    /// Its values; an absent one leaves a gap.
    pub values: Vec<Option<f64>>,
}
