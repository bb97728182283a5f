//! A table as text: a head, a thin rule, rows; numbers to the right, nothing wider than the room.

use crate::paint::{Line, Room, Tone};

/// A column's head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    title: String,
    /// A second line under the title, for instance the type.
    under: Option<String>,
    right: bool,
    /// The higher, the earlier the column is left out when there is no room.
    rank: u8,
    /// Never made narrower than this, nor than its widest cell if that is less.
    least: usize,
}

/// Rows of toned cells under heads.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextTable {
    heads: Vec<Head>,
    rows: Vec<Vec<Line>>,
}

/// A table as lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Laid {
    pub lines: Vec<Line>,
    /// Columns there was no room for.
    pub columns_left_out: usize,
}

const GAP: usize = 2;
/// No column is made narrower than this to make room.
const NARROWEST: usize = 8;
/// No cell takes more than this while there is a width to keep to.
const WIDEST: usize = 60;

impl Head {
    pub(crate) fn left(title: impl Into<String>) -> Self {
        Self { title: title.into(), under: None, right: false, rank: 0, least: NARROWEST }
    }

    pub(crate) fn right(title: impl Into<String>) -> Self {
        // A number that is cut is another number.
        Self { right: true, least: usize::MAX, ..Self::left(title) }
    }

    /// Left out before those of a lower rank when there is no room.
    pub(crate) fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    /// Others are left out before this is made narrower.
    pub(crate) fn at_least(mut self, columns: usize) -> Self {
        self.least = columns;
        self
    }

    /// Never cut to make room for others.
    pub(crate) fn whole(mut self) -> Self {
        self.least = usize::MAX;
        self
    }

    pub(crate) fn over(mut self, under: impl Into<String>) -> Self {
        self.under = Some(under.into());
        self
    }
}

impl TextTable {
    pub(crate) fn new(heads: Vec<Head>) -> Self {
        Self { heads, rows: Vec::new() }
    }

    /// Adds a row; it has as many cells as there are heads.
    pub(crate) fn row(&mut self, cells: Vec<Line>) {
        debug_assert_eq!(cells.len(), self.heads.len(), "a row has a cell for each head");
        self.rows.push(cells);
    }

    /// The table without columns that say nothing: those whose cells are all empty.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        let keep: Vec<bool> = (0..self.heads.len()).map(|c| self.rows.iter().any(|r| r[c].width() > 0)).collect();
        let kept = |c: &mut usize| {
            *c += 1;
            keep[*c - 1]
        };
        let mut c = 0;
        self.heads.retain(|_| kept(&mut c));
        for row in &mut self.rows {
            let mut c = 0;
            row.retain(|_| kept(&mut c));
        }
        self
    }

    pub(crate) fn lines(self, room: Room) -> Laid {
        let (columns, widths) = self.fit(room.width);
        let columns_left_out = self.heads.len() - columns.len();
        let kept = self.only(&columns);
        let mut lines = vec![kept.head(&widths, room, |h| Line::new().strong(&h.title))];
        if kept.heads.iter().any(|h| h.under.is_some()) {
            lines.push(kept.head(&widths, room, |h| Line::new().muted(h.under.as_deref().unwrap_or_default())));
        }
        let rules = widths.iter().map(|w| Line::new().with(Tone::Rule, room.glyphs.rule().repeat(*w))).collect();
        lines.push(join(rules));
        for row in kept.rows {
            let cells = row.into_iter().zip(&widths).zip(&kept.heads).map(|((cell, w), head)| place(cell, *w, head.right, room));
            lines.push(join(cells.collect()));
        }
        Laid { lines, columns_left_out }
    }

    /// The table with these columns only.
    fn only(self, columns: &[usize]) -> Self {
        if columns.len() == self.heads.len() {
            return self;
        }
        let heads = columns.iter().map(|c| self.heads[*c].clone()).collect();
        let rows = self.rows.into_iter().map(|r| columns.iter().map(|c| r[*c].clone()).collect()).collect();
        Self { heads, rows }
    }

    fn head(&self, widths: &[usize], room: Room, text: impl Fn(&Head) -> Line) -> Line {
        join(self.heads.iter().zip(widths).map(|(h, w)| place(text(h), *w, h.right, room)).collect())
    }

    /// The columns that are shown and their widths.
    fn fit(&self, room: Option<usize>) -> (Vec<usize>, Vec<usize>) {
        let natural: Vec<usize> = (0..self.heads.len())
            .map(|c| {
                let head = &self.heads[c];
                let under = head.under.as_deref().map_or(0, |u| Line::new().plain(u).width());
                let cells = self.rows.iter().map(|r| r[c].width()).max().unwrap_or(0);
                Line::new().plain(&head.title).width().max(under).max(cells).max(1)
            })
            .collect();
        let mut columns: Vec<usize> = (0..self.heads.len()).collect();
        let Some(room) = room else { return (columns, natural) };
        let at = |columns: &[usize], cap: usize| -> Vec<usize> {
            columns.iter().map(|&c| natural[c].min(cap.max(self.heads[c].least))).collect()
        };
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        while columns.len() > 1 && total(&at(&columns, NARROWEST)) > room {
            let highest = columns.iter().map(|c| self.heads[*c].rank).max().unwrap_or(0);
            let last = columns.iter().rposition(|c| self.heads[*c].rank == highest).unwrap_or(columns.len() - 1);
            columns.remove(last);
        }
        let cap = (NARROWEST..=WIDEST).rev().find(|cap| total(&at(&columns, *cap)) <= room).unwrap_or(NARROWEST);
        let mut widths = at(&columns, cap);
        // What the narrow columns leave is given to the cut ones, from the left.
        let mut spare = room.saturating_sub(total(&widths));
        for (width, &column) in widths.iter_mut().zip(&columns) {
            let more = natural[column].saturating_sub(*width).min(spare);
            *width += more;
            spare -= more;
        }
        if let [only] = widths.as_mut_slice() {
            *only = (*only).min(room.max(1));
        }
        (columns, widths)
    }
}

