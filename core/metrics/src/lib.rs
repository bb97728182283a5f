//! KPIs: formula, grain, comparison of periods; charts as data and as pictures.
//!
//! - [`values`] and [`board`] ask the engine for the values of KPIs. A KPI is computed once, however often it is shown.
//! - [`chart`] makes a chart of them, [`svg`] and [`png`] draw it, [`text`] says it in words.
//!
//! How numbers are written, what a small line of characters looks like and how a chart is put in words is in
//! `trommel-model`, because faces do that too; it is passed on here. Nothing in this crate asks for the time, and nothing
//! outside of `render` names plotters.

mod kpi;
mod render;

pub use kpi::{board, values};
pub use render::{png, svg};
pub use trommel_model::{SparkGlyphs, Theme, format_change, format_short, format_value, spark};

use trommel_model::{CardSpec, Chart, KpiValues};

/// The chart a card shows of a KPI's values.
pub fn chart(values: &KpiValues, card: &CardSpec) -> Chart {
    Chart::of(values, card)
}

/// A chart in one paragraph, for those who cannot see it.
pub fn text(chart: &Chart) -> String {
    chart.summary()
}
