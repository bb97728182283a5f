//! The lists Trommel keeps, as tables: put into the engine and read like any other.

mod inspections;
mod profiles;

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use trommel_app::ListKind;
use trommel_engine::sql;
use trommel_model::{Cell, Code, HeldState, KpiSpec, Outcome, Problem, Standing, TableName, Workspace, standing};
use trommel_workspace::Ledger;

use crate::desk::{self, Desk};
use crate::worker::Task;

/// Runs listed at most; older ones stay in the ledger.
const RUNS_LISTED: usize = 10_000;

/// A SELECT over a list.
pub(crate) fn select(task: &Task, desk: &Desk, workspace: &Arc<Workspace>, kind: &ListKind) -> Outcome<String> {
    let list = match kind {
        ListKind::Sources => sources(workspace)?,
        ListKind::Tables => tables(workspace, desk)?,
        ListKind::Runs => runs(workspace)?,
        ListKind::Quarantine(table, state) => return quarantine(task, desk, workspace, table.as_ref(), *state),
        ListKind::Snapshots => snapshots(workspace)?,
        ListKind::Kpis => kpis(task, desk, workspace)?,
        ListKind::Boards => boards(workspace),
        ListKind::Connections => connections(workspace),
        ListKind::Logs(run) => logs(workspace, run)?,
        ListKind::Checks => checks(workspace)?,
        ListKind::Failing(table, check) => return failing(desk, workspace, table, check.as_deref()),
        ListKind::Inspections => inspections::all(workspace)?,
        ListKind::Inspected(name) => return inspections::rows(task, desk, workspace, name),
        ListKind::Alerts => alerts(workspace)?,
        ListKind::Profiles(table) => profiles::list(workspace, table)?,
        ListKind::Scores => scores(workspace)?,
    };
    put(task, desk, &list)
}

/// The series of a KPI: one row a period.
pub(crate) fn kpi_series(task: &Task, desk: &Desk, workspace: &Arc<Workspace>, name: &str) -> Outcome<String> {
    let spec = find_kpi(workspace, name)?;
    let values = trommel_metrics::values(&desk.engine, spec, &task.cancel)?;
    let mut list = List::new(&["period", "value"], &[Kind::Text, Kind::Float]);
    for point in values.series {
        list.row(vec![Cell::Text(point.period), point.value.map_or(Cell::Null, Cell::Float)]);
    }
    put(task, desk, &list)
}

/// What a query asks of databases: one row a thing there is to say.
pub(crate) fn explained(task: &Task, desk: &Desk, reads: &[trommel_pipeline::federated::RemoteRead]) -> Outcome<String> {
    let mut list = List::new(&["table", "what", "said"], &[Kind::Text, Kind::Text, Kind::Text]);
    if reads.is_empty() {
        list.row(["", "remark", "the query reads no table of a database"].map(|text| Cell::Text(text.to_owned())).to_vec());
    }
    for read in reads {
        for (what, said) in read.lines() {
            list.row(vec![Cell::Text(read.table.clone()), Cell::Text(what.to_owned()), Cell::Text(said)]);
        }
    }
    put(task, desk, &list)
}

/// The KPI with a name.
pub(crate) fn find_kpi<'a>(workspace: &'a Workspace, name: &str) -> Outcome<&'a KpiSpec> {
    workspace.kpis.iter().find(|k| k.name == name).ok_or_else(|| {
        Problem::new(Code::UnknownName, format!("there is no KPI \"{name}\""))
            .next(trommel_model::did_you_mean(name, workspace.kpis.iter().map(|k| k.name.as_str())))
    })
}

/// Names of the tables and views that are attached.
pub(crate) fn table_names(desk: &Desk) -> Outcome<Vec<String>> {
    let cancel = trommel_model::Cancel::new();
    let batches = desk.engine.query(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary AND schema_name <> 'main' ORDER BY ALL",
        &cancel,
    )?;
    Ok(batches.iter().flat_map(trommel_engine::frame::cells_of).filter_map(|mut row| row.pop()).map(|c| c.text()).collect())
}

/// What a column of a list holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
}

/// A small table row by row; it becomes columns when it is put into the engine.
pub(crate) struct List {
    names: Vec<String>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<Cell>>,
}

