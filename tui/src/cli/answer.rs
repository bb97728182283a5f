//! The answer to a verb, found in the view, and the forms it can be printed in.

use serde_json::{Map, Value, json};
use trommel_app::{
    BoardCommand, CheckCommand, Command, Foremost, MatchCommand, PipelineCommand, QualityCommand, QuarantineCommand, RecipeCommand, Remote,
    Report, ReviewCommand, SourceCommand, TableCommand, TableView, View,
};
use trommel_app::{Made, WorkspaceCommand, Written};
use trommel_model::{
    Added, BoardValues, CheckAction, CheckResult, CheckState, ChecksAdded, Code, DryRun, Exit, Findings, KpiValues, MatchPreview, Outcome,
    Plan, Problem, Profile, ProfileChange, RecipePreview, RunRecord, RunStatus, SentAlert, Window,
};

use super::Format;
use crate::paint::{Line, Room};
use crate::show;

/// The head of findings when there are none.
pub(super) const NO_FINDINGS: &str = "row,column,value,rule,confidence,reason,suggestion\r\n";

/// True for commands that run the pipeline, so that how they end depends on how the run did.
pub(super) fn is_run(command: &Command) -> bool {
    matches!(command, Command::Pipeline(PipelineCommand::Run(_)) | Command::Quarantine(QuarantineCommand::Replay(_)))
}

