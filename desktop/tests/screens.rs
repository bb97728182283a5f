//! The desktop by its accessibility tree: journeys of commands and news, what a person then finds on screen.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use trommel_app::catalogue::Values;
use trommel_app::{
    App, Command, DraftCommand, Effect, ListKind, Message, News, QuarantineCommand, Refused, ReviewCommand, RowDecision, Screen,
    SourceCommand, Subject, TableCommand, View, Work, catalogue,
};
use trommel_desktop::{Desk, Shell};
use trommel_model::{
    Amendment, BoardSpec, BoardValues, CardChart, CardSpec, Cell, ConnectionKind, ConnectionSpec, DataType, Decision, Field, FileFacts,
    FileFormat, FoundOption, KpiPoint, KpiValues, MatchPreview, ModelSpec, NumberFormat, Plan, PlanStep, RemoteTable, RowCount, RowCounts,
    Ruling, RunEvent, RunId, RunRecord, RunStatus, Schema, SourceSpec, Standing, StepKind, StepRecord, StepStatus, TrialStage, Window,
    Workspace, WorkspaceConfig,
};

/// The pure application with answers made up here; what was asked is kept.
#[derive(Default)]
struct Canned {
    app: App,
    waiting: VecDeque<Effect>,
    asked: Vec<Command>,
}

impl Desk for Canned {
    fn view(&self) -> View<'_> {
        self.app.view()
    }

    fn ask(&mut self, command: Command) -> Result<(), Refused> {
        self.asked.push(command.clone());
        self.waiting.extend(self.app.apply(command)?);
        Ok(())
    }

    fn pump(&mut self) -> bool {
        let any = !self.waiting.is_empty();
        while let Some(effect) = self.waiting.pop_front() {
            for news in answer(&effect.work) {
                self.waiting.extend(self.app.hear(Message { ticket: effect.ticket, news }));
            }
        }
        any
    }

    fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }
}

fn answer(work: &Work) -> Vec<News> {
    match work {
        Work::Load { .. } => vec![News::Workspace(workspace())],
        Work::Window { subject: Subject::List(ListKind::Quarantine(..)), .. } => {
            let names = ["stage", "field", "raw", "row"];
            let cells = ["cast", "price", "17;Oslo;x", "raw.orders:a.csv:17"].map(|text| Cell::Text(text.to_owned()));
            let schema = Schema::new(names.map(|name| Field::new(name, DataType::Text)).to_vec());
            let window = Window { schema, offset: 0, rows: vec![cells.to_vec()] };
            vec![News::Window { window, rows: RowCount::Known(1), notes: Vec::new() }]
        }
        Work::Window { subject: Subject::List(ListKind::Inspections), .. } => {
            let schema = Schema::new(["inspection", "table"].map(|name| Field::new(name, DataType::Text)).to_vec());
            let row = |name: &str| vec![Cell::Text(name.to_owned()), Cell::Text("mart.quotes".to_owned())];
            let window = Window { schema, offset: 0, rows: vec![row("may"), row("june")] };
            vec![News::Window { window, rows: RowCount::Known(2), notes: Vec::new() }]
        }
        Work::Window { offset, limit, .. } => {
            let rows =
                (*offset..(*offset + *limit).min(10_000_000)).map(|i| vec![Cell::Integer(i as i64), Cell::Text(format!("name {i}"))]);
            let schema = Schema::new(vec![Field::new("id", DataType::Integer), Field::new("name", DataType::Text)]);
            vec![News::Window {
                window: Window { schema, offset: *offset, rows: rows.collect() },
                rows: RowCount::Known(10_000_000),
                notes: Vec::new(),
            }]
        }
        Work::CheckList(_) => vec![News::CheckList(check_list())],
        Work::Proposals(_, table) => vec![News::Proposals(trommel_app::Proposals { table: table.clone(), checks: vec![proposal()] })],
        Work::AddChecks(..) => vec![News::ChecksAdded(trommel_model::ChecksAdded {
            table: "raw.orders".to_owned(),
            file: "checks/raw_orders.toml".to_owned(),
            before: None,
            after: proposal().text,
            labels: vec![proposal().label],
        })],
        Work::ProfileChange { subject, .. } => vec![News::ProfileChange(change(&subject.to_string()))],
        Work::Plan(..) => vec![News::Plan(plan())],
        Work::Run(..) => {
            vec![News::Run(RunEvent::Started(record(RunStatus::Running, StepStatus::Running)))]
        }
        Work::Review(_, ReviewCommand::Preview(_)) => vec![News::MatchPreview(Arc::new(match_preview()))],
        Work::Board(_, spec) => vec![News::Board(board(spec))],
        Work::Describe(_) => vec![News::File(file_facts())],
        Work::Browse(..) => vec![News::Tables(vec![RemoteTable {
            name: "public.orders".to_owned(),
            kind: "table".to_owned(),
            rows: Some(1_203_554),
            key: vec!["id".to_owned()],
        }])],
        Work::Test { .. } => {
            let stage = |name: &str, outcome| News::Stage(TrialStage { name: name.to_owned(), elapsed_ms: 12.0, outcome });
            let denied = trommel_model::Problem::new(trommel_model::Code::Denied, "nobody is let in").next("check the password");
            vec![
                stage("reach", Ok("192.0.2.7:5432".to_owned())),
                stage("authentication", Err(denied)),
                News::Report(trommel_app::Report::default()),
            ]
        }
        _ => Vec::new(),
    }
}

