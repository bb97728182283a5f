//! One KPI: total, newest period against the one before, its series as a chart, its breakdowns.

use trommel_model::{CardChart, CardSpec, Chart, KpiValues, format_value};

use super::chart;
use crate::paint::{Line, Room, Tone};

/// Height of a chart among other lines.
const CHART_ROWS: usize = 12;
/// Width of a chart where nothing limits it.
const CHART_COLUMNS: usize = 100;

pub(crate) fn kpi(values: &KpiValues, room: Room) -> Vec<Line> {
    let columns = room.width.unwrap_or(CHART_COLUMNS).min(CHART_COLUMNS);
    let mut lines = vec![Line::new().strong(&values.title).muted(format!("  {}", values.name)), Line::new().append(headline(values, room))];
    if let Some(total) = values.total.filter(|_| values.current.is_some()) {
        lines.push(Line::new().muted("over all rows ").plain(format_value(total, values.format, &values.unit)));
    }
    if !values.series.is_empty() {
        let card = CardSpec { kpi: values.name.clone(), chart: CardChart::Line, by: None };
        lines.push(Line::new());
        lines.extend(chart::chart(&Chart::of(values, &card), columns, CHART_ROWS, room.glyphs));
    }
    for breakdown in &values.by_dimension {
        let card = CardSpec { kpi: values.name.clone(), chart: CardChart::Bar, by: Some(breakdown.dimension.clone()) };
        lines.push(Line::new());
        lines.extend(chart::chart(&Chart::of(values, &card), columns, breakdown.values.len() + 1, room.glyphs));
    }
    lines
}

/// `1,234 €  ▲ +2.3 % in 2024-05-31  ✓ met, target 1,000 €`.
pub(crate) fn headline(values: &KpiValues, room: Room) -> Line {
    let mut line = Line::new().strong(newest(values));
    if let Some((text, tone)) = change(values, room) {
        line = line.gap(2).with(tone, text);
    }
    if let Some(point) = &values.current {
        line = line.muted(format!(" in {}", point.period));
    }
    if let Some((text, tone)) = target(values, room) {
        line = line.gap(2).with(tone, text);
    }
    line
}

/// The value of the newest period, or of all rows where there is no time axis.
pub(crate) fn newest(values: &KpiValues) -> String {
    let value = values.current.as_ref().map_or(values.total, |p| p.value);
    value.map_or_else(|| "no value".to_owned(), |v| format_value(v, values.format, &values.unit))
}

/// `▲ +2.3 %`, good or bad.
pub(crate) fn change(values: &KpiValues, room: Room) -> Option<(String, Tone)> {
    let text = values.change()?;
    let sign = if text.starts_with('+') {
        room.glyphs.up()
    } else if text.starts_with('±') {
        room.glyphs.pick("=", "=")
    } else {
        room.glyphs.down()
    };
    let tone = match values.improved() {
        Some(true) => Tone::Good,
        Some(false) => Tone::Bad,
        None => Tone::Muted,
    };
    Some((format!("{sign} {text}"), tone))
}

/// `✓ met, target 40 %`; nothing without a target.
pub(crate) fn target(values: &KpiValues, room: Room) -> Option<(String, Tone)> {
    let target = values.target?;
    let (sign, word, tone) = room.glyphs.standing(values.standing);
    Some((format!("{sign} {word}, target {}", format_value(target, values.format, &values.unit)), tone))
}
