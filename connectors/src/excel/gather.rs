//! The first pass over a sheet: its rows are put aside, and what its columns hold is noted.

use std::ops::ControlFlow;

use trommel_model::{ExcelOptions, Outcome};

use super::area::Area;
use super::book::Book;
use super::config::{HEAD_ROWS, KEEP_EMPTY, MOST_SPARSE};
use super::error;
use super::header::{self, Top};
use super::merged::Merged;
use crate::infer::{Seen, Shape};
use crate::read::Job;
use crate::spool::{Origin, Spool, Value};

/// A value that owns its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Owned {
    Text(Box<[u8]>),
    Fault(Box<[u8]>),
    Other(Value<'static>),
}

impl Owned {
    /// A copy of a value.
    pub fn of(value: Value<'_>) -> Self {
        match value {
            Value::Text(t) | Value::Form(t) => Self::Text(t.into()),
            Value::Fault(t) => Self::Fault(t.into()),
            Value::Number(n) => Self::Other(Value::Number(n)),
            Value::Boolean(b) => Self::Other(Value::Boolean(b)),
            Value::Date(v) => Self::Other(Value::Date(v)),
            Value::Time(v) => Self::Other(Value::Time(v)),
            Value::Timestamp(v) => Self::Other(Value::Timestamp(v)),
            Value::Span(v) => Self::Other(Value::Span(v)),
        }
    }

    /// The value.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Text(t) => Value::Text(t),
            Self::Fault(t) => Value::Fault(t),
            Self::Other(value) => *value,
        }
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.value().shape()
    }

    /// Its text, of a text.
    pub fn text(&self) -> Option<&[u8]> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// True for a whole number that people mean as a year.
    pub fn is_year(&self) -> bool {
        matches!(self, Self::Other(Value::Number(n)) if n.fract() == 0.0 && (1900.0..=2100.0).contains(n))
    }
}

/// One of the first rows of a sheet.
#[derive(Debug, Clone, Default)]
pub struct HeadRow {
    /// Its number, from 0.
    pub row: u32,
    /// Its cells with a value, by column.
    pub cells: Vec<(u32, Owned)>,
}

impl HeadRow {
    /// The value in a column.
    pub fn cell(&self, column: u32) -> Option<&Owned> {
        self.cells.iter().find(|(c, _)| *c == column).map(|(_, v)| v)
    }
}

/// What a sheet holds.
#[derive(Debug, Default)]
pub struct Table {
    /// The rows.
    pub spool: Spool,
    /// What was seen in each column of the sheet.
    pub seen: Vec<Seen>,
    /// The names by column of the sheet, of the header.
    pub names: Vec<String>,
    /// Rows above the header.
    pub above: usize,
    /// The number of the header's last row, from 1; 0 without one.
    pub header_row: u64,
    /// Cells with a fault such as `#N/A`.
    pub faults: u64,
}

/// Reads a sheet, at most so many rows.
pub fn gather(job: &Job<'_>, book: &mut Book, sheet: usize, options: &ExcelOptions, most: u64) -> Outcome<Table> {
    let mut area = options.range.as_deref().map_or(Ok(Area::WHOLE), Area::parse)?;
    if let Some(row) = options.header_row {
        area.top = area.top.max(u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX));
    }
    let merged = if options.fill_merged { Merged::new(book.merged(sheet)?) } else { Merged::default() };
    let mut state = State { options, merged, head: Vec::new(), top: None, row: None, table: Table::default() };
    let mut cells = 0_u64;
    book.each_cell(sheet, &mut |row, column, value| {
        cells += 1;
        if cells.is_multiple_of(4096) {
            job.cancel.check()?;
            job.progress.update(|p| p.rows = u64::from(row));
        }
        if !area.contains(row, column) {
            return Ok(ControlFlow::Continue(()));
        }
        state.cell(row, column, value)?;
        Ok(if state.table.spool.rows > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    state.finish()
}

struct State<'a> {
    options: &'a ExcelOptions,
    merged: Merged,
    head: Vec<HeadRow>,
    top: Option<Top>,
    row: Option<u32>,
    table: Table,
}

impl State<'_> {
    fn cell(&mut self, row: u32, column: u32, value: Value<'_>) -> Outcome<()> {
        if self.row != Some(row) {
            self.end_row()?;
            self.row = Some(row);
            if self.top.is_none() && self.head.len() >= HEAD_ROWS {
                self.decide()?;
            }
            if self.top.is_some() {
                self.table.spool.begin();
            } else {
                self.head.push(HeadRow { row, cells: Vec::new() });
            }
        }
        if !self.merged.is_empty() {
            self.merged.see(row, column, value);
        }
        self.put(column, value);
        Ok(())
    }

    fn put(&mut self, column: u32, value: Value<'_>) {
        if self.top.is_some() {
            self.table.add(self.row.unwrap_or_default(), column, value);
        } else if let Some(row) = self.head.last_mut() {
            row.cells.push((column, Owned::of(value)));
        }
    }

    fn end_row(&mut self) -> Outcome<()> {
        let Some(row) = self.row.take() else { return Ok(()) };
        if !self.merged.is_empty() {
            let mut merged = std::mem::take(&mut self.merged);
            self.row = Some(row);
            merged.rest(row, &mut |column, value| {
                self.put(column, value);
                Ok(())
            })?;
            self.row = None;
            self.merged = merged;
        }
        if self.top.is_some() {
            self.table.spool.end(Origin { line: u64::from(row) + 1, ..Origin::default() })?;
        }
        Ok(())
    }

    /// Makes out the header among the first rows, and puts those below it aside.
    fn decide(&mut self) -> Outcome<()> {
        let top = header::find(&self.head, self.options.header, self.options.header_row);
        self.top = Some(top);
        let head = std::mem::take(&mut self.head);
        self.table.above = top.first;
        let below = top.first + top.header_rows;
        if top.header_rows > 0 {
            self.table.name(&head[top.first..below]);
        }
        for row in &head[below.min(head.len())..] {
            self.table.spool.begin();
            for (column, value) in &row.cells {
                self.table.add(row.row, *column, value.value());
            }
            self.table.spool.end(Origin { line: u64::from(row.row) + 1, ..Origin::default() })?;
        }
        Ok(())
    }

    fn finish(mut self) -> Outcome<Table> {
        self.end_row()?;
        if self.top.is_none() {
            self.decide()?;
        }
        self.table.spool.close()?;
        Ok(self.table)
    }
}

