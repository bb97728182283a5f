//! Lying bars: categories whose names need a line of their own.

use trommel_model::{Chart, format_short};

use super::font::{fitted, width};
use super::frame::{Frame, Zero};
use super::periods::Periods;
use super::scene::{Anchor, Ink, Weight};

/// Whether lying bars read better: the labels are no dates, and they are many or too long to stand side by side.
pub(super) fn suit(chart: &Chart, frame: &Frame<'_>) -> bool {
    let slot = (frame.right - frame.left) / chart.labels.len().max(1) as f64;
    let (em, room) = (frame.label_em(), (slot * 0.8).min(140.0 * frame.u));
    let long = chart.labels.iter().take(64).any(|l| width(&fitted(l, em, Weight::Regular, 1e4), em, Weight::Regular) > room);
    Periods::of(&chart.labels).is_none() && chart.labels.len() > 1 && (chart.labels.len() > 12 || long)
}

/// Draws as many rows as have room, from the top, and says how many have none.
pub(super) fn draw(chart: &Chart, frame: &mut Frame<'_>) {
    let (u, em) = (frame.u, frame.label_em());
    let many = chart.series.len().max(1) as f64;
    let lowest_row = (14.0 + 7.0 * many) * u;
    let mut shown = (((frame.bottom - frame.top) / lowest_row) as usize).clamp(1, chart.labels.len());
    if shown < chart.labels.len() {
        // The remark takes the place of a row.
        shown = (((frame.bottom - frame.top - 18.0 * u) / lowest_row) as usize).clamp(1, chart.labels.len());
        frame.remark(&format!("first {shown} of {}", chart.labels.len()));
        frame.bottom -= 18.0 * u;
    }
    let row = ((frame.bottom - frame.top) / shown as f64).min(44.0 * u);
    let room = frame.width() * 0.36;
    let names: Vec<String> = chart.labels.iter().take(shown).map(|l| fitted(l, em, Weight::Regular, room)).collect();
    let widest = names.iter().map(|n| width(n, em, Weight::Regular)).fold(0.0, f64::max);
    let (low, high) = Frame::range(chart, Zero::Always);
    let room = frame.width() * 0.25;
    let write = |v: f64| fitted(&format_short(v, chart.format, &chart.unit), em, Weight::SemiBold, room);
    let values = || chart.series.iter().flat_map(|s| s.values.iter().take(shown)).flatten().filter(|v| v.is_finite());
    let widest_of =
        |negative: bool| values().filter(|v| (**v < 0.0) == negative).map(|v| width(&write(*v), em, Weight::SemiBold)).fold(0.0, f64::max);
    frame.left += widest + 12.0 * u;
    let thick = (row * 0.68) / many;
    // Values are written beyond the ends of their bars, at the left for negative ones, when the bars keep half the room.
    let (before, behind) = (if low < 0.0 { widest_of(true) + 10.0 * u } else { 0.0 }, widest_of(false) + 8.0 * u);
    let written = (many < 2.0 || thick >= em) && before + behind < (frame.right - frame.left) / 2.0;
    let (from, to) = if written { (frame.left + before, frame.right - behind) } else { (frame.left, frame.right) };
    let x = |v: f64| if high > low { from + (v / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * (to - from) } else { from };
    for (i, name) in names.into_iter().enumerate() {
        let middle = frame.top + row * (i as f64 + 0.5);
        frame.text(name, (frame.left - 12.0 * u, middle + em * 0.36), Anchor::Right, em, Weight::Regular, frame.palette.text);
        for (s, series) in chart.series.iter().enumerate() {
            let top = middle + thick * (s as f64 - many / 2.0);
            let value = series.values.get(i).copied().flatten().filter(|v| v.is_finite());
            let Some(value) = value else {
                if written {
                    frame.label("–".to_owned(), (x(0.0) + 6.0 * u, top + thick / 2.0 + em * 0.36), Anchor::Left);
                }
                continue;
            };
            let (base, end) = (x(0.0), x(value));
            let end = if value != 0.0 && (end - base).abs() < 1.5 { base + 1.5 * value.signum() } else { end };
            frame.rectangle((base.min(end), top), (base.max(end), top + thick), Ink::solid(frame.palette.series(s).rgb));
            if written {
                let (at, anchor) = if value < 0.0 { (end - 6.0 * u, Anchor::Right) } else { (end + 6.0 * u, Anchor::Left) };
                frame.value_label(write(value), (at, top + thick / 2.0 + em * 0.36), anchor);
            }
        }
    }
    let (top, bottom) = (frame.top, frame.top + row * shown as f64);
    frame.path(vec![(x(0.0), top), (x(0.0), bottom)], u.max(1.0), Ink { rgb: frame.palette.muted.rgb, alpha: 0.45 });
    if let Some(target) = chart.target.filter(|t| t.is_finite()) {
        frame.target((x(target), top), (x(target), bottom));
    }
}
