//! What every chart has around its data: title, legend, the value axis with its grid, and room for the rest.

use trommel_model::{Chart, Palette, Rgb, Swatch, format_ticks, format_value};

use super::font::{fitted, width};
use super::scene::{Anchor, Ink, Point, Scene, Shape, Text, Weight};
use super::ticks::ticks;

/// A picture in the making. Lengths are in pixels; `u` is the unit they grow with.
pub(super) struct Frame<'a> {
    /// The colours.
    pub palette: &'a Palette,
    /// One at 860×460 pixels, smaller and larger with the picture.
    pub u: f64,
    /// The area in which data is drawn.
    pub left: f64,
    /// See `left`.
    pub top: f64,
    /// See `left`.
    pub right: f64,
    /// See `left`.
    pub bottom: f64,
    size: (u32, u32),
    shapes: Vec<Shape>,
}

/// The value axis: which values are at the bottom and the top of the area.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValueAxis {
    pub low: f64,
    pub high: f64,
    top: f64,
    bottom: f64,
}

/// Whether zero is on the value axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// Bars: their length is the value.
    Always,
    /// Lines: when the data comes near enough to it that leaving it out would exaggerate.
    WhenNear,
}

impl<'a> Frame<'a> {
    /// A picture with background, title and legend.
    pub(super) fn new(chart: &Chart, size: (u32, u32), palette: &'a Palette) -> Self {
        let (w, h) = (f64::from(size.0), f64::from(size.1));
        let u = (w / 860.0).min(h / 460.0).clamp(0.72, 4.0);
        let pad = 18.0 * u;
        let mut frame = Self { palette, u, left: pad, top: pad, right: w - pad, bottom: h - pad, size, shapes: Vec::new() };
        frame.rectangle((0.0, 0.0), (w, h), Ink::solid(palette.surface.rgb));
        let em = 17.0 * u;
        let title = fitted(&chart.title, em, Weight::SemiBold, frame.right - frame.left);
        frame.top += 14.0 * u;
        frame.text(title, (frame.left, frame.top), Anchor::Left, em, Weight::SemiBold, palette.text);
        frame.legend(chart);
        frame.top += 18.0 * u;
        frame
    }

    /// The finished picture.
    pub(super) fn into_scene(self) -> Scene {
        Scene { size: self.size, shapes: self.shapes }
    }

    /// Size of the type of labels.
    pub(super) fn label_em(&self) -> f64 {
        12.0 * self.u
    }

    /// Width of the whole picture.
    pub(super) fn width(&self) -> f64 {
        f64::from(self.size.0)
    }

    /// The range of all values of a chart, its target included.
    pub(super) fn range(chart: &Chart, zero: Zero) -> (f64, f64) {
        let values = chart.series.iter().flat_map(|s| &s.values).flatten().copied().chain(chart.target).filter(|v| v.is_finite());
        let (mut low, mut high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if zero == Zero::Always || (low > 0.0 && low < high * 0.6) {
            low = low.min(0.0);
        }
        if zero == Zero::Always || (high < 0.0 && high > low * 0.6) {
            high = high.max(0.0);
        }
        (low, high)
    }

    /// Draws the value axis at the left with its grid and takes its room from the area.
    pub(super) fn value_axis(&mut self, chart: &Chart, zero: Zero) -> ValueAxis {
        let (low, high) = Self::range(chart, zero);
        let about = ((self.bottom - self.top) / (62.0 * self.u)).round().clamp(2.0, 7.0) as usize;
        let marks = ticks(low..=high, about, chart.format);
        let mut texts = format_ticks(&marks, chart.format);
        if let Some(text) = texts.last_mut().filter(|t| !chart.unit.is_empty() && !t.ends_with('%')) {
            // The unit is said once, at the top.
            *text = format!("{text} {}", chart.unit);
        }
        let (em, room) = (self.label_em(), self.width() * 0.3);
        let texts: Vec<String> = texts.iter().map(|t| fitted(t, em, Weight::Regular, room)).collect();
        let widest = texts.iter().map(|t| width(t, em, Weight::Regular)).fold(0.0, f64::max);
        self.left += widest + 10.0 * self.u;
        let (first, last) = (marks.first().copied().unwrap_or(low), marks.last().copied().unwrap_or(high));
        let axis = ValueAxis { low: first, high: last, top: self.top, bottom: self.bottom };
        // In a low picture only every second, third … mark has room for its text; zero always has it.
        let apart = (axis.y(first) - axis.y(last)) / (marks.len().max(2) - 1) as f64;
        let every = (em * 1.1 / apart.max(0.01)).ceil().max(1.0) as usize;
        let zero = marks.iter().position(|m| *m == 0.0).unwrap_or(0);
        for (i, (mark, text)) in marks.iter().zip(texts).enumerate() {
            let y = axis.y(*mark);
            let ink = if *mark == 0.0 { Ink { alpha: 0.45, rgb: self.palette.muted.rgb } } else { Ink::solid(self.palette.grid.rgb) };
            self.path(vec![(self.left, y), (self.right, y)], self.u.max(1.0), ink);
            if i.abs_diff(zero) % every == 0 {
                self.label(text, (self.left - 10.0 * self.u, y + em * 0.36), Anchor::Right);
            }
        }
        axis
    }

    /// A dashed line across the area at the target.
    pub(super) fn target(&mut self, from: Point, to: Point) {
        // A gap around it, so that it is seen across bars of any colour.
        self.path(vec![from, to], 4.0 * self.u, Ink { rgb: self.palette.surface.rgb, alpha: 0.8 });
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let (dash, gap) = (6.0 * self.u, 5.0 * self.u);
        let count = (length / (dash + gap)).ceil() as usize;
        let at = |d: f64| (from.0 + (to.0 - from.0) * (d / length).min(1.0), from.1 + (to.1 - from.1) * (d / length).min(1.0));
        for i in 0..count {
            let start = i as f64 * (dash + gap);
            self.path(vec![at(start), at(start + dash)], 1.5 * self.u, Ink::solid(self.palette.warn.rgb));
        }
    }

    /// Says in the middle that there is nothing to draw.
    pub(super) fn say_empty(&mut self) {
        let middle = (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom));
        self.text("no values".to_owned(), middle, Anchor::Middle, 14.0 * self.u, Weight::Regular, self.palette.muted);
    }