fn place(cell: Line, width: usize, right: bool, room: Room) -> Line {
    let cell = cell.cut(width, room.glyphs);
    if right {
        let missing = width - cell.width().min(width);
        Line::new().gap(missing).append(cell)
    } else {
        cell.padded(width)
    }
}

fn join(cells: Vec<Line>) -> Line {
    let mut line = Line::new();
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            line = line.gap(GAP);
        }
        line = line.append(cell);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Glyphs, Ink};

    fn table() -> TextTable {
        let mut table = TextTable::new(vec![Head::left("name").over("text"), Head::right("price").over("float"), Head::left("remark")]);
        for (name, price, remark) in [("Anna", "9.5", "a remark that is long enough to be cut"), ("Bartholomew", "1200", "")] {
            table.row([name, price, remark].iter().map(|t| Line::new().plain(t)).collect());
        }
        table
    }

    fn shown(width: Option<usize>) -> (String, usize) {
        let laid = table().lines(Room { width, glyphs: Glyphs::Unicode });
        let lines: Vec<String> = laid.lines.iter().map(|l| Ink::None.line(l)).collect();
        for line in &laid.lines {
            assert!(width.is_none_or(|w| line.width() <= w), "{width:?}: {}", line.text());
        }
        (lines.join("\n"), laid.columns_left_out)
    }

    #[test]
    fn numbers_stand_to_the_right_and_wide_cells_are_cut() {
        let (text, left_out) = shown(Some(40));
        insta::assert_snapshot!(text, @r"
        name         price  remark
        text         float
        ───────────  ─────  ────────────────────
        Anna           9.5  a remark that is lo…
        Bartholomew   1200
        ");
        assert_eq!(left_out, 0);
    }

    #[test]
    fn without_a_width_nothing_is_cut() {
        assert!(shown(None).0.contains("a remark that is long enough to be cut"));
    }

    #[test]
    fn columns_without_room_are_left_out_and_counted() {
        for (width, left_out) in [(25, 0), (24, 1), (15, 1), (14, 2), (3, 2)] {
            assert_eq!(shown(Some(width)).1, left_out, "at {width}");
        }
    }

    #[test]
    fn empty_columns_can_be_dropped() {
        let mut t = TextTable::new(vec![Head::left("a"), Head::left("b")]);
        t.row(vec![Line::new().plain("1"), Line::new()]);
        assert_eq!(t.without_empty_columns().heads.len(), 1);
    }
}