impl List {
    pub(crate) fn new(names: &[&str], kinds: &[Kind]) -> Self {
        Self { names: names.iter().map(|n| (*n).to_owned()).collect(), kinds: kinds.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    pub(crate) fn batch(&self) -> Outcome<RecordBatch> {
        let column = |i: usize| self.rows.iter().map(move |r| r.get(i).unwrap_or(&Cell::Null));
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (i, (name, kind)) in self.names.iter().zip(&self.kinds).enumerate() {
            let (data_type, array): (DataType, ArrayRef) = match kind {
                Kind::Text => {
                    let text = column(i).map(|c| (!c.is_null()).then(|| c.text()));
                    (DataType::Utf8, Arc::new(text.collect::<StringArray>()))
                }
                Kind::Integer => {
                    let whole = column(i).map(|c| if let Cell::Integer(x) = c { Some(*x) } else { None });
                    (DataType::Int64, Arc::new(whole.collect::<Int64Array>()))
                }
                Kind::Float => (DataType::Float64, Arc::new(column(i).map(Cell::number).collect::<Float64Array>())),
                Kind::Boolean => {
                    let truth = column(i).map(|c| if let Cell::Boolean(b) = c { Some(*b) } else { None });
                    (DataType::Boolean, Arc::new(truth.collect::<BooleanArray>()))
                }
            };
            fields.push(Field::new(name, data_type, true));
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|e| Problem::new(Code::Internal, "cannot make a list").why(e.to_string()))
    }
}

fn put(task: &Task, desk: &Desk, list: &List) -> Outcome<String> {
    let table = format!("list_{}", task.ticket.0);
    desk.engine.put(&table, vec![list.batch()?])?;
    Ok(format!("SELECT * FROM {}", sql::ident(&table)))
}

pub(crate) fn text(t: impl Into<String>) -> Cell {
    Cell::Text(t.into())
}

pub(crate) fn count(n: u64) -> Cell {
    Cell::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(crate) fn maybe<T>(value: Option<T>, make: impl FnOnce(T) -> Cell) -> Cell {
    value.map_or(Cell::Null, make)
}

fn sources(workspace: &Workspace) -> Outcome<List> {
    let lake = desk::open_lake(workspace)?;
    let mut list = List::new(
        &["source", "reads", "load", "files", "rows", "held", "last_run", "description"],
        &[Kind::Text, Kind::Text, Kind::Text, Kind::Integer, Kind::Integer, Kind::Integer, Kind::Text, Kind::Text],
    );
    for source in &workspace.sources {
        let seen = lake.seen_files(&source.name)?;
        let what = source.path.clone().or_else(|| source.table.clone()).or_else(|| source.query.clone()).unwrap_or_default();
        let reads = source.connection.as_ref().map_or_else(|| what.clone(), |c| format!("{c}: {what}"));
        let load = match source.load {
            trommel_model::Load::Full => "full",
            trommel_model::Load::NewFiles => "new files",
            trommel_model::Load::Incremental => "incremental",
        };
        list.row(vec![
            text(source.name.clone()),
            text(reads),
            text(load),
            count(seen.len() as u64),
            count(seen.iter().map(|f| f.rows).sum()),
            count(seen.iter().map(|f| f.held).sum()),
            maybe(seen.iter().map(|f| f.run.clone()).max(), text),
            text(source.description.clone()),
        ]);
    }
    Ok(list)
}

fn tables(workspace: &Workspace, desk: &Desk) -> Outcome<List> {
    let lake = desk::open_lake(workspace)?;
    let mut list = List::new(
        &["table", "kind", "rows", "bytes", "columns", "description"],
        &[Kind::Text, Kind::Text, Kind::Integer, Kind::Integer, Kind::Integer, Kind::Text],
    );
    for table in lake.tables(desk.snapshot)? {
        let model = workspace.models.iter().find(|m| m.name == table.name);
        let kind = match model {
            Some(model) => model.kind.name(),
            None if table.name.layer == "raw" => "source",
            None if table.name.layer == "quarantine" => "quarantine",
            None => "table",
        };
        list.row(vec![
            text(table.name.to_string()),
            text(kind),
            maybe(table.rows, count),
            count(table.bytes),
            count(table.schema.fields.len() as u64),
            text(model.map(|m| m.description.clone()).unwrap_or_default()),
        ]);
    }
    Ok(list)
}

fn runs(workspace: &Workspace) -> Outcome<List> {
    let ledger = Ledger::open(&desk::state(workspace))?;
    let mut list = List::new(
        &["run", "environment", "status", "started_at", "ended_at", "snapshot", "problem"],
        &[Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Integer, Kind::Text],
    );
    // A run whose process is gone is told apart from one that goes on; a ledger that cannot be written shows it as it is.
    let _ = ledger.mark_lost();
    for run in ledger.list(RUNS_LISTED)? {
        list.row(vec![
            text(run.id.0),
            text(run.environment),
            text(run.status.name()),
            text(run.started_at),
            maybe(run.ended_at, text),
            maybe(run.snapshot, count),
            maybe(run.problem, |p| text(p.to_string())),
        ]);
    }
    Ok(list)
}

/// Held rows with what was decided about them: `state` is the name of a [`HeldState`], `row` their name for the verbs. A row
/// that a check holds is still faulty when the run that held it began after it was corrected.
fn quarantine(task: &Task, desk: &Desk, workspace: &Workspace, only: Option<&TableName>, state: Option<HeldState>) -> Outcome<String> {
    let held = held(desk, only)?;
    let mut list = List::new(
        &["_source", "_file", "_line", "_was", "_now", "_at", "decided_by", "why"],
        &[Kind::Text, Kind::Text, Kind::Integer, Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Text],
    );
    let lake = (!workspace.corrections.is_empty()).then(|| desk::open_lake(workspace)).transpose()?;
    for (source, all) in &workspace.corrections {
        let spec = workspace.sources.iter().find(|spec| spec.name == *source);
        let read = lake.as_ref().zip(spec).map(|(lake, spec)| trommel_pipeline::lines_read(workspace, lake, spec));
        let moved = read.transpose()?.unwrap_or_default();
        for c in standing(all) {
            list.row(vec![
                text(source),
                text(&c.file),
                count(moved.get(&c.file).map_or(c.line, |moved| moved.read_at(c.line))),
                text(&c.was),
                maybe(c.now.clone(), text),
                text(as_run(&c.at)),
                text(&c.who),
                text(&c.why),
            ]);
        }
    }
    let decided = put(task, desk, &list)?;
    // By the clock of this machine; the engine's own needs zone data to be compared with anything.
    let now = sql::literal(&jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    let only = state.map_or_else(|| "true".to_owned(), |state| format!("state = {}", sql::literal(state.name())));
    Ok(format!(
        "SELECT * FROM (SELECT q.*, CASE WHEN d._line IS NULL OR d._now = d._was THEN \
         CASE WHEN q.waits_for IS NOT NULL AND coalesce(q.wait_until > {now}, true) THEN 'waiting' ELSE 'open' END WHEN d._now IS NULL THEN 'discarded' \
         WHEN q.raw = d._now OR (q.stage = 'check' AND q.run[:15] > d._at) THEN 'still faulty' ELSE 'corrected' END AS state, d.decided_by, d.why, \
         concat(q.\"table\", ':', q.file, ':', q.line) AS \"row\" \
         FROM ({held}) AS q LEFT JOIN ({decided}) AS d ON d._source = q.source AND d._file = q.file AND d._line = q.line) WHERE {only}"
    ))
}

/// A moment as the ids of runs begin: `20260131-093000`.
fn as_run(moment: &str) -> String {
    moment.parse::<jiff::Timestamp>().map_or_else(|_| String::new(), |at| at.strftime("%Y%m%d-%H%M%S").to_string())
}

/// Held rows of all tables, or of one, as the lake has them.
fn held(desk: &Desk, only: Option<&TableName>) -> Outcome<String> {
    let wanted = only.map(|t| format!("quarantine.{}__{}", t.layer, t.table));
    let none =
        ["table", "stage", "source", "file", "line", "field", "rule", "reason", "raw", "run", "waits_for", "waiting_since", "wait_until"]
            .map(|name| format!("NULL::{} AS {}", if name == "line" { "BIGINT" } else { "VARCHAR" }, sql::ident(name)));
    // Tables of early versions do not have all of the columns.
    let none = format!("SELECT {} WHERE false", none.join(", "));
    let tables = table_names(desk)?
        .into_iter()
        .filter(|name| name.starts_with("quarantine.") && wanted.as_ref().is_none_or(|w| w == name))
        .filter_map(|name| name.parse::<TableName>().ok())
        .map(|name| format!("SELECT * FROM {}", sql::qualified(&name)));
    Ok(std::iter::once(none).chain(tables).collect::<Vec<_>>().join(" UNION ALL BY NAME "))
}

/// A SELECT of every row of a table that breaks one of its checks, with the check and the reason.
fn failing(desk: &Desk, workspace: &Workspace, table: &TableName, only: Option<&str>) -> Outcome<String> {
    let of_source = workspace.sources.iter().find(|s| table.layer == "raw" && s.name == table.table).map(|s| &s.checks);
    let checks = of_source.or_else(|| workspace.models.iter().find(|m| m.name == *table).map(|m| &m.checks));
    let Some(checks) = checks else {
        let names: Vec<String> = table_names(desk)?;
        return Err(Problem::new(Code::UnknownName, format!("no source and no model makes {table}"))
            .next(trommel_model::did_you_mean(&table.to_string(), names.iter().map(String::as_str))));
    };
    if let Some(label) = only
        && checks.iter().any(|check| check.action.holds_rows() && check.label() == label)
        && let Some(held) = held_by(desk, table, label)?
    {
        return Ok(held);
    }
    let relation = format!("SELECT * FROM {}", sql::qualified(table));
    let schema = desk.engine.describe(&relation)?;
    let mut parts = Vec::new();
    let wanted = |check: &&trommel_model::CheckSpec| !check.rule.is_by_table() && only.is_none_or(|label| check.label() == label);
    for check in checks.iter().filter(wanted) {
        let compiled = trommel_quality::compile(check, table, &relation, &schema)?;
        parts.push(format!(
            "SELECT {} AS \"check\", {} AS severity, _reason AS reason, * EXCLUDE (_reason) FROM (\n{}\n)",
            sql::literal(&compiled.label),
            sql::literal(check.severity().name()),
            compiled.sql
        ));
    }
    if let (true, Some(label)) = (parts.is_empty(), only) {
        let known = checks.iter().map(trommel_model::CheckSpec::label).collect::<Vec<_>>();
        let next = trommel_model::did_you_mean(label, known.iter().map(String::as_str));
        return Err(if checks.iter().any(|check| check.label() == label) {
            Problem::new(Code::Usage, format!("{label} is about {table} as a whole, and no row breaks it by itself"))
        } else {
            Problem::new(Code::UnknownName, format!("{table} has no check {label}")).next(next)
        });
    }
    if parts.is_empty() {
        return Err(Problem::new(Code::Usage, format!("{table} has no check of its rows"))
            .next("write [[checks]] beside the source or model; trommel check TABLE --propose suggests some"));
    }
    Ok(parts.join("\nUNION ALL\n"))
}

/// The rows that a check holds: they are in the quarantine and no longer in the table.
fn held_by(desk: &Desk, table: &TableName, label: &str) -> Outcome<Option<String>> {
    let name = TableName::new("quarantine", format!("{}__{}", table.layer, table.table));
    if !table_names(desk)?.contains(&name.to_string()) {
        return Ok(None);
    }
    let from = format!("FROM {} WHERE rule = {}", sql::qualified(&name), sql::literal(label));
    let some = desk.engine.query(&format!("SELECT 1 {from} LIMIT 1"), &trommel_model::Cancel::new())?;
    let any = some.iter().any(|batch| batch.num_rows() > 0);
    Ok(any.then(|| format!("SELECT reason, raw, source, file, line, field, run {from}")))
}

fn alerts(workspace: &Workspace) -> Outcome<List> {
    let mut list = List::new(
        &["alert", "state", "title", "run", "at", "tries", "tried_at", "problem"],
        &[Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Integer, Kind::Text, Kind::Text],
    );
    for alert in trommel_workspace::alerts(&desk::state(workspace))? {
        list.row(vec![
            text(alert.alert),
            text(alert.state.name()),
            text(alert.message.title),
            maybe(alert.message.run, text),
            text(alert.message.at),
            count(alert.tries.into()),
            maybe(alert.tried_at, text),
            maybe(alert.problem, |p| text(p.why.map_or_else(|| p.what.clone(), |why| format!("{}: {why}", p.what)))),
        ]);
    }
    Ok(list)
}

fn scores(workspace: &Workspace) -> Outcome<List> {
    let mut list = List::new(
        &["run", "at", "table", "dimension", "score", "checks", "broken"],
        &[Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Float, Kind::Integer, Kind::Integer],
    );
    for score in Ledger::open(&desk::state(workspace))?.scores(RUNS_LISTED)? {
        list.row(vec![
            text(score.run.0),
            text(score.at),
            text(score.table),
            text(score.dimension),
            Cell::Float(score.score),
            count(score.checks),
            count(score.broken),
        ]);
    }
    Ok(list)
}

fn snapshots(workspace: &Workspace) -> Outcome<List> {
    let lake = desk::open_lake(workspace)?;
    let mut list = List::new(&["snapshot", "at", "run", "changes"], &[Kind::Integer, Kind::Text, Kind::Text, Kind::Text]);
    let mut all = lake.snapshots()?;
    all.sort_by_key(|s| std::cmp::Reverse(s.id));
    for snapshot in all {
        list.row(vec![count(snapshot.id), text(snapshot.at), maybe(snapshot.run, text), text(snapshot.changes.join("; "))]);
    }
    Ok(list)
}

fn kpis(task: &Task, desk: &Desk, workspace: &Workspace) -> Outcome<List> {
    let mut list = List::new(
        &["kpi", "title", "total", "period", "value", "previous", "standing", "problem"],
        &[Kind::Text, Kind::Text, Kind::Float, Kind::Text, Kind::Float, Kind::Float, Kind::Text, Kind::Text],
    );
    for spec in &workspace.kpis {
        task.cancel.check()?;
        match trommel_metrics::values(&desk.engine, spec, &task.cancel) {
            Ok(v) => {
                let standing = match v.standing {
                    Standing::NoTarget => "no target",
                    Standing::Met => "met",
                    Standing::Missed => "missed",
                    Standing::Warning => "warning",
                };
                list.row(vec![
                    text(v.name),
                    text(v.title),
                    maybe(v.total, Cell::Float),
                    maybe(v.current.as_ref().map(|p| p.period.clone()), text),
                    maybe(v.current.and_then(|p| p.value), Cell::Float),
                    maybe(v.previous.and_then(|p| p.value), Cell::Float),
                    text(standing),
                    Cell::Null,
                ]);
            }
            Err(problem) => {
                let mut row = vec![Cell::Null; 8];
                (row[0], row[1], row[7]) = (text(spec.name.clone()), text(spec.title.clone()), text(problem.to_string()));
                list.row(row);
            }
        }
    }
    Ok(list)
}

fn boards(workspace: &Workspace) -> List {
    let mut list = List::new(&["board", "title", "cards"], &[Kind::Text, Kind::Text, Kind::Integer]);
    for board in &workspace.boards {
        list.row(vec![text(board.name.clone()), text(board.title.clone()), count(board.cards.len() as u64)]);
    }
    list
}

fn connections(workspace: &Workspace) -> List {
    let mut list = List::new(&["connection", "kind", "path", "exists"], &[Kind::Text, Kind::Text, Kind::Text, Kind::Boolean]);
    for connection in &workspace.config.connections {
        let kind = connection.kind;
        // Whether a server is there, `connect test` finds out.
        let (at, exists) = if kind.is_server() {
            (trommel_connectors::database::shown(connection), Cell::Null)
        } else {
            (connection.path.clone(), Cell::Boolean(workspace.root.join(&connection.path).exists()))
        };
        list.row(vec![text(connection.name.clone()), text(kind.name()), text(at), exists]);
    }
    list
}

fn logs(workspace: &Workspace, run: &str) -> Outcome<List> {
    let ledger = Ledger::open(&desk::state(workspace))?;
    let record = ledger.get(run)?;
    let mut list = List::new(&["at", "step", "text"], &[Kind::Text, Kind::Text, Kind::Text]);
    for line in ledger.logs(&record.id)? {
        list.row(vec![text(line.at), maybe(line.step, text), text(line.text)]);
    }
    Ok(list)
}

fn checks(workspace: &Workspace) -> Outcome<List> {
    let ledger = Ledger::open(&desk::state(workspace))?;
    let mut list = List::new(
        &["table", "check", "dimension", "severity", "action", "rows", "broken", "tolerated", "value", "reason", "owner"],
        &[
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Integer,
            Kind::Integer,
            Kind::Integer,
            Kind::Float,
            Kind::Text,
            Kind::Text,
        ],
    );
    if ledger.list(1)?.is_empty() {
        return Ok(list);
    }
    for result in ledger.get("last")?.steps.into_iter().flat_map(|s| s.checks) {
        list.row(vec![
            text(result.table.to_string()),
            text(result.check),
            text(format!("{:?}", result.dimension).to_lowercase()),
            text(result.severity.name()),
            text(result.action.name()),
            count(result.rows),
            count(result.broken),
            count(result.tolerated),
            result.value.map_or(Cell::Null, Cell::Float),
            result.reason.map_or(Cell::Null, Cell::Text),
            text(result.owner),
        ]);
    }
    Ok(list)
}
