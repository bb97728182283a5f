//! Lines as text for standard output and standard error, coloured from the user's own sixteen or not at all.

use anstyle::{AnsiColor, Style};

use super::{Line, Tone};

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Colour,
    None,
}

impl Ink {
    /// The line as text, without the line break; spaces at its end are left out.
    pub(crate) fn line(self, line: &Line) -> String {
        if self == Self::None {
            return line.text().trim_end().to_owned();
        }
        let mut text = String::new();
        let last = line.pieces.iter().rposition(|p| !p.text.trim_end().is_empty()).map_or(0, |i| i + 1);
        for (i, piece) in line.pieces[..last].iter().enumerate() {
            let shown = if i + 1 == last { piece.text.trim_end() } else { piece.text.as_str() };
            let style = style(piece.tone);
            text.push_str(&format!("{style}{shown}{style:#}"));
        }
        text
    }
}

fn style(tone: Tone) -> Style {
    let colour = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Muted | Tone::Rule => Style::new().dimmed(),
        Tone::Accent => colour(AnsiColor::Cyan),
        Tone::Good => colour(AnsiColor::Green),
        Tone::Warn => colour(AnsiColor::Yellow),
        Tone::Bad => colour(AnsiColor::Red).bold(),
        Tone::Series(i) => {
            const SERIES: [AnsiColor; 6] =
                [AnsiColor::Blue, AnsiColor::Yellow, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Cyan, AnsiColor::Red];
            colour(SERIES[i % SERIES.len()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ink_has_no_escapes_and_no_trailing_space() {
        let line = Line::new().strong("ok").gap(3).with(Tone::Good, "done").gap(2);
        assert_eq!(Ink::None.line(&line), "ok   done");
        assert_eq!(Ink::Colour.line(&line), "\u{1b}[1mok\u{1b}[0m   \u{1b}[32mdone\u{1b}[0m");
    }
}
