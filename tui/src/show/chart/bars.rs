//! Bars from left to right, one a label: for the values of a dimension.

use trommel_model::{Chart, format_value};

use crate::paint::{Glyphs, Line, Tone, cut_text, width_of};

/// The bars, and what is to be said about those left out.
pub(super) fn bars(chart: &Chart, columns: usize, rows: usize, glyphs: Glyphs) -> (String, Vec<Line>) {
    let values: &[Option<f64>] = chart.series.first().map_or(&[], |s| &s.values);
    let shown = chart.labels.len().min(rows);
    let cut = if shown < chart.labels.len() { format!(", first {shown} of {}", chart.labels.len()) } else { String::new() };
    let texts: Vec<String> = (0..shown).map(|i| value_text(chart, values.get(i).copied().flatten())).collect();
    let value_width = texts.iter().map(|t| width_of(t)).max().unwrap_or(0).min(columns / 2);
    let names = chart.labels[..shown].iter().map(|l| width_of(l)).max().unwrap_or(0).min((columns / 3).max(4));
    let room = columns.saturating_sub(names + value_width + 3);
    let largest = values[..shown.min(values.len())].iter().flatten().filter(|v| v.is_finite()).fold(0.0_f64, |m, v| m.max(v.abs()));
    let lines = (0..shown).map(|i| {
        let value = values.get(i).copied().flatten().filter(|v| v.is_finite());
        let share = value.map_or(0.0, |v| if largest > 0.0 { v.abs() / largest } else { 0.0 });
        let bar = bar(share, room, value.is_some_and(|v| v < 0.0), glyphs);
        let filler = " ".repeat(room.saturating_sub(width_of(&bar)));
        let name = cut_text(&chart.labels[i], names, glyphs);
        Line::new()
            .plain(&name)
            .gap(names - width_of(&name) + 1)
            .with(Tone::Series(0), bar)
            .plain(filler)
            .gap(1 + value_width.saturating_sub(width_of(&texts[i])))
            .plain(&texts[i])
            .cut(columns, glyphs)
    });
    (cut, lines.collect())
}

/// A bar of a share of the room, to an eighth of a character; negative ones are drawn thinner.
fn bar(share: f64, room: usize, negative: bool, glyphs: Glyphs) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * room as f64 * 8.0).round() as usize;
    match (glyphs, negative) {
        (Glyphs::Ascii, true) => "-".repeat(eighths.div_ceil(8)),
        (Glyphs::Ascii, false) => "#".repeat(eighths.div_ceil(8)),
        (Glyphs::Unicode, true) => "░".repeat(eighths.div_ceil(8)),
        (Glyphs::Unicode, false) => "█".repeat(eighths / 8) + EIGHTHS[eighths % 8],
    }
}

fn value_text(chart: &Chart, value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map_or_else(|| "-".to_owned(), |v| format_value(v, chart.format, &chart.unit))
}