fn check_list() -> Vec<trommel_model::CheckState> {
    serde_json::from_value(serde_json::json!([
        { "table": "raw.orders", "label": "not_null(id)", "spec": { "check": "not_null", "column": "id", "action": "quarantine", "owner": "sales" },
          "result": { "table": "raw.orders", "check": "not_null(id)", "dimension": "completeness", "action": "quarantine", "severity": "error",
                      "rows": 1000, "broken": 12, "tolerated": 0, "examples": [] },
          "run": "20260131-093000-k3f9", "trend": [1.0, 0.988] },
        { "table": "raw.orders", "label": "row_count", "spec": { "check": "row_count", "min": 1 }, "result": null },
    ]))
    .unwrap()
}

fn proposal() -> trommel_model::CheckProposal {
    trommel_model::CheckProposal {
        label: "unique(id)".to_owned(),
        support: "1000 different values in 1000 rows".to_owned(),
        text: "check = \"unique\"\ncolumns = [\"id\"]\n".to_owned(),
    }
}

fn change(subject: &str) -> trommel_model::ProfileChange {
    serde_json::from_value(serde_json::json!({
        "subject": subject, "from": { "of": "a", "at": null, "rows": 10, "looked_at": null }, "to": { "of": "b", "at": null, "rows": 12, "looked_at": null },
        "notes": [], "columns": [{ "name": "city", "weight": "marked", "psi": 0.82, "ks": null, "new_values": [["Köln", 3]], "gone_values": [],
            "remarks": ["new values in 25.0 % of the rows"], "from": null, "to": null }]
    }))
    .unwrap()
}

fn workspace() -> Arc<Workspace> {
    let card = |chart| CardSpec { kpi: "revenue".to_owned(), chart, by: None };
    let cards = vec![card(CardChart::Number), card(CardChart::Line)];
    Arc::new(Workspace {
        root: PathBuf::from("/shop"),
        environment: "dev".to_owned(),
        config: WorkspaceConfig {
            name: "shop".to_owned(),
            connections: vec![ConnectionSpec::server("db", ConnectionKind::Postgres, "postgres://ann@db.example/shop")],
            ..WorkspaceConfig::default()
        },
        sources: vec![SourceSpec::of_file("orders", None), SourceSpec::of_file("customers", None)],
        models: vec![matching()],
        kpis: Vec::new(),
        sinks: Vec::new(),
        boards: vec![BoardSpec { name: "sales".to_owned(), title: "Sales board".to_owned(), cards }],
        decisions: Vec::new(),
        corrections: BTreeMap::new(),
    })
}

