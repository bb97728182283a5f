//! A line of text in pieces, each with a tone.

use trommel_model::sanitise;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Glyphs;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Strong,
    Muted,
    Accent,
    Good,
    Warn,
    Bad,
    Series(usize),
    /// Thin lines between things.
    Rule,
}

/// Text of one tone, safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Piece {
    pub text: String,
    pub tone: Tone,
}

/// Pieces side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pub pieces: Vec<Piece>,
}

/// How much room there is, and with what to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Columns; none when nothing has to be cut (files and pipes).
    pub width: Option<usize>,
    pub glyphs: Glyphs,
}

impl Piece {
    pub(crate) fn new(tone: Tone, text: impl AsRef<str>) -> Self {
        Self { text: sanitise(text.as_ref()).into_owned(), tone }
    }
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        self.push(tone, text);
        self
    }

    pub(crate) fn push(&mut self, tone: Tone, text: impl AsRef<str>) {
        if !text.as_ref().is_empty() {
            self.pieces.push(Piece::new(tone, text));
        }
    }

    pub(crate) fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Tone::Plain, text)
    }

    pub(crate) fn strong(self, text: impl AsRef<str>) -> Self {
        self.with(Tone::Strong, text)
    }

    pub(crate) fn muted(self, text: impl AsRef<str>) -> Self {
        self.with(Tone::Muted, text)
    }

    pub(crate) fn accent(self, text: impl AsRef<str>) -> Self {
        self.with(Tone::Accent, text)
    }

    pub(crate) fn gap(self, columns: usize) -> Self {
        self.with(Tone::Plain, " ".repeat(columns))
    }

    pub(crate) fn append(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    pub(crate) fn width(&self) -> usize {
        self.pieces.iter().map(|p| width_of(&p.text)).sum()
    }

    /// The text without its tones.
    pub(crate) fn text(&self) -> String {
        self.pieces.iter().map(|p| p.text.as_str()).collect()
    }

    /// The line cut to so many columns, with an ellipsis where something is missing.
    pub(crate) fn cut(self, columns: usize, glyphs: Glyphs) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut room = columns;
        let mut pieces = Vec::new();
        for piece in self.pieces {
            let width = width_of(&piece.text);
            if width < room {
                room -= width;
                pieces.push(piece);
            } else {
                // Something is cut for sure: either this piece, or one that follows it.
                let text = cut_text(&format!("{} ", piece.text), room, glyphs);
                pieces.push(Piece { text, tone: piece.tone });
                break;
            }
        }
        Self { pieces }
    }

    /// The line filled with spaces to so many columns.
    pub(crate) fn padded(self, columns: usize) -> Self {
        let missing = columns.saturating_sub(self.width());
        self.gap(missing)
    }

    /// The same line in one tone.
    pub(crate) fn in_tone(mut self, tone: Tone) -> Self {
        self.pieces.iter_mut().for_each(|p| p.tone = tone);
        self
    }
}

/// Columns a text takes in a terminal.
pub(crate) fn width_of(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text cut to so many columns, with an ellipsis where something is missing.
pub(crate) fn cut_text(text: &str, columns: usize, glyphs: Glyphs) -> String {
    if width_of(text) <= columns {
        return text.to_owned();
    }
    let mark = glyphs.ellipsis();
    let room = columns.saturating_sub(width_of(mark));
    let mut used = 0;
    let mut cut = String::new();
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > room {
            break;
        }
        used += width;
        cut.push(c);
    }
    if columns >= width_of(mark) {
        cut.push_str(mark);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_columns_not_by_bytes() {
        for (text, columns, expected) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("abc", 0, "")]
        {
            assert_eq!(cut_text(text, columns, Glyphs::Unicode), expected, "{text} at {columns}");
        }
    }

    #[test]
    fn a_line_is_cut_in_the_piece_where_room_ends() {
        let line = || Line::new().strong("ab").plain("cdef");
        for (columns, expected) in [(6, "abcdef"), (5, "abcd…"), (3, "ab…"), (2, "a…"), (1, "…")] {
            let cut = line().cut(columns, Glyphs::Unicode);
            assert_eq!(cut.text(), expected);
            assert!(cut.width() <= columns);
        }
    }

    #[test]
    fn escapes_never_get_in() {
        assert_eq!(Line::new().plain("a\u{1b}[31mb\nc").text(), "a␛[31mb␊c");
    }
}
