//! From records to batches: casts fields into typed columns, holds the rows that do not fit, adds the position columns.
//!
//! Work goes column by column through a block of records, so that each inner loop knows its type.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray};
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, HeldAt, OnBad, Outcome, Problem, QuarantinedRow};

use crate::infer::is_null_word;
use crate::plan::{ColumnPlan, Plan};
use crate::sink::Sink;
use crate::values::{ColumnBuffer, Kind, Parsed, boolean, date, decimal, float, instant, integer, time, timestamp, without_groups};

/// A batch is handed on at this many rows …
const BATCH_ROWS: usize = 64 * 1024;
/// … or at this much text.
const BATCH_BYTES: usize = 32 << 20;
/// … or at this many values, which wide tables reach with few rows.
const BATCH_VALUES: usize = 8 << 20;
/// Held rows are handed on at this many.
const HELD_ROWS: usize = 1024;

/// Records taken apart into fields.
pub trait Block {
    /// How many records there are.
    fn rows(&self) -> usize;
    /// A field's text without quotes and escapes; `None` when there is no value. `scratch` may hold it.
    fn field<'a>(&'a self, row: usize, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]>;
    /// A field's whole number, where the source has it as one; its text need not be made and read.
    fn integer(&self, _row: usize, _field: usize) -> Option<Parsed<i64>> {
        None
    }
    /// A field's floating point number, where the source has it as a number.
    fn float(&self, _row: usize, _field: usize) -> Option<Parsed<f64>> {
        None
    }
    /// The line the record starts on, or its number; from 1.
    fn line(&self, row: usize) -> u64;
    /// The record as it came.
    fn text(&self, row: usize) -> Cow<'_, str>;
    /// True when the fields alone do not give the record back, so that its text is kept.
    fn keeps_text(&self, row: usize) -> bool;
}

/// Counts of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows handed on.
    pub rows_out: u64,
    /// Rows held.
    pub held: u64,
    /// Values that became null by choice.
    pub nulled: u64,
}

/// Builds the batches of one part.
pub struct Assembler<'a> {
    plan: &'a Plan,
    sink: &'a dyn Sink,
    part: usize,
    columns: Vec<ColumnBuffer>,
    lines: Vec<i64>,
    texts: ColumnBuffer,
    keep: Vec<bool>,
    dropped: usize,
    held: Vec<QuarantinedRow>,
    files: Option<StringArray>,
    counts: Counts,
    marks: Marks,
}

/// What casting found out about the rows of one block.
#[derive(Default)]
struct Marks {
    inexact: Vec<bool>,
    bad: Vec<bool>,
    /// The first fault of each bad row: row, column, what.
    faults: Vec<(usize, usize, Fault)>,
    nulled: u64,
    scratch: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Misfit,
    Missing,
}

impl<'a> Assembler<'a> {
    /// Starts a part.
    pub fn new(plan: &'a Plan, sink: &'a dyn Sink, part: usize) -> Self {
        Self {
            plan,
            sink,
            part,
            columns: plan.columns.iter().map(|c| ColumnBuffer::new(c.kind)).collect(),
            lines: Vec::new(),
            texts: ColumnBuffer::new(Kind::Text),
            keep: Vec::new(),
            dropped: 0,
            held: Vec::new(),
            files: None,
            counts: Counts::default(),
            marks: Marks::default(),
        }
    }

