//! A canvas of dots finer than characters: two by four to a character in braille, one to one in ASCII.

use crate::paint::{Glyphs, Line, Tone};

/// Dots over characters.
pub(super) struct Dots {
    glyphs: Glyphs,
    columns: usize,
    rows: usize,
    cells: Vec<(u8, Tone)>,
}

impl Dots {
    pub(super) fn new(columns: usize, rows: usize, glyphs: Glyphs) -> Self {
        Self { glyphs, columns, rows, cells: vec![(0, Tone::Plain); columns * rows] }
    }

    /// Dots across and down.
    pub(super) fn size(&self) -> (usize, usize) {
        match self.glyphs {
            Glyphs::Unicode => (self.columns * 2, self.rows * 4),
            Glyphs::Ascii => (self.columns, self.rows),
        }
    }

    /// A straight line between two dots (Bresenham), both included; (0, 0) is at the top left.
    pub(super) fn stroke(&mut self, from: (usize, usize), to: (usize, usize), tone: Tone) {
        let (mut x, mut y) = (from.0 as i64, from.1 as i64);
        let (x1, y1) = (to.0 as i64, to.1 as i64);
        let (dx, dy) = ((x1 - x).abs(), -(y1 - y).abs());
        let (sx, sy) = ((x1 - x).signum(), (y1 - y).signum());
        let mut error = dx + dy;
        loop {
            self.dot(x as usize, y as usize, tone);
            if (x, y) == (x1, y1) {
                return;
            }
            let doubled = 2 * error;
            if doubled >= dy {
                error += dy;
                x += sx;
            }
            if doubled <= dx {
                error += dx;
                y += sy;
            }
        }
    }

    /// One row of characters; where there is no dot, `behind` shows.
    pub(super) fn row(&self, row: usize, behind: Option<(&str, Tone)>) -> Line {
        let mut line = Line::new();
        let mut run = (String::new(), Tone::Plain);
        for column in 0..self.columns {
            let (bits, tone) = self.cells[row * self.columns + column];
            let (text, tone) = match (bits, behind) {
                (0, Some((text, tone))) => (text.to_owned(), tone),
                (0, None) => (" ".to_owned(), Tone::Plain),
                (_, _) if self.glyphs == Glyphs::Ascii => ("*".to_owned(), tone),
                (bits, _) => (char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ').to_string(), tone),
            };
            if tone != run.1 {
                line.push(run.1, std::mem::take(&mut run.0));
                run.1 = tone;
            }
            run.0.push_str(&text);
        }
        line.push(run.1, run.0);
        line
    }

    fn dot(&mut self, x: usize, y: usize, tone: Tone) {
        let (column, row, bit) = match self.glyphs {
            Glyphs::Unicode => (x / 2, y / 4, BRAILLE[y % 4][x % 2]),
            Glyphs::Ascii => (x, y, 1),
        };
        if column < self.columns && row < self.rows {
            let cell = &mut self.cells[row * self.columns + column];
            *cell = (cell.0 | bit, tone);
        }
    }
}

/// Bits of U+2800 by row and column of the dot.
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
