//! Cells that look wrong in a subject. A file is read straight through its connector, and each part of it is kept as numbered
//! texts as soon as it has come: no row is in memory twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, SchemaRef};
use trommel_app::{News, Subject};
use trommel_connectors::{LINE_COLUMN, Mode, Sink, is_position};
use trommel_model::{ColumnContract, ContractType, FileFormat, Finding, Findings, OnBad, Outcome, QuarantinedRow, Workspace};
use trommel_quality::Coded;

use super::quality::{spec, without_positions};
use crate::relation::relation;
use crate::worker::Task;
use crate::{desk, files};

/// Records that do not fit the header which are told; the others are counted.
const MOST_RECORDS: usize = 10_000;

/// The cells of a subject that look wrong.
pub(super) fn audit(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<News> {
    let Texts { table, records, left_out, mut notes } = texts(task, workspace, subject)?;
    task.progress.update(|p| "looking for cells that look wrong".clone_into(&mut p.doing));
    let detected = trommel_quality::detect(&table, &task.cancel)?;
    let found = detected.found + records.len() as u64 + left_out;
    let mut cells = records;
    cells.extend(detected.cells);
    cells.sort_by_key(|cell| cell.row);
    if left_out > 0 {
        notes.push(format!("{} records do not fit the header, of which the first {MOST_RECORDS} are told", left_out + MOST_RECORDS as u64));
    }
    notes.extend(detected.notes);
    Ok(News::Findings(Findings { subject: subject.to_string(), rows: table.rows as u64, found, cells, notes }))
}

/// A subject as numbered texts.
pub(super) struct Texts {
    pub table: Coded,
    /// Records that do not fit the header.
    pub records: Vec<Finding>,
    /// How many more there are.
    pub left_out: u64,
    pub notes: Vec<String>,
}

/// Reads a subject.
pub(super) fn texts(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<Texts> {
    let Subject::File(path) = subject else {
        let relation = relation(task, workspace, subject)?;
        let schema = relation.desk.engine.describe(&relation.sql)?;
        let mut table = Coded::new(schema.names());
        relation.desk.engine.stream(&relation.sql, &task.cancel, &mut |batch| {
            table.absorb(&batch);
            Ok(())
        })?;
        let notes = with_left_out(&table, relation.notes);
        return Ok(Texts { table, records: Vec::new(), left_out: 0, notes });
    };
    let (path, inner) = files::split_inner(path);
    let piece = files::piece(&path, inner.as_deref())?;
    let mut spec = spec(&piece);
    let mut mode = Mode::Lenient;
    if piece.format == FileFormat::Csv {
        // Values as they are written: what a type would make of them is part of what may be wrong.
        let (window, _) = trommel_connectors::preview(&piece, &spec, 1)?;
        let text = |name: &str| ColumnContract {
            name: name.to_owned(),
            data_type: ContractType::Text,
            required: false,
            on_bad: OnBad::Null,
            formats: Vec::new(),
            description: String::new(),
        };
        spec.columns = window.schema.names().filter(|name| !is_position(name)).map(text).collect();
        mode = Mode::Strict;
    }
    let sink = CodedSink::default();
    let threads = desk::threads(task, workspace.map(AsRef::as_ref));
    let report = trommel_connectors::read(&piece, &spec, mode, threads, &task.cancel, &task.progress, &sink)?;
    let mut read = sink.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.rest();
    let records = read.records();
    let notes = with_left_out(&read.whole.table, report.notes);
    Ok(Texts { table: read.whole.table, records, left_out: read.left_out, notes })
}

fn with_left_out(table: &Coded, mut notes: Vec<String>) -> Vec<String> {
    if table.left_out > 0 {
        notes.push(format!("the first {} rows were looked at; {} more were left out", table.rows, table.left_out));
    }
    notes
}

/// A sink that keeps rows as numbered texts.
#[derive(Default)]
struct CodedSink(Mutex<Reading>);

/// What has been read.
#[derive(Default)]
struct Reading {
    names: Vec<String>,
    /// The parts up to `next`, put together.
    whole: Part,
    /// The first part that is not in `whole`.
    next: usize,
    /// Later parts that have ended.
    ended: BTreeMap<usize, Part>,
    /// Parts that are being read.
    open: BTreeMap<usize, Part>,
    /// The first records that do not fit the header.
    held: Vec<QuarantinedRow>,
    /// Lines of all of them.
    held_lines: Vec<u64>,
    /// Records that are not among `held`.
    left_out: u64,
}

/// Rows in the order of the file.
#[derive(Default)]
struct Part {
    table: Coded,
    /// Where lines do not follow each other: a row, from 0, and its line.
    jumps: Vec<(usize, u64)>,
}

impl Part {
    fn absorb(&mut self, batch: &RecordBatch) {
        let before = self.table.rows;
        self.table.absorb(&without_positions(batch));
        let Some(lines) = batch.column_by_name(LINE_COLUMN).and_then(|c| c.as_primitive_opt::<Int64Type>()) else { return };
        for (row, line) in lines.values().iter().take(self.table.rows - before).enumerate() {
            self.jump(before + row, *line as u64);
        }
    }

    fn append(&mut self, part: Self) {
        let (before, jumps) = (self.table.rows, part.jumps);
        self.table.append(part.table);
        for (row, line) in jumps {
            self.jump(before + row, line);
        }
    }

    fn jump(&mut self, row: usize, line: u64) {
        if self.jumps.last().is_none_or(|(from, first)| first + (row - from) as u64 != line) {
            self.jumps.push((row, line));
        }
    }

    /// How many rows stand before a line.
    fn rows_before(&self, line: u64) -> usize {
        let after = self.jumps.partition_point(|(_, first)| *first < line);
        let end = self.jumps.get(after).map_or(self.table.rows, |(row, _)| *row);
        let Some((row, first)) = after.checked_sub(1).map(|at| self.jumps[at]) else { return end.min(self.table.rows) };
        end.min(row + usize::try_from(line - first).unwrap_or(usize::MAX))
    }
}

impl Reading {
    /// Puts together what has not been put together yet.
    fn rest(&mut self) {
        let mut left = std::mem::take(&mut self.ended);
        left.append(&mut self.open);
        for part in left.into_values() {
            self.whole.append(part);
        }
    }

    /// Records that do not fit the header count as rows: those behind them keep their numbers. Each is a finding of its own.
    fn records(&mut self) -> Vec<Finding> {
        self.held_lines.sort_unstable();
        let places = self.held_lines.iter().map(|line| self.whole.rows_before(*line) as u32);
        self.whole.table.skipped = places.collect();
        self.first_held(MOST_RECORDS);
        let finding = |(at, row): (usize, QuarantinedRow)| Finding {
            row: (self.whole.table.skipped[at] as usize + at) as u64 + 1,
            column: String::new(),
            value: row.raw,
            rule: "record".to_owned(),
            confidence: 0.9,
            reason: row.reason,
            suggestion: None,
        };
        std::mem::take(&mut self.held).into_iter().enumerate().map(finding).collect()
    }

    /// Keeps the first of the held records.
    fn first_held(&mut self, most: usize) {
        self.held.sort_by_key(|row| row.line);
        self.left_out += self.held.len().saturating_sub(most) as u64;
        self.held.truncate(most);
    }
}

impl Sink for CodedSink {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reading.names = schema.fields().iter().map(|f| f.name().clone()).filter(|name| !is_position(name)).collect();
        reading.whole.table = Coded::new(reading.names.iter().map(String::as_str));
        Ok(())
    }

    fn wants_text(&self) -> bool {
        false
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        // Taken out while it is worked on, so that parts are numbered side by side.
        let mut own = {
            let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            reading
                .open
                .remove(&part)
                .unwrap_or_else(|| Part { table: Coded::new(reading.names.iter().map(String::as_str)), jumps: Vec::new() })
        };
        own.absorb(&batch);
        drop(batch);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).open.insert(part, own);
        Ok(())
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = reading.open.remove(&part).unwrap_or_default();
        reading.ended.insert(part, own);
        let mut next = reading.next;
        while let Some(part) = reading.ended.remove(&next) {
            reading.whole.append(part);
            next += 1;
        }
        reading.next = next;
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reading.held_lines.extend(rows.iter().map(|row| row.line));
        reading.held.extend(rows);
        if reading.held.len() > 2 * MOST_RECORDS {
            reading.first_held(MOST_RECORDS);
        }
        Ok(())
    }
}
