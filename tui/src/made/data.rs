//! The car rental: a workspace, a plan, a run, rows, a profile, a preview, a board.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use trommel_app::{ListKind, Made, News, Report, ReviewCommand, Subject, Work, Written};
use trommel_model::{
    Added, AddedFile, BoardValues, Cell, CheckResult, Code, DataType, Field, FileFacts, FileFormat, Findings, FoundOption, KpiValues,
    LogLine, Plan, Problem, Profile, Progress, RecipePreview, RemoteTable, RowCount, RunEvent, RunRecord, Schema, TrialStage, Window,
    Workspace,
};

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// The workspace.
pub(crate) fn workspace() -> Arc<Workspace> {
    let mut workspace: Workspace = from(json!({
        "root": "/data/car-rental",
        "environment": "dev",
        "config": { "name": "Car rental", "description": "Quotes of three brokers and the bookings that came of them",
          "connections": [
            { "name": "alpha", "kind": "sqlite", "path": "data/alpha.sqlite" },
            { "name": "bravo", "kind": "folder", "path": "data/bravo" },
            { "name": "shop", "kind": "postgres", "url": "postgres://ann@db.example:5432/shop", "password": { "env": "SHOP_PASSWORD" } },
          ] },
        "sources": [
            { "description": "Quotes of Alpha", "connection": "alpha", "table": "quotes" },
            { "description": "Quotes of Bravo, day first, comma for decimals", "connection": "bravo", "path": "bravo_quotes.csv",
              "columns": [
                { "name": "quote_id", "type": "text", "required": true },
                { "name": "quoted_at", "type": "timestamp", "formats": ["%d.%m.%Y %H:%M"] },
                { "name": "price", "type": "decimal(12,2)" },
              ],
              "checks": [{ "check": "not_null", "column": "quote_id", "action": "quarantine" }] },
            { "description": "Quotes of Charlie", "connection": "charlie", "path": "charlie_quotes.ndjson" },
            { "description": "Bookings", "connection": "shop", "table": "bookings" },
        ],
        "models": [
            { "name": "clean.alpha_quotes", "path": "models/clean/alpha_quotes.sql", "materialise": "table", "description": "Alpha in our words",
              "owner": "", "keys": ["quote_id"], "checks": [], "kind": { "sql": { "sql": "select * from ref('raw.alpha_quotes')", "first_line": 4 } } },
            { "name": "clean.bravo_quotes", "path": "models/clean/bravo_quotes.toml", "materialise": "table",
              "description": "Bravo in our words", "owner": "pricing", "keys": ["quote_id"], "checks": [],
              "kind": { "recipe": { "from": "raw.bravo_quotes", "steps": [
                { "do": "rename", "columns": { "kunde": "customer" } },
                { "do": "trim", "columns": ["customer", "city"] },
                { "do": "cast", "columns": ["price"], "to": "decimal(12,2)", "decimal_mark": "," },
                { "do": "filter", "keep": "price > 0" },
                { "do": "deduplicate", "key": ["quote_id"], "order_by": ["quoted_at desc"] },
              ] } } },
            { "name": "stage.quotes", "path": "models/stage/quotes.toml", "materialise": "table", "description": "One entity a request",
              "owner": "", "keys": [], "checks": [], "kind": { "match": { "from": "clean.quotes", "id": "quote_id", "source": "broker",
                "blocking": [{ "keys": [{ "column": "email" }] }],
                "comparisons": [{ "column": "name", "method": "jaro_winkler", "weight": 0.6 }], "threshold": 0.85 } } },
            { "name": "mart.quotes", "path": "models/mart/quotes.sql", "materialise": "table", "description": "One row a request",
              "owner": "pricing", "keys": ["entity_id"], "checks": [{ "check": "unique", "columns": ["entity_id"], "action": "fail" }],
              "kind": { "sql": { "sql": "select q.*, b.booked_at\nfrom ref('stage.quotes') q\nleft join ref('raw.bookings') b using (quote_id)", "first_line": 6 } } },
        ],
        "kpis": [
            { "title": "Quotes a day", "from": "mart.quotes", "formula": "count(*)" },
            { "title": "Conversion", "from": "mart.quotes", "formula": "avg(booked::int)", "format": "percent" },
            { "title": "Average price", "from": "mart.quotes", "formula": "avg(price_eur)", "format": "currency", "unit": "€" },
        ],
        "boards": [{ "title": "Car rental" }],
    }));
    for (source, name) in workspace.sources.iter_mut().zip(["alpha_quotes", "bravo_quotes", "charlie_quotes", "bookings"]) {
        source.name = name.to_owned();
    }
    for (kpi, name) in workspace.kpis.iter_mut().zip(["quotes_a_day", "conversion", "average_price"]) {
        kpi.name = name.to_owned();
    }
    workspace.boards[0].name = "rental".to_owned();
    Arc::new(workspace)
}