fn matching() -> ModelSpec {
    serde_json::from_value(serde_json::json!({
        "name": "mart.people", "path": "models/mart/people.toml", "materialise": "table", "description": "", "owner": "", "keys": [],
        "checks": [], "kind": { "match": { "from": "raw.customers", "id": "id", "threshold": 0.8,
            "blocking": [{ "keys": [{ "column": "city" }] }], "comparisons": [{ "column": "name", "method": "jaro_winkler" }] } }
    }))
    .unwrap()
}

fn match_preview() -> MatchPreview {
    let record = |id: &str, name: &str| serde_json::json!({ "key": { "source": "crm", "id": id }, "said": [name] });
    let step = |threshold: f64, entities: u64| {
        serde_json::json!({ "threshold": threshold, "pairs": 2, "entities": entities, "largest": 2, "expected": null, "measured": { "precision": 0.5, "recall": 1.0 },
                            "merges": 5 - entities, "splits": 0, "changes": [] })
    };
    serde_json::from_value(serde_json::json!({
        "subject": "mart.people", "rows": 6, "pairs_compared": 9, "pairs_below": 0, "threshold": 0.8, "chosen": 1,
        "histogram": [1, 0, 0, 4, 9], "steps": [step(0.6, 4), step(0.8, 5)], "labelled": null, "decided_pairs": 1,
        "notes": ["1 decision is applied"], "kpis": [],
        "pairs": [{ "left": record("1", "Ann"), "right": record("2", "Anne"), "probability": 0.6, "score": 0.6, "rows": [1, 1], "worth": 0.97,
            "why": { "score": 0.6, "prior_bits": null, "parts": [{ "column": "name", "left": "ann", "right": "anne", "similarity": 0.9, "weight": 1.0 }] },
            "golden": [{ "column": "name", "value": "Anne", "from": { "source": "crm", "id": "2" }, "rule": "longest" }] }]
    }))
    .unwrap()
}

fn file_facts() -> FileFacts {
    FileFacts {
        format: FileFormat::Csv,
        found: vec![FoundOption { sure: Some(0.986), ..FoundOption::certain("delimiter", ";") }.or(vec![",".to_owned(), ";".to_owned()])],
        columns: vec![Field::new("quote_id", DataType::Text)],
        rows: Some(20_412),
        first: Window {
            schema: Schema::new(vec![Field::new("quote_id", DataType::Text)]),
            offset: 0,
            rows: vec![vec![Cell::Text("Q-0001".to_owned())]],
        },
        notes: Vec::new(),
    }
}

fn plan() -> Plan {
    let step = |name: &str, kind, depends_on: &[&str]| PlanStep {
        name: name.to_owned(),
        kind,
        decision: Decision::Run,
        why: "3 new files".to_owned(),
        depends_on: depends_on.iter().map(|d| (*d).to_owned()).collect(),
    };
    let steps = vec![step("raw.orders", StepKind::Ingest, &[]), step("mart.revenue", StepKind::Sql, &["raw.orders"])];
    Plan { environment: "dev".to_owned(), steps }
}

fn record(status: RunStatus, step: StepStatus) -> RunRecord {
    let steps = plan().steps.into_iter().map(|s| StepRecord {
        name: s.name,
        kind: s.kind,
        status: step,
        counts: RowCounts { rows_in: 10, rows_out: 9, quarantined: 1, ..RowCounts::default() },
        elapsed_ms: 1_200,
        peak_bytes: 0,
        checks: Vec::new(),
        notes: Vec::new(),
        problem: None,
    });
    RunRecord {
        id: RunId("20260131-093000-k3f9".to_owned()),
        environment: "dev".to_owned(),
        status,
        started_at: "2026-01-31T09:30:00Z".to_owned(),
        ended_at: None,
        snapshot: None,
        steps: steps.collect(),
        problem: None,
    }
}

