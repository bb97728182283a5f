//! A scene on paper: SVG text or PNG bytes, by plotters.
//!
//! Plotters places everything at whole pixels and does not smooth fills. So a scene is drawn several times as large: an
//! SVG says so in its `viewBox`, a bitmap is averaged down to its size.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor, RGBColor, TextStyle};
use trommel_model::{Code, Outcome, Problem};

use super::font::font;
use super::scene::{Anchor, Ink, Point, Scene, Shape};

/// Units of an SVG for a pixel.
const SVG_DETAIL: u32 = 8;
/// Where a backend puts the baseline of a text anchored at its top, in ems below (read in their sources).
const SVG_BASELINE: f64 = 0.76;
const BITMAP_BASELINE: f64 = 0.62;

/// The scene as an SVG document with a description.
pub(super) fn svg(scene: &Scene, description: &str) -> Outcome<String> {
    let (w, h) = scene.size;
    let size = (w * SVG_DETAIL, h * SVG_DETAIL);
    let mut text = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut text, size);
        shapes(&mut backend, scene, f64::from(SVG_DETAIL), SVG_BASELINE)?;
        backend.present().map_err(|e| fault(&e))?;
    }
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    let head = format!(
        "<svg width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\">\n<desc>{}</desc>\n",
        size.0,
        size.1,
        escaped(description)
    );
    Ok(head + body)
}

/// The scene as a PNG file.
pub(super) fn png(scene: &Scene) -> Outcome<Vec<u8>> {
    let (w, h) = scene.size;
    // Nine samples a pixel; four where nine would take too much memory.
    let detail = if u64::from(w) * u64::from(h) > 6_000_000 { 2 } else { 3 };
    let size = (w * detail, h * detail);
    let mut pixels = vec![0; size.0 as usize * size.1 as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut pixels, size);
        shapes(&mut backend, scene, f64::from(detail), BITMAP_BASELINE)?;
        backend.present().map_err(|e| fault(&e))?;
    }
    encoded(&averaged(&pixels, (w as usize, h as usize), detail as usize), (w, h))
}

fn shapes<B: DrawingBackend>(backend: &mut B, scene: &Scene, detail: f64, baseline: f64) -> Outcome<()> {
    let at = |p: Point| ((p.0 * detail).round() as i32, (p.1 * detail).round() as i32);
    for shape in &scene.shapes {
        match shape {
            Shape::Rectangle { from, to, ink } => {
                let (from, to) = (at(*from), at(*to));
                // The far corner belongs to a bitmap's rectangle and not to an SVG's; one part in `detail` of a pixel.
                backend.draw_rect(from, to, &colour(*ink), true).map_err(|e| fault(&e))?;
            }
            Shape::Path { points, width, ink } => {
                let style = colour(*ink).stroke_width((width * detail).round().max(1.0) as u32);
                backend.draw_path(points.iter().map(|p| at(*p)), &style).map_err(|e| fault(&e))?;
            }
            Shape::Area { points, ink } => backend.fill_polygon(points.iter().map(|p| at(*p)), &colour(*ink)).map_err(|e| fault(&e))?,
            Shape::Dot { centre, radius, ink } => {
                backend.draw_circle(at(*centre), (radius * detail).round().max(1.0) as u32, &colour(*ink), true).map_err(|e| fault(&e))?;
            }
            Shape::Text(text) => {
                let anchor = match text.anchor {
                    Anchor::Left => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::Right => HPos::Right,
                };
                let ink = colour(text.ink);
                let style = TextStyle::from(font(text.size * detail, text.weight)).color(&ink).pos(Pos::new(anchor, VPos::Top));
                backend.draw_text(&text.content, &style, at((text.at.0, text.at.1 - text.size * baseline))).map_err(|e| fault(&e))?;
            }
        }
    }
    Ok(())
}

fn colour(ink: Ink) -> RGBAColor {
    RGBColor(ink.rgb.r, ink.rgb.g, ink.rgb.b).mix(ink.alpha)
}

/// Each pixel as the mean of its `detail` × `detail` samples.
fn averaged(samples: &[u8], (w, h): (usize, usize), detail: usize) -> Vec<u8> {
    let stride = w * detail * 3;
    let mut pixels = Vec::with_capacity(w * h * 3);
    let mut sums = vec![0_u32; w * 3];
    for y in 0..h {
        sums.fill(0);
        for row in samples[y * detail * stride..(y + 1) * detail * stride].chunks_exact(stride) {
            for (sum, group) in sums.chunks_exact_mut(3).zip(row.chunks_exact(detail * 3)) {
                for sample in group.chunks_exact(3) {
                    for (s, v) in sum.iter_mut().zip(sample) {
                        *s += u32::from(*v);
                    }
                }
            }
        }
        let n = (detail * detail) as u32;
        pixels.extend(sums.iter().map(|s| ((s + n / 2) / n) as u8));
    }
    pixels
}

/// The pixels as a PNG file. The encoder that plotters brings along writes to files only.
fn encoded(pixels: &[u8], size: (u32, u32)) -> Outcome<Vec<u8>> {
    let folder = std::env::temp_dir();
    let unwritable = |e: &std::io::Error| Problem::from_io(e, "write a chart to the folder for temporary files", &folder);
    let file = tempfile::Builder::new().prefix("trommel-chart-").suffix(".png").tempfile().map_err(|e| unwritable(&e))?;
    {
        let mut backend = BitMapBackend::new(file.path(), size);
        backend.blit_bitmap((0, 0), size, pixels).map_err(|e| fault(&e))?;
        backend.present().map_err(|e| fault(&e))?;
    }
    std::fs::read(file.path()).map_err(|e| unwritable(&e))
}

fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in trommel_model::sanitise(text).chars() {
        match c {
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '&' => result.push_str("&amp;"),
            '"' => result.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => result.push('\u{FFFD}'),
            other => result.push(other),
        }
    }
    result
}

fn fault(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::Internal, "the chart cannot be drawn").why(error.to_string())
}
