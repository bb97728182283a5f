//! Profiles and proposed checks. Files are read straight through their connector: nothing is kept.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use trommel_app::{News, Report, Subject};
use trommel_connectors::{Mode, Piece, Sink, is_position};
use trommel_model::{FileFormat, Outcome, Profile, ProfileLevel, QuarantinedRow, SourceSpec, Workspace};
use trommel_quality::{Glimpses, Profiler};

use super::audit::{self, Texts};
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
        let Texts { table, notes, .. } = audit::texts(task, workspace, subject)?;
        task.progress.update(|p| "comparing columns".clone_into(&mut p.doing));
        profile.relations = Some(trommel_quality::relations(&table, &task.cancel)?);
        profile.notes.extend(notes.into_iter().filter(|note| !profile.notes.contains(note)).collect::<Vec<_>>());
    }
    Ok(News::Profile(profile))
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
        let tell = |profile| task.tell(News::ProfileSoFar(profile));
        let mut profile =
            trommel_quality::profile_telling(&relation.desk.engine, &name, &relation.sql, level, &task.cancel, &task.progress, &tell)?;
        profile.notes.extend(relation.notes);
        return Ok(profile);
    };
    let (path, inner) = files::split_inner(path);
    let piece = files::piece(&path, inner.as_deref())?;
    let tell = |profile| task.tell(News::ProfileSoFar(profile));
    let sink = ProfileSink { profiler: Profiler::new(level), glimpses: Glimpses::new(&name, &tell), held: Mutex::default() };
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

pub(super) fn spec(piece: &Piece) -> SourceSpec {
    SourceSpec::of_file(&piece.name, (piece.format == FileFormat::Sqlite).then(|| piece.name.clone()))
}

/// A sink that profiles what it gets.
struct ProfileSink<'a> {
    profiler: Profiler,
    glimpses: Glimpses<'a>,
    held: Mutex<u64>,
}

impl Sink for ProfileSink<'_> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        let own: Vec<_> = schema.fields().iter().filter(|f| !is_position(f.name())).cloned().collect();
        self.profiler.open(&arrow::datatypes::Schema::new(own));
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        self.profiler.batch(part, &without_positions(&batch))?;
        self.glimpses.look(&self.profiler, part);
        Ok(())
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

pub(super) fn without_positions(batch: &RecordBatch) -> RecordBatch {
    let own: Vec<usize> = (0..batch.num_columns()).filter(|c| !is_position(batch.schema().field(*c).name())).collect();
    // The places come from the batch itself, so they are there.
    batch.project(&own).unwrap_or_else(|_| batch.clone())
}