fn board(spec: &BoardSpec) -> BoardValues {
    let point = |day: u32, value: f64| KpiPoint { period: format!("2026-01-{day:02}"), value: Some(value) };
    let kpi = KpiValues {
        name: "revenue".to_owned(),
        title: "Revenue".to_owned(),
        total: Some(1_234_567.0),
        current: Some(point(2, 120.0)),
        previous: Some(point(1, 100.0)),
        standing: Standing::Met,
        series: vec![point(1, 100.0), point(2, 120.0)],
        by_dimension: Vec::new(),
        grain: Some(trommel_model::Grain::Day),
        format: NumberFormat::Currency,
        unit: "€".to_owned(),
        better: trommel_model::Better::Higher,
        target: Some(100.0),
    };
    BoardValues { spec: spec.clone(), kpis: vec![kpi], snapshot: 7 }
}

fn harness() -> Harness<'static, Shell<Canned>> {
    let mut desk = Canned::default();
    let open = trommel_app::WorkspaceCommand::Open { start: "/shop".into(), environment: None };
    desk.ask(Command::Workspace(open)).unwrap();
    let context = egui::Context::default();
    let shell = Shell::new(desk, &context);
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(16)
        .with_context_setup(Shell::<Canned>::dress)
        .build_ui_state(|ui, shell: &mut Shell<Canned>| shell.frame(ui), shell);
    harness.run_steps(4);
    harness
}

fn press(harness: &mut Harness<'static, Shell<Canned>>, key: Key) {
    harness.key_press(key);
    harness.run_steps(4);
}

#[test]
fn sources_are_listed_and_the_first_is_shown() {
    let harness = harness();
    harness.get_by_label("customers");
    assert!(harness.query_all_by_label("orders").next().is_some());
    harness.get_by_label("10,000,000 rows");
}

#[test]
fn every_screen_can_be_reached_by_its_number_and_by_its_tab() {
    let mut harness = harness();
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9, Key::Num0];
    for (key, screen) in keys.into_iter().zip(Screen::ALL) {
        press(&mut harness, key);
        assert_eq!(harness.state().desk().view().screen, screen);
    }
    for screen in Screen::ALL {
        harness.get_by_label(&format!("{} {}", screen.key(), screen.title())).click();
        harness.run_steps(4);
        assert_eq!(harness.state().desk().view().screen, screen);
    }
}

#[test]
fn a_table_of_ten_million_rows_asks_only_for_what_is_seen() {
    let mut harness = harness();
    press(&mut harness, Key::Num2);
    harness.get_by_label("name 3");
    let largest = harness.state().desk().asked.iter().filter_map(|c| match c {
        Command::Table(TableCommand::Scroll { limit, .. }) => Some(*limit),
        _ => None,
    });
    assert!(largest.max().unwrap_or(0) <= 1_000);
    harness.get_by_label("▶").click();
    harness.run_steps(6);
    harness.get_by_label("name 100003");
}

#[test]
fn a_row_of_a_list_opens_what_it_is_about() {
    let mut harness = harness();
    let opened = |name: &str| {
        let rows = Command::Table(TableCommand::Open(Subject::List(ListKind::Inspected(name.to_owned()))));
        move |command: &Command| *command == rows
    };
    press(&mut harness, Key::Num0);
    press(&mut harness, Key::I);
    harness.get_by_label("may").click();
    harness.run_steps(3);
    press(&mut harness, Key::ArrowDown);
    assert!(!asked(&harness, opened("june")));
    press(&mut harness, Key::Enter);
    assert!(asked(&harness, opened("june")), "{:?}", harness.state().desk().asked);
}