/// What a run would do.
pub(crate) fn plan() -> Plan {
    let step = |name: &str, kind: &str, decision: &str, why: &str, needs: &[&str]| json!({ "name": name, "kind": kind, "decision": decision, "why": why, "depends_on": needs });
    from(json!({ "environment": "dev", "steps": [
        step("raw.alpha_quotes", "ingest", "run", "quotes.sqlite has changed", &[]),
        step("raw.bravo_quotes", "ingest", "run", "2 new files", &[]),
        step("raw.charlie_quotes", "ingest", "skip", "nothing new", &[]),
        step("raw.bookings", "ingest", "run", "never read", &[]),
        step("clean.alpha_quotes", "sql", "run", "raw.alpha_quotes changes", &["raw.alpha_quotes"]),
        step("clean.bravo_quotes", "recipe", "run", "raw.bravo_quotes changes", &["raw.bravo_quotes"]),
        step("clean.quotes", "sql", "run", "clean.alpha_quotes changes", &["clean.alpha_quotes", "clean.bravo_quotes", "raw.charlie_quotes"]),
        step("stage.quotes", "match", "run", "clean.quotes changes", &["clean.quotes"]),
        step("mart.quotes", "sql", "run", "stage.quotes changes", &["stage.quotes", "raw.bookings"]),
    ] }))
}

/// A run that is done, with rows held.
pub(crate) fn run() -> RunRecord {
    let step = |name: &str, kind: &str, status: &str, counts: [u64; 6], ms: u64| {
        json!({ "name": name, "kind": kind, "status": status, "rows_in": counts[0], "rows_out": counts[1], "filtered": counts[2],
                "merged": counts[3], "expanded": counts[4], "quarantined": counts[5], "elapsed_ms": ms, "peak_bytes": ms * 100_000,
                "checks": [], "notes": [], "problem": null })
    };
    let mut record: RunRecord = from(json!({
        "id": "20260131-093000-k3f9", "environment": "dev", "status": "held",
        "started_at": "2026-01-31T09:30:00Z", "ended_at": "2026-01-31T09:30:02.340Z", "snapshot": 4, "problem": null,
        "steps": [
            step("raw.alpha_quotes", "ingest", "done", [20_000, 20_000, 0, 0, 0, 0], 210),
            step("raw.bravo_quotes", "ingest", "done", [20_412, 19_992, 0, 0, 0, 420], 310),
            step("raw.charlie_quotes", "ingest", "skipped", [0; 6], 0),
            step("raw.bookings", "ingest", "done", [6_120, 6_120, 0, 0, 0, 0], 90),
            step("clean.alpha_quotes", "sql", "done", [20_000, 19_870, 130, 0, 0, 0], 60),
            step("clean.bravo_quotes", "recipe", "done", [19_992, 19_480, 112, 400, 0, 0], 85),
            step("clean.quotes", "sql", "done", [59_300, 59_300, 0, 0, 0, 0], 70),
            step("stage.quotes", "match", "done", [59_300, 24_011, 0, 35_289, 0, 0], 1_420),
            step("mart.quotes", "sql", "done", [30_131, 24_019, 6_120, 0, 8, 0], 95),
        ],
    }));
    record.steps[1].notes = vec!["delimiter ; and encoding windows-1252 were found".to_owned()];
    record.steps[1].checks = checks()[..1].to_vec();
    record
}

