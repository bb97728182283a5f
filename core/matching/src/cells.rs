//! What is known of each row, side by side: one visit to memory brings all of it.

use rayon::prelude::*;
use trommel_model::Outcome;

use crate::watch::Watch;

/// Numbers in one line of the processor's cache.
const LINE: usize = 16;
/// Rows filled at once; they stay in the cache from the first column to the last.
const ROWS: usize = 2_048;

/// Rows of equally many numbers, laid out so that a row lies in as few cache lines as can be.
pub(crate) struct Cells {
    data: Vec<u32>,
    /// Where the first row begins, on the edge of a cache line.
    start: usize,
    stride: usize,
}

impl Cells {
    /// One cell a row from each column.
    pub fn new(columns: &[&[u32]], rows: usize, watch: &Watch<'_>) -> Outcome<Self> {
        let mut cells = Self::empty(columns.len(), rows);
        cells.fill(0, columns, watch)?;
        Ok(cells)
    }

    /// Rows of so many zeros.
    pub fn empty(width: usize, rows: usize) -> Self {
        let stride = stride(width);
        let data = vec![0_u32; rows * stride + LINE];
        let start = data.as_ptr().align_offset(LINE * size_of::<u32>()).min(LINE);
        Self { data, start, stride }
    }

    /// Bytes that so many rows take.
    pub fn bytes(width: usize, rows: u64) -> u64 {
        rows * (stride(width) * size_of::<u32>()) as u64
    }

    /// Columns from a place on.
    pub fn fill(&mut self, from: usize, columns: &[&[u32]], watch: &Watch<'_>) -> Outcome<()> {
        let stride = self.stride;
        let end = self.data.len() - LINE + self.start;
        self.data[self.start..end].par_chunks_mut(ROWS * stride).enumerate().try_for_each(|(chunk, cells)| {
            watch.check()?;
            for (at, column) in columns.iter().enumerate() {
                let values = &column[chunk * ROWS..];
                for (row, &value) in cells.chunks_exact_mut(stride).zip(values) {
                    row[from + at] = value;
                }
            }
            Ok(())
        })
    }

    /// The cells of a row, in the order of the columns; there may be unused ones behind them.
    #[inline]
    pub fn row(&self, row: u32) -> &[u32] {
        let at = self.start + row as usize * self.stride;
        &self.data[at..at + self.stride]
    }
}

fn stride(width: usize) -> usize {
    let width = width.max(1);
    if width <= LINE { width.next_power_of_two() } else { width.next_multiple_of(LINE) }
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    #[test]
    fn rows_hold_what_columns_held() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        for width in [1_usize, 3, 16, 17, 40] {
            let columns: Vec<Vec<u32>> = (0..width).map(|c| (0..5_000).map(|r| (c * 10_000 + r) as u32).collect()).collect();
            let columns: Vec<&[u32]> = columns.iter().map(Vec::as_slice).collect();
            let cells = Cells::new(&columns, 5_000, &Watch::new(&cancel, &progress)).unwrap();
            for row in [0_u32, 1, 2_047, 2_048, 4_999] {
                let expected: Vec<u32> = (0..width as u32).map(|c| c * 10_000 + row).collect();
                assert_eq!(&cells.row(row)[..width], expected, "{width} columns");
            }
        }
    }
}