impl Table {
    fn add(&mut self, row: u32, column: u32, value: Value<'_>) {
        let at = column as usize;
        if at >= self.seen.len() {
            self.seen.resize(at + 1, Seen::default());
        }
        self.faults += u64::from(matches!(value, Value::Fault(_)));
        self.seen[at].add(value.shape(), u64::from(row) + 1);
        self.spool.cell(column, &value);
    }

    /// Names the columns after the rows of a header: labels of groups hold for the columns to their right.
    fn name(&mut self, rows: &[HeadRow]) {
        let width = rows.iter().flat_map(|r| &r.cells).map(|(c, _)| *c as usize + 1).max().unwrap_or(0);
        let mut names = vec![Vec::<String>::new(); width];
        for (at, row) in rows.iter().enumerate() {
            let mut before = String::new();
            for (column, parts) in names.iter_mut().enumerate() {
                if let Some(cell) = row.cell(column as u32) {
                    before = shown(cell);
                } else if at + 1 == rows.len() {
                    before.clear();
                }
                if !before.is_empty() {
                    parts.push(before.clone());
                }
            }
        }
        self.names = names.into_iter().map(|parts| parts.join(" ")).collect();
        self.header_row = rows.last().map_or(0, |r| u64::from(r.row) + 1);
    }

    /// True when there is neither a row nor a name.
    pub fn is_empty(&self) -> bool {
        self.spool.rows == 0 && self.names.is_empty()
    }

    /// For each column of the sheet its field, and how many columns without name and value are left out.
    pub fn places(&self) -> (Vec<Option<u32>>, usize) {
        let width = self.seen.len().max(self.names.len());
        let used =
            |at: usize| self.seen.get(at).is_some_and(|s| *s != Seen::default()) || self.names.get(at).is_some_and(|n| !n.is_empty());
        let first = (0..width).find(|at| used(*at)).unwrap_or(width);
        let last = (first..width).rev().find(|at| used(*at)).map_or(first, |at| at + 1);
        let keep_empty = last - first <= KEEP_EMPTY;
        let mut next = 0;
        let places = (0..width)
            .map(|at| {
                let kept = (first..last).contains(&at) && (keep_empty || used(at));
                kept.then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        (places, last - first - next as usize)
    }

    /// Refuses a table that is nearly all empty.
    pub fn check_density(&self, width: usize) -> Outcome<()> {
        let (rows, cells) = (self.spool.rows, self.spool.cells);
        let values = rows.saturating_mul(width as u64);
        if values > MOST_SPARSE && cells.saturating_mul(50) < values { Err(error::too_sparse(cells, rows, width as u64)) } else { Ok(()) }
    }
}

/// A cell of the header as a name, line ends made blanks.
fn shown(cell: &Owned) -> String {
    let mut bytes = Vec::new();
    cell.value().print(crate::values::Kind::Text, &mut bytes);
    String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}