/// The run while it goes on.
pub(crate) fn going_on() -> Vec<RunEvent> {
    let done = run();
    let mut begun = done.clone();
    begun.status = trommel_model::RunStatus::Running;
    (begun.ended_at, begun.snapshot) = (None, None);
    for step in &mut begun.steps {
        step.status = trommel_model::StepStatus::Waiting;
        step.counts = trommel_model::RowCounts::default();
        (step.elapsed_ms, step.peak_bytes) = (0, 0);
        (step.notes, step.checks) = (Vec::new(), Vec::new());
    }
    let mut running = begun.steps[4].clone();
    running.status = trommel_model::StepStatus::Running;
    let log = LogLine { at: "2026-01-31T09:30:00.400Z".into(), step: Some("raw.bravo_quotes".into()), text: "420 rows held".into() };
    let ended = done.steps[..4].iter().cloned().map(RunEvent::Step);
    let started = [RunEvent::Started(begun)];
    started.into_iter().chain(ended).chain([RunEvent::Step(running), RunEvent::Log(log)]).collect()
}

/// Results of checks.
pub(crate) fn checks() -> Vec<CheckResult> {
    from(json!([
        { "table": "raw.bravo_quotes", "check": "not_null(quote_id)", "dimension": "completeness", "action": "quarantine", "severity": "error",
          "rows": 20_412, "broken": 12, "tolerated": 0, "examples": [[["quote_id", null], ["price", "12,50"]]] },
        { "table": "mart.quotes", "check": "unique(entity_id)", "dimension": "uniqueness", "action": "fail", "severity": "error",
          "rows": 24_019, "broken": 0, "tolerated": 0, "examples": [] },
        { "table": "mart.quotes", "check": "freshness(quoted_at)", "dimension": "timeliness", "action": "warn", "severity": "critical",
          "owner": "fleet@example.org", "rows": 24_019, "broken": 1, "tolerated": 0, "value": 31.2,
          "reason": "the newest quoted_at is 31.2 hours old, more than 26 hours", "examples": [] },
        { "table": "mart.quotes", "check": "range(price_eur)", "dimension": "validity", "action": "warn", "severity": "warning",
          "rows": 24_019, "broken": 3, "tolerated": 0, "examples": [] },
    ]))
}

/// Rows held back.
fn held() -> Window {
    let names = ["table", "stage", "source", "file", "field", "rule", "reason", "raw", "state", "row"];
    let row = |line: u64, stage: &str, raw: &str, state: &str| {
        let row = format!("raw.bravo_quotes:bravo/quotes.csv:{line}");
        let reason = "\"x\" in price is not a number";
        ["raw.bravo_quotes", stage, "bravo_quotes", "bravo/quotes.csv", "price", "cast(decimal)", reason, raw, state, &row]
            .map(|text| Cell::Text(text.to_owned()))
            .to_vec()
    };
    Window {
        schema: Schema::new(names.map(|name| Field::new(name, DataType::Text)).to_vec()),
        offset: 0,
        rows: vec![row(17, "cast", "17;Oslo;x", "open"), row(18, "check", "{\"price\": -1}", "corrected")],
    }
}

/// Rows of `mart.quotes` from one on.
pub(crate) fn quotes(offset: u64, limit: u64, total: u64) -> Window {
    let schema = Schema::new(vec![
        Field::new("entity_id", DataType::Integer),
        Field::new("broker", DataType::Text),
        Field::new("quoted_at", DataType::Timestamp),
        Field::new("customer", DataType::Text),
        Field::new("city", DataType::Text),
        Field::new("vehicle_class", DataType::Text),
        Field::new("price_eur", DataType::Decimal { precision: 12, scale: 2 }),
        Field::new("booked", DataType::Boolean),
    ]);
    let rows = (offset..(offset + limit).min(total)).map(|i| {
        let name = ["Zoë Müller", "Bartholomew Featherstonehaugh-Cholmondeley", "李小龙", "evil\u{1b}[31m"][(i % 4) as usize];
        vec![
            Cell::Integer(i as i64 + 1),
            Cell::Text(["Alpha", "Bravo", "Charlie"][(i % 3) as usize].into()),
            Cell::Text(format!("2024-05-{:02} 09:{:02}:00", 1 + i % 28, i % 60)),
            Cell::Text(name.into()),
            if i % 5 == 0 { Cell::Null } else { Cell::Text("Oslo".into()) },
            Cell::Text("compact".into()),
            Cell::Text(format!("{}.{:02}", 40 + i % 400, i % 100)),
            Cell::Boolean(i % 3 == 0),
        ]
    });
    Window { schema, offset, rows: rows.collect() }
}

