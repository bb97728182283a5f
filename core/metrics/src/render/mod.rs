//! Charts as pictures. Plotters is used in this folder and nowhere else.
//!
//! A chart becomes a *scene* first: rectangles, lines and texts at exact places, as plain data ([`scene`], [`line`],
//! [`bars`], [`rows`], [`axis`]). Then one small painter ([`paint`]) puts a scene on paper of either kind. So layout is
//! tested without a pixel, and SVG and PNG cannot differ.

mod axis;
mod bars;
mod decimate;
mod font;
mod frame;
mod line;
mod paint;
mod periods;
mod rows;
mod scene;
mod ticks;

use trommel_model::{Chart, ChartKind, Code, Outcome, Problem, Theme};

use frame::Frame;
use scene::Scene;

/// The smallest picture in which a chart can be read, in pixels.
const SMALLEST: (u32, u32) = (120, 80);
/// The largest side of a picture, in pixels; a bitmap of this size takes 200 MB while it is drawn.
const LARGEST: u32 = 8_192;

/// The chart as an SVG document of this size in pixels, with the chart's summary for those who cannot see it.
pub fn svg(chart: &Chart, size: (u32, u32), theme: Theme) -> Outcome<String> {
    paint::svg(&scene_of(chart, size, theme)?, &chart.summary())
}

/// The chart as a PNG file of this size in pixels.
pub fn png(chart: &Chart, size: (u32, u32), theme: Theme) -> Outcome<Vec<u8>> {
    paint::png(&scene_of(chart, size, theme)?)
}

fn scene_of(chart: &Chart, (width, height): (u32, u32), theme: Theme) -> Outcome<Scene> {
    if width < SMALLEST.0 || height < SMALLEST.1 || width > LARGEST || height > LARGEST {
        return Err(Problem::new(Code::Usage, format!("a chart cannot be drawn at {width}×{height} pixels"))
            .next(format!("use {}×{} to {LARGEST}×{LARGEST}", SMALLEST.0, SMALLEST.1)));
    }
    font::register()?;
    let mut frame = Frame::new(chart, (width, height), theme.palette());
    let known = chart.series.iter().flat_map(|s| &s.values).flatten().any(|v| v.is_finite());
    match chart.kind {
        _ if !known => frame.say_empty(),
        ChartKind::Line => line::draw(chart, &mut frame),
        ChartKind::Bar if rows::suit(chart, &frame) => rows::draw(chart, &mut frame),
        ChartKind::Bar => bars::draw(chart, &mut frame),
    }
    Ok(frame.into_scene())
}

#[cfg(test)]
mod tests;
