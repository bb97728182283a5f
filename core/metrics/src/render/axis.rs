//! The horizontal axis: as many labels as have room, at even distances, the same ones for time as a calendar has.

use trommel_model::Chart;

use super::font::{fitted, width};
use super::frame::Frame;
use super::periods::Periods;
use super::scene::{Anchor, Weight};

/// Room a horizontal axis needs at the bottom, in units.
pub(super) const HEIGHT: f64 = 24.0;

/// Writes the labels of a chart under its area; `x` says where the point at a position stands.
pub(super) fn horizontal(chart: &Chart, frame: &mut Frame<'_>, x: impl Fn(usize) -> f64) {
    let placed = match Periods::of(&chart.labels) {
        Some(periods) => periods.steps().find_map(|step| placed(frame, &periods.marks(step), &x)),
        None => strides(chart.labels.len()).find_map(|stride| {
            let marks: Vec<(usize, String)> = chart.labels.iter().cloned().enumerate().step_by(stride).collect();
            placed(frame, &marks, &x)
        }),
    };
    let y = frame.bottom + 17.0 * frame.u;
    for (at, text) in placed.unwrap_or_default() {
        frame.label(text, (at, y), Anchor::Middle);
    }
}

/// The marks with their places, when they all have room side by side.
fn placed(frame: &Frame<'_>, marks: &[(usize, String)], x: &impl Fn(usize) -> f64) -> Option<Vec<(f64, String)>> {
    let (em, edge) = (frame.label_em(), 4.0 * frame.u);
    let gap = 14.0 * frame.u;
    let mut taken = f64::NEG_INFINITY;
    let mut result = Vec::with_capacity(marks.len().min(64));
    for (i, text) in marks {
        let text = fitted(text, em, Weight::Regular, frame.width() * 0.4);
        let half = width(&text, em, Weight::Regular) / 2.0;
        let at = x(*i).clamp(edge + half, (frame.width() - edge - half).max(edge + half));
        if at - half < taken + gap {
            return None;
        }
        taken = at + half;
        result.push((at, text));
    }
    (!result.is_empty()).then_some(result)
}

/// Every label, every second, fifth, tenth …, up to the first alone.
fn strides(count: usize) -> impl Iterator<Item = usize> {
    (0..).flat_map(|power| [1, 2, 5].map(|n| n * 10_usize.pow(power))).take_while(move |s| *s < count.max(1)).chain([count.max(1)])
}