/// Rows of a list: a name and a figure.
fn list(of: &str, names: &[&str]) -> Window {
    let schema = Schema::new(vec![Field::new(of, DataType::Text), Field::new("rows", DataType::Integer)]);
    let rows = names.iter().enumerate().map(|(i, n)| vec![Cell::Text((*n).into()), Cell::Integer(i as i64)]).collect();
    Window { schema, offset: 0, rows }
}

/// A profile.
pub(crate) fn profile() -> Profile {
    from(json!({ "subject": "mart.quotes", "rows": 24_019, "notes": ["3 rows were padded"], "columns": [
        { "name": "entity_id", "data_type": "integer", "nulls": 0, "distinct": { "exact": 24_011 }, "min": 1, "max": 24_019,
          "mean": 12_010.0, "sd": 6_933.8, "histogram": [10, 12, 11, 10, 9, 10, 12, 11], "top": [[7, 2], [9, 2]] },
        { "name": "broker", "data_type": "text", "nulls": 0, "distinct": { "exact": 3 }, "min": "Alpha", "max": "Charlie",
          "mean": null, "sd": null, "histogram": [], "top": [["Alpha", 9_800], ["Bravo", 8_100], ["Charlie", 6_119]] },
        { "name": "city", "data_type": "text", "nulls": 4_804, "distinct": { "about": 311 }, "min": "Aachen", "max": "Zürich",
          "mean": null, "sd": null, "histogram": [], "top": [[null, 4_804], ["Oslo", 900], ["", 12]] },
        { "name": "price_eur", "data_type": { "decimal": { "precision": 12, "scale": 2 } }, "nulls": 3, "distinct": { "about": 18_400 },
          "min": "12.50", "max": "3120.00", "mean": 187.455, "sd": 96.2, "histogram": [2, 30, 80, 120, 90, 40, 22, 11, 6, 3, 1, 1],
          "top": [["99.00", 140]] },
    ] }))
}

/// Cells that look wrong.
pub(crate) fn findings() -> Findings {
    from(json!({ "subject": "mart.quotes", "rows": 24_019, "found": 2, "notes": [], "cells": [
        { "row": 17, "column": "city", "value": "Osol", "rule": "typo", "confidence": 0.85, "reason": "nearly \"Oslo\", which 900 rows have",
          "suggestion": "Oslo" },
        { "row": 2_040, "column": "price_eur", "value": "9999.00", "rule": "outlier", "confidence": 0.6,
          "reason": "half of the values lie within 60 of 187" },
    ] }))
}

/// What a recipe would do.
pub(crate) fn preview() -> RecipePreview {
    let schema = json!({ "fields": [
        { "name": "quote_id", "data_type": "text" }, { "name": "customer", "data_type": "text" }, { "name": "price", "data_type": "text" } ] });
    let after = json!({ "fields": [
        { "name": "quote_id", "data_type": "text" }, { "name": "customer", "data_type": "text" },
        { "name": "price", "data_type": { "decimal": { "precision": 12, "scale": 2 } } } ] });
    from(json!({
        "before": { "schema": schema, "offset": 0, "rows": [
            ["b-1", " Anna  ", "12,50"], ["b-2", "Ole", "0"], ["b-3", "Per", "x"], ["b-4", "Kari", "99,00"], ["b-4", "Kari", "99,00"] ] },
        "after": { "schema": after, "offset": 0, "rows": [["b-1", "Anna", "12.50"], ["b-4", "Kari", "99.00"]] },
        "fates": [ { "kept": { "row": 0, "changed": [1, 2] } }, "filtered", { "quarantined": "\"x\" is no decimal" },
                   { "kept": { "row": 1, "changed": [2] } }, "merged" ],
        "sample": { "rows_in": 5, "rows_out": 2, "filtered": 1, "merged": 1, "quarantined": 1, "changed_rows": 2, "changed_cells": 3 },
        "whole": { "rows_in": 20_412, "rows_out": 19_480, "filtered": 112, "merged": 400, "quarantined": 420, "changed_rows": 18_204, "changed_cells": 40_122 },
        "sql": "select 1",
    }))
}

