//! A list with a cursor that stays in sight.

use ratatui::layout::Rect;

use crate::paint::Line;
use crate::term::pen::Pen;

/// Cursor and scroll of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct List {
    pub cursor: usize,
    top: usize,
    rows: usize,
}

impl List {
    /// Draws the lines; the one under the cursor is marked.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, lines: &[Line], focused: bool) {
        self.rows = usize::from(area.height);
        self.cursor = self.cursor.min(lines.len().saturating_sub(1));
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + self.rows {
            self.top = self.cursor + 1 - self.rows.max(1);
        }
        self.top = self.top.min(lines.len().saturating_sub(self.rows));
        for (row, line) in lines.iter().enumerate().skip(self.top).take(self.rows) {
            let y = (row - self.top) as u16;
            pen.line(area, y, line);
            if row == self.cursor {
                let style = pen.look.selected(focused);
                pen.over(Rect { y: area.y + y, height: 1, ..area }, style);
            }
        }
    }

    /// The row of the area the cursor was drawn on.
    pub(crate) fn row_of_cursor(&self) -> u16 {
        self.cursor.saturating_sub(self.top) as u16
    }

    /// A key that moves the cursor over `len` lines; false when it does not.
    pub(crate) fn key(&mut self, key: &str, len: usize) -> bool {
        let last = len.saturating_sub(1);
        let page = self.rows.saturating_sub(1).max(1);
        self.cursor = match key {
            "down" | "j" => (self.cursor + 1).min(last),
            "up" | "k" => self.cursor.saturating_sub(1),
            "pagedown" | "ctrl+d" => (self.cursor + page).min(last),
            "pageup" | "ctrl+u" => self.cursor.saturating_sub(page),
            "g" | "home" => 0,
            "G" | "end" => last,
            _ => return false,
        };
        true
    }
}
