//! Profiles, cells that look wrong, and proposed checks. Files are read straight through their connector: nothing is kept.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, SchemaRef};
use trommel_app::{News, Report, Subject};
use trommel_connectors::{Collect, LINE_COLUMN, Mode, Piece, Sink, is_position};
use trommel_model::{
    ColumnContract, ContractType, FileFormat, Finding, Findings, OnBad, Outcome, Profile, ProfileLevel, QuarantinedRow, SourceSpec,
    Workspace,
};
use trommel_quality::{Coded, Profiler};

use crate::relation::relation;
use crate::worker::Task;
use crate::{desk, files};

/// A profile of a subject.
pub(super) fn profile(
    task: &Task,
    workspace: Option<&Arc<Workspace>>,
    subject: &Subject,
    level: ProfileLevel,
    relations: bool,
) -> Outcome<News> {
    let mut profile = figures(task, workspace, subject, level)?;
    if relations {
        let (table, _, notes) = coded(task, workspace, subject)?;
        task.progress.update(|p| "comparing columns".clone_into(&mut p.doing));
        profile.relations = Some(trommel_quality::relations(&table, &task.cancel)?);
        profile.notes.extend(notes.into_iter().filter(|note| !profile.notes.contains(note)).collect::<Vec<_>>());
    }
    Ok(News::Profile(profile))
}

/// The cells of a subject that look wrong.
pub(super) fn audit(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<News> {
    let (table, mut cells, notes) = coded(task, workspace, subject)?;
    task.progress.update(|p| "looking for cells that look wrong".clone_into(&mut p.doing));
    cells.extend(trommel_quality::detect(&table, &task.cancel)?);
    cells.sort_by_key(|cell| cell.row);
    Ok(News::Findings(Findings { subject: subject.to_string(), rows: table.rows as u64, cells, notes }))
}

/// Checks for a subject, from its profile.
pub(super) fn propose(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<News> {
    let profile = figures(task, workspace, subject, ProfileLevel::Full)?;
    let text = match (subject, workspace) {
        // What the table has already is not proposed again.
        (Subject::Table(table), Some(workspace)) if super::checks::has_checks_of_its_own(workspace, table) => {
            trommel_quality::written(&profile, &super::checks::proposed(workspace, table, &profile)?)
        }
        _ => trommel_quality::propose(&profile),
    };
    Ok(News::Report(Report { text: Some(text), ..Report::default() }))
}

pub(super) fn figures(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject, level: ProfileLevel) -> Outcome<Profile> {
    let name = subject.to_string();
    let Subject::File(path) = subject else {
        let relation = relation(task, workspace, subject)?;
        let mut profile = trommel_quality::profile(&relation.desk.engine, &name, &relation.sql, level, &task.cancel, &task.progress)?;
        profile.notes.extend(relation.notes);
        return Ok(profile);
    };
    let (path, inner) = files::split_inner(path);
    let piece = files::piece(&path, inner.as_deref())?;
    let sink = ProfileSink { profiler: Profiler::new(level), held: Mutex::default() };
    let threads = desk::threads(task, workspace.map(AsRef::as_ref));
    let report = trommel_connectors::read(&piece, &spec(&piece), Mode::Lenient, threads, &task.cancel, &task.progress, &sink)?;
    let held = sink.held.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut profile = sink.profiler.finish(&name)?;
    profile.notes.extend(report.notes);
    if held > 0 {
        profile.notes.push(format!("{held} rows could not be read"));
    }
    if report.padded > 0 {
        profile
            .notes
            .push(format!("{} of {} rows have fewer or more fields than the header; they were padded", report.padded, report.rows_in));
    }
    Ok(profile)
}

fn spec(piece: &Piece) -> SourceSpec {
    SourceSpec::of_file(&piece.name, (piece.format == FileFormat::Sqlite).then(|| piece.name.clone()))
}

/// A sink that profiles what it gets.
struct ProfileSink {
    profiler: Profiler,
    held: Mutex<u64>,
}

impl Sink for ProfileSink {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        let own: Vec<_> = schema.fields().iter().filter(|f| !is_position(f.name())).cloned().collect();
        self.profiler.open(&arrow::datatypes::Schema::new(own));
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        self.profiler.batch(part, &without_positions(&batch))
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.profiler.end_part(part)
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) += rows.len() as u64;
        Ok(())
    }

    fn wants_text(&self) -> bool {
        false
    }
}

fn without_positions(batch: &RecordBatch) -> RecordBatch {
    let own: Vec<usize> = (0..batch.num_columns()).filter(|c| !is_position(batch.schema().field(*c).name())).collect();
    // The places come from the batch itself, so they are there.
    batch.project(&own).unwrap_or_else(|_| batch.clone())
}

/// A subject as a table of texts, what is wrong with its rows already, and remarks.
fn coded(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<(Coded, Vec<Finding>, Vec<String>)> {
    let Subject::File(path) = subject else {
        let relation = relation(task, workspace, subject)?;
        let schema = relation.desk.engine.describe(&relation.sql)?;
        let mut table = Coded::new(schema.names());
        relation.desk.engine.stream(&relation.sql, &task.cancel, &mut |batch| {
            table.absorb(&batch);
            Ok(())
        })?;
        let notes = with_left_out(&table, relation.notes);
        return Ok((table, Vec::new(), notes));
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
    let sink = Collect::new();
    let threads = desk::threads(task, workspace.map(AsRef::as_ref));
    let report = trommel_connectors::read(&piece, &spec, mode, threads, &task.cancel, &task.progress, &sink)?;
    let collected = sink.into_parts();
    let names: Vec<String> =
        collected.schema.iter().flat_map(|s| s.fields()).map(|f| f.name().clone()).filter(|name| !is_position(name)).collect();
    let mut table = Coded::new(names.iter().map(String::as_str));
    let mut lines = Vec::new();
    for (_, batch) in &collected.batches {
        if !collected.held.is_empty()
            && let Some(column) = batch.column_by_name(LINE_COLUMN)
        {
            lines.extend_from_slice(column.as_primitive::<Int64Type>().values());
        }
        table.absorb(&without_positions(batch));
    }
    let cells = number_rows(&mut table, &lines, &collected.held);
    let notes = with_left_out(&table, report.notes);
    Ok((table, cells, notes))
}

/// Rows that do not fit the header count as rows: those behind them keep their numbers. Each is a finding of its own.
fn number_rows(table: &mut Coded, lines: &[i64], held: &[QuarantinedRow]) -> Vec<Finding> {
    if held.is_empty() {
        return Vec::new();
    }
    let before = |line: u64| held.iter().take_while(|row| row.line < line).count() as u64;
    table.numbers = Some(lines.iter().enumerate().map(|(at, line)| at as u64 + 1 + before(*line as u64)).collect());
    let finding = |(at, row): (usize, &QuarantinedRow)| Finding {
        row: (lines.partition_point(|line| (*line as u64) < row.line) + at) as u64 + 1,
        column: String::new(),
        value: row.raw.clone(),
        rule: "record".to_owned(),
        confidence: 0.9,
        reason: row.reason.clone(),
        suggestion: None,
    };
    held.iter().enumerate().map(finding).collect()
}

fn with_left_out(table: &Coded, mut notes: Vec<String>) -> Vec<String> {
    if table.left_out > 0 {
        notes.push(format!("the first {} rows were looked at; {} more were left out", table.rows, table.left_out));
    }
    notes
}