/// The values of a KPI.
pub(crate) fn kpi(name: &str) -> KpiValues {
    let days = |from: f64, swing: f64| -> Value {
        (0..60)
            .map(|i| json!({ "period": format!("2024-{:02}-{:02}", 4 + i / 30, 1 + i % 30), "value": from + swing * (f64::from(i) / 5.0).sin() }))
            .collect()
    };
    let by = json!([{ "dimension": "broker", "values": [["Alpha", 0.31], ["Bravo", 0.24], ["Charlie", 0.12]], "rest": 0 }]);
    let point = |period: &str, value: f64| json!({ "period": period, "value": value });
    from(match name {
        "quotes_a_day" => json!({ "name": name, "title": "Quotes a day", "total": 24_019.0, "current": point("2024-05-30", 412.0),
            "previous": point("2024-05-29", 398.0), "standing": "met", "grain": "day", "series": days(400.0, 120.0), "by_dimension": [],
            "format": "integer", "unit": "", "better": "higher", "target": 400.0 }),
        "conversion" => json!({ "name": name, "title": "Conversion", "total": 0.254, "current": point("2024-05-30", 0.231),
            "previous": point("2024-05-29", 0.254), "standing": "missed", "grain": "day", "series": days(0.25, 0.04), "by_dimension": by,
            "format": "percent", "unit": "", "better": "higher", "target": 0.25 }),
        _ => json!({ "name": name, "title": "Average price", "total": 187.46, "current": null, "previous": null, "standing": "no_target",
            "series": [], "by_dimension": [], "format": "currency", "unit": "€", "better": "lower", "target": null }),
    })
}

/// A board with its values.
pub(crate) fn board() -> BoardValues {
    let mut board: BoardValues = from(json!({ "spec": { "title": "Car rental", "cards": [
            { "kpi": "quotes_a_day" }, { "kpi": "conversion" }, { "kpi": "average_price" },
            { "kpi": "quotes_a_day", "chart": "line" }, { "kpi": "conversion", "chart": "bar", "by": "broker" } ] },
        "kpis": [], "snapshot": 4 }));
    board.spec.name = "rental".to_owned();
    board.kpis = ["quotes_a_day", "conversion", "average_price"].map(kpi).to_vec();
    board
}

/// A fault in SQL.
pub(crate) fn sql_fault() -> Problem {
    let sql = "select pric from mart.quotes";
    Problem::new(Code::BadSql, "there is no column \"pric\"")
        .pointing_at("query", sql, 7..11, "not in mart.quotes")
        .next("did you mean \"price_eur\"?")
}

fn report(title: &str, text: Option<&str>) -> Report {
    Report { title: title.into(), facts: vec![("delimiter".into(), ";".into())], text: text.map(str::to_owned), ..Report::default() }
}

