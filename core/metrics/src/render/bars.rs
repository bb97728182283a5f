//! Upright bars: over time, or for a few categories with short names.

use trommel_model::{Chart, format_short};

use super::axis;
use super::font::width;
use super::frame::{Frame, Zero};
use super::scene::{Anchor, Ink, Weight};

/// Draws a bar from zero for every value, bars of several series side by side, and writes the values where they fit.
pub(super) fn draw(chart: &Chart, frame: &mut Frame<'_>) {
    let u = frame.u;
    frame.bottom -= axis::HEIGHT * u;
    let count = chart.labels.len().max(1);
    // Room for the value above the highest bar.
    frame.top += 6.0 * u;
    let values = frame.value_axis(chart, Zero::Always);
    let (left, right) = (frame.left + 4.0 * u, frame.right - 4.0 * u);
    let slot = (right - left) / count as f64;
    let gap = if slot < 4.0 { 0.0 } else { (slot * 0.28).min(28.0 * u) };
    let wide = ((slot - gap) / chart.series.len().max(1) as f64).min(90.0 * u);
    let between = if chart.series.len() > 1 && wide > 6.0 * u { 2.0 * u } else { 0.0 };
    let middle = move |i: usize| left + slot * (i as f64 + 0.5);
    let em = frame.label_em();
    for (s, series) in chart.series.iter().enumerate() {
        let ink = Ink::solid(frame.palette.series(s).rgb);
        if slot < 1.0 {
            // More bars than pixels: one line for each column of pixels, from its lowest value to its highest.
            for (x, low, high) in columns(&series.values, (right - left).floor().max(1.0) as usize) {
                let x = left + x as f64;
                frame.rectangle((x, values.y(high.max(0.0))), (x + 1.0, values.y(low.min(0.0))), ink);
            }
            continue;
        }
        let write = |v: f64| format_short(v, chart.format, "");
        let fits = |v: &f64| width(&write(*v), em, Weight::SemiBold) <= slot - 4.0 * u;
        let written = count <= 31 && chart.series.len() == 1 && series.values.iter().flatten().all(fits);
        for (i, value) in series.values.iter().enumerate() {
            let Some(value) = value.filter(|v| v.is_finite()) else { continue };
            let from = middle(i) + wide * (s as f64 - chart.series.len() as f64 / 2.0);
            let (y, base) = (values.y(value), values.base());
            // A bar of a tiny value is still a mark.
            let y = if value != 0.0 && (y - base).abs() < 1.0 { base - value.signum() } else { y };
            frame.rectangle((from, y.min(base)), (from + (wide - between).max(1.0), y.max(base)), ink);
            let at = if value < 0.0 { y + em } else { y - 5.0 * u };
            if written && at < frame.bottom - 2.0 * u {
                frame.value_label(write(value), (middle(i), at), Anchor::Middle);
            }
        }
    }
    if let Some(target) = chart.target.filter(|t| t.is_finite()) {
        frame.target((frame.left, values.y(target)), (frame.right, values.y(target)));
    }
    axis::horizontal(chart, frame, middle);
}

/// For each column of pixels that has values, the lowest and the highest of them.
fn columns(values: &[Option<f64>], count: usize) -> Vec<(usize, f64, f64)> {
    let extremes = |column: usize| {
        let known = values[column * values.len() / count..(column + 1) * values.len() / count].iter().flatten().filter(|v| v.is_finite());
        known.fold(None, |ends: Option<(f64, f64)>, v| Some(ends.map_or((*v, *v), |(low, high)| (low.min(*v), high.max(*v)))))
    };
    (0..count).filter_map(|column| extremes(column).map(|(low, high)| (column, low, high))).collect()
}
