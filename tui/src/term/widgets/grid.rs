//! A table of any size: draws the rows in sight, says which ones it needs, and never holds more.

use ratatui::layout::Rect;
use trommel_model::{DataType, Order, RowCount, Schema, SortKey, Window, sanitise};

use crate::paint::{Line, Tone, count, cut_text, width_of};
use crate::term::pen::Pen;

/// Scroll and cursor of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grid {
    /// The row and column under the cursor, counted from 0.
    pub row: u64,
    pub column: usize,
    top: u64,
    left: usize,
    /// Rows and columns of the last frame.
    rows: u64,
    columns: usize,
    /// Widths of the columns; they grow while one scrolls and never shrink, so that nothing jumps.
    widths: Vec<usize>,
    /// What the widths are of.
    of: String,
}

/// What is drawn.
pub(crate) struct Data<'a> {
    pub window: &'a Window,
    pub rows: Option<RowCount>,
    pub sort: &'a [SortKey],
    /// How a cell differs, by row and column of the window.
    pub mark: &'a dyn Fn(usize, usize) -> Mark,
}

/// How a cell differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Same,
    Changed,
    /// The row it is in is gone.
    Gone,
}

/// No column takes more than this while others are in sight.
const WIDEST: usize = 32;
const GAP: usize = 2;

impl Grid {
    /// Starts anew at the top when it is about something else.
    pub(crate) fn is_of(&mut self, what: &str) {
        if self.of != what {
            *self = Self { of: what.to_owned(), ..Self::default() };
        }
    }

    /// Back to the first row, after a filter or a sort.
    pub(crate) fn go_to_top(&mut self) {
        (self.row, self.top) = (0, 0);
    }

    /// A key that moves the cursor; false when it does not.
    pub(crate) fn key(&mut self, key: &str, rows: u64, columns: usize) -> bool {
        let last = rows.saturating_sub(1);
        let last_column = columns.saturating_sub(1);
        let page = self.rows.saturating_sub(1).max(1);
        match key {
            "down" | "j" => self.row = (self.row + 1).min(last),
            "up" | "k" => self.row = self.row.saturating_sub(1),
            "pagedown" | "ctrl+d" | "space" => self.row = (self.row + page).min(last),
            "pageup" | "ctrl+u" => self.row = self.row.saturating_sub(page),
            "g" | "home" => self.row = 0,
            "G" | "end" => self.row = last,
            "right" | "l" => self.column = (self.column + 1).min(last_column),
            "left" | "h" => self.column = self.column.saturating_sub(1),
            "0" => self.column = 0,
            "$" => self.column = last_column,
            _ => return false,
        }
        true
    }

    /// The rows to ask for, when some in sight are not in the window: first row, and how many.
    pub(crate) fn wants(&self, window: &Window, rows: Option<RowCount>) -> Option<(u64, u64)> {
        let end = rows.map_or(u64::MAX, RowCount::number);
        let last = (self.top + self.rows.max(1)).min(end);
        let loaded = window.offset..window.offset + window.rows.len() as u64;
        let in_sight = self.top.min(end)..last;
        if in_sight.is_empty() || (loaded.start <= in_sight.start && in_sight.end <= loaded.end) {
            return None;
        }
        // A few pages around what is in sight, so that scrolling seldom waits.
        let margin = (self.rows * 3).max(100);
        let first = self.top.saturating_sub(margin);
        Some((first, (last - first + margin).min(end.saturating_sub(first)).max(1)))
    }

