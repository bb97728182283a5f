//! An entity taken apart: decisions for its records, and what has to be made again by that.

use std::collections::BTreeMap;

use trommel_app::{News, Report, UnmergeRequest, catalogue};
use trommel_engine::sql::{literal, qualified};
use trommel_matching::entities_of;
use trommel_model::{Beside, Code, DecisionRow, ModelKind, Outcome, Problem, RecordKey, Ruling, RunStatus, TableName, Workspace};
use trommel_pipeline::RunRequest;

use super::decide::newest;
use super::{fresh, now, stale, told_stale, who};
use crate::desk::{self, Desk};
use crate::worker::Task;

/// Entities larger than this are not parted into single records: that would be too many decisions.
const PARTED_WHOLE: usize = 60;
/// Decisions that one command writes at most.
const DECISIONS: usize = 10_000;
/// Records that are listed.
const LISTED: usize = 60;

/// An entity and its records.
struct Entity {
    model: TableName,
    name: String,
    records: Vec<RecordKey>,
}

/// Writes decisions that part an entity, and makes what is stale again if that is asked for.
pub(super) fn unmerge(task: &Task, workspace: &Workspace, request: &UnmergeRequest) -> Outcome<News> {
    let workspace = &fresh(workspace)?;
    let entity = find(task, workspace, request)?;
    let leave = leaving(&entity, &request.records)?;
    let model = entity.model.to_string();
    let known: Vec<&DecisionRow> = workspace.decisions.iter().filter(|f| f.model == model).flat_map(|f| &f.decisions).collect();
    let (who, when) = (who(), now());
    let mut rows = Vec::new();
    let leaves = |record: &RecordKey| leave.contains(&record);
    for (at, left) in entity.records.iter().enumerate().filter(|(_, record)| leaves(record)) {
        task.cancel.check()?;
        for (other, right) in entity.records.iter().enumerate().filter(|(other, _)| *other != at) {
            // Records that leave together stay together with each other unless every record becomes one of its own.
            if !leaves(right) || request.records.is_empty() && at < other {
                let version = newest(&known, left, right).map_or(1, |row| row.version + 1);
                let (left, right) = (left.clone(), right.clone());
                rows.push(DecisionRow {
                    verdict: Ruling::Split,
                    left,
                    right,
                    version,
                    who: who.clone(),
                    when: when.clone(),
                    why: request.why.clone(),
                });
            }
        }
    }
    let path = trommel_workspace::decide(workspace, &entity.model, &rows)?;
    let mut facts = vec![
        ("match".to_owned(), model),
        ("records".to_owned(), listed(&entity.records)),
        ("decisions".to_owned(), format!("{} in {}", rows.len(), path.display())),
    ];
    let stale = stale(workspace, &entity.model)?;
    facts.extend(told_stale(&stale));
    let mut problems = Vec::new();
    if request.run {
        let request = RunRequest {
            select: stale.models.clone(),
            full_refresh: false,
            // Writing back is left to the next run of the whole.
            confirmed: Vec::new(),
            range: None,
            threads: desk::threads(task, Some(workspace)),
            memory_bytes: desk::memory_budget(Some(workspace))?,
        };
        let record = trommel_pipeline::run(&fresh(workspace)?, &request, &task.cancel, &task.progress, &|_| {})?;
        let made: Vec<&str> =
            record.steps.iter().filter(|s| s.status == trommel_model::StepStatus::Done).map(|s| s.name.as_str()).collect();
        facts.push(("made again".to_owned(), format!("{} (run {})", made.join(", "), record.id)));
        if !matches!(record.status, RunStatus::Done | RunStatus::Held) {
            problems.extend(record.problem);
        }
    } else {
        facts.push(("next".to_owned(), format!("trommel run {}+", entity.model)));
    }
    Ok(News::Report(Report { title: format!("{} is to be taken apart", entity.name), facts, problems, ..Report::default() }))
}

