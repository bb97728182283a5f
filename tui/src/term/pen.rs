//! Draws lines of text into the buffer of a frame.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use trommel_model::sanitise;

use super::look::Look;
use crate::paint::{Glyphs, Line, Room, Tone, width_of};

/// A buffer and a look.
pub(crate) struct Pen<'a> {
    pub buffer: &'a mut Buffer,
    pub look: Look,
}

impl Pen<'_> {
    pub(crate) fn glyphs(&self) -> Glyphs {
        self.look.glyphs
    }

    /// The room of an area, for what makes lines.
    pub(crate) fn room(&self, area: Rect) -> Room {
        Room { width: Some(usize::from(area.width)), glyphs: self.look.glyphs }
    }

    /// A line on the `row`th row of an area, cut to its width. Rows below the area are not drawn.
    pub(crate) fn line(&mut self, area: Rect, row: u16, line: &Line) {
        if row >= area.height {
            return;
        }
        let line = line.clone().cut(usize::from(area.width), self.look.glyphs);
        let mut x = area.x;
        for piece in &line.pieces {
            let style = self.look.tone(piece.tone);
            self.buffer.set_stringn(x, area.y + row, &piece.text, usize::from(area.right().saturating_sub(x)), style);
            x = x.saturating_add(width_of(&piece.text) as u16);
        }
    }

    /// Lines from the top of an area, the first `skip` left out.
    pub(crate) fn lines(&mut self, area: Rect, lines: &[Line], skip: usize) {
        for (row, line) in lines.iter().skip(skip).take(usize::from(area.height)).enumerate() {
            self.line(area, row as u16, line);
        }
    }

    /// Text of one tone at a place, cut to so many columns.
    pub(crate) fn text(&mut self, x: u16, y: u16, columns: u16, tone: Tone, text: &str) {
        let cut = crate::paint::cut_text(&sanitise(text), usize::from(columns), self.look.glyphs);
        self.buffer.set_stringn(x, y, cut, usize::from(columns), self.look.tone(tone));
    }

    /// A style laid over an area.
    pub(crate) fn over(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }

    /// The heading of a pane: its title and a thin rule to the right edge. What is left of the area comes back.
    pub(crate) fn pane(&mut self, area: Rect, title: Line, focused: bool) -> Rect {
        let mark = if focused { self.look.glyphs.pointer() } else { " " };
        let title = if focused { title } else { title.in_tone(Tone::Muted) };
        let mut line = Line::new().accent(mark).append(title).gap(1);
        let width = usize::from(area.width);
        line.push(Tone::Rule, self.look.glyphs.rule().repeat(width.saturating_sub(line.width())));
        self.line(area, 0, &line);
        Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area }
    }

    /// A thin upright line at the left edge of an area; what is left of it, with a margin, comes back.
    pub(crate) fn wall(&mut self, area: Rect) -> Rect {
        let style = self.look.tone(Tone::Rule);
        for y in area.top()..area.bottom() {
            self.buffer.set_string(area.x, y, self.look.glyphs.wall(), style);
        }
        let taken = 2.min(area.width);
        Rect { x: area.x + taken, width: area.width - taken, ..area }
    }

    /// A frame with a title around an emptied area; what is inside comes back.
    pub(crate) fn popup(&mut self, area: Rect, title: &Line) -> Rect {
        let style = self.look.raised();
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
        let g = self.look.glyphs;
        let across = g.rule().repeat(usize::from(area.width.saturating_sub(2)));
        let edge = |left: &str, right: &str| Line::new().accent(format!("{left}{across}{right}"));
        self.line(area, 0, &edge(g.pick("╭", "+"), g.pick("╮", "+")));
        self.line(area, area.height.saturating_sub(1), &edge(g.pick("╰", "+"), g.pick("╯", "+")));
        for row in 1..area.height.saturating_sub(1) {
            let (left, right) =
                (Rect { width: 1.min(area.width), ..area }, Rect { x: area.right().saturating_sub(1), width: 1.min(area.width), ..area });
            self.line(left, row, &Line::new().accent(g.wall()));
            self.line(right, row, &Line::new().accent(g.wall()));
        }
        let heading = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let title = Line::new().gap(1).append(title.clone()).gap(1);
        self.line(heading, 0, &title);
        Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
    }
}