#[test]
fn a_held_row_is_clicked_corrected_and_discarded() {
    let mut harness = harness();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::K);
    harness.run_steps(4);
    harness.get_by_label("Do it").click();
    harness.run_steps(4);
    harness.get_by_label("17;Oslo;x").click();
    harness.run_steps(2);
    let decided = |harness: &Harness<'static, Shell<Canned>>, amendment: Amendment| {
        let row = "raw.orders:a.csv:17".parse().unwrap();
        let wanted = Command::Quarantine(QuarantineCommand::Decide(RowDecision { row, amendment, why: String::new() }));
        assert!(harness.state().desk().asked.contains(&wanted), "{:?}", harness.state().desk().asked);
    };
    for (button, amendment) in [("Correct…", Amendment::Text("17;Oslo;x".to_owned())), ("Discard…", Amendment::Discard)] {
        harness.get_by_label(button).click();
        harness.run_steps(4);
        harness.get_by_label("Do it").click();
        harness.run_steps(4);
        decided(&harness, amendment);
    }
}

#[test]
fn the_pipeline_shows_its_steps_and_runs() {
    let mut harness = harness();
    press(&mut harness, Key::Num5);
    harness.get_by_label("ingest raw.orders would run");
    harness.get_by_label("▶ Run").click();
    harness.run_steps(4);
    harness.get_by_label("sql mart.revenue running");
    harness.get_by_label("■ Cancel").click();
    harness.run_steps(2);
    assert!(harness.state().desk().asked.iter().any(|c| matches!(c, Command::Pipeline(trommel_app::PipelineCommand::CancelRun))));
}

#[test]
fn a_board_says_its_numbers_in_words_too() {
    let mut harness = harness();
    press(&mut harness, Key::Num6);
    harness.get_by_label("Sales board");
    harness.get_by_label("1.23 M €");
    harness.get_by_label_contains("✓ target met");
    assert!(harness.query_all_by_label_contains("2026-01-02").next().is_some(), "the chart has a summary");
}

#[test]
fn the_palette_finds_a_command_and_esc_closes_it() {
    let mut harness = harness();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::P);
    harness.run_steps(4);
    harness.get_by_label_contains("Make an example…");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label_contains("Make an example…").is_none());
}

#[test]
fn help_lists_every_entry_of_the_catalogue() {
    let mut harness = harness();
    press(&mut harness, Key::Num8);
    for entry in catalogue::entries() {
        assert!(harness.query_all_by_label(entry.title).next().is_some(), "{} is not in the help", entry.id);
    }
}

#[test]
fn a_match_is_looked_at_its_threshold_moved_and_a_pair_decided() {
    let mut harness = harness();
    press(&mut harness, Key::Num9);
    harness.get_by_label("Look at mart.people").click();
    harness.run_steps(4);
    harness.get_by_label("6 records become 5 entities, the largest of 2");
    harness.get_by_label_contains("pairs by score; threshold 0.800");
    harness.get_by_label("measured of 1 decided pair: precision 0.500, recall 1.000, F1 0.667");
    harness.get_by_label("• 1 decision is applied");
    press(&mut harness, Key::OpenBracket);
    harness.get_by_label("6 records become 4 entities, the largest of 2");
    harness.get_by_label("1 would become one, 0 would fall apart");
    harness.get_by_label("crm:2 (longest)");
    press(&mut harness, Key::M);
    let asked = &harness.state().desk().asked;
    assert!(asked.contains(&Command::Review(ReviewCommand::Rule(Ruling::Merge))), "{asked:?}");
}

#[test]
fn light_and_dark_both_draw() {
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let mut harness = harness();
        harness.ctx.set_theme(theme);
        for key in [Key::Num2, Key::Num5, Key::Num6] {
            press(&mut harness, key);
        }
        harness.get_by_label("Sales board");
    }
}

fn draft(entry: &str, known: &[(&str, &str)]) -> Command {
    let mut values = Values::default();
    for (name, value) in known {
        values.set(name, value);
    }
    Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: entry.to_owned(), values }))
}

fn asked(harness: &Harness<'static, Shell<Canned>>, wanted: impl Fn(&Command) -> bool) -> bool {
    harness.state().desk().asked.iter().any(wanted)
}

