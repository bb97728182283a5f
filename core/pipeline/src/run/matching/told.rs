//! What stands from before, told: events and decisions as tables, and remarks on them.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use trommel_matching::StandingReport;
use trommel_model::{Code, DecisionReport, DecisionRow, EntityEvent, MatchDecision, Outcome, Problem, RunId};

/// Contradictions that are told one by one.
const TOLD: usize = 5;

/// `run`, `at`, `event`, `entity_id`, `other`: a row for each entity that became part of another or came out of one.
pub(super) fn events(run: &RunId, at: &str, events: &[EntityEvent]) -> Outcome<RecordBatch> {
    let mut rows: Vec<(&str, &str, Option<&str>)> = Vec::new();
    for event in events {
        match event {
            EntityEvent::Merged { into, from } => rows.extend(from.iter().map(|from| ("merged", into.as_str(), Some(from.as_str())))),
            EntityEvent::Split { from, into } => {
                rows.extend(into.iter().filter(|i| *i != from).map(|into| ("split", from.as_str(), Some(into.as_str()))));
            }
            EntityEvent::Appeared(entity) => rows.push(("appeared", entity, None)),
            EntityEvent::Vanished(entity) => rows.push(("vanished", entity, None)),
        }
    }
    let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|_| run.0.as_str()))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|_| at))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1))),
        Arc::new(rows.iter().map(|r| r.2).collect::<StringArray>()),
    ];
    let fields = vec![text("run", false), text("at", false), text("event", false), text("entity_id", false), text("other", true)];
    table(fields, columns)
}

/// `verdict`, `source`, `id`, `other_source`, `other_id`, `version`, `who`, `when`, `why`, `state`.
pub(super) fn decisions(rows: &[DecisionRow], report: &DecisionReport) -> Outcome<RecordBatch> {
    let texts = |of: &dyn Fn(&DecisionRow) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(of))) };
    let columns: Vec<ArrayRef> = vec![
        texts(&|r| r.verdict.name().to_owned()),
        texts(&|r| r.left.source.clone()),
        texts(&|r| r.left.id.clone()),
        texts(&|r| r.right.source.clone()),
        texts(&|r| r.right.id.clone()),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| i64::from(r.version)))),
        texts(&|r| r.who.clone()),
        texts(&|r| r.when.clone()),
        texts(&|r| r.why.clone()),
        texts(&|r| state(r, rows, report).to_owned()),
    ];
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let mut fields: Vec<Field> = ["verdict", "source", "id", "other_source", "other_id"].map(text).to_vec();
    fields.push(Field::new("version", DataType::Int64, false));
    fields.extend(["who", "when", "why", "state"].map(text));
    table(fields, columns)
}

fn state(row: &DecisionRow, rows: &[DecisionRow], report: &DecisionReport) -> &'static str {
    let is_it = |d: &MatchDecision| row.about(&d.left, &d.right) && row.verdict.verdict() == Some(d.verdict);
    if row.superseded(rows) {
        "superseded"
    } else if row.verdict.verdict().is_none() {
        "withdrawn"
    } else if report.contradictions.iter().flatten().any(is_it) {
        "contradiction"
    } else if report.vanished.iter().any(is_it) {
        "record vanished"
    } else {
        "applied"
    }
}

/// What a person should know.
pub(super) fn remarks(stood: &StandingReport) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(rows) = stood.matched_rows {
        notes
            .push(format!("{rows} new, changed or touched records were matched against known entities; --full-refresh matches everything"));
    }
    if stood.noted_pairs > 0 {
        notes.push(format!("went on from where a run was stopped: {} pairs had been compared", stood.noted_pairs));
    }
    let report = &stood.decisions;
    if report.applied > 0 {
        let s = if report.applied == 1 { " was" } else { "s were" };
        notes.push(format!("{} decision{s} applied", report.applied));
    }
    for contradiction in report.contradictions.iter().take(TOLD) {
        let told: Vec<String> = contradiction.iter().map(said).collect();
        notes.push(format!("decisions contradict each other, none of them was applied: {}", told.join("; ")));
    }
    if report.contradictions.len() > TOLD {
        notes.push(format!("and {} more contradictions", report.contradictions.len() - TOLD));
    }
    for vanished in report.vanished.iter().take(TOLD) {
        notes.push(format!("a decision is about a record that is no more: {}", said(vanished)));
    }
    if report.vanished.len() > TOLD {
        notes.push(format!("and {} more decisions about records that are no more", report.vanished.len() - TOLD));
    }
    let count = |of: fn(&EntityEvent) -> bool| stood.events.iter().filter(|e| of(e)).count();
    let counts = [
        (count(|e| matches!(e, EntityEvent::Merged { .. })), "merged"),
        (count(|e| matches!(e, EntityEvent::Split { .. })), "split"),
        (count(|e| matches!(e, EntityEvent::Appeared(_))), "appeared"),
        (count(|e| matches!(e, EntityEvent::Vanished(_))), "vanished"),
    ];
    let told: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !told.is_empty() {
        notes.push(format!("entities since the run before: {}", told.join(", ")));
    }
    notes
}

fn said(decision: &MatchDecision) -> String {
    let verdict = match decision.verdict {
        trommel_model::Verdict::Together => "are one",
        trommel_model::Verdict::Apart => "are not one",
    };
    let who = if decision.who.is_empty() { String::new() } else { format!(" ({})", decision.who) };
    format!("{} and {} {verdict}{who}", decision.left, decision.right)
}

fn table(fields: Vec<Field>, columns: Vec<ArrayRef>) -> Outcome<RecordBatch> {
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|e| Problem::new(Code::Internal, "cannot make a table beside a match").why(e.to_string()))
}
