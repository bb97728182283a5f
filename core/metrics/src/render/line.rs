//! A line chart.

use trommel_model::{Chart, format_short};

use super::axis;
use super::decimate::decimate;
use super::font::{fitted, width};
use super::frame::{Frame, Zero};
use super::scene::{Anchor, Ink, Point, Weight};

/// Draws the series over their labels, with gaps where values are missing, and names the last value of a single series.
pub(super) fn draw(chart: &Chart, frame: &mut Frame<'_>) {
    let u = frame.u;
    frame.bottom -= axis::HEIGHT * u;
    let single = chart.series.len() == 1;
    let ending = chart.series.first().filter(|_| single).and_then(|s| s.values.iter().flatten().rfind(|v| v.is_finite()));
    let ending =
        ending.map(|last| fitted(&format_short(*last, chart.format, &chart.unit), frame.label_em(), Weight::SemiBold, frame.width() * 0.3));
    let room = ending.as_ref().map_or(8.0 * u, |text| width(text, frame.label_em(), Weight::SemiBold) + 14.0 * u);
    let values = frame.value_axis(chart, Zero::WhenNear);
    frame.right -= room;
    let count = chart.labels.len();
    let (left, right) = (frame.left + 6.0 * u, frame.right - 2.0 * u);
    let x = move |i: usize| if count > 1 { left + (right - left) * i as f64 / (count - 1) as f64 } else { f64::midpoint(left, right) };
    if let Some(target) = chart.target.filter(|t| t.is_finite()) {
        frame.target((frame.left, values.y(target)), (frame.right + room, values.y(target)));
    }
    for (i, series) in chart.series.iter().enumerate() {
        let rgb = frame.palette.series(i).rgb;
        let points = decimate(&series.values, (right - left).ceil() as usize);
        for stretch in points.split(|(_, v)| v.is_none()) {
            let stretch: Vec<Point> = stretch.iter().filter_map(|(i, v)| Some((x(*i), values.y((*v)?)))).collect();
            let (Some(first), Some(last)) = (stretch.first().copied(), stretch.last().copied()) else { continue };
            if stretch.len() == 1 {
                frame.dot(first, 2.6 * u, rgb);
                continue;
            }
            if single {
                let mut under = stretch.clone();
                under.extend([(last.0, values.base()), (first.0, values.base())]);
                frame.area(under, Ink { rgb, alpha: 0.10 });
            }
            frame.path(stretch, 2.2 * u, Ink::solid(rgb));
        }
        let last = series.values.iter().enumerate().filter_map(|(i, v)| Some((i, v.filter(|v| v.is_finite())?))).next_back();
        if let (Some((i, value)), Some(text)) = (last, &ending) {
            let at = (x(i), values.y(value));
            frame.dot(at, 5.6 * u, frame.palette.surface.rgb);
            frame.dot(at, 3.8 * u, rgb);
            frame.value_label(text.clone(), (frame.right + 8.0 * u, at.1 + frame.label_em() * 0.36), Anchor::Left);
        }
    }
    axis::horizontal(chart, frame, x);
}