/// A file with a semicolon and a comma for decimals.
pub(crate) fn file_facts() -> FileFacts {
    let option = |name, value: &str, sure: Option<f64>, choices: &[&str]| FoundOption {
        name,
        value: value.to_owned(),
        sure,
        choices: choices.iter().map(|c| (*c).to_owned()).collect(),
    };
    let first = quotes(0, 6, 6);
    FileFacts {
        format: FileFormat::Csv,
        found: vec![
            option("delimiter", ";", Some(0.986), &[",", ";", "tab", "|"]),
            option("quote", "\"", Some(0.9999), &["\"", "'"]),
            option("escape", "", None, &["\"", "\\"]),
            option("encoding", "windows-1252", Some(0.5), &["utf-8", "windows-1252"]),
            option("header", "yes", Some(1.0), &["yes", "no"]),
            option("skip-lines", "2", Some(0.999), &[]),
            option("comment", "", None, &["#"]),
            option("decimal-mark", ",", Some(0.9999), &[".", ","]),
        ],
        columns: first.schema.fields.clone(),
        rows: Some(20_412),
        first,
        notes: vec!["2 lines above the table are left out".to_owned()],
    }
}

/// The tables of a shop.
pub(crate) fn remote_tables() -> Vec<RemoteTable> {
    let table = |name: &str, kind: &str, rows, key: &[&str]| RemoteTable {
        name: name.to_owned(),
        kind: kind.to_owned(),
        rows,
        key: key.iter().map(|k| (*k).to_owned()).collect(),
    };
    vec![
        table("public.bookings", "table", Some(6_120), &["booking_id"]),
        table("public.customers", "table", Some(1_203_554), &["country", "customer_no"]),
        table("public.revenue", "view", None, &[]),
    ]
}

/// A connection that lets nobody in.
pub(crate) fn trial_stages() -> Vec<TrialStage> {
    let stage = |name: &str, elapsed_ms, outcome| TrialStage { name: name.to_owned(), elapsed_ms, outcome };
    let denied = Problem::new(Code::Denied, "the server lets ann not in")
        .why("password authentication failed for user \"ann\"")
        .next("check the variable SHOP_PASSWORD");
    vec![
        stage("name", 0.4, Ok("db.example is 192.0.2.7".to_owned())),
        stage("reach", 11.6, Ok("192.0.2.7:5432".to_owned())),
        stage("TLS", 23.2, Ok("authority and host name are verified".to_owned())),
        stage("authentication", 31.0, Err(denied)),
    ]
}

fn added(name: &str) -> Added {
    let files = vec![AddedFile { path: format!("sources/{name}.toml"), text: "path = \"x.csv\"\n".to_owned(), existed: false }];
    let notes = vec![format!("to take it back, remove sources/{name}.toml")];
    Added { what: format!("source {name}"), source: Some(name.to_owned()), files, notes }
}

