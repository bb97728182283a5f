//! The one palette of the product, as data: charts, terminal and desktop draw with the same named colours.
//!
//! Light and dark keep the contrasts of WCAG 2.2 (text 7:1, secondary text 4.5:1, graphics 3:1 on their surface;
//! held by the tests below). Series colours differ in lightness as well as in hue, so they stay apart for
//! people who see fewer colours; no face may say anything by colour alone.

use serde::{Deserialize, Serialize};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// A colour in sRGB, eight bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Rgb {
    pub r: u8,
    pub g: u8,
    pub b: u8,
}

/// The sixteen colours a terminal names, and its own foreground or background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TerminalColour {
    Default,
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

/// One named colour: exact, and as the nearest in meaning of the user's own sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Swatch {
    /// Where every colour can be shown.
    pub rgb: Rgb,
    /// Where only sixteen can.
    pub terminal: TerminalColour,
}

/// The colours by the part they play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Palette {
    /// Behind everything.
    pub background: Swatch,
    /// Behind cards, panes and charts.
    pub surface: Swatch,
    /// Behind the selected row.
    pub selection: Swatch,
    /// Text.
    pub text: Swatch,
    /// Secondary text: labels, hints, units.
    pub muted: Swatch,
    /// Lines of grids and borders.
    pub grid: Swatch,
    /// The focused thing, links, the first series.
    pub accent: Swatch,
    /// The series of a chart, in order; the ninth starts over.
    pub series: [Swatch; 8],
    /// Met, ok, rows that came through.
    pub good: Swatch,
    /// Look at this, rows held back.
    pub warn: Swatch,
    /// Missed, failed.
    pub bad: Swatch,
}

impl Theme {
    /// The theme's colours.
    pub const fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

impl Palette {
    /// The colour of the series at `index`, counted from 0.
    pub const fn series(&self, index: usize) -> Swatch {
        self.series[index % self.series.len()]
    }
}

impl Rgb {
    /// The nearest of the 256 colours of xterm: the 6×6×6 cube (16–231) or the greys (232–255).
    pub fn xterm256(self) -> u8 {
        const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        let level = |v: u8| (0..6).min_by_key(|&i| LEVELS[i].abs_diff(v)).unwrap_or(0);
        let (r, g, b) = (level(self.r), level(self.g), level(self.b));
        let cube = Self { r: LEVELS[r], g: LEVELS[g], b: LEVELS[b] };
        let mean = (u32::from(self.r) + u32::from(self.g) + u32::from(self.b)) / 3;
        let step = (mean.saturating_sub(3) / 10).min(23) as u8;
        let grey = Self { r: 8 + 10 * step, g: 8 + 10 * step, b: 8 + 10 * step };
        if self.distance(grey) < self.distance(cube) { 232 + step } else { (16 + 36 * r + 6 * g + b) as u8 }
    }

    /// Contrast to another colour from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Relative luminance from 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    fn distance(self, other: Self) -> u32 {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(self.r, other.r) + square(self.g, other.g) + square(self.b, other.b)
    }
}

const fn swatch(hex: u32, terminal: TerminalColour) -> Swatch {
    Swatch { rgb: Rgb { r: (hex >> 16) as u8, g: (hex >> 8) as u8, b: hex as u8 }, terminal }
}

use TerminalColour as T;

const LIGHT: Palette = Palette {
    background: swatch(0xF5_F7_F9, T::Default),
    surface: swatch(0xFF_FF_FF, T::Default),
    selection: swatch(0xD8_E8_F6, T::Blue),
    text: swatch(0x1A_21_2B, T::Default),
    muted: swatch(0x5A_66_75, T::BrightBlack),
    grid: swatch(0xE1_E6_EC, T::BrightBlack),
    accent: swatch(0x0B_69_B7, T::Blue),
    series: [
        swatch(0x0B_69_B7, T::Blue),
        swatch(0xD9_5F_0E, T::Yellow),
        swatch(0x00_7F_66, T::Green),
        swatch(0x9B_3F_9E, T::Magenta),
        swatch(0xA8_7A_00, T::BrightYellow),
        swatch(0x12_94_BC, T::Cyan),
        swatch(0xC6_31_5A, T::Red),
        swatch(0x4A_56_66, T::BrightBlack),
    ],
    good: swatch(0x1A_7F_4B, T::Green),
    warn: swatch(0x9A_67_00, T::Yellow),
    bad: swatch(0xC2_2F_3D, T::Red),
};

const DARK: Palette = Palette {
    background: swatch(0x10_14_19, T::Default),
    surface: swatch(0x18_1E_26, T::Default),
    selection: swatch(0x22_3F_5C, T::Blue),
    text: swatch(0xE8_ED_F3, T::Default),
    muted: swatch(0x9A_A7_B6, T::BrightBlack),
    grid: swatch(0x2C_35_40, T::BrightBlack),
    accent: swatch(0x5A_B2_F7, T::BrightBlue),
    series: [
        swatch(0x5A_B2_F7, T::BrightBlue),
        swatch(0xFF_9F_5A, T::BrightYellow),
        swatch(0x3D_CF_A5, T::BrightGreen),
        swatch(0xDA_8F_E0, T::BrightMagenta),
        swatch(0xE6_C2_4A, T::Yellow),
        swatch(0x35_BF_DD, T::BrightCyan),
        swatch(0xFF_7C_98, T::BrightRed),
        swatch(0xB4_BF_CC, T::White),
    ],
    good: swatch(0x4C_C3_8A, T::BrightGreen),
    warn: swatch(0xE6_B4_3C, T::BrightYellow),
    bad: swatch(0xFF_6F_6F, T::BrightRed),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_can_be_read_on_its_surface() {
        for theme in [Theme::Light, Theme::Dark] {
            let p = theme.palette();
            for behind in [p.background, p.surface] {
                let at_least = |what: &str, front: Swatch, ratio: f64| {
                    let contrast = front.rgb.contrast(behind.rgb);
                    assert!(contrast >= ratio, "{theme:?} {what} has {contrast:.2}");
                };
                at_least("text", p.text, 7.0);
                at_least("muted", p.muted, 4.5);
                for (what, state) in [("good", p.good), ("warn", p.warn), ("bad", p.bad), ("accent", p.accent)] {
                    at_least(what, state, 4.5);
                }
                for (i, series) in p.series.iter().enumerate() {
                    at_least(&format!("series {i}"), *series, 3.0);
                }
            }
            assert!(p.text.rgb.contrast(p.selection.rgb) >= 7.0);
        }
    }

    #[test]
    fn xterm_colours_are_the_nearest() {
        let rgb = |r, g, b| Rgb { r, g, b };
        for (given, expected) in
            [(rgb(0, 0, 0), 16), (rgb(255, 255, 255), 231), (rgb(255, 0, 0), 196), (rgb(128, 128, 128), 244), (rgb(95, 135, 175), 67)]
        {
            assert_eq!(given.xterm256(), expected, "{given:?}");
        }
    }

    #[test]
    fn the_ninth_series_starts_over() {
        let p = Theme::Light.palette();
        assert_eq!(p.series(8), p.series(0));
    }
}
