//! A match worked out without being applied.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use trommel_app::{MatchSubject, News, PreviewRequest};
use trommel_engine::sql::qualified;
use trommel_matching::{Standing, Truth, preview_files, run_standing, truth, truth_of_files};
use trommel_model::{Code, KpiSpec, MatchPreview, MatchSpec, Outcome, Problem, TableName, Workspace, decisions_in_force};

use super::impact::{Made, impact};
use super::{find, fresh, html};
use crate::desk::{self, Desk};
use crate::work::matches::{modelled, read_plain};
use crate::worker::Task;

/// Looks at a match of the workspace or of files.
pub(super) fn preview(task: &Task, workspace: Option<&Arc<Workspace>>, request: &PreviewRequest) -> Outcome<News> {
    let mut preview = match (&request.subject, workspace) {
        (MatchSubject::Model(name), Some(workspace)) => of_model(task, &fresh(workspace)?, name, request)?,
        (MatchSubject::Files { model, files }, _) => of_files(task, model.as_deref(), files, request)?,
        (MatchSubject::Model(_), None) => return Err(Problem::new(Code::NotAWorkspace, "no workspace is open")),
    };
    if let Some(path) = &request.html {
        trommel_connectors::whole_file(path, html::page(&preview).as_bytes())?;
        preview.notes.push(format!("the report is in {}", path.display()));
    }
    Ok(News::MatchPreview(Arc::new(preview)))
}

fn of_model(task: &Task, workspace: &Workspace, name: &str, request: &PreviewRequest) -> Outcome<MatchPreview> {
    let (model, spec) = find(workspace, name)?;
    let mut spec = spec.clone();
    let desk = Desk::open(task, Some(workspace))?;
    let from: TableName = spec.from.parse()?;
    let mut input: Vec<RecordBatch> = Vec::new();
    let mut add = |batch: RecordBatch| {
        input.push(batch);
        Ok(())
    };
    let select = format!("select * from {}", qualified(&from));
    let schema = desk.engine.stream(&select, &task.cancel, &mut add).map_err(|problem| match problem.code {
        Code::Interrupted => problem,
        _ => problem.next(format!("{name} reads {from}; make it first: trommel run +{from}")),
    })?;
    if input.is_empty() {
        input.push(RecordBatch::new_empty(schema));
    }
    let labels = request.labels.as_deref().map(|path| labels(task, path)).transpose()?;
    let truth: Option<Truth> = labels.map(|labels| truth(&spec, &input, &labels)).transpose()?;
    let threads = desk::threads(task, Some(workspace));
    let rows = workspace.decisions.iter().filter(|file| file.model == name).flat_map(|file| file.decisions.clone());
    let standing = Standing { decisions: decisions_in_force(&rows.collect::<Vec<_>>()), ..Standing::default() };
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(&model.path) } else { p };
    spec.threshold = request.threshold.unwrap_or(spec.threshold);
    let looked = trommel_matching::preview(&spec, &input, &standing, truth.as_ref(), threads, &task.cancel, &task.progress);
    let mut preview = looked.map_err(in_file)?;
    name.clone_into(&mut preview.subject);
    let kpis: Vec<&KpiSpec> = workspace.kpis.iter().filter(|kpi| request.kpis.contains(&kpi.name)).collect();
    if !kpis.is_empty() {
        // The same threshold as is looked at, though it was chosen.
        let spec = MatchSpec { threshold: preview.threshold, ..spec };
        let (output, _) = run_standing(&spec, &input, &standing, threads, &task.cancel, &task.progress).map_err(in_file)?;
        drop(input);
        let made = Made { golden: output.golden, crosswalk: output.crosswalk };
        preview.kpis = impact(task, workspace, model, &spec, &kpis, made)?;
    }
    Ok(preview)
}

fn of_files(task: &Task, model: Option<&Path>, files: &[std::path::PathBuf], request: &PreviewRequest) -> Outcome<MatchPreview> {
    let (mut spec, tables, notes) = modelled(task, model, files)?;
    let threads = desk::threads(task, None);
    spec.threshold = request.threshold.unwrap_or(spec.threshold);
    let labels = request.labels.as_deref().map(|path| labels(task, path)).transpose()?;
    let truth = labels.map(|labels| truth_of_files(&tables, &labels)).transpose()?;
    let mut preview = preview_files(tables, &spec, truth.as_ref(), threads, &task.cancel, &task.progress)?;
    preview.subject = files.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ");
    preview.notes.extend(notes);
    Ok(preview)
}

fn labels(task: &Task, path: &Path) -> Outcome<Vec<RecordBatch>> {
    read_plain(task, path)
}