/// What came of a command.
pub(super) enum Answer<'a> {
    Rows(&'a TableView, &'a Window),
    Profile(&'a Profile),
    Change(&'a ProfileChange),
    Plan(&'a Plan),
    Run(&'a RunRecord),
    Checks(&'a [CheckResult]),
    CheckList(&'a [CheckState]),
    ChecksAdded(&'a ChecksAdded),
    Alerted(&'a [SentAlert]),
    Findings(&'a Findings),
    Board(&'a BoardValues),
    Kpi(&'a KpiValues),
    Recipe(&'a RecipePreview),
    Preview(&'a MatchPreview, Foremost),
    Report(&'a Report),
    Written(&'a Written),
    Made(&'a Made),
    Added(&'a Added, DryRun),
}

impl<'a> Answer<'a> {
    /// The answer to a command, or why there is none.
    pub(super) fn find(command: &Command, view: &View<'a>) -> Outcome<Self> {
        match command {
            Command::Table(TableCommand::Open(_) | TableCommand::Head { .. }) => {
                let Some(table) = view.table else { return Err(no_answer(view)) };
                Ok(Self::Rows(table, ready(&table.window, view)?))
            }
            Command::Profile(_) => Ok(Self::Profile(ready(&view.profile.profile, view)?)),
            Command::Quality(QualityCommand::Profile { .. }) => Ok(Self::Profile(ready(&view.profile.profile, view)?)),
            Command::Quality(QualityCommand::Compare { .. } | QualityCommand::CompareProfiled(_)) => {
                Ok(Self::Change(ready(&view.profile.change, view)?))
            }
            Command::Quality(QualityCommand::Report(_)) => Ok(Self::Written(ready(&view.board.written, view)?)),
            Command::Quality(QualityCommand::Audit(_) | QualityCommand::AuditProfiled) => {
                Ok(Self::Findings(ready(&view.profile.findings, view)?))
            }
            Command::Quality(QualityCommand::Propose(_)) => Ok(Self::Report(ready(&view.profile.proposed, view)?)),
            Command::Pipeline(PipelineCommand::Plan(_)) => Ok(Self::Plan(ready(&view.pipeline.plan, view)?)),
            Command::Pipeline(PipelineCommand::Check(_)) => Ok(Self::Checks(ready(&view.pipeline.checks, view)?)),
            Command::Inspect(_) => Ok(Self::Report(ready(&view.inspect.report, view)?)),
            Command::Alert(_) => Ok(Self::Alerted(ready(&view.alerts.told, view)?)),
            Command::Check(CheckCommand::List) => Ok(Self::CheckList(ready(&view.checks.list, view)?)),
            Command::Check(CheckCommand::AcceptOf { .. }) => Ok(Self::ChecksAdded(ready(&view.checks.added, view)?)),
            Command::Pipeline(PipelineCommand::ShowRun(_)) => Ok(Self::Run(ready(&view.pipeline.shown, view)?)),
            Command::Pipeline(PipelineCommand::Run(_)) => Self::run(view),
            Command::Board(BoardCommand::Open(_) | BoardCommand::Refresh) => Ok(Self::Board(ready(&view.board.values, view)?)),
            Command::Board(BoardCommand::ShowKpi(_)) => Ok(Self::Kpi(ready(&view.board.kpi, view)?)),
            Command::Board(BoardCommand::Render(_)) | Command::Export(_) => Ok(Self::Written(ready(&view.board.written, view)?)),
            Command::Quarantine(QuarantineCommand::Decide(_)) => Ok(Self::Report(ready(&view.quarantine.decided, view)?)),
            Command::Quarantine(QuarantineCommand::Replay(_)) => Self::run(view),
            Command::Recipe(RecipeCommand::Preview { .. }) => Ok(Self::Recipe(ready(&view.recipe.preview, view)?)),
            Command::Recipe(RecipeCommand::ShowSql(_)) => Ok(Self::Report(ready(&view.recipe.sql, view)?)),
            Command::Recipe(RecipeCommand::Spellings(_)) => Ok(Self::Report(ready(&view.recipe.spellings, view)?)),
            Command::Match(MatchCommand::Resolve(request)) if request.crosswalk.is_some() => {
                Ok(Self::Written(ready(&view.matches.written, view)?))
            }
            Command::Match(_) => Ok(Self::Report(ready(&view.matches.report, view)?)),
            Command::Review(ReviewCommand::Preview(request)) => Ok(Self::Preview(ready(&view.review.preview, view)?, request.first)),
            Command::Review(_) => Ok(Self::Report(ready(&view.review.report, view)?)),
            Command::Source(SourceCommand::Sniff(_)) => Ok(Self::Report(ready(&view.sources.sniffed, view)?)),
            Command::Source(SourceCommand::Test(_) | SourceCommand::Tables(_)) => Ok(Self::Report(ready(&view.sources.connection, view)?)),
            Command::Source(SourceCommand::Add(_, dry_run) | SourceCommand::Connect(_, dry_run)) => {
                Ok(Self::Added(ready(&view.sources.added, view)?, *dry_run))
            }
            Command::Workspace(WorkspaceCommand::Doctor) => Ok(Self::Report(ready(&view.workspace.doctor, view)?)),
            Command::Workspace(WorkspaceCommand::Init { .. } | WorkspaceCommand::Example(_)) => {
                Ok(Self::Made(ready(&view.workspace.made, view)?))
            }
            _ => Err(Problem::new(Code::Internal, "that verb has no answer to print")),
        }
    }

    /// The run that was just made.
    pub(super) fn run(view: &View<'a>) -> Outcome<Self> {
        view.pipeline.run.as_ref().and_then(|r| r.record.as_ref()).map(Self::Run).ok_or_else(|| no_answer(view))
    }

    /// The answer for people.
    pub(super) fn lines(&self, room: Room) -> Vec<Line> {
        match self {
            Self::Rows(_, window) => show::rows::rows(window, room).lines,
            Self::Profile(profile) => {
                let mut lines = show::profile::profile(profile, room).lines;
                if let Some(relations) = &profile.relations {
                    lines.push(Line::new());
                    lines.extend(relations.told(None).into_iter().map(|told| Line::new().plain(told)));
                }
                lines
            }
            Self::Change(change) => show::change::change(change, room).lines,
            Self::Plan(plan) => show::plan::plan(plan, room),
            Self::Run(record) => show::run::run(record, room),
            Self::Checks(results) => show::checks::checks(results, room),
            Self::CheckList(list) => show::checks::list(list, room),
            Self::Alerted(told) => show::alerts::told(told, room),
            Self::Findings(findings) => show::findings::findings(findings, room).lines,
            Self::Board(values) => show::board::board(values, room),
            Self::Kpi(values) => show::kpi::kpi(values, room),
            Self::Recipe(preview) => show::recipe::preview(preview, room),
            Self::Preview(preview, Foremost::Thresholds) => show::preview::preview(preview, room),
            Self::Preview(preview, Foremost::Pairs) => show::preview::pairs(preview, room),
            Self::Report(report) if report.facts.is_empty() && report.problems.is_empty() => {
                report.text.iter().flat_map(|t| t.lines()).map(|l| Line::new().plain(l.replace('\t', "    "))).collect()
            }
            Self::Report(report) => show::report::report(report, room),
            Self::Added(added, DryRun::Yes) => show::added::text(added),
            Self::Written(_) | Self::Made(_) | Self::Added(_, DryRun::No) | Self::ChecksAdded(_) => Vec::new(),
        }
    }

    /// Remarks and cuts, for standard error.
    pub(super) fn remarks(&self, room: Room, shown_as: Format) -> Vec<String> {
        match self {
            Self::Rows(table, window) => {
                let mut remarks = table.notes.clone();
                if shown_as == Format::Table {
                    remarks.extend(table.rows.and_then(|rows| show::rows::cut(window.rows.len() as u64, rows)));
                    remarks.extend(left_out(show::rows::rows(window, room).columns_left_out));
                }
                remarks
            }
            Self::Profile(profile) => {
                let mut remarks = profile.notes.clone();
                if shown_as == Format::Table {
                    remarks.push(show::profile::summary(profile));
                    remarks.extend(left_out(show::profile::profile(profile, room).columns_left_out));
                }
                remarks
            }
            Self::Change(change) => {
                let mut remarks = change.notes.clone();
                if shown_as == Format::Table {
                    remarks.push(show::change::summary(change));
                    remarks.extend(left_out(show::change::change(change, room).columns_left_out));
                }
                remarks
            }
            Self::Findings(findings) => {
                let mut remarks = findings.notes.clone();
                if shown_as == Format::Table {
                    remarks.push(show::findings::summary(findings));
                    remarks.extend(left_out(show::findings::findings(findings, room).columns_left_out));
                }
                remarks
            }
            Self::Preview(preview, first) => {
                let mut remarks = preview.notes.clone();
                if shown_as == Format::Table && *first == Foremost::Pairs {
                    remarks.extend(show::preview::cut(preview));
                }
                remarks
            }
            Self::Plan(plan) => vec![show::plan::summary(plan)],
            Self::Checks(results) if !results.is_empty() => vec![show::checks::summary(results)],
            Self::CheckList(list) if shown_as == Format::Table => vec![show::checks::standing(list)],
            Self::ChecksAdded(added) => {
                let are = if added.labels.len() == 1 { "is" } else { "are" };
                vec![format!("{} of {} {are} written to {}", added.labels.join(", "), added.table, added.file)]
            }
            Self::Written(written) => {
                let rows = crate::paint::count(written.rows);
                let mut remarks = written.notes.clone();
                let places = written.files.iter().map(|f| f.display().to_string()).chain(written.table.clone());
                remarks.extend(places.map(|place| match written.rows {
                    0 => format!("written to {place}"),
                    1 => format!("1 row written to {place}"),
                    _ => format!("{rows} rows written to {place}"),
                }));
                remarks
            }
            Self::Added(added, DryRun::No) => {
                let mut remarks: Vec<String> = added.files.iter().map(|f| format!("{} is written", f.path)).collect();
                remarks.extend(added.notes.iter().cloned());
                remarks
            }
            Self::Added(_, DryRun::Yes) => vec!["nothing was written".to_owned()],
            Self::Made(made) => {
                let mut remarks = made.notes.clone();
                remarks.push(format!("made {}", made.root.display()));
                remarks
            }
            _ => Vec::new(),
        }
    }

    /// The answer for programs.
    pub(super) fn json(&self) -> Outcome<Value> {
        match self {
            Self::Rows(_, window) => Ok(Value::Array(window.rows.iter().map(|row| object(window, row)).collect::<Outcome<_>>()?)),
            Self::Profile(profile) => value(profile),
            Self::Change(change) => value(change),
            Self::Plan(plan) => value(plan),
            Self::Run(record) => value(record),
            Self::Checks(results) => value(results),
            Self::CheckList(list) => value(list),
            Self::Alerted(told) => value(told),
            Self::ChecksAdded(added) => Ok(json!({ "table": added.table, "file": added.file, "checks": added.labels })),
            Self::Findings(findings) => value(findings),
            Self::Board(values) => value(values),
            Self::Kpi(values) => value(values),
            Self::Recipe(preview) => value(preview),
            Self::Preview(preview, _) => value(preview),
            Self::Report(Report { data: Some(data), .. }) => {
                serde_json::from_str(data).map_err(|e| Problem::new(Code::Internal, "cannot write the answer as JSON").why(e.to_string()))
            }
            Self::Report(report) => {
                let facts: Map<String, Value> = report.facts.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect();
                Ok(json!({ "title": report.title, "facts": facts, "text": report.text, "problems": value(&report.problems)? }))
            }
            Self::Written(written) => {
                Ok(json!({ "files": written.files, "table": written.table, "rows": written.rows, "notes": written.notes }))
            }
            Self::Added(added, _) => {
                let files: Vec<Value> =
                    added.files.iter().map(|f| json!({ "path": f.path, "text": f.text, "existed": f.existed })).collect();
                Ok(json!({ "what": added.what, "source": added.source, "files": files, "notes": added.notes }))
            }
            Self::Made(made) => Ok(json!({ "root": made.root, "next": made.next, "notes": made.notes })),
        }
    }

    /// The answer as records, one a line: the list inside it, or the whole as one.
    pub(super) fn records(&self) -> Outcome<Vec<Value>> {
        let list = match self {
            Self::Profile(profile) => value(&profile.columns)?,
            Self::Change(change) => changed(change)?,
            Self::Findings(findings) => value(&findings.cells)?,
            Self::Plan(plan) => value(&plan.steps)?,
            Self::Preview(preview, Foremost::Thresholds) => value(&preview.steps)?,
            Self::Preview(preview, Foremost::Pairs) => value(&preview.pairs)?,
            Self::Run(record) => value(&record.steps)?,
            Self::Board(values) => value(&values.kpis)?,
            other => other.json()?,
        };
        Ok(match list {
            Value::Array(records) => records,
            one => vec![one],
        })
    }

    /// What the process ends with when this is its answer.
    pub(super) fn exit(&self, command: &Command) -> Exit {
        match self {
            Self::Run(record) if is_run(command) => match record.status {
                RunStatus::Done | RunStatus::Running => Exit::Ok,
                RunStatus::Held => Exit::Held,
                RunStatus::Cancelled => Exit::Interrupted,
                RunStatus::Failed | RunStatus::Lost => run_problem(record).map_or(Exit::Failed, |p| p.code.exit()),
            },
            Self::Checks(results) => {
                let broken = |of: fn(CheckAction) -> bool| results.iter().any(|r| r.is_broken() && of(r.action));
                if broken(|action| action == CheckAction::Fail) {
                    Exit::Gate
                } else if broken(CheckAction::holds_rows) {
                    Exit::Held
                } else {
                    Exit::Ok
                }
            }
            Self::Alerted(told) => told.iter().find_map(|a| a.problem.as_ref()).map_or(Exit::Ok, |p| p.code.exit()),
            Self::Report(report) => report.problems.first().map_or(Exit::Ok, |p| p.code.exit()),
            _ => Exit::Ok,
        }
    }
}

/// A change as records, one a column, without the two profiles.
fn changed(change: &ProfileChange) -> Outcome<Value> {
    let record = |column: &trommel_model::ColumnChange| {
        let mut record = value(column)?;
        if let Some(fields) = record.as_object_mut() {
            fields.remove("from");
            fields.remove("to");
        }
        Ok(record)
    };
    Ok(Value::Array(change.columns.iter().map(record).collect::<Outcome<_>>()?))
}

/// Why a run failed: its own fault, or that of its first failed step.
pub(super) fn run_problem(record: &RunRecord) -> Option<&Problem> {
    record.problem.as_ref().or_else(|| record.steps.iter().find_map(|s| s.problem.as_ref()))
}

/// Records as delimited text: a head of all names, nested values as JSON.
pub(super) fn csv(records: &[Value]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for record in records {
        for name in record.as_object().into_iter().flat_map(Map::keys) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let field = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
        other => other.to_string(),
    };
    let mut text = names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(",") + "\r\n";
    for record in records {
        let fields = names.iter().map(|n| record.get(n).map_or_else(String::new, field));
        text.push_str(&(fields.collect::<Vec<_>>().join(",") + "\r\n"));
    }
    text
}

/// RFC 4180.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn left_out(columns: usize) -> Option<String> {
    match columns {
        0 => None,
        1 => Some("1 column does not fit; --format csv shows all".to_owned()),
        n => Some(format!("{n} columns do not fit; --format csv shows all")),
    }
}

fn object(window: &Window, row: &[trommel_model::Cell]) -> Outcome<Value> {
    let mut map = Map::new();
    for (name, cell) in window.schema.names().zip(row) {
        map.insert(name.to_owned(), value(cell)?);
    }
    Ok(Value::Object(map))
}

fn value<T: serde::Serialize + ?Sized>(data: &T) -> Outcome<Value> {
    serde_json::to_value(data).map_err(|e| Problem::new(Code::Internal, "cannot write the answer as JSON").why(e.to_string()))
}

fn ready<'a, T>(remote: &'a Remote<T>, view: &View<'_>) -> Outcome<&'a T> {
    match remote {
        Remote::Ready(value) => Ok(value),
        Remote::Failed { problem, .. } => Err(problem.clone()),
        Remote::NotAsked | Remote::Pending { .. } => Err(no_answer(view)),
    }
}

/// Why there is no answer: the last fault that was told, or that somebody stopped the work.
fn no_answer(view: &View<'_>) -> Problem {
    view.notices.iter().rev().find_map(|n| n.problem.clone()).unwrap_or_else(Problem::interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_needs_it() {
        let records = [json!({ "a": 1, "b": "x,\"y\"" }), json!({ "b": null, "c": [1, "z"] })];
        assert_eq!(csv(&records), "a,b,c\r\n1,\"x,\"\"y\"\"\",\r\n,,\"[1,\"\"z\"\"]\"\r\n");
    }
}
