//! Merged cells: the value of the first is that of all, when that is asked for.

use calamine::Dimensions;
use trommel_model::Outcome;

use super::gather::Owned;
use crate::spool::Value;

/// The merged cells of a sheet while its rows come in order.
#[derive(Debug, Default)]
pub struct Merged {
    /// By first row.
    regions: Vec<(Dimensions, Option<Owned>)>,
    /// The first region that has not begun.
    next: usize,
    /// Those that have begun and not ended.
    active: Vec<usize>,
    /// Columns of the current row with a value.
    filled: Vec<u32>,
}

impl Merged {
    /// Of these regions.
    pub fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.sort_by_key(|r| r.start);
        Self { regions: regions.into_iter().map(|r| (r, None)).collect(), ..Self::default() }
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// Takes note of a cell with a value.
    pub fn see(&mut self, row: u32, column: u32, value: Value<'_>) {
        self.begin(row);
        self.filled.push(column);
        for at in &self.active {
            let (region, kept) = &mut self.regions[*at];
            if region.start == (row, column) {
                *kept = Some(Owned::of(value));
            }
        }
    }

    /// Gives the cells of a row that are empty and covered by a merged cell with a value; the row is over then.
    pub fn rest(&mut self, row: u32, each: &mut dyn FnMut(u32, Value<'_>) -> Outcome<()>) -> Outcome<()> {
        self.begin(row);
        for at in &self.active {
            let (region, Some(value)) = &self.regions[*at] else { continue };
            for column in region.start.1..=region.end.1 {
                if !self.filled.contains(&column) {
                    each(column, value.value())?;
                }
            }
        }
        self.filled.clear();
        Ok(())
    }

    fn begin(&mut self, row: u32) {
        while self.regions.get(self.next).is_some_and(|(region, _)| region.start.0 <= row) {
            self.active.push(self.next);
            self.next += 1;
        }
        self.active.retain(|at| self.regions[*at].0.end.0 >= row);
    }
}
