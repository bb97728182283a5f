//! A match worked out without being applied.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use trommel_app::{ALL_KPIS, MatchSubject, News, PreviewRequest};
use trommel_engine::sql::qualified;
use trommel_matching::{MatchCost, Standing, Truth, preview_files, run_standing, truth};
use trommel_model::{
    Code, KpiSpec, MatchPreview, MatchSpec, ModelKind, ModelSpec, Outcome, Problem, RecordKey, TableName, Workspace, decisions_in_force,
};
use trommel_pipeline::Expressions;

use super::impact::{Made, impact};
use super::{find, fresh, html, stale};
use crate::desk::{self, Desk};
use crate::work::matches::{modelled, read_plain};
use crate::worker::Task;

/// Looks at a match of the workspace or of files.
pub(super) fn preview(task: &Task, workspace: Option<&Arc<Workspace>>, request: &PreviewRequest) -> Outcome<News> {
    if let Some(threshold) = request.threshold.filter(|threshold| !(*threshold > 0.0 && *threshold <= 1.0)) {
        return Err(Problem::new(Code::Usage, format!("threshold {threshold} is out of range"))
            .next("give a number above 0 and up to 1, for instance 0.85"));
    }
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
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(&model.path) } else { p };
    let desk = Desk::open(task, Some(workspace))?;
    let (expressions, input) = rows(task, &desk, model, spec)?;
    let mut spec = expressions.spec.clone();
    let labels = request.labels.as_deref().map(|path| labels(task, path)).transpose()?;
    let truth: Option<Truth> = labels.map(|labels| truth(&spec, &input, &labels)).transpose()?;
    let threads = desk::threads(task, Some(workspace));
    let rows = workspace.decisions.iter().filter(|file| file.model == name).flat_map(|file| file.decisions.clone());
    let standing = Standing { decisions: decisions_in_force(&rows.collect::<Vec<_>>()), ..Standing::default() };
    spec.threshold = request.threshold.unwrap_or(spec.threshold);
    let looked = trommel_matching::preview(&spec, &input, &standing, truth.as_ref(), threads, &task.cancel, &task.progress);
    let mut preview = looked.map_err(in_file)?;
    name.clone_into(&mut preview.subject);
    compute(task, &expressions, &mut preview).map_err(in_file)?;
    let wanted = if request.kpis.iter().any(|kpi| kpi == ALL_KPIS) { stale(workspace, &model.name)?.kpis } else { request.kpis.clone() };
    let kpis: Vec<&KpiSpec> = workspace.kpis.iter().filter(|kpi| wanted.contains(&kpi.name)).collect();
    if !kpis.is_empty() {
        // The same threshold as is looked at, though it was chosen.
        let spec = MatchSpec { threshold: preview.threshold, ..spec };
        let (mut output, _) = run_standing(&spec, &input, &standing, threads, &task.cancel, &task.progress).map_err(in_file)?;
        drop(input);
        output.golden = expressions.survive(output.golden, &output.crosswalk, &task.cancel).map_err(in_file)?;
        let made = Made { golden: output.golden, crosswalk: output.crosswalk };
        preview.kpis = impact(task, workspace, model, &spec, &kpis, made)?;
    }
    Ok(preview)
}

/// What a match would cost.
pub(in crate::work) fn cost_of_model(task: &Task, workspace: &Workspace, name: &str) -> Outcome<MatchCost> {
    let workspace = &fresh(workspace)?;
    let (model, spec) = find(workspace, name)?;
    let desk = Desk::open(task, Some(workspace))?;
    let (expressions, input) = rows(task, &desk, model, spec)?;
    let threads = desk::threads(task, Some(workspace));
    trommel_matching::cost(&expressions.spec, &input, threads, &task.cancel, &task.progress)
        .map_err(|p| if p.place.file.is_none() { p.in_file(&model.path) } else { p })
}

