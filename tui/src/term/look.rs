//! How tones look on this terminal: the product's palette, as exact as the terminal can show it.

use ratatui::style::{Color, Modifier, Style};
use trommel_model::{Palette, Swatch, TerminalColour, Theme};

use super::capabilities::{Capabilities, Depth};
use crate::paint::{Glyphs, Tone};

/// Colours and signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub theme: Theme,
    pub depth: Depth,
    pub glyphs: Glyphs,
}

impl Look {
    pub(crate) fn new(capabilities: Capabilities) -> Self {
        Self { theme: capabilities.theme, depth: capabilities.depth, glyphs: capabilities.glyphs }
    }

    /// Behind everything.
    pub(crate) fn base(self) -> Style {
        let palette = self.palette();
        match self.depth {
            // The sixteen are the user's own: so is what lies behind them.
            Depth::Sixteen | Depth::Mono => Style::new(),
            Depth::True | Depth::Indexed => Style::new().fg(self.colour(palette.text)).bg(self.colour(palette.background)),
        }
    }

    /// Behind pop-ups.
    pub(crate) fn raised(self) -> Style {
        match self.depth {
            Depth::Sixteen | Depth::Mono => Style::new(),
            Depth::True | Depth::Indexed => self.base().bg(self.colour(self.palette().surface)),
        }
    }

    /// Text of a tone.
    pub(crate) fn tone(self, tone: Tone) -> Style {
        let palette = self.palette();
        let swatch = match tone {
            Tone::Plain | Tone::Strong => palette.text,
            Tone::Muted => palette.muted,
            Tone::Rule => palette.grid,
            Tone::Accent => palette.accent,
            Tone::Good => palette.good,
            Tone::Warn => palette.warn,
            Tone::Bad => palette.bad,
            Tone::Series(i) => palette.series(i),
        };
        let weight = match tone {
            Tone::Strong => Modifier::BOLD,
            Tone::Muted | Tone::Rule if self.depth == Depth::Mono => Modifier::DIM,
            Tone::Accent | Tone::Warn if self.depth == Depth::Mono => Modifier::BOLD,
            Tone::Bad if self.depth == Depth::Mono => Modifier::BOLD | Modifier::UNDERLINED,
            _ => Modifier::empty(),
        };
        let style = Style::new().add_modifier(weight);
        if self.depth == Depth::Mono { style } else { style.fg(self.colour(swatch)) }
    }

    /// Laid over what the cursor is on; `focused` is the one that gets the keys.
    pub(crate) fn selected(self, focused: bool) -> Style {
        match (self.depth, focused) {
            (Depth::Mono | Depth::Sixteen, true) => Style::new().add_modifier(Modifier::REVERSED),
            (Depth::Mono | Depth::Sixteen, false) => Style::new().add_modifier(Modifier::UNDERLINED),
            (_, true) => Style::new().bg(self.colour(self.palette().selection)),
            (_, false) => Style::new().bg(self.colour(self.palette().surface)),
        }
    }

    /// The cell under the cursor, within a selected row.
    pub(crate) fn cursor(self) -> Style {
        match self.depth {
            Depth::Mono | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            _ => Style::new().bg(self.colour(self.palette().accent)).fg(self.colour(self.palette().background)),
        }
    }

    fn palette(self) -> &'static Palette {
        self.theme.palette()
    }

    fn colour(self, swatch: Swatch) -> Color {
        match self.depth {
            Depth::True => Color::Rgb(swatch.rgb.r, swatch.rgb.g, swatch.rgb.b),
            Depth::Indexed => Color::Indexed(swatch.rgb.xterm256()),
            Depth::Sixteen => named(swatch.terminal),
            Depth::Mono => Color::Reset,
        }
    }
}

fn named(colour: TerminalColour) -> Color {
    match colour {
        TerminalColour::Default => Color::Reset,
        TerminalColour::Black => Color::Black,
        TerminalColour::Red => Color::Red,
        TerminalColour::Green => Color::Green,
        TerminalColour::Yellow => Color::Yellow,
        TerminalColour::Blue => Color::Blue,
        TerminalColour::Magenta => Color::Magenta,
        TerminalColour::Cyan => Color::Cyan,
        TerminalColour::White => Color::Gray,
        TerminalColour::BrightBlack => Color::DarkGray,
        TerminalColour::BrightRed => Color::LightRed,
        TerminalColour::BrightGreen => Color::LightGreen,
        TerminalColour::BrightYellow => Color::LightYellow,
        TerminalColour::BrightBlue => Color::LightBlue,
        TerminalColour::BrightMagenta => Color::LightMagenta,
        TerminalColour::BrightCyan => Color::LightCyan,
        TerminalColour::BrightWhite => Color::White,
    }
}