#[test]
fn a_file_is_shown_with_what_was_found_and_imported() {
    let mut harness = harness();
    harness.state_mut().desk_mut().ask(draft("source.add", &[("file", "quotes.csv")])).unwrap();
    harness.run_steps(4);
    harness.get_by_label_contains("20,412 rows");
    harness.get_by_label("found, 98 % sure");
    harness.get_by_label("Q-0001");
    harness.get_by_label("Import").click();
    harness.run_steps(4);
    assert!(asked(&harness, |c| *c == Command::Source(SourceCommand::Draft(DraftCommand::Accept))));
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Import").is_none(), "the form is gone");
}

/// A file as the system hands it over.
#[derive(Debug)]
struct Dropped;

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        std::path::Path::new("/data/quotes.csv")
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

#[test]
fn a_dropped_file_may_become_a_source() {
    let mut harness = harness();
    harness.input_mut().dropped_files.push(Arc::new(Dropped));
    harness.run_steps(4);
    harness.get_by_label_contains("Import /data/quotes.csv");
}

#[test]
fn a_connection_is_tried_and_each_stage_is_told() {
    let mut harness = harness();
    harness.get_by_label("New…").click();
    harness.run_steps(4);
    harness.get_by_label("host");
    harness
        .state_mut()
        .desk_mut()
        .ask(Command::Source(SourceCommand::Draft(DraftCommand::Set { name: "host".into(), value: "db".into() })))
        .unwrap();
    harness.run_steps(2);
    let tests: Vec<_> = harness.get_all_by_label("Test").collect();
    tests.last().unwrap().click();
    harness.run_steps(4);
    harness.get_by_label("✓ reach");
    harness.get_by_label("✗ authentication");
    harness.get_by_label_contains("check the password");
}

#[test]
fn tables_are_browsed_and_made_a_source() {
    let mut harness = harness();
    harness.get_by_label("Browse").click();
    harness.run_steps(4);
    harness.get_by_label("1,203,554");
    harness.get_by_label("Make it a source…").click();
    harness.run_steps(4);
    assert_eq!(harness.state().desk().view().draft.unwrap().values.get("key"), Some("id"));
    harness.get_by_label("Make it a source");
}

#[test]
fn checks_stand_in_a_list_and_proposals_are_accepted_and_taken_back() {
    let mut harness = harness();
    press(&mut harness, Key::Num0);
    harness.get_by_label("1 broken, 0 hold, 1 not applied yet");
    harness.get_by_label("98.8 %");
    harness.get_by_label("Rows").click();
    harness.run_steps(4);
    let failing = Subject::List(ListKind::Failing("raw.orders".parse().unwrap(), Some("not_null(id)".to_owned())));
    assert!(asked(&harness, |c| *c == Command::Table(TableCommand::Open(failing.clone()))));
    harness.state_mut().desk_mut().ask(Command::Check(trommel_app::CheckCommand::Propose("raw.orders".parse().unwrap()))).unwrap();
    harness.run_steps(4);
    harness.get_by_label("1000 different values in 1000 rows");
    harness.get_by_label("Accept").click();
    harness.run_steps(4);
    harness.get_by_label("✓ accepted");
    harness.get_by_label("Undo unique(id)").click();
    harness.run_steps(4);
    assert!(asked(&harness, |c| *c == Command::Check(trommel_app::CheckCommand::Undo)));
}

#[test]
fn what_changed_between_two_profiles_is_shown() {
    let mut harness = harness();
    let (from, to) = (trommel_app::ProfileMoment::Kept("previous".to_owned()), trommel_app::ProfileMoment::Kept("last".to_owned()));
    let subject = Subject::Table("raw.orders".parse().unwrap());
    harness.state_mut().desk_mut().ask(Command::Quality(trommel_app::QualityCommand::Compare { subject, from, to })).unwrap();
    harness.run_steps(4);
    harness.get_by_label("raw.orders: 1 column changed markedly, 0 slightly, 0 not");
    harness.get_by_label("new values in 25.0 % of the rows");
    harness.get_by_label("Earlier runs").click();
    harness.run_steps(4);
    let history = Subject::List(ListKind::Profiles("raw.orders".parse().unwrap()));
    assert!(asked(&harness, |c| *c == Command::Table(TableCommand::Open(history.clone()))));
}
