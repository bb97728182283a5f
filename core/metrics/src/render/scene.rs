//! What is to be drawn, as data: shapes at places in pixels, from back to front.

use trommel_model::Rgb;

/// A picture.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// What is on it, from back to front.
    pub shapes: Vec<Shape>,
}

/// A place in pixels from the upper left corner.
pub(super) type Point = (f64, f64);

/// One thing on a picture.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A filled rectangle by two opposite corners.
    Rectangle { from: Point, to: Point, ink: Ink },
    /// A line through points.
    Path { points: Vec<Point>, width: f64, ink: Ink },
    /// A filled area.
    Area { points: Vec<Point>, ink: Ink },
    /// A filled circle.
    Dot { centre: Point, radius: f64, ink: Ink },
    /// One line of text.
    Text(Text),
}

/// A text at a place.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// What it says.
    pub content: String,
    /// Where its baseline is; at the left end, the middle or the right end, as `anchor` says.
    pub at: Point,
    /// Which point of the text is at `at`.
    pub anchor: Anchor,
    /// Size of the type in pixels (one em).
    pub size: f64,
    /// How heavy.
    pub weight: Weight,
    /// What colour.
    pub ink: Ink,
}

/// A colour and how much it covers, from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    pub rgb: Rgb,
    pub alpha: f64,
}

/// Which point of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    SemiBold,
}

impl Ink {
    pub(super) fn solid(rgb: Rgb) -> Self {
        Self { rgb, alpha: 1.0 }
    }
}
