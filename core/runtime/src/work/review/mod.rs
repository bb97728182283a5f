//! Matches before they are applied, and what people decide about them.

mod decide;
mod html;
mod impact;
mod preview;
mod unmerge;

pub(super) use preview::{cost_of_model, expression_faults};

use std::sync::Arc;

use trommel_app::{News, Report, ReviewCommand};
use trommel_model::{Code, MatchSpec, ModelKind, ModelSpec, Outcome, Problem, TableName, Workspace};
use trommel_pipeline::Stale;

use super::quarantine::who;
use crate::desk;
use crate::worker::Task;

/// Does what is asked of a match.
pub(super) fn perform(task: &Task, workspace: Option<&Arc<Workspace>>, command: &ReviewCommand) -> Outcome<News> {
    match (command, workspace) {
        (ReviewCommand::Preview(request), _) => preview::preview(task, workspace, request),
        (ReviewCommand::Decide(request), Some(workspace)) => decide::decide(task, workspace, request),
        (ReviewCommand::Unmerge(request), Some(workspace)) => unmerge::unmerge(task, workspace, request),
        (ReviewCommand::Threshold { model, threshold }, Some(workspace)) => set_threshold(workspace, model, *threshold),
        _ => Err(Problem::new(Code::NotAWorkspace, "no workspace is open")),
    }
}

/// A match of a workspace by its name.
fn find<'w>(workspace: &'w Workspace, name: &str) -> Outcome<(&'w ModelSpec, &'w MatchSpec)> {
    let of = |m: &'w ModelSpec| match &m.kind {
        ModelKind::Match(spec) if m.name.to_string() == name => Some((m, spec)),
        _ => None,
    };
    workspace.models.iter().find_map(of).ok_or_else(|| Problem::new(Code::UnknownName, format!("there is no match \"{name}\"")))
}

/// The workspace as its files are now: decisions may have been added since it was read.
fn fresh(workspace: &Workspace) -> Outcome<Workspace> {
    trommel_workspace::load(&workspace.root, Some(&workspace.environment))
}

fn set_threshold(workspace: &Workspace, name: &str, threshold: f64) -> Outcome<News> {
    let (model, spec) = find(workspace, name)?;
    let path = trommel_workspace::set_threshold(workspace, model, threshold)?;
    let stale = stale(workspace, &model.name)?;
    let mut facts = vec![("before".to_owned(), spec.threshold.to_string()), ("file".to_owned(), path.display().to_string())];
    facts.extend(told_stale(&stale));
    Ok(News::Report(Report { title: format!("the threshold of {name} is {threshold}"), facts, ..Report::default() }))
}

/// What a change of a table would reach.
fn stale(workspace: &Workspace, table: &TableName) -> Outcome<Stale> {
    let lake = desk::open_lake(workspace)?;
    let built: Vec<TableName> = lake.tables(lake.latest()?)?.into_iter().map(|t| t.name).collect();
    Ok(trommel_pipeline::stale(workspace, &trommel_pipeline::graph(workspace, &built)?, table))
}

fn told_stale(stale: &Stale) -> Vec<(String, String)> {
    let lists = [
        ("stale models", &stale.models),
        ("stale KPIs", &stale.kpis),
        ("stale boards", &stale.boards),
        ("stale sinks", &stale.sinks),
        ("stale exports", &stale.exports),
    ];
    lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| (name.to_owned(), list.join(", "))).collect()
}
/// The present time, RFC 3339 in UTC.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
