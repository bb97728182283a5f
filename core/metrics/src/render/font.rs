//! The typeface of charts, built in: no machine's fonts are asked, and every machine draws the same.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use trommel_model::{Code, Outcome, Problem, sanitise};

use super::scene::Weight;

/// The name is also what an SVG asks for, so it lists what to take where Inter is not installed.
const FAMILY: &str = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
const REGULAR: &[u8] = include_bytes!("../../../../assets/fonts/Inter-Regular.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf");

/// Plotters takes the height of a line for the size of a font and divides by this to get the size of the type (one em).
const LINE_PER_EM: f64 = 1.24;

/// Makes the typeface known, once in the life of the process.
pub(super) fn register() -> Outcome<()> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok() && register_font(FAMILY, FontStyle::Bold, SEMI_BOLD).is_ok()
    });
    if *done { Ok(()) } else { Err(Problem::new(Code::Internal, "the built-in typeface cannot be read")) }
}

/// The typeface at a size of type in pixels.
pub(super) fn font(em: f64, weight: Weight) -> FontDesc<'static> {
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::SemiBold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::Name(FAMILY), em * LINE_PER_EM, style)
}

/// How wide a text is, in pixels.
pub(super) fn width(text: &str, em: f64, weight: Weight) -> f64 {
    // Measured at 16 times the size, because plotters rounds down to whole pixels.
    let measured = font(em * 16.0, weight).layout_box(text).map(|((left, _), (right, _))| f64::from(right - left) / 16.0);
    measured.unwrap_or_else(|_| text.chars().count() as f64 * em * 0.6)
}

/// A text from data made fit for a picture: no control characters, nothing that XML forbids, no longer than `room` pixels.
pub(super) fn fitted(text: &str, em: f64, weight: Weight, room: f64) -> String {
    // No picture has room for more characters, and measuring is linear.
    let clean: String =
        sanitise(text).chars().take(400).map(|c| if matches!(c, '\u{FFFE}' | '\u{FFFF}') { '\u{FFFD}' } else { c }).collect();
    if width(&clean, em, weight) <= room {
        return clean;
    }
    let mut kept = clean;
    while kept.pop().is_some() {
        let shortened = format!("{}…", kept.trim_end());
        if width(&shortened, em, weight) <= room {
            return if kept.is_empty() { String::new() } else { shortened };
        }
    }
    String::new()
}
