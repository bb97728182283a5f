//! Bars from bottom to top, one a period: for values over time.

use trommel_model::Chart;

use super::line::axis;
use super::scale::Scale;
use crate::paint::{Glyphs, Line, Tone, width_of};

/// The columns, and what is to be said about those left out.
pub(super) fn columns(chart: &Chart, columns: usize, rows: usize, glyphs: Glyphs) -> (String, Vec<Line>) {
    let axis_rows = if rows >= 5 { 2 } else { usize::from(rows >= 3) };
    let plot_rows = rows - axis_rows;
    let known: &[Option<f64>] = chart.series.first().map_or(&[], |s| &s.values);
    let scale = Scale::over(known.iter().flatten().copied(), true, (plot_rows / 3).max(1), chart.format);
    let margin = scale.width();
    let plot = columns.saturating_sub(margin + 2).max(1);
    let first = known.len().saturating_sub(plot);
    let values = &known[first..];
    let cut = if first > 0 { format!(", newest {} of {}", values.len(), known.len()) } else { String::new() };
    let pitch = (plot / values.len().max(1)).clamp(1, 8);
    let stroke = if pitch > 2 { pitch - 1 } else { 1 };
    let mut lines = Vec::new();
    for row in 0..plot_rows {
        let tick = scale.ticks.iter().rev().find(|(v, _)| row_of(&scale, *v, plot_rows) == row);
        let (text, wall) = tick.map_or(("", glyphs.wall()), |(_, t)| (t.as_str(), glyphs.pick("┤", "+")));
        let bars: String = values
            .iter()
            .map(|v| {
                let sign = v.filter(|v| v.is_finite()).map_or(" ", |v| block(scale.share(v), row, plot_rows, glyphs));
                sign.repeat(stroke) + &" ".repeat(pitch - stroke)
            })
            .collect();
        lines.push(
            Line::new().muted(format!("{}{text} ", " ".repeat(margin - width_of(text)))).with(Tone::Rule, wall).with(Tone::Series(0), bars),
        );
    }
    let labels = chart.labels.get(first..).unwrap_or_default();
    let across = (pitch * values.len()).min(plot);
    lines.extend(axis(labels, margin, across.max(24).min(plot), glyphs).into_iter().rev().take(axis_rows).rev());
    (cut, lines)
}

/// The row a value's tick stands on.
fn row_of(scale: &Scale, value: f64, rows: usize) -> usize {
    ((1.0 - scale.share(value)) * (rows - 1) as f64).round() as usize
}

/// What a bar of this share shows on a row: nothing, an eighth or more of a block, or a whole one.
fn block(share: f64, row: usize, rows: usize, glyphs: Glyphs) -> &'static str {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let filled = share * (rows * 8) as f64;
    let below = ((rows - 1 - row) * 8) as f64;
    let eighths = (filled - below).round().clamp(0.0, 8.0) as usize;
    match glyphs {
        Glyphs::Unicode => EIGHTHS[eighths],
        Glyphs::Ascii => {
            if eighths >= 4 {
                "#"
            } else {
                " "
            }
        }
    }
}
