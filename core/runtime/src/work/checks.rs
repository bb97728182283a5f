//! The checks of a workspace and how they stood last; checks that are proposed and written.

use std::collections::BTreeMap;
use std::sync::Arc;

use trommel_app::{ChosenChecks, News, Proposals, Subject};
use trommel_model::{
    CheckProposal, CheckResult, CheckState, ChecksAdded, Code, Dimension, Outcome, Problem, Profile, ProfileLevel, RunId, TableName,
    Workspace,
};
use trommel_workspace::Ledger;

use super::quality;
use crate::desk;
use crate::worker::Task;

/// Runs whose scores make a trend.
const TREND: usize = 20;

/// The checks with what came of them last: broken ones first, then by severity, then as they are written.
pub(super) fn list(workspace: &Workspace) -> Outcome<News> {
    let ledger = Ledger::open(&desk::state(workspace))?;
    let mut newest: Vec<(RunId, CheckResult)> = ledger.newest_checks()?;
    let mut trends: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    // Scores come newest first.
    for score in ledger.scores(TREND)?.into_iter().rev() {
        trends.entry((score.table, score.dimension)).or_default().push(score.score);
    }
    let sources = workspace.sources.iter().map(|s| (TableName::new("raw", s.name.clone()), &s.checks));
    let models = workspace.models.iter().map(|m| (m.name.clone(), &m.checks));
    let mut states = Vec::new();
    for (table, checks) in sources.chain(models) {
        for spec in checks {
            let label = spec.label();
            let found = newest.iter().position(|(_, r)| r.table == table && r.check == label).map(|at| newest.remove(at));
            let trend = trends.get(&(table.to_string(), word(spec.dimension()))).cloned().unwrap_or_default();
            let (run, result) = found.map_or((None, None), |(run, result)| (Some(run.0), Some(result)));
            states.push(CheckState { table: table.clone(), label, spec: spec.clone(), result, run, trend });
        }
    }
    states.sort_by_key(|s| (!s.is_broken(), std::cmp::Reverse(s.spec.severity())));
    Ok(News::CheckList(states))
}

/// The name the ledger has for a dimension.
fn word(dimension: Dimension) -> String {
    format!("{dimension:?}").to_lowercase()
}

/// Checks that could be written for a table, without those it has.
pub(super) fn propose(task: &Task, workspace: &Arc<Workspace>, table: &TableName) -> Outcome<News> {
    Ok(News::Proposals(Proposals { table: table.clone(), checks: proposals(task, workspace, table)? }))
}

fn proposals(task: &Task, workspace: &Arc<Workspace>, table: &TableName) -> Outcome<Vec<CheckProposal>> {
    // A table nobody makes is told before anything is read.
    checks_of(workspace, table)?;
    let profile = quality::figures(task, Some(workspace), &Subject::Table(table.clone()), ProfileLevel::Full)?;
    proposed(workspace, table, &profile)
}

/// True for a table that a source or a model makes.
pub(super) fn has_checks_of_its_own(workspace: &Workspace, table: &TableName) -> bool {
    checks_of(workspace, table).is_ok()
}

/// What a profile suggests for a table, without what the table has.
pub(super) fn proposed(workspace: &Workspace, table: &TableName, profile: &Profile) -> Outcome<Vec<CheckProposal>> {
    let known = checks_of(workspace, table)?;
    let mut proposed = trommel_quality::proposals(profile);
    proposed.retain(|p| !known.contains(&p.label));
    // Where a row stood in its file is no property of the data.
    proposed.retain(|p| !["(_file)", "(_line)", "(_text)"].iter().any(|own| p.label.ends_with(own)));
    Ok(proposed)
}

/// Writes checks of a table.
pub(super) fn add(task: &Task, workspace: &Arc<Workspace>, table: &TableName, chosen: &ChosenChecks) -> Outcome<News> {
    let chosen: Vec<CheckProposal> = match chosen {
        ChosenChecks::These(these) => these.clone(),
        ChosenChecks::Numbers(numbers) => {
            let all = proposals(task, workspace, table)?;
            if let Some(none) = numbers.iter().find(|n| **n > all.len()) {
                return Err(Problem::new(Code::Usage, format!("there is no proposal {none} among {}", all.len()))
                    .next(format!("trommel check {table} --propose lists them")));
            }
            if numbers.is_empty() { all } else { numbers.iter().map(|n| all[n - 1].clone()).collect() }
        }
    };
    if chosen.is_empty() {
        return Err(Problem::new(Code::Usage, format!("nothing is proposed for {table} that it does not have")));
    }
    trommel_workspace::add_checks(workspace, table, &chosen).map(News::ChecksAdded)
}

/// Takes checks back that were written.
pub(super) fn take_back(workspace: &Workspace, added: &ChecksAdded) -> Outcome<News> {
    trommel_workspace::take_checks_back(workspace, added)?;
    Ok(News::ChecksAdded(ChecksAdded { table: added.table.clone(), file: added.file.clone(), ..ChecksAdded::default() }))
}

/// The labels of the checks a table has.
fn checks_of(workspace: &Workspace, table: &TableName) -> Outcome<Vec<String>> {
    let of_source = workspace.sources.iter().find(|s| table.layer == "raw" && s.name == table.table).map(|s| &s.checks);
    let checks = of_source.or_else(|| workspace.models.iter().find(|m| m.name == *table).map(|m| &m.checks));
    checks.map(|all| all.iter().map(trommel_model::CheckSpec::label).collect()).ok_or_else(|| {
        let sources = workspace.sources.iter().map(|s| format!("raw.{}", s.name));
        let names: Vec<String> = sources.chain(workspace.models.iter().map(|m| m.name.to_string())).collect();
        Problem::new(Code::UnknownName, format!("no source and no model makes {table}"))
            .next(trommel_model::did_you_mean(&table.to_string(), names.iter().map(String::as_str)))
    })
}
