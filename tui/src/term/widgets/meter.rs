//! A bar that fills.

use crate::paint::{Glyphs, Line, Tone};

/// A bar of so many columns, filled to a share from 0 to 1.
pub(crate) fn meter(share: f64, columns: usize, glyphs: Glyphs, tone: Tone) -> Line {
    let filled = ((share.clamp(0.0, 1.0) * columns as f64).round() as usize).min(columns);
    let (full, empty) = (glyphs.pick("━", "="), glyphs.pick("─", "-"));
    Line::new().with(tone, full.repeat(filled)).with(Tone::Rule, empty.repeat(columns - filled))
}