    /// Takes a block of records in.
    pub fn take(&mut self, block: &impl Block) -> Outcome<()> {
        if let Some(why) = &self.plan.drifted {
            for row in 0..block.rows() {
                let held = self.row(block, row, HeldAt::Contract, None, "drift".to_owned(), why.clone());
                self.hold(held)?;
            }
            return Ok(());
        }
        let rows = block.rows();
        self.marks.start(rows);
        for (at, (column, plan)) in self.columns.iter_mut().zip(&self.plan.columns).enumerate() {
            cast(column, plan, self.plan, at, block, &mut self.marks);
        }
        self.counts.nulled += self.marks.nulled;
        let wants_text = self.sink.wants_text();
        for row in 0..rows {
            self.lines.push(block.line(row) as i64);
            if !wants_text || self.marks.bad[row] || !(self.marks.inexact[row] || block.keeps_text(row)) {
                self.texts.push_null();
            } else {
                self.texts.push_text(block.text(row).as_bytes());
            }
            self.keep.push(!self.marks.bad[row]);
        }
        let faults = std::mem::take(&mut self.marks.faults);
        self.dropped += faults.len();
        for (row, column, fault) in faults {
            let plan = &self.plan.columns[column];
            let (stage, rule, reason) = match fault {
                Fault::Missing => (HeldAt::Contract, "required".to_owned(), format!("\"{}\" has no value", plan.name)),
                Fault::Misfit => {
                    let mut scratch = Vec::new();
                    let value = plan.field.and_then(|f| block.field(row, f, &mut scratch)).unwrap_or_default();
                    (HeldAt::Cast, plan.kind.rule(), plan.kind.complaint(value))
                }
            };
            let held = self.row(block, row, stage, Some(plan.name.clone()), rule, reason);
            self.hold(held)?;
        }
        let values = self.lines.len() * self.columns.len();
        if self.lines.len() >= BATCH_ROWS || values >= BATCH_VALUES || self.text_bytes() >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Holds a record that could not be taken apart.
    pub fn hold_record(&mut self, line: u64, rule: &str, reason: String, raw: String) -> Outcome<()> {
        self.hold(QuarantinedRow {
            table: format!("raw.{}", self.plan.source),
            stage: HeldAt::Parse,
            source: self.plan.source.clone(),
            file: self.plan.file.clone(),
            line,
            field: None,
            rule: rule.to_owned(),
            reason,
            raw,
            waits: None,
        })
    }

    /// Hands on what is left and closes the part.
    pub fn finish(mut self) -> Outcome<Counts> {
        self.flush()?;
        if !self.held.is_empty() {
            self.sink.held(std::mem::take(&mut self.held))?;
        }
        self.sink.end_part(self.part)?;
        Ok(self.counts)
    }

    fn row(&self, block: &impl Block, row: usize, stage: HeldAt, field: Option<String>, rule: String, reason: String) -> QuarantinedRow {
        QuarantinedRow {
            table: format!("raw.{}", self.plan.source),
            stage,
            source: self.plan.source.clone(),
            file: self.plan.file.clone(),
            line: block.line(row),
            field,
            rule,
            reason,
            raw: block.text(row).into_owned(),
            waits: None,
        }
    }

    fn hold(&mut self, row: QuarantinedRow) -> Outcome<()> {
        self.counts.held += 1;
        self.held.push(row);
        if self.held.len() >= HELD_ROWS { self.sink.held(std::mem::take(&mut self.held)) } else { Ok(()) }
    }

    fn text_bytes(&self) -> usize {
        self.texts.text_bytes() + self.columns.iter().map(ColumnBuffer::text_bytes).sum::<usize>()
    }

    fn flush(&mut self) -> Outcome<()> {
        let rows = self.lines.len();
        if rows == 0 {
            return Ok(());
        }
        let batch =
            self.batch(rows).map_err(|e| Problem::new(Code::Internal, "a batch of rows does not hold together").why(e.to_string()))?;
        self.counts.rows_out += batch.num_rows() as u64;
        if batch.num_rows() == 0 { Ok(()) } else { self.sink.batch(self.part, batch) }
    }

    fn batch(&mut self, rows: usize) -> Result<RecordBatch, arrow::error::ArrowError> {
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(ColumnBuffer::finish).collect::<Result<_, _>>()?;
        let files = match &self.files {
            Some(files) if files.len() >= rows => files.slice(0, rows),
            _ => self.files.insert(std::iter::repeat_n(Some(self.plan.file.as_str()), rows).collect()).clone(),
        };
        arrays.push(Arc::new(files));
        arrays.push(Arc::new(Int64Array::from(std::mem::take(&mut self.lines))));
        arrays.push(self.texts.finish()?);
        let whole = RecordBatch::try_new(self.plan.schema.clone(), arrays)?;
        let keep = std::mem::take(&mut self.keep);
        if std::mem::take(&mut self.dropped) == 0 {
            return Ok(whole);
        }
        filter_record_batch(&whole, &BooleanArray::from(keep))
    }
}

impl Marks {
    fn start(&mut self, rows: usize) {
        self.inexact.clear();
        self.inexact.resize(rows, false);
        self.bad.clear();
        self.bad.resize(rows, false);
        self.faults.clear();
        self.nulled = 0;
    }