/// Answers to all work, of the car rental.
pub(crate) fn rental(work: &Work) -> Vec<News> {
    let one = |news: News| vec![news];
    match work {
        Work::Load { .. } => one(News::Workspace(workspace())),
        Work::Watch(_) | Work::RememberRecent(_) | Work::Cancel(_) => Vec::new(),
        Work::Init { folder, .. } => one(News::Made(Made { root: folder.clone(), next: Vec::new(), notes: Vec::new(), run: false })),
        Work::Example(request) => {
            let next = vec!["trommel -w car-rental board".to_owned(), "trommel -w car-rental".to_owned()];
            let notes = vec!["20,000 requests were generated with seed 42".to_owned()];
            one(News::Made(Made { root: PathBuf::from("/data/car-rental"), next, notes, run: request.run }))
        }
        Work::Doctor(_) => one(News::Report(report("This machine", None))),
        Work::Match(..) => one(News::Report(report("5,000 rows are 4,000 entities", None))),
        Work::Review(_, ReviewCommand::Preview(_)) => one(News::MatchPreview(Arc::new(super::match_preview()))),
        Work::Review(..) => one(News::Report(report("crm:1 and shop:7 are one", None))),
        Work::Spellings(..) => one(News::Report(report("3 values of city, 1 of them is written in several ways", None))),
        Work::Describe(_) => one(News::File(file_facts())),
        Work::Browse(..) => one(News::Tables(remote_tables())),
        Work::AddSource(_, new, _) => one(News::Added(added(&new.name))),
        Work::Connect(_, new, _) => one(News::Added(Added { source: None, ..added(&new.spec.name) })),
        Work::Test { .. } => {
            let mut news: Vec<News> = trial_stages().into_iter().map(News::Stage).collect();
            news.push(News::Report(report("", None)));
            news
        }
        Work::Sniff(_) | Work::Tables(..) => one(News::Report(report("", None))),
        Work::RecipeSql(..) => one(News::Report(report("", Some("with a as (\n  select 1\n)\nselect * from a")))),
        Work::Window { subject: Subject::Sql(sql), .. } if sql.contains("pric ") => one(News::Failed(sql_fault())),
        Work::Window { subject: Subject::List(ListKind::Runs), .. } => {
            let window = list("run", &["20260131-093000-k3f9", "20260130-093000-a1b2"]);
            one(News::Window { window, rows: RowCount::Known(2), notes: Vec::new() })
        }
        Work::Window { subject: Subject::List(ListKind::Quarantine(..)), .. } => {
            one(News::Window { window: held(), rows: RowCount::Known(2), notes: Vec::new() })
        }
        Work::Window { subject: Subject::List(_), .. } => {
            one(News::Window { window: list("table", &["mart.quotes"]), rows: RowCount::Known(1), notes: Vec::new() })
        }
        Work::Window { subject: Subject::Source(_), offset, limit, .. } => {
            let notes = vec!["3 rows were padded".to_owned()];
            one(News::Window { window: quotes(*offset, *limit, 500), rows: RowCount::AtLeast(500), notes })
        }
        Work::Window { filter, offset, limit, .. } => {
            let total = if filter.is_some() { 41 } else { 10_000_000 };
            one(News::Window { window: quotes(*offset, *limit, total), rows: RowCount::Known(total), notes: Vec::new() })
        }
        Work::Profile { .. } => one(News::Profile(profile())),
        Work::ProfileChange { .. } => one(News::ProfileChange(super::change())),
        Work::ProfileReport { to, .. } => one(News::Written(Written { files: vec![to.clone()], ..Written::default() })),
        Work::CheckList(_) => one(News::CheckList(super::check_list())),
        Work::Proposals(..) => one(News::Proposals(super::checks::proposals())),
        Work::AddChecks(..) => one(News::ChecksAdded(super::checks::added())),
        Work::TakeChecksBack(..) => one(News::ChecksAdded(trommel_model::ChecksAdded::default())),
        Work::Inspect(..) => one(News::Report(report("2 rows of may are to be judged", None))),
        Work::Alert(..) => one(News::Alerted(Vec::new())),
        Work::Audit { .. } => one(News::Findings(findings())),
        Work::Propose { .. } => one(News::Report(Report { text: Some("[[checks]]\ncheck = \"not_null\"\n".into()), ..Report::default() })),
        Work::Plan(..) => one(News::Plan(plan())),
        Work::Run(..) => {
            let mut news: Vec<News> = going_on().into_iter().map(News::Run).collect();
            news.push(News::Progress(Progress {
                doing: "clean.alpha_quotes".into(),
                rows: 12_000,
                rows_total: 20_000,
                ..Progress::default()
            }));
            news.push(News::RunEnded(run()));
            news
        }
        Work::Check(..) => one(News::Checks(checks())),
        Work::Decide(_, decision) => one(News::Report(report(&format!("{} is corrected; replay reads it", decision.row), None))),
        Work::ShowRun(..) => one(News::RunShown(run())),
        Work::Board(..) => one(News::Board(board())),
        Work::Kpi(_, spec) => one(News::Kpi(kpi(&spec.name))),
        Work::Render(_, _, request) => {
            one(News::Written(Written { files: vec![request.to.clone()], table: None, rows: 0, notes: Vec::new() }))
        }
        Work::RecipePreview { .. } => one(News::RecipePreview(preview())),
        Work::Export(_, request) => {
            let files = match &request.to {
                trommel_app::Destination::File(path) => vec![path.clone()],
                trommel_app::Destination::Stdout | trommel_app::Destination::Table(_) => Vec::new(),
            };
            one(News::Written(Written { files, table: None, rows: 24_019, notes: vec!["2 cells were made safe".into()] }))
        }
    }
}
