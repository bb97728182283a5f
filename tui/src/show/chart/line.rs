//! Series as lines over an axis of labels.

use trommel_model::Chart;

use super::dots::Dots;
use super::scale::Scale;
use crate::paint::{Glyphs, Line, Tone, width_of};

pub(super) fn line(chart: &Chart, columns: usize, rows: usize, glyphs: Glyphs) -> Vec<Line> {
    let axis_rows = if rows >= 5 { 2 } else { usize::from(rows >= 3) };
    let plot_rows = rows - axis_rows;
    let values = chart.series.iter().flat_map(|s| s.values.iter().flatten().copied());
    let scale = Scale::over(values.chain(chart.target), false, (plot_rows / 3).max(1), chart.format);
    let margin = scale.width();
    let plot = columns.saturating_sub(margin + 2).max(1);
    let mut dots = Dots::new(plot, plot_rows, glyphs);
    for (i, series) in chart.series.iter().enumerate() {
        draw(&mut dots, &series.values, &scale, Tone::Series(i));
    }
    let row_of = |value: f64| ((1.0 - scale.share(value)) * (plot_rows - 1) as f64).round() as usize;
    let target = chart.target.map(row_of);
    let mut lines = Vec::new();
    for row in 0..plot_rows {
        let tick = scale.ticks.iter().rev().find(|(value, _)| row_of(*value) == row);
        let (text, wall) = match tick {
            Some((_, text)) => (text.as_str(), glyphs.pick("┤", "+")),
            None => ("", glyphs.wall()),
        };
        let behind = (target == Some(row)).then_some((glyphs.pick("┄", "-"), Tone::Warn));
        let line = Line::new().muted(format!("{}{text} ", " ".repeat(margin - width_of(text)))).with(Tone::Rule, wall);
        lines.push(line.append(dots.row(row, behind)));
    }
    lines.extend(axis(&chart.labels, margin, plot, glyphs).into_iter().rev().take(axis_rows).rev());
    lines
}

/// The axis and the labels below it: the first, the last, and one in the middle where there is room.
pub(super) fn axis(labels: &[String], margin: usize, plot: usize, glyphs: Glyphs) -> [Line; 2] {
    let rule = format!("{}{}{}", " ".repeat(margin + 1), glyphs.pick("└", "+"), glyphs.rule().repeat(plot));
    let first = labels.first().map_or("", String::as_str);
    let last = if labels.len() > 1 { labels[labels.len() - 1].as_str() } else { "" };
    let middle = if labels.len() > 2 { labels[labels.len() / 2].as_str() } else { "" };
    let spare = plot.saturating_sub(width_of(first) + width_of(last));
    let mut text = format!("{}{first}", " ".repeat(margin + 2));
    if spare < 2 {
        // No room for both ends.
    } else if !middle.is_empty() && spare >= width_of(middle) + 4 {
        let left = (plot / 2).saturating_sub(width_of(first) + width_of(middle) / 2).clamp(2, spare - width_of(middle) - 2);
        let right = spare - left - width_of(middle);
        text.push_str(&format!("{}{middle}{}{last}", " ".repeat(left), " ".repeat(right)));
    } else {
        text.push_str(&format!("{}{last}", " ".repeat(spare)));
    }
    [Line::new().with(Tone::Rule, rule), Line::new().muted(text).cut(margin + 2 + plot, glyphs)]
}

fn draw(dots: &mut Dots, values: &[Option<f64>], scale: &Scale, tone: Tone) {
    let (across, down) = dots.size();
    let last = values.len().saturating_sub(1).max(1);
    let place = |(i, value): (usize, f64)| {
        let x = if values.len() == 1 { across / 2 } else { i * (across - 1) / last };
        (x, ((1.0 - scale.share(value)) * (down - 1) as f64).round() as usize)
    };
    let mut before = None;
    for (i, value) in values.iter().enumerate() {
        // A gap in the data stays a gap in the line.
        let Some(value) = value.filter(|v| v.is_finite()) else {
            before = None;
            continue;
        };
        let here = place((i, value));
        dots.stroke(before.unwrap_or(here), here, tone);
        before = Some(here);
    }
}