    /// A remark in the lower right corner, in the place of a label of the horizontal axis.
    pub(super) fn remark(&mut self, text: &str) {
        let text = fitted(text, self.label_em(), Weight::Regular, self.right - self.left);
        self.label(text, (self.right, self.bottom), Anchor::Right);
    }

    /// A secondary text.
    pub(super) fn label(&mut self, text: String, at: Point, anchor: Anchor) {
        self.text(text, at, anchor, self.label_em(), Weight::Regular, self.palette.muted);
    }

    /// A value beside what it belongs to.
    pub(super) fn value_label(&mut self, text: String, at: Point, anchor: Anchor) {
        self.text(text, at, anchor, self.label_em(), Weight::SemiBold, self.palette.text);
    }

    /// Any text. An empty one is left out.
    pub(super) fn text(&mut self, text: String, at: Point, anchor: Anchor, size: f64, weight: Weight, colour: Swatch) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Text { content: text, at, anchor, size, weight, ink: Ink::solid(colour.rgb) }));
        }
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, from: Point, to: Point, ink: Ink) {
        self.shapes.push(Shape::Rectangle { from, to, ink });
    }

    /// A line through points.
    pub(super) fn path(&mut self, points: Vec<Point>, width: f64, ink: Ink) {
        self.shapes.push(Shape::Path { points, width, ink });
    }

    /// A filled area.
    pub(super) fn area(&mut self, points: Vec<Point>, ink: Ink) {
        self.shapes.push(Shape::Area { points, ink });
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, centre: Point, radius: f64, rgb: Rgb) {
        self.shapes.push(Shape::Dot { centre, radius, ink: Ink::solid(rgb) });
    }

    /// Under the title: which colour is which series (of several), and what the dashed line is.
    fn legend(&mut self, chart: &Chart) {
        let (em, u) = (self.label_em(), self.u);
        let mut entries: Vec<(Option<Rgb>, String)> = Vec::new();
        if chart.series.len() > 1 {
            entries.extend(chart.series.iter().enumerate().map(|(i, s)| (Some(self.palette.series(i).rgb), s.name.clone())));
        }
        if let Some(target) = chart.target.filter(|t| t.is_finite()) {
            entries.push((None, format!("target {}", format_value(target, chart.format, &chart.unit))));
        }
        // A low picture keeps its room for the data.
        let allowed = match f64::from(self.size.1) / u {
            height if height < 150.0 => 0,
            height if height < 240.0 => 1,
            _ => 2,
        };
        if entries.is_empty() || allowed == 0 {
            return;
        }
        self.top += 21.0 * u;
        let (mut x, mut lines, count) = (self.left, 1, entries.len());
        for (i, (colour, name)) in entries.into_iter().enumerate() {
            let name = fitted(&name, em, Weight::Regular, (200.0 * u).min(self.right - self.left - 29.0 * u));
            let sample = if colour.is_some() { 18.0 * u } else { 25.0 * u };
            let wide = sample + 4.0 * u + width(&name, em, Weight::Regular);
            if x > self.left && x + wide > self.right {
                if lines == allowed {
                    // What has no room is still said to be there.
                    let more = fitted(&format!("+{}", count - i), em, Weight::Regular, self.right - x);
                    self.label(more, (x, self.top), Anchor::Left);
                    return;
                }
                (x, lines) = (self.left, lines + 1);
                self.top += 18.0 * u;
            }
            let middle = self.top - em * 0.36;
            match colour {
                Some(rgb) => self.rectangle((x, middle - 5.0 * u), (x + 10.0 * u, middle + 5.0 * u), Ink::solid(rgb)),
                None => self.target((x, middle), (x + 17.0 * u, middle)),
            }
            self.label(name, (x + sample, self.top), Anchor::Left);
            x += wide + 16.0 * u;
        }
    }
}

impl ValueAxis {
    /// Where a value stands, in pixels from the top.
    pub(super) fn y(&self, value: f64) -> f64 {
        // Halves, because the difference of two finite doubles may not be finite.
        let ratio = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        self.bottom - ratio.clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// Where bars and areas start: at zero, or the end of the axis next to it.
    pub(super) fn base(&self) -> f64 {
        self.y(0.0_f64.clamp(self.low, self.high))
    }
}
