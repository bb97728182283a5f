//! A chart as data, drawn; with a text for those who cannot see it.

use egui::{RichText, Ui};
use egui_plot::{Bar, BarChart, HLine, Legend, Line, Plot, PlotPoints};
use trommel_model::{Chart, ChartKind, format_short, format_value, sanitise};

use crate::look::{self, colour};

/// Points beyond which a line is drawn by the smallest and largest value of each bucket.
const POINTS_DRAWN: usize = 2_000;

/// Draws a chart of a given height.
pub(crate) fn show(ui: &mut Ui, id: &str, chart: &Chart, height: f32) {
    let palette = look::palette(ui);
    let summary = chart.summary();
    ui.label(RichText::new(sanitise(&chart.title).into_owned()).strong());
    let labels: Vec<String> = chart.labels.iter().map(|l| sanitise(l).into_owned()).collect();
    let (format, unit) = (chart.format, chart.unit.clone());
    let axis_labels = labels.clone();
    let mut plot = Plot::new(id.to_owned())
        .height(height)
        .show_background(false)
        .show_grid([false, true])
        .grid_color(colour(palette.muted))
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .x_axis_formatter(move |mark, _| label_at(&axis_labels, mark.value))
        .y_axis_formatter(move |mark, _| format_short(mark.value, format, ""))
        .include_y(0.0);
    if chart.series.len() > 1 {
        plot = plot.legend(Legend::default());
    }
    let response = plot.show(ui, |plot| {
        for (i, series) in chart.series.iter().enumerate() {
            let tint = colour(palette.series(i));
            match chart.kind {
                ChartKind::Line => {
                    for stretch in stretches(&series.values) {
                        plot.line(Line::new(series.name.clone(), PlotPoints::from(decimate(stretch))).color(tint).width(2.0));
                    }
                }
                ChartKind::Bar => {
                    let bars = series.values.iter().enumerate().filter_map(|(x, v)| {
                        let value = (*v)?;
                        let name = labels.get(x).cloned().unwrap_or_default();
                        Some(Bar::new(x as f64, value).width(0.7).name(format!("{name}: {}", format_value(value, format, &unit))))
                    });
                    plot.bar_chart(BarChart::new(series.name.clone(), bars.collect()).color(tint));
                }
            }
        }
        if let Some(target) = chart.target {
            plot.hline(HLine::new("target", target).color(colour(palette.muted)).width(1.0));
        }
    });
    let accessible = summary.clone();
    response.response.widget_info(move || egui::WidgetInfo::labeled(egui::Role::Image, true, accessible.clone()));
    ui.label(look::muted(ui, summary).small());
}

fn label_at(labels: &[String], x: f64) -> String {
    let nearest = x.round();
    if (x - nearest).abs() > 0.01 || nearest < 0.0 {
        return String::new();
    }
    labels.get(nearest as usize).map(|l| l.chars().take(12).collect()).unwrap_or_default()
}

/// The runs of points between gaps.
fn stretches(values: &[Option<f64>]) -> Vec<Vec<[f64; 2]>> {
    let mut all = vec![Vec::new()];
    for (x, value) in values.iter().enumerate() {
        match (value, all.last_mut()) {
            (Some(y), Some(open)) => open.push([x as f64, *y]),
            (None, Some(open)) if !open.is_empty() => all.push(Vec::new()),
            _ => {}
        }
    }
    all.retain(|s| !s.is_empty());
    all
}

/// Keeps the smallest and largest value of each bucket, so that no peak is lost.
fn decimate(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if points.len() <= POINTS_DRAWN {
        return points;
    }
    let bucket = points.len().div_ceil(POINTS_DRAWN / 2);
    let mut kept = Vec::with_capacity(POINTS_DRAWN);
    for part in points.chunks(bucket) {
        let low = part.iter().min_by(|a, b| a[1].total_cmp(&b[1]));
        let high = part.iter().max_by(|a, b| a[1].total_cmp(&b[1]));
        let mut ends: Vec<[f64; 2]> = low.into_iter().chain(high).copied().collect();
        ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
        kept.extend(ends);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost_when_points_are_thinned() {
        let mut points: Vec<[f64; 2]> = (0..1_000_000).map(|i| [f64::from(i), 1.0]).collect();
        points[777_777][1] = 99.0;
        points[333_333][1] = -99.0;
        let thin = decimate(points);
        assert!(thin.len() <= POINTS_DRAWN + 2);
        assert!(thin.iter().any(|p| p[1] > 98.0) && thin.iter().any(|p| p[1] < -98.0));
    }

    #[test]
    fn gaps_part_a_line() {
        let parts = stretches(&[Some(1.0), None, None, Some(2.0), Some(3.0)]);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }
}
