//! A board: its KPIs as a table, then its charts.

use trommel_model::{BoardValues, CardChart, Chart, KpiValues, format_value, spark};

use super::{Head, TextTable, chart};
use crate::paint::{Line, Room};

/// Columns of the small chart in the table.
const SPARK: usize = 16;
const CHART_ROWS: usize = 10;
const CHART_COLUMNS: usize = 100;

/// The KPIs, then a chart for each card that asks for one.
pub(crate) fn board(values: &BoardValues, room: Room) -> Vec<Line> {
    let mut lines = vec![Line::new().strong(&values.spec.title).muted(format!("  snapshot {}", values.snapshot)), Line::new()];
    lines.extend(kpis(&values.kpis, room));
    let columns = room.width.unwrap_or(CHART_COLUMNS).min(CHART_COLUMNS);
    for card in values.spec.cards.iter().filter(|c| c.chart != CardChart::Number) {
        let Some(kpi) = values.kpis.iter().find(|k| k.name == card.kpi) else { continue };
        lines.push(Line::new());
        lines.extend(chart::chart(&Chart::of(kpi, card), columns, CHART_ROWS, room.glyphs));
    }
    lines
}

/// One row a KPI.
pub(crate) fn kpis(kpis: &[KpiValues], room: Room) -> Vec<Line> {
    let heads = vec![
        Head::left("KPI").at_least(28),
        Head::right("newest"),
        Head::left("period").rank(2),
        Head::left("change").whole(),
        Head::right("target"),
        Head::left("stands"),
        Head::left("trend").rank(1).whole(),
        Head::right("over all").rank(3),
    ];
    let mut table = TextTable::new(heads);
    for kpi in kpis {
        let change = super::kpi::change(kpi, room).map_or_else(Line::new, |(text, tone)| Line::new().with(tone, text));
        let amount = |v: f64| Line::new().plain(format_value(v, kpi.format, &kpi.unit));
        let (sign, word, tone) = room.glyphs.standing(kpi.standing);
        let stands = if kpi.target.is_some() { Line::new().with(tone, format!("{sign} {word}")) } else { Line::new() };
        let series: Vec<Option<f64>> = kpi.series.iter().map(|p| p.value).collect();
        table.row(vec![
            Line::new().plain(&kpi.title),
            Line::new().strong(super::kpi::newest(kpi)),
            kpi.current.as_ref().map_or_else(Line::new, |p| Line::new().muted(&p.period)),
            change,
            kpi.target.map_or_else(Line::new, amount),
            stands,
            Line::new().accent(spark(&series, SPARK, room.glyphs.spark())),
            kpi.total.filter(|_| kpi.current.is_some()).map_or_else(Line::new, amount),
        ]);
    }
    table.without_empty_columns().lines(room).lines
}
