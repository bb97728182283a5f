//! A decision about a pair: written with its version, and what it makes stale told.

use trommel_app::{DecideRequest, Decided, News, Report};
use trommel_engine::sql::{literal, qualified};
use trommel_model::{Beside, Code, DecisionRow, MatchSpec, ModelSpec, Outcome, Problem, RecordKey, Ruling, Workspace};

use super::{find, fresh, now, stale, told_stale, who};
use crate::desk::{self, Desk};
use crate::worker::Task;

/// Writes a decision. A record that the newest run does not know is told at once, unless a decision is withdrawn.
pub(super) fn decide(task: &Task, workspace: &Workspace, request: &DecideRequest) -> Outcome<News> {
    let workspace = &fresh(workspace)?;
    let (model, spec) = find(workspace, &request.model)?;
    // Without sources a colon is a part of the id.
    let [left, right] = [&request.left, &request.right].map(|key| match key.source.as_str() {
        "" => key.clone(),
        _ if spec.source.is_some() => key.clone(),
        before => RecordKey { source: String::new(), id: format!("{before}:{}", key.id) },
    });
    if request.ruling != Ruling::Withdrawn {
        demand_known(task, workspace, model, spec, &[&left, &right])?;
    }
    let rows: Vec<&DecisionRow> =
        workspace.decisions.iter().filter(|file| file.model == request.model).flat_map(|file| &file.decisions).collect();
    let before = newest(&rows, &left, &right);
    let row = DecisionRow {
        verdict: request.ruling,
        left,
        right,
        version: before.map_or(1, |row| row.version + 1),
        who: who(),
        when: now(),
        why: request.why.clone(),
    };
    let path = trommel_workspace::decide(workspace, &model.name, std::slice::from_ref(&row))?;
    let mut facts = vec![("file".to_owned(), path.display().to_string()), ("version".to_owned(), row.version.to_string())];
    if let Some(before) = before {
        facts.push(("in place of".to_owned(), said(before)));
    }
    facts.extend(told_stale(&stale(workspace, &model.name)?));
    facts.push(("next".to_owned(), format!("trommel run {}+", model.name)));
    let report = Report { title: title(&row), facts, ..Report::default() };
    Ok(News::Decided(Decided { row, report }))
}

/// Refuses records that are not in the crosswalk, when there is one.
fn demand_known(task: &Task, workspace: &Workspace, model: &ModelSpec, spec: &MatchSpec, records: &[&RecordKey]) -> Outcome<()> {
    let desk = Desk::open(task, Some(workspace))?;
    let tables = desk::open_lake(workspace)?.tables(desk.snapshot)?;
    let crosswalk = spec.tables_beside(&model.name).into_iter().find(|(_, beside)| *beside == Beside::Crosswalk);
    let Some((crosswalk, _)) = crosswalk.filter(|(name, _)| tables.iter().any(|table| table.name == *name)) else { return Ok(()) };
    for record in records {
        let (source, id) = (literal(&record.source), literal(&record.id));
        let sql = format!(
            "select 1 from {} where coalesce(cast(source as varchar), '') = {source} and cast(id as varchar) = {id} limit 1",
            qualified(&crosswalk)
        );
        if desk.engine.count(&sql, &task.cancel)? == 0 {
            let from = if spec.source.is_some() { "SOURCE:ID" } else { "ID" };
            return Err(Problem::new(Code::UnknownName, format!("{} has no record {record}", model.name))
                .why(format!("{crosswalk} lists those of the newest run"))
                .next(format!("write a record as {from}")));
        }
    }
    Ok(())
}

/// The newest version of what was decided about a pair.
pub(super) fn newest<'r>(rows: &[&'r DecisionRow], left: &RecordKey, right: &RecordKey) -> Option<&'r DecisionRow> {
    rows.iter().copied().filter(|row| row.about(left, right)).max_by_key(|row| row.version)
}

fn title(row: &DecisionRow) -> String {
    let (left, right) = (&row.left, &row.right);
    match row.verdict {
        Ruling::Merge => format!("{left} and {right} are one"),
        Ruling::Keep => format!("{left} and {right} are not one"),
        Ruling::Split => format!("{left} and {right} are to be parted"),
        Ruling::Withdrawn => format!("what was decided about {left} and {right} is withdrawn"),
    }
}

/// A decision as one line.
fn said(row: &DecisionRow) -> String {
    let why = if row.why.is_empty() { String::new() } else { format!(": {}", row.why) };
    format!("{} by {} on {}{why}", row.verdict.name(), row.who, row.when)
}
