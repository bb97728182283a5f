//! Plans, runs, checks and the ledger.

use trommel_app::{News, Selection};
use trommel_model::{Outcome, TableName, Workspace};
use trommel_pipeline::RunRequest;
use trommel_workspace::Ledger;

use crate::desk::{self, Desk};
use crate::worker::Task;

/// Measurements of earlier runs that a check compares with, at most.
const REMEMBERED: usize = 400;

/// What a run would do.
pub(super) fn plan(workspace: &Workspace, selection: &Selection) -> Outcome<News> {
    let lake = desk::open_lake(workspace)?;
    trommel_pipeline::plan(workspace, &lake, &selection.names, selection.full_refresh, selection.range.as_ref()).map(News::Plan)
}

/// Runs, telling of every change on the way.
pub(super) fn run(task: &Task, workspace: &Workspace, selection: &Selection) -> Outcome<News> {
    let request = RunRequest {
        select: selection.names.clone(),
        full_refresh: selection.full_refresh,
        confirmed: selection.confirmed.clone(),
        range: selection.range.clone(),
        threads: desk::threads(task, Some(workspace)),
        memory_bytes: desk::memory_budget(Some(workspace))?,
    };
    let record = trommel_pipeline::run(workspace, &request, &task.cancel, &task.progress, &|event| task.tell(News::Run(event)))?;
    Ok(News::RunEnded(record))
}

/// Evaluates the checks of the selected tables on what the lake has.
pub(super) fn check(task: &Task, workspace: &Workspace, selection: &Selection) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    let built: Vec<TableName> = desk::open_lake(workspace)?.tables(desk.snapshot)?.into_iter().map(|t| t.name).collect();
    let graph = trommel_pipeline::graph(workspace, &built)?;
    let chosen = trommel_pipeline::selected(&graph, &selection.names)?;
    let sources = workspace.sources.iter().map(|s| (TableName::new("raw", s.name.clone()), &s.checks));
    let models = workspace.models.iter().map(|m| (m.name.clone(), &m.checks));
    let ledger = Ledger::open(&desk::state(workspace))?;
    let mut results = Vec::new();
    for (table, checks) in sources.chain(models).filter(|(table, checks)| !checks.is_empty() && chosen.contains(table)) {
        task.cancel.check()?;
        task.progress.update(|p| p.doing = format!("checking {table}"));
        let relation = format!("SELECT * FROM {}", trommel_engine::sql::qualified(&table));
        let earlier = |check: &str| ledger.measured(&table, check, REMEMBERED);
        results.extend(trommel_quality::evaluate(&desk.engine, &table, &relation, checks, &earlier, &task.cancel)?);
    }
    Ok(News::Checks(results))
}

/// One run of the ledger.
pub(super) fn show(workspace: &Workspace, id: &str) -> Outcome<News> {
    Ledger::open(&desk::state(workspace))?.get(id).map(News::RunShown)
}
