//! A table with each different text of a column kept once: four bytes a cell, and questions about values asked once a value.

use std::hash::BuildHasher as _;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType as Arrow;
use rustc_hash::FxBuildHasher;
use trommel_engine::frame::cell_of;
use trommel_model::Cell;

use crate::words::is_null_word;

/// Cells that are taken in; rows beyond are left out and told.
const MOST_CELLS: usize = 200_000_000;

/// A place of an index at which no value stands.
const FREE: u32 = u32::MAX;

/// A table of texts.
#[derive(Debug, Clone, Default)]
pub struct Coded {
    /// The columns.
    pub columns: Vec<CodedColumn>,
    /// The rows.
    pub rows: usize,
    /// Rows that were left out because the table is too large.
    pub left_out: u64,
    /// Rows that people count and that are not here: before which row each of them stands, from 0, in order.
    pub skipped: Vec<u32>,
}

/// A column of texts.
#[derive(Debug, Clone, Default)]
pub struct CodedColumn {
    /// Its name.
    pub name: String,
    /// By row, which value.
    pub codes: Vec<u32>,
    /// The different values in the order they came.
    pub values: Vec<CodedValue>,
    /// Places of the values by the hash of their texts: a table of open addressing that is at most half full.
    index: Vec<u32>,
}

/// A value with its rows.
#[derive(Debug, Clone)]
pub struct CodedValue {
    /// The text; nothing for null.
    pub text: Box<str>,
    /// Its rows.
    pub rows: u32,
    /// Nothing, white space, or a word for nothing.
    pub missing: bool,
}

impl Coded {
    /// A table with columns of these names and no rows.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self { columns: names.map(|name| CodedColumn { name: name.to_owned(), ..CodedColumn::default() }).collect(), ..Self::default() }
    }

    /// Takes in rows; the columns of the table are the first ones of the batch.
    pub fn absorb(&mut self, batch: &RecordBatch) {
        let taken = batch.num_rows().min(self.room());
        self.left_out += (batch.num_rows() - taken) as u64;
        for (column, array) in self.columns.iter_mut().zip(batch.columns()) {
            if *array.data_type() == Arrow::Utf8 {
                let texts = array.as_string::<i32>();
                (0..taken).for_each(|row| column.push(if texts.is_null(row) { "" } else { texts.value(row) }));
                continue;
            }
            for row in 0..taken {
                match cell_of(array.as_ref(), row) {
                    Cell::Null => column.push(""),
                    Cell::Text(text) => column.push(&text),
                    other => column.push(&other.text()),
                }
            }
        }
        self.rows += taken;
    }

    /// Takes in the rows of a table with the same columns, behind its own.
    pub fn append(&mut self, other: Self) {
        let taken = other.rows.min(self.room());
        self.left_out += other.left_out + (other.rows - taken) as u64;
        for (column, theirs) in self.columns.iter_mut().zip(other.columns) {
            let mut known = vec![u32::MAX; theirs.values.len()];
            column.codes.reserve(taken);
            for code in &theirs.codes[..taken] {
                let own = &mut known[*code as usize];
                if *own == u32::MAX {
                    *own = column.code(&theirs.values[*code as usize].text);
                }
                column.values[*own as usize].rows += 1;
                column.codes.push(*own);
            }
        }
        self.rows += taken;
    }

    /// Rows that can still be taken in.
    fn room(&self) -> usize {
        (MOST_CELLS / self.columns.len().max(1)).saturating_sub(self.rows).min(u32::MAX as usize - 1)
    }

    /// What people call a row.
    pub(crate) fn row_number(&self, row: usize) -> u64 {
        (row + 1 + self.skipped.partition_point(|before| *before as usize <= row)) as u64
    }
}

impl CodedColumn {
    fn push(&mut self, text: &str) {
        let code = self.code(text);
        self.values[code as usize].rows += 1;
        self.codes.push(code);
    }

    /// The code of a text; a new one for a new text.
    fn code(&mut self, text: &str) -> u32 {
        if self.index.len() < 2 * (self.values.len() + 1) {
            self.grow();
        }
        let place = self.place(text);
        if self.index[place] == FREE {
            self.index[place] = self.values.len() as u32;
            let missing = text.trim().is_empty() || is_null_word(text.trim());
            self.values.push(CodedValue { text: text.into(), rows: 0, missing });
        }
        self.index[place]
    }

    /// The place of a text in the index, or the free one where it belongs.
    fn place(&self, text: &str) -> usize {
        let last = self.index.len() - 1;
        // The upper bits of this hash are its better ones.
        let mut place = (FxBuildHasher.hash_one(text) >> 20) as usize & last;
        while self.index[place] != FREE && *self.values[self.index[place] as usize].text != *text {
            place = (place + 1) & last;
        }
        place
    }

    fn grow(&mut self) {
        self.index = vec![FREE; (2 * self.index.len()).max(16)];
        for code in 0..self.values.len() {
            let place = self.place(&self.values[code].text);
            self.index[place] = code as u32;
        }
    }

    /// The text of a row.
    pub fn text(&self, row: usize) -> &str {
        &self.values[self.codes[row] as usize].text
    }

    /// True for a row without a value.
    pub fn is_missing(&self, row: usize) -> bool {
        self.values[self.codes[row] as usize].missing
    }

    /// Values that are there, with their rows.
    pub fn known(&self) -> impl Iterator<Item = (&str, u32)> {
        self.values.iter().filter(|v| !v.missing).map(|v| (&*v.text, v.rows))
    }

    /// Rows that have a value.
    pub fn known_rows(&self) -> u64 {
        self.known().map(|(_, rows)| u64::from(rows)).sum()
    }

    /// Different values that are there.
    pub fn distinct(&self) -> usize {
        self.values.iter().filter(|v| !v.missing).count()
    }

    /// The rows of the values for which something holds.
    pub(super) fn rows_where(&self, holds: impl Fn(&CodedValue) -> bool) -> Vec<usize> {
        let wanted: Vec<bool> = self.values.iter().map(holds).collect();
        if !wanted.contains(&true) {
            return Vec::new();
        }
        (0..self.codes.len()).filter(|row| wanted[self.codes[*row] as usize]).collect()
    }
}