/// Expressions of matches that cannot be worked out on the tables they read, as far as these have been made.
pub(in crate::work) fn expression_faults(task: &Task, workspace: &Workspace) -> Vec<Problem> {
    let has_any = |spec: &MatchSpec| {
        spec.survivorship.iter().any(|survivor| survivor.sql.is_some())
            || spec.blocking.iter().flat_map(|rule| &rule.keys).any(|key| key.sql.is_some())
    };
    let matches: Vec<(&ModelSpec, &MatchSpec)> = workspace
        .models
        .iter()
        .filter_map(|model| if let ModelKind::Match(spec) = &model.kind { Some((model, spec)) } else { None })
        .filter(|(_, spec)| has_any(spec))
        .collect();
    if matches.is_empty() {
        return Vec::new();
    }
    let Ok(desk) = Desk::open(task, Some(workspace)) else { return Vec::new() };
    let made = |spec: &MatchSpec| {
        spec.from.parse::<TableName>().is_ok_and(|from| desk.engine.describe(&format!("select * from {}", qualified(&from))).is_ok())
    };
    let fault = |(model, spec): (&ModelSpec, &MatchSpec)| {
        Expressions::new(&desk.engine, &model.name, spec).err().map(|problem| problem.in_file(&model.path))
    };
    matches.into_iter().filter(|(_, spec)| made(spec)).filter_map(fault).collect()
}

/// The rows that a match reads, and its expressions.
fn rows<'d>(task: &Task, desk: &'d Desk, model: &ModelSpec, spec: &MatchSpec) -> Outcome<(Expressions<'d>, Vec<RecordBatch>)> {
    let from: TableName = spec.from.parse()?;
    let name = &model.name;
    // That the table is not there is told before anything is said of its columns.
    desk.engine.describe(&format!("select * from {}", qualified(&from))).map_err(|problem| match problem.code {
        Code::Interrupted => problem,
        _ => problem.next(format!("{name} reads {from}; make it first: trommel run +{from}")),
    })?;
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(&model.path) } else { p };
    let expressions = Expressions::new(&desk.engine, name, spec).map_err(in_file)?;
    let mut input: Vec<RecordBatch> = Vec::new();
    let mut add = |batch: RecordBatch| {
        input.push(batch);
        Ok(())
    };
    let schema = desk.engine.stream(&expressions.select(), &task.cancel, &mut add)?;
    if input.is_empty() {
        input.push(RecordBatch::new_empty(schema));
    }
    Ok((expressions, input))
}

/// Works out what golden records of pairs have computed.
fn compute(task: &Task, expressions: &Expressions<'_>, preview: &mut MatchPreview) -> Outcome<()> {
    let records: Vec<Vec<RecordKey>> = preview.pairs.iter_mut().map(|pair| std::mem::take(&mut pair.records)).collect();
    for (pair, values) in preview.pairs.iter_mut().zip(expressions.of_records(&records, &task.cancel)?) {
        for (column, value) in values {
            pair.golden.iter_mut().filter(|cell| cell.column == column).for_each(|cell| cell.value.clone_from(&value));
        }
    }
    Ok(())
}

fn of_files(task: &Task, model: Option<&Path>, files: &[std::path::PathBuf], request: &PreviewRequest) -> Outcome<MatchPreview> {
    let (mut spec, tables, notes) = modelled(task, model, files)?;
    let threads = desk::threads(task, None);
    spec.threshold = request.threshold.unwrap_or(spec.threshold);
    let labels = request.labels.as_deref().map(|path| labels(task, path)).transpose()?;
    let mut preview = preview_files(tables, &spec, labels.as_deref(), threads, &task.cancel, &task.progress)?;
    if spec.survivorship.iter().any(|survivor| survivor.sql.is_some()) {
        preview.notes.push("values by sql are worked out in a workspace only: golden records of files leave them empty".to_owned());
    }
    preview.subject = files.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ");
    preview.notes.extend(notes);
    Ok(preview)
}

fn labels(task: &Task, path: &Path) -> Outcome<Vec<RecordBatch>> {
    read_plain(task, path)
}