    fn fault(&mut self, row: usize, column: usize, fault: Fault) {
        if !self.bad[row] {
            self.bad[row] = true;
            self.faults.push((row, column, fault));
        }
    }
}

fn cast<B: Block>(column: &mut ColumnBuffer, plan: &ColumnPlan, whole: &Plan, at: usize, block: &B, marks: &mut Marks) {
    let Some(field) = plan.field else {
        for row in 0..block.rows() {
            column.push_null();
            if plan.required {
                marks.fault(row, at, Fault::Missing);
            }
        }
        return;
    };
    if plan.kind == Kind::Text {
        let mut scratch = std::mem::take(&mut marks.scratch);
        for row in 0..block.rows() {
            match block.field(row, field, &mut scratch) {
                Some(text) if !(plan.required && text.is_empty()) => column.push_text(text),
                _ => {
                    column.push_null();
                    if plan.required {
                        marks.fault(row, at, Fault::Missing);
                    }
                }
            }
        }
        marks.scratch = scratch;
        return;
    }
    let cells = Cells { column, plan, null_words: &whole.null_words, at, field, block };
    let mark = whole.mark;
    let forms = &plan.patterns;
    let grouped = |text: &[u8]| if plan.contracted { without_groups(text, mark) } else { None };
    match plan.kind {
        Kind::Integer => {
            let read = |t: &[u8]| integer(t).or_else(|| inexact(integer(&grouped(t)?)));
            cells.cast_known(marks, B::integer, read, ColumnBuffer::push_long);
        }
        Kind::Float => {
            let read = |t: &[u8]| float(t, mark).or_else(|| inexact(float(&grouped(t)?, mark)));
            cells.cast_known(marks, B::float, read, ColumnBuffer::push_float);
        }
        Kind::Decimal(precision, scale) => {
            let read = |t: &[u8]| decimal(t, mark, precision, scale).or_else(|| inexact(decimal(&grouped(t)?, mark, precision, scale)));
            cells.cast(marks, read, ColumnBuffer::push_decimal);
        }
        Kind::Boolean => cells.cast(marks, boolean, ColumnBuffer::push_boolean),
        Kind::Date if forms.is_empty() => cells.cast(marks, date, ColumnBuffer::push_day),
        Kind::Date => cells.cast(marks, |t| forms.iter().find_map(|f| f.date(t)), ColumnBuffer::push_day),
        Kind::Time if forms.is_empty() => cells.cast(marks, time, ColumnBuffer::push_long),
        Kind::Time => cells.cast(marks, |t| forms.iter().find_map(|f| f.time(t)), ColumnBuffer::push_long),
        Kind::Timestamp if forms.is_empty() => {
            cells.cast(
                marks,
                |t| timestamp(t).or_else(|| if plan.contracted { inexact(instant(t)) } else { None }),
                ColumnBuffer::push_long,
            );
        }
        Kind::Timestamp => cells.cast(marks, |t| forms.iter().find_map(|f| f.timestamp(t)), ColumnBuffer::push_long),
        Kind::Instant => cells.cast(marks, instant, ColumnBuffer::push_long),
        Kind::Text => {}
    }
}

/// A value that does not tell all of its text: a zone in a column without one, which is taken in UTC; thousands set apart.
fn inexact<T>(found: Option<Parsed<T>>) -> Option<Parsed<T>> {
    found.map(|p| Parsed { exact: false, ..p })
}

/// One field of all records of a block, on its way into one column.
struct Cells<'a, B> {
    column: &'a mut ColumnBuffer,
    plan: &'a ColumnPlan,
    null_words: &'a [Vec<u8>],
    at: usize,
    field: usize,
    block: &'a B,
}

impl<B: Block> Cells<'_, B> {
    #[inline]
    fn cast<T>(self, marks: &mut Marks, parse: impl Fn(&[u8]) -> Option<Parsed<T>>, push: impl Fn(&mut ColumnBuffer, T)) {
        self.cast_known(marks, |_, _, _| None, parse, push);
    }

    /// As [`Self::cast`], for a type that some sources have values of.
    #[inline]
    fn cast_known<T>(
        self,
        marks: &mut Marks,
        known: impl Fn(&B, usize, usize) -> Option<Parsed<T>>,
        parse: impl Fn(&[u8]) -> Option<Parsed<T>>,
        push: impl Fn(&mut ColumnBuffer, T),
    ) {
        let mut scratch = std::mem::take(&mut marks.scratch);
        for row in 0..self.block.rows() {
            // A word for "no value" is a text.
            if self.null_words.is_empty()
                && let Some(found) = known(self.block, row, self.field)
            {
                push(self.column, found.value);
                marks.inexact[row] |= !found.exact;
                continue;
            }
            let Some(text) = self.block.field(row, self.field, &mut scratch).filter(|t| !t.is_empty()) else {
                self.column.push_null();
                if self.plan.required {
                    marks.fault(row, self.at, Fault::Missing);
                }
                continue;
            };
            let declared = !self.null_words.is_empty() && self.null_words.iter().any(|w| w == text);
            if let Some(found) = if declared { None } else { parse(text) } {
                push(self.column, found.value);
                marks.inexact[row] |= !found.exact;
            } else {
                let absent = declared || text.trim_ascii().is_empty() || (!self.plan.contracted && is_null_word(text.trim_ascii()));
                self.column.push_null();
                marks.inexact[row] = true;
                if !absent && self.plan.on_bad == OnBad::Null {
                    marks.nulled += 1;
                } else if !absent {
                    marks.fault(row, self.at, Fault::Misfit);
                }
                if self.plan.required && (absent || self.plan.on_bad == OnBad::Null) {
                    marks.fault(row, self.at, Fault::Missing);
                }
            }
        }
        marks.scratch = scratch;
    }
}