    /// Draws the table.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, data: &Data<'_>, focused: bool) {
        let schema = &data.window.schema;
        if schema.fields.is_empty() || area.height < 2 {
            return;
        }
        let head = if area.height >= 8 { 2 } else { 1 };
        let body = Rect { y: area.y + head, height: area.height - head, ..area };
        self.rows = u64::from(body.height);
        self.keep_cursor(data);
        let numbers = self.number_width(data);
        self.measure(data, schema);
        let room = usize::from(area.width).saturating_sub(numbers + GAP);
        self.keep_column(room);
        let places = self.places(schema, room);
        self.columns = places.len();
        self.draw_head(pen, area, head, numbers, &places, data, focused);
        for y in 0..body.height {
            let row = self.top + u64::from(y);
            if data.rows.is_some_and(|n| row >= n.number()) {
                break;
            }
            self.draw_row(pen, Rect { y: body.y + y, height: 1, ..body }, row, numbers, &places, data, focused);
        }
        if data.rows.is_some_and(|n| n.number() == 0) {
            pen.line(body, 0, &Line::new().gap(numbers + GAP).muted("no rows"));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call, drawing")]
    fn draw_head(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        rows: u16,
        numbers: usize,
        places: &[(usize, usize, usize)],
        data: &Data<'_>,
        focused: bool,
    ) {
        let glyphs = pen.glyphs();
        for &(column, x, width) in places {
            let field = &data.window.schema.fields[column];
            let order = data.sort.iter().find(|k| k.column == field.name).map(|k| k.order);
            let arrow = match order {
                Some(Order::Ascending) => format!(" {}", glyphs.up()),
                Some(Order::Descending) => format!(" {}", glyphs.down()),
                None => String::new(),
            };
            let room = width.saturating_sub(width_of(&arrow));
            let name = cut_text(&sanitise(&field.name), room, glyphs);
            let right = field.data_type.is_number();
            let line = Line::new().strong(name).accent(arrow);
            put(pen, area, 0, numbers + GAP + x, width, &line, right);
            if rows > 1 {
                let text = cut_text(&field.data_type.to_string(), width, glyphs);
                put(pen, area, 1, numbers + GAP + x, width, &Line::new().muted(text), right);
            }
            if focused && column == self.column {
                let style = pen.look.selected(true);
                let at = Rect { x: area.x + (numbers + GAP + x) as u16, width: width as u16, height: 1, ..area };
                pen.over(at.intersection(area), style);
            }
        }
        let last = places.last().map_or(0, |p| p.0);
        let more_right = last + 1 < data.window.schema.fields.len();
        if self.left > 0 {
            pen.text(area.x + numbers as u16, area.y, 1, Tone::Accent, glyphs.pick("◂", "<"));
        }
        if more_right {
            pen.text(area.right().saturating_sub(1), area.y, 1, Tone::Accent, glyphs.pick("▸", ">"));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call, drawing")]
    fn draw_row(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        row: u64,
        numbers: usize,
        places: &[(usize, usize, usize)],
        data: &Data<'_>,
        focused: bool,
    ) {
        let glyphs = pen.glyphs();
        let number = count(row + 1);
        let here = row == self.row;
        put(pen, area, 0, 0, numbers, &Line::new().muted(&number), true);
        if here {
            let style = pen.look.selected(focused);
            pen.over(area, style);
        }
        let at = row.checked_sub(data.window.offset).map(|r| r as usize);
        let cells = at.and_then(|r| data.window.rows.get(r));
        for &(column, x, width) in places {
            let field = &data.window.schema.fields[column];
            let line = match (cells.and_then(|c| c.get(column)), at) {
                (Some(cell), Some(at)) => {
                    let line = crate::show::rows::cell(cell);
                    match (data.mark)(at, column) {
                        Mark::Same => line,
                        Mark::Changed => Line::new().accent(glyphs.pick("▸", "*")).append(line.in_tone(Tone::Accent)),
                        Mark::Gone => line.in_tone(Tone::Muted),
                    }
                }
                _ => Line::new().muted(glyphs.ellipsis()),
            };
            put(pen, area, 0, numbers + GAP + x, width, &line.cut(width, glyphs), right_aligned(&field.data_type));
            if here && focused && column == self.column {
                let style = pen.look.cursor();
                let cell = Rect { x: area.x + (numbers + GAP + x) as u16, width: width as u16, ..area };
                pen.over(cell.intersection(area), style);
            }
        }
    }

    /// The cursor is on a row there is, and that row is in sight.
    fn keep_cursor(&mut self, data: &Data<'_>) {
        if let Some(RowCount::Known(n)) = data.rows {
            self.row = self.row.min(n.saturating_sub(1));
            self.top = self.top.min(n.saturating_sub(self.rows));
        }
        if self.row < self.top {
            self.top = self.row;
        } else if self.row >= self.top + self.rows {
            self.top = self.row + 1 - self.rows;
        }
    }

    /// The column under the cursor is in sight.
    fn keep_column(&mut self, room: usize) {
        self.column = self.column.min(self.widths.len().saturating_sub(1));
        self.left = self.left.min(self.column);
        let width = |range: std::ops::RangeInclusive<usize>| range.map(|c| self.widths[c] + GAP).sum::<usize>().saturating_sub(GAP);
        while self.left < self.column && width(self.left..=self.column) > room {
            self.left += 1;
        }
    }

    /// Columns in sight: which, where, how wide. The last one may be cut.
    fn places(&self, schema: &Schema, room: usize) -> Vec<(usize, usize, usize)> {
        let mut places = Vec::new();
        let mut x = 0;
        for column in self.left..schema.fields.len() {
            let left = room.saturating_sub(x);
            // Less than this of a column says nothing.
            if left < 4 && !places.is_empty() || left == 0 {
                break;
            }
            let width = self.widths[column].min(left);
            places.push((column, x, width));
            x += width + GAP;
        }
        places
    }

    fn measure(&mut self, data: &Data<'_>, schema: &Schema) {
        if self.widths.len() != schema.fields.len() {
            self.widths = vec![0; schema.fields.len()];
        }
        let first = self.top.saturating_sub(data.window.offset) as usize;
        let seen = data.window.rows.iter().skip(first).take(self.rows as usize);
        for (column, field) in schema.fields.iter().enumerate() {
            let sorted = usize::from(data.sort.iter().any(|k| k.column == field.name)) * 2;
            let head = width_of(&field.name) + sorted;
            let kind = width_of(&field.data_type.to_string()).min(14);
            self.widths[column] = self.widths[column].max(head).max(kind);
        }
        for row in seen {
            for (column, cell) in row.iter().enumerate().take(self.widths.len()) {
                let text = cell.text();
                // Long texts are wide enough whatever their exact width.
                let width = if text.len() > WIDEST * 4 { WIDEST } else { width_of(&text) };
                self.widths[column] = self.widths[column].max(width.max(if cell.is_null() { 4 } else { 1 }));
            }
        }
        self.widths.iter_mut().for_each(|w| *w = (*w).min(WIDEST));
    }

    fn number_width(&self, data: &Data<'_>) -> usize {
        let largest =
            data.rows.map_or(0, RowCount::number).max(self.top + self.rows).min(data.rows.map_or(u64::MAX, |n| n.number().max(1)));
        width_of(&count(largest)).max(3)
    }
}

fn right_aligned(data_type: &DataType) -> bool {
    data_type.is_number()
}

/// A line in a cell, to the left or to the right of it.
fn put(pen: &mut Pen<'_>, area: Rect, row: u16, x: usize, width: usize, line: &Line, right: bool) {
    let shift = if right { width.saturating_sub(line.width()) } else { 0 };
    let at = Rect { x: area.x + (x + shift) as u16, width: (width - shift.min(width)) as u16, ..area };
    pen.line(at.intersection(area), row, line);
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cell, Field};

    use super::*;

    fn window(offset: u64, rows: usize) -> Window {
        let schema = Schema::new(vec![Field::new("n", DataType::Integer)]);
        let rows = (0..rows).map(|r| vec![Cell::Integer(offset as i64 + r as i64)]).collect();
        Window { schema, offset, rows }
    }

    #[test]
    fn only_rows_in_sight_are_wanted() {
        let mut grid = Grid { rows: 20, ..Grid::default() };
        let all = Some(RowCount::Known(10_000_000));
        assert_eq!(grid.wants(&window(0, 200), all), None);
        grid.key("G", 10_000_000, 1);
        grid.top = 9_999_980;
        assert_eq!(grid.wants(&window(0, 200), all), Some((9_999_880, 120)), "the end, and a margin before it");
        grid.top = 190;
        assert_eq!(grid.wants(&window(0, 200), all), Some((90, 220)));
        grid.top = 5;
        assert_eq!(grid.wants(&window(0, 7), Some(RowCount::Known(7))), None, "there are no more");
        assert_eq!(grid.wants(&window(0, 0), Some(RowCount::Known(0))), None);
    }
}