/// Records on one line, as many as can be read.
fn listed(records: &[RecordKey]) -> String {
    let mut told: Vec<String> = records.iter().take(LISTED).map(ToString::to_string).collect();
    told.extend(records.len().checked_sub(LISTED + 1).map(|more| format!("and {} more", more + 1)));
    told.join(", ")
}

/// The one entity whose id begins so.
fn find(task: &Task, workspace: &Workspace, request: &UnmergeRequest) -> Outcome<Entity> {
    let desk = Desk::open(task, Some(workspace))?;
    let there: Vec<TableName> = desk::open_lake(workspace)?.tables(desk.snapshot)?.into_iter().map(|t| t.name).collect();
    let mut found: Vec<Entity> = Vec::new();
    for model in &workspace.models {
        let ModelKind::Match(spec) = &model.kind else { continue };
        if request.model.as_ref().is_some_and(|wanted| *wanted != model.name.to_string()) {
            continue;
        }
        let crosswalk = spec.tables_beside(&model.name).into_iter().find(|(_, beside)| *beside == Beside::Crosswalk);
        let Some((crosswalk, _)) = crosswalk.filter(|(table, _)| there.contains(table)) else { continue };
        let sql = format!(
            "select source, id, entity_id from {} where starts_with(entity_id, {})",
            qualified(&crosswalk),
            literal(&request.entity)
        );
        let mut entities: BTreeMap<String, Vec<RecordKey>> = BTreeMap::new();
        for (record, entity) in entities_of(&desk.engine.query(&sql, &task.cancel)?)? {
            entities.entry(entity).or_default().push(record);
        }
        // A whole id is that one entity, though another may begin with it.
        if let Some(records) = entities.remove(&request.entity) {
            entities = [(request.entity.clone(), records)].into();
        }
        found.extend(entities.into_iter().map(|(name, records)| Entity { model: model.name.clone(), name, records }));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Problem::new(Code::UnknownName, format!("there is no entity \"{}\"", request.entity))
            .next("its id is the column entity_id of the match; a match has to be run first")),
        n => Err(Problem::new(Code::Usage, format!("{n} entities begin with \"{}\"", request.entity))
            .why(found.iter().take(5).map(|e| format!("{} of {}", e.name, e.model)).collect::<Vec<_>>().join(", "))
            .next("write more letters of the id, or name the match with --match")),
    }
}

/// The records that are taken out.
fn leaving<'e>(entity: &'e Entity, named: &[String]) -> Outcome<Vec<&'e RecordKey>> {
    if entity.records.len() < 2 {
        return Err(Problem::new(Code::Usage, format!("{} is one record and cannot be taken apart", entity.name)));
    }
    if named.is_empty() {
        if entity.records.len() > PARTED_WHOLE {
            return Err(Problem::new(Code::TooLarge, format!("{} has {} records", entity.name, entity.records.len()))
                .next("name the records that leave it, or raise the threshold of the match"));
        }
        return Ok(entity.records.iter().collect());
    }
    let mut leave = Vec::with_capacity(named.len());
    for name in named {
        let wanted = catalogue::record(name);
        // An id may have a colon in it when there is no source.
        let whole = RecordKey { source: String::new(), id: name.clone() };
        let found = entity.records.iter().find(|r| **r == wanted || **r == whole);
        leave.push(found.ok_or_else(|| {
            let has: Vec<String> = entity.records.iter().take(10).map(ToString::to_string).collect();
            Problem::new(Code::UnknownName, format!("{} has no record {name}", entity.name)).next(format!("it has: {}", has.join(", ")))
        })?);
    }
    if leave.len() * (entity.records.len() - leave.len()) > DECISIONS {
        return Err(Problem::new(
            Code::TooLarge,
            format!("to take {} of {} records out of {} would be too many decisions", leave.len(), entity.records.len(), entity.name),
        )
        .next("raise the threshold of the match, or name fewer records"));
    }
    if leave.len() == entity.records.len() {
        return Err(Problem::new(Code::Usage, "all records would leave").next("name some of them, or none to part them all"));
    }
    Ok(leave)
}
