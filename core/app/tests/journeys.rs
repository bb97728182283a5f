//! Journeys: commands and news go in, effects and views come out. No engine is linked.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use trommel_app::catalogue::Values;
use trommel_app::{
    App, BoardCommand, CheckCommand, ChosenChecks, Command, DecideRequest, Decided, DraftCommand, Effect, Foremost, JobState, ListKind,
    Made, MatchSubject, Message, News, NoticeKind, PipelineCommand, PreviewRequest, ProfileFront, ProfileMoment, Proposals, QualityCommand,
    QuarantineCommand, Remote, Report, ReviewCommand, RowDecision, Screen, Selection, SourceCommand, Subject, TableCommand, Ticket, Whole,
    Work, WorkspaceCommand,
};
use trommel_model::{
    Added, AlertMessage, AlertSpec, AlertState, Amendment, BoardSpec, Cell, CheckProposal, ChecksAdded, Code, Correction, DataType,
    DecisionRow, DryRun, Field, FileFacts, FileFormat, FoundOption, MatchPreview, OnMisfit, Order, PreviewPair, PreviewRecord, PreviewStep,
    Problem, Profile, RecordKey, RemoteTable, RowCount, RowCounts, Ruling, RunEvent, RunId, RunRecord, RunStatus, Schema, SentAlert,
    SinkSpec, SortKey, SourceSpec, StepKind, StepRecord, StepStatus, TrialStage, Window, Workspace, WorkspaceConfig, WriteMode,
};

fn workspace(root: &str) -> Arc<Workspace> {
    Arc::new(Workspace {
        root: PathBuf::from(root),
        environment: "dev".to_owned(),
        config: WorkspaceConfig { name: "shop".to_owned(), ..WorkspaceConfig::default() },
        sources: vec![SourceSpec::of_file("orders", None), SourceSpec::of_file("customers", None)],
        models: Vec::new(),
        kpis: Vec::new(),
        sinks: vec![sink("s0", Some("mart.people"), None), sink("s1", None, Some("select 1"))],
        boards: vec![BoardSpec { name: "sales".to_owned(), title: "Sales".to_owned(), cards: Vec::new() }],
        decisions: Vec::new(),
        corrections: BTreeMap::new(),
    })
}

fn sink(name: &str, from: Option<&str>, query: Option<&str>) -> SinkSpec {
    SinkSpec {
        name: name.to_owned(),
        description: String::new(),
        from: from.map(str::to_owned),
        query: query.map(str::to_owned),
        query_line: 1,
        connection: None,
        table: None,
        path: Some("x.csv".to_owned()),
        mode: WriteMode::Replace,
        key: Vec::new(),
        on_bad: OnMisfit::Fail,
        partition: Vec::new(),
    }
}

fn open(app: &mut App, root: &str) -> Vec<Effect> {
    let asked = app.apply(Command::Workspace(WorkspaceCommand::Open { start: root.into(), environment: None })).unwrap();
    assert!(matches!(asked[0].work, Work::Load { .. }));
    app.hear(Message { ticket: asked[0].ticket, news: News::Workspace(workspace(root)) })
}

fn proposals() -> Proposals {
    let proposal = |label: &str| CheckProposal { label: label.to_owned(), support: String::new(), text: format!("check = \"{label}\"\n") };
    Proposals { table: "raw.orders".parse().unwrap(), checks: vec![proposal("one"), proposal("two")] }
}

#[test]
fn a_proposal_is_accepted_and_taken_back_and_the_files_are_read_again() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let check = |app: &mut App, c: CheckCommand| app.apply(Command::Check(c));
    assert!(check(&mut app, CheckCommand::Accept(1)).is_err(), "nothing is proposed");
    let asked = check(&mut app, CheckCommand::Propose("raw.orders".parse().unwrap())).unwrap();
    assert_eq!(app.view().screen, Screen::Checks);
    app.hear(Message { ticket: asked[0].ticket, news: News::Proposals(proposals()) });
    assert!(check(&mut app, CheckCommand::Accept(3)).is_err() && check(&mut app, CheckCommand::Accept(0)).is_err());
    let asked = check(&mut app, CheckCommand::Accept(2)).unwrap();
    assert!(matches!(&asked[0].work, Work::AddChecks(_, _, ChosenChecks::These(these)) if these[0].label == "two"));
    let added = ChecksAdded {
        table: "raw.orders".into(),
        file: "checks/raw_orders.toml".into(),
        before: None,
        after: "check = \"two\"\n".into(),
        labels: vec!["two".into()],
    };
    let effects = app.hear(Message { ticket: asked[0].ticket, news: News::ChecksAdded(added.clone()) });
    assert!(effects.iter().any(|e| matches!(e.work, Work::Load { .. })), "the workspace is read again");
    assert!(app.view().checks.is_accepted(&proposals().checks[1]) && !app.view().checks.is_accepted(&proposals().checks[0]));
    assert!(check(&mut app, CheckCommand::Accept(2)).is_err(), "it is accepted already");
    let asked = check(&mut app, CheckCommand::Undo).unwrap();
    assert!(matches!(&asked[0].work, Work::TakeChecksBack(_, back) if **back == added));
    assert!(check(&mut app, CheckCommand::Undo).is_err(), "one is being taken back");
    app.hear(Message { ticket: asked[0].ticket, news: News::ChecksAdded(ChecksAdded::default()) });
    assert!(app.view().checks.accepted.is_empty());
    // What cannot be taken back stays, and can be tried again.
    let asked = check(&mut app, CheckCommand::Accept(1)).unwrap();
    app.hear(Message { ticket: asked[0].ticket, news: News::ChecksAdded(added) });
    let asked = check(&mut app, CheckCommand::Undo).unwrap();
    app.hear(Message { ticket: asked[0].ticket, news: News::Failed(Problem::new(Code::Usage, "the file has changed since")) });
    assert_eq!(app.view().checks.accepted.len(), 1);
    assert!(check(&mut app, CheckCommand::Undo).is_ok());
}

#[test]
fn first_figures_are_shown_until_the_profile_is_there() {
    let figures = |rows: u64| -> Profile {
        serde_json::from_value(serde_json::json!({ "subject": "x.csv", "rows": rows, "level": "summary", "columns": [], "notes": [] }))
            .unwrap()
    };
    let mut app = App::new();
    let asked = app.apply(Command::Profile(Subject::File("x.csv".into()))).unwrap();
    let ticket = asked[0].ticket;
    assert_eq!(app.view().profile.shown(), None);
    app.hear(Message { ticket, news: News::ProfileSoFar(figures(10)) });
    app.hear(Message { ticket, news: News::ProfileSoFar(figures(20)) });
    let shown = |app: &App| app.view().profile.shown().map(|(profile, whole)| (profile.rows, whole));
    assert_eq!(shown(&app), Some((20, Whole::No)));
    assert!(app.view().jobs.running().next().is_some(), "the work goes on");
    app.hear(Message { ticket, news: News::Profile(figures(30)) });
    app.hear(Message { ticket, news: News::ProfileSoFar(figures(25)) });
    assert_eq!(shown(&app), Some((30, Whole::Yes)), "what comes late is dropped");
    // The same again: the old figures stay until the new ones are whole.
    let asked = app.apply(Command::Profile(Subject::File("x.csv".into()))).unwrap();
    app.hear(Message { ticket: asked[0].ticket, news: News::ProfileSoFar(figures(5)) });
    assert_eq!(shown(&app), Some((30, Whole::Yes)));
    app.hear(Message { ticket: asked[0].ticket, news: News::Failed(Problem::interrupted()) });
    assert_eq!(app.view().profile.so_far, None);
}

#[test]
fn profiles_are_compared_where_there_is_something_to_compare_with() {
    let mut app = App::new();
    let file = || Subject::File("x.csv".into());
    let compare = |subject, from, to| Command::Quality(QualityCommand::Compare { subject, from, to });
    let kept = |which: &str| ProfileMoment::Kept(which.to_owned());
    assert!(app.apply(compare(file(), kept("previous"), ProfileMoment::Now)).is_err(), "runs keep profiles of tables only");
    assert!(app.apply(Command::Quality(QualityCommand::TurnProfile)).is_err(), "nothing is profiled");
    let asked = app.apply(compare(file(), ProfileMoment::Of(Subject::File("y.csv".into())), ProfileMoment::Now)).unwrap();
    assert!(matches!(asked[0].work, Work::ProfileChange { .. }));
    assert_eq!(app.view().profile.front, ProfileFront::Changes);
    app.apply(Command::Quality(QualityCommand::TurnProfile)).unwrap();
    assert_eq!(app.view().profile.front, ProfileFront::Columns);
    assert!(app.apply(Command::Quality(QualityCommand::Report("x.html".into()))).is_err(), "the figures are not there yet");
    open(&mut app, "/shop");
    let table = || Subject::Table("raw.orders".parse().unwrap());
    assert!(app.apply(compare(table(), kept("last"), kept("last"))).is_err(), "both are the same");
    app.apply(Command::Profile(table())).unwrap();
    let asked = app.apply(Command::Quality(QualityCommand::CompareProfiled(kept("previous")))).unwrap();
    assert!(matches!(&asked[0].work, Work::ProfileChange { to: ProfileMoment::Kept(which), .. } if which == "last"));
}

#[test]
fn after_a_run_people_are_told_and_the_run_does_not_wait_for_it() {
    let told = |alerts: Vec<AlertSpec>, status: RunStatus| {
        let mut app = App::new();
        let mut workspace = (*workspace("/shop")).clone();
        workspace.config.alerts = alerts;
        let asked = app.apply(Command::Workspace(WorkspaceCommand::Open { start: "/shop".into(), environment: None })).unwrap();
        app.hear(Message { ticket: asked[0].ticket, news: News::Workspace(Arc::new(workspace)) });
        let run = app.apply(Command::Pipeline(PipelineCommand::Run(Selection::default()))).unwrap();
        let record = RunRecord {
            id: RunId("20260131-093000-k3f9".into()),
            environment: "dev".into(),
            status,
            started_at: String::new(),
            ended_at: None,
            snapshot: None,
            steps: Vec::new(),
            problem: None,
        };
        let effects = app.hear(Message { ticket: run[0].ticket, news: News::RunEnded(record) });
        assert!(app.view().pipeline.running().is_none(), "the run is over");
        let alert = effects.into_iter().find(|e| matches!(e.work, Work::Alert(..)));
        (app, alert)
    };
    let ops: AlertSpec = serde_json::from_value(serde_json::json!({ "name": "ops", "kind": "desktop" })).unwrap();
    assert!(told(Vec::new(), RunStatus::Failed).1.is_none());
    assert!(told(vec![ops.clone()], RunStatus::Cancelled).1.is_none(), "whoever stopped a run knows");
    let (mut app, alert) = told(vec![ops], RunStatus::Done);
    let sent = |state| SentAlert {
        id: "1".into(),
        alert: "ops".into(),
        message: AlertMessage::default(),
        state,
        tries: 1,
        tried_at: None,
        problem: Some(Problem::new(Code::Connection, "mail.example.org:587 cannot be reached")),
    };
    app.hear(Message { ticket: alert.unwrap().ticket, news: News::Alerted(vec![sent(AlertState::Waiting)]) });
    let last = app.view().notices.last().unwrap().clone();
    assert_eq!(last.kind, NoticeKind::Warning);
    assert!(last.text.contains("tried again with the next run"), "{}", last.text);
}

fn rows(offset: u64, count: u64) -> Window {
    let schema = Schema::new(vec![Field::new("id", DataType::Integer)]);
    let rows = (offset..offset + count).map(|i| vec![Cell::Integer(i64::try_from(i).unwrap())]).collect();
    Window { schema, offset, rows }
}

fn ticket_of(effects: &[Effect], wanted: fn(&Work) -> bool) -> Ticket {
    effects.iter().find(|e| wanted(&e.work)).unwrap_or_else(|| panic!("no such effect in {effects:?}")).ticket
}

fn record(status: RunStatus, held: u64) -> RunRecord {
    RunRecord {
        id: RunId("20260131-093000-k3f9".to_owned()),
        environment: "dev".to_owned(),
        status,
        started_at: "2026-01-31T09:30:00Z".to_owned(),
        ended_at: None,
        snapshot: None,
        steps: vec![StepRecord {
            name: "raw.orders".to_owned(),
            kind: StepKind::Ingest,
            status: StepStatus::Waiting,
            counts: RowCounts { rows_in: 10, rows_out: 10 - held, quarantined: held, ..RowCounts::default() },
            elapsed_ms: 0,
            peak_bytes: 0,
            checks: Vec::new(),
            notes: Vec::new(),
            problem: None,
        }],
        problem: None,
    }
}

#[test]
fn opening_a_workspace_shows_its_first_source_and_watches_its_files() {
    let mut app = App::new();
    let effects = open(&mut app, "/shop");
    assert!(effects.iter().any(|e| matches!(&e.work, Work::Watch(root) if root.ends_with("shop"))));
    assert!(effects.iter().any(|e| matches!(&e.work, Work::Window { subject: Subject::Source(name), .. } if name == "orders")));
    assert_eq!(app.view().breadcrumbs, ["shop (dev)", "Sources", "orders"]);
}

#[test]
fn what_needs_a_workspace_says_so_without_one() {
    let mut app = App::new();
    for command in [
        Command::Pipeline(PipelineCommand::Run(Selection::default())),
        Command::Board(BoardCommand::Open(None)),
        Command::Table(TableCommand::Open(Subject::List(ListKind::Runs))),
    ] {
        let refused = app.apply(command).unwrap_err();
        assert_eq!(refused.0.code, Code::NotAWorkspace);
        assert!(refused.0.next.is_some());
    }
    assert!(app.apply(Command::Table(TableCommand::Open(Subject::File("x.csv".into())))).is_ok(), "a file needs no workspace");
}

#[test]
fn scrolling_asks_only_for_what_is_not_loaded() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let effects = app.apply(Command::Table(TableCommand::Open(Subject::Sql("select 1".to_owned())))).unwrap();
    let ticket = effects[0].ticket;
    app.hear(Message { ticket, news: News::Window { window: rows(0, 200), rows: RowCount::Known(10_000_000), notes: Vec::new() } });
    assert!(app.apply(Command::Table(TableCommand::Scroll { offset: 10, limit: 50 })).unwrap().is_empty());
    let far = app.apply(Command::Table(TableCommand::Scroll { offset: 9_999_000, limit: 50 })).unwrap();
    assert!(matches!(far[0].work, Work::Window { offset: 9_999_000, limit: 50, .. }));
    // Until the far rows come, the near ones stay on screen.
    assert_eq!(app.view().table.unwrap().window.latest().unwrap().offset, 0);
}

#[test]
fn a_late_window_does_not_win_over_a_newer_one() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let first = app.apply(Command::Table(TableCommand::Open(Subject::Sql("select 1".to_owned())))).unwrap()[0].ticket;
    let key = SortKey { column: "id".to_owned(), order: Order::Descending };
    let second = app.apply(Command::Table(TableCommand::Sort(vec![key]))).unwrap()[0].ticket;
    let window = |offset| News::Window { window: rows(offset, 1), rows: RowCount::Known(100), notes: Vec::new() };
    app.hear(Message { ticket: second, news: window(99) });
    app.hear(Message { ticket: first, news: window(0) });
    assert_eq!(app.view().table.unwrap().window.latest().unwrap().offset, 99);
}

#[test]
fn a_run_is_followed_step_by_step_and_refreshes_what_is_seen() {
    let mut app = App::new();
    open(&mut app, "/shop");
    app.apply(Command::Board(BoardCommand::Open(None))).unwrap();
    let ticket = app.apply(Command::Pipeline(PipelineCommand::Run(Selection::default()))).unwrap()[0].ticket;
    let refused = app.apply(Command::Pipeline(PipelineCommand::Run(Selection::default()))).unwrap_err();
    assert_eq!(refused.0.code, Code::Locked, "one run at a time");
    app.hear(Message { ticket, news: News::Run(RunEvent::Started(record(RunStatus::Running, 0))) });
    let mut step = record(RunStatus::Running, 0).steps.remove(0);
    step.status = StepStatus::Running;
    app.hear(Message { ticket, news: News::Run(RunEvent::Step(step)) });
    assert_eq!(app.view().pipeline.step("raw.orders").unwrap().status, StepStatus::Running);
    assert_eq!(app.view().jobs.running().count(), 2, "the board and the run");
    let after = app.hear(Message { ticket, news: News::RunEnded(record(RunStatus::Held, 3)) });
    assert!(after.iter().any(|e| matches!(e.work, Work::Board(..))), "the board is computed again");
    assert!(app.view().pipeline.running().is_none());
    let notice = app.view().notices.last().unwrap();
    assert_eq!((notice.kind, notice.text.contains("3 rows held")), (NoticeKind::Warning, true));
}

#[test]
fn cancelling_marks_the_job_and_ends_it_once() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let ticket = app.apply(Command::Pipeline(PipelineCommand::Run(Selection::default()))).unwrap()[0].ticket;
    let effects = app.apply(Command::Pipeline(PipelineCommand::CancelRun)).unwrap();
    assert_eq!(effects, [Effect { ticket, work: Work::Cancel(ticket) }]);
    app.hear(Message { ticket, news: News::Failed(Problem::interrupted()) });
    let state = app.view().jobs.jobs.iter().find(|j| j.ticket == ticket).unwrap().state.clone();
    assert_eq!(state, JobState::Cancelled);
    assert!(app.apply(Command::CancelJob(ticket)).is_err(), "it has ended");
}

#[test]
fn changed_files_are_read_again_and_a_fault_keeps_the_last_good_state() {
    let mut app = App::new();
    let effects = open(&mut app, "/shop");
    let watch = ticket_of(&effects, |w| matches!(w, Work::Watch(_)));
    let reload = app.hear(Message { ticket: watch, news: News::FilesChanged(vec!["trommel.toml".into()]) });
    let ticket = ticket_of(&reload, |w| matches!(w, Work::Load { .. }));
    app.hear(Message { ticket, news: News::Failed(Problem::new(Code::BadToml, "bad")) });
    let view = app.view();
    assert!(matches!(&view.workspace.current, Remote::Failed { previous: Some(w), .. } if w.config.name == "shop"));
    let stranger = app.hear(Message { ticket: Ticket(9_999), news: News::FilesChanged(Vec::new()) });
    assert!(stranger.is_empty(), "a watch that is no longer ours is not heard");
}

#[test]
fn an_unknown_name_gets_the_nearest_one() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let refused = app.apply(Command::Board(BoardCommand::Open(Some("sale".to_owned())))).unwrap_err();
    assert_eq!(refused.0.next.as_deref(), Some("did you mean \"sales\"?"));
}

#[test]
fn an_example_is_opened_once_it_is_made_and_run_once_it_is_open() {
    let mut app = App::new();
    let request = trommel_model::ExampleRequest {
        name: "car-rental".to_owned(),
        folder: None,
        rows: 1,
        seed: 1,
        data: None,
        postgres: None,
        mysql: None,
        run: true,
    };
    let made = app.apply(Command::Workspace(WorkspaceCommand::Example(request))).unwrap()[0].ticket;
    let root = PathBuf::from("/car-rental");
    let load = app.hear(Message { ticket: made, news: News::Made(Made { root, next: Vec::new(), notes: Vec::new(), run: true }) });
    let ticket = ticket_of(&load, |w| matches!(w, Work::Load { .. }));
    let opened = app.hear(Message { ticket, news: News::Workspace(workspace("/car-rental")) });
    assert!(opened.iter().any(|e| matches!(e.work, Work::Run(..))), "the example runs by itself");
}

#[test]
fn back_walks_the_way_that_was_come() {
    let mut app = App::new();
    open(&mut app, "/shop");
    app.apply(Command::Show(Screen::Sources)).unwrap();
    app.apply(Command::Show(Screen::Jobs)).unwrap();
    app.apply(Command::Show(Screen::Help)).unwrap();
    app.apply(Command::Back).unwrap();
    assert_eq!(app.view().screen, Screen::Jobs);
    app.apply(Command::Back).unwrap();
    app.apply(Command::Back).unwrap();
    assert_eq!(app.view().screen, Screen::Sources, "the first screen stays");
}

fn with_match(root: &str) -> Arc<Workspace> {
    let mut workspace = (*workspace(root)).clone();
    workspace.models.push(
        serde_json::from_value(serde_json::json!({
            "name": "mart.people", "path": "models/mart/people.toml", "materialise": "table", "description": "", "owner": "", "keys": [],
            "checks": [], "kind": { "match": { "from": "raw.customers", "id": "id", "blocking": [], "comparisons": [], "threshold": 0.9 } }
        }))
        .unwrap(),
    );
    Arc::new(workspace)
}

fn look(name: &str, threshold: Option<f64>) -> Command {
    Command::Review(ReviewCommand::Preview(PreviewRequest {
        subject: MatchSubject::Model(name.to_owned()),
        labels: None,
        kpis: Vec::new(),
        threshold,
        html: None,
        first: Foremost::Thresholds,
    }))
}

#[test]
fn a_match_is_looked_at_and_its_pairs_are_decided_and_taken_back() {
    let mut app = App::new();
    let asked = app.apply(Command::Workspace(WorkspaceCommand::Open { start: "/a".into(), environment: None })).unwrap();
    app.hear(Message { ticket: asked[0].ticket, news: News::Workspace(with_match("/a")) });
    let refused = |app: &mut App, command: Command| app.apply(command).unwrap_err().0.to_string();
    assert!(refused(&mut app, look("mart.peple", None)).contains("mart.peple"));
    assert!(refused(&mut app, look("mart.people", Some(1.5))).contains("0 to 1"));
    assert!(refused(&mut app, Command::Review(ReviewCommand::Rule(Ruling::Merge))).contains("no match is looked at"));

    let asked = app.apply(look("mart.people", None)).unwrap();
    assert_eq!(app.view().screen, Screen::Match);
    let step = |threshold| PreviewStep { threshold, ..PreviewStep::default() };
    let record = |id: &str| PreviewRecord { key: RecordKey { source: "crm".into(), id: id.into() }, said: Vec::new() };
    let pair = |l: &str, r: &str| PreviewPair { left: record(l), right: record(r), ..PreviewPair::default() };
    let preview = MatchPreview {
        steps: vec![step(0.5), step(0.9), step(0.99)],
        chosen: 1,
        pairs: vec![pair("1", "2"), pair("3", "4")],
        ..MatchPreview::default()
    };
    app.hear(Message { ticket: asked[0].ticket, news: News::MatchPreview(Arc::new(preview)) });
    for (by, expected) in [(1, 0.99), (1, 0.99), (-5, 0.5), (1, 0.9)] {
        app.apply(Command::Review(ReviewCommand::Move(by))).unwrap();
        assert!((app.view().review.shown().unwrap().threshold - expected).abs() < 1e-9);
    }

    let request_of = |effects: &[Effect]| match &effects[0].work {
        Work::Review(_, ReviewCommand::Decide(request)) => (effects[0].ticket, request.clone()),
        other => panic!("{other:?}"),
    };
    let decided = |request: &DecideRequest| {
        let text = String::new;
        let row = DecisionRow {
            verdict: request.ruling,
            left: request.left.clone(),
            right: request.right.clone(),
            version: 1,
            who: text(),
            when: text(),
            why: text(),
        };
        News::Decided(Decided { row, report: Report::default() })
    };
    let (ticket, request) = request_of(&app.apply(Command::Review(ReviewCommand::Rule(Ruling::Keep))).unwrap());
    assert_eq!((request.left.id.as_str(), request.ruling, app.view().review.pair), ("1", Ruling::Keep, 1), "the next pair is selected");
    let effects = app.hear(Message { ticket, news: decided(&request) });
    assert!(matches!(effects[0].work, Work::Load { .. }), "the workspace has a decision more");
    assert_eq!(app.view().review.rulings.get(&0), Some(&Ruling::Keep));

    let (ticket, request) = request_of(&app.apply(Command::Review(ReviewCommand::Undo)).unwrap());
    assert_eq!((request.left.id.as_str(), request.ruling), ("1", Ruling::Withdrawn));
    app.hear(Message { ticket, news: decided(&request) });
    assert!(app.view().review.rulings.is_empty() && !app.view().review.can_undo());
    assert!(refused(&mut app, Command::Review(ReviewCommand::Undo)).contains("nothing was decided"));
}

fn correction(now: Option<&str>) -> Correction {
    Correction {
        file: "a.csv".to_owned(),
        line: 3,
        was: "2,x".to_owned(),
        now: now.map(str::to_owned),
        rule: "cast(integer)".to_owned(),
        who: "ann".to_owned(),
        at: "2026-01-31T09:30:00Z".to_owned(),
        why: String::new(),
    }
}

#[test]
fn a_decision_is_written_down_told_and_seen_in_the_list() {
    let mut app = App::new();
    open(&mut app, "/shop");
    app.apply(Command::Table(TableCommand::Open(Subject::List(ListKind::Quarantine(None, None))))).unwrap();
    let decision = RowDecision { row: "raw.orders:a.csv:3".parse().unwrap(), amendment: Amendment::Discard, why: "a test".to_owned() };
    let effects = app.apply(Command::Quarantine(QuarantineCommand::Decide(decision.clone()))).unwrap();
    assert_eq!(effects[0].work, Work::Decide(workspace("/shop"), decision));
    let title = "raw.orders:a.csv:3 is discarded".to_owned();
    let report = Report { title: title.clone(), ..Report::default() };
    let after = app.hear(Message { ticket: effects[0].ticket, news: News::Report(report) });
    assert!(after.iter().any(|e| matches!(&e.work, Work::Window { subject: Subject::List(ListKind::Quarantine(None, None)), .. })));
    assert_eq!(app.view().notices.last().unwrap().text, title);
}

#[test]
fn a_replay_runs_what_was_corrected_and_what_is_made_from_it() {
    let mut app = App::new();
    let replay = |names: &[&str]| Command::Quarantine(QuarantineCommand::Replay(names.iter().map(|n| (*n).to_owned()).collect()));
    let ticket = app.apply(Command::Workspace(WorkspaceCommand::Open { start: "/shop".into(), environment: None })).unwrap()[0].ticket;
    app.hear(Message { ticket, news: News::Workspace(workspace("/shop")) });
    assert_eq!(app.apply(replay(&[])).unwrap_err().0.what, "no held row was corrected");
    let mut decided = (*workspace("/shop")).clone();
    decided.corrections.insert("orders".to_owned(), vec![correction(Some("2,7"))]);
    let ticket = app.apply(Command::Workspace(WorkspaceCommand::Reload)).unwrap()[0].ticket;
    app.hear(Message { ticket, news: News::Workspace(Arc::new(decided)) });
    let refused = app.apply(replay(&["raw.customers"])).unwrap_err();
    assert_eq!(refused.0.next.as_deref(), Some("tables with decisions: raw.orders"));
    let effects = app.apply(replay(&[])).unwrap();
    let Work::Run(_, selection) = &effects[0].work else { panic!("{effects:?}") };
    assert_eq!(selection, &Selection { names: vec!["raw.orders+".to_owned()], ..Selection::default() });
}

fn draft(command: DraftCommand) -> Command {
    Command::Source(SourceCommand::Draft(command))
}

fn lay_open(app: &mut App, entry: &str, known: &[(&str, &str)]) -> Vec<Effect> {
    let mut values = Values::default();
    for (name, value) in known {
        values.set(name, value);
    }
    app.apply(draft(DraftCommand::Open { entry: entry.to_owned(), values })).unwrap()
}

fn say(app: &mut App, name: &str, value: &str) -> Vec<Effect> {
    app.apply(draft(DraftCommand::Set { name: name.to_owned(), value: value.to_owned() })).unwrap()
}

fn facts(delimiter: &str) -> FileFacts {
    FileFacts {
        format: FileFormat::Csv,
        found: vec![FoundOption { sure: Some(0.9), ..FoundOption::certain("delimiter", delimiter) }],
        columns: vec![Field::new("id", DataType::Integer)],
        rows: Some(3),
        first: rows(0, 3),
        notes: Vec::new(),
    }
}

#[test]
fn a_file_is_looked_at_changed_and_imported() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let first = lay_open(&mut app, "source.add", &[("file", "x.csv")]);
    let Work::Describe(new) = &first[0].work else { panic!("{first:?}") };
    assert_eq!((new.file.clone(), new.spec.csv.delimiter), (Some("x.csv".into()), None));
    // What is told while the file is looked at: only the newer answer counts.
    let second = say(&mut app, "delimiter", ";");
    app.hear(Message { ticket: first[0].ticket, news: News::File(facts(",")) });
    assert!(app.view().draft.unwrap().facts.latest().is_none());
    app.hear(Message { ticket: second[0].ticket, news: News::File(facts(";")) });
    let view = app.view();
    let form = view.draft.unwrap();
    let field = form.fields().into_iter().find(|f| f.argument.name == "delimiter").unwrap();
    assert_eq!((field.said, field.found.map(|f| f.value.as_str())), (Some(";"), Some(";")));
    assert!(form.fields().iter().all(|f| f.argument.name != "sheet"), "a delimited file has no sheets");
    assert_eq!(form.as_command(str::to_owned), "source add x.csv --delimiter ;");
    // A name changes nothing about the file.
    assert_eq!(say(&mut app, "name", "bravo"), []);
    let written = app.apply(draft(DraftCommand::Accept)).unwrap();
    let Work::AddSource(_, new, DryRun::No) = &written[0].work else { panic!("{written:?}") };
    assert_eq!((new.name.as_str(), new.spec.csv.delimiter), ("bravo", Some(';')));
    let added = Added { what: "source bravo".into(), source: Some("bravo".into()), files: Vec::new(), notes: vec!["remove it".into()] };
    let after = app.hear(Message { ticket: written[0].ticket, news: News::Added(added) });
    assert!(app.view().draft.is_none(), "the form is done");
    assert!(app.view().notices.last().unwrap().text.contains("remove it"), "how it is taken back is said");
    let load = ticket_of(&after, |w| matches!(w, Work::Load { .. }));
    let mut with = (*workspace("/shop")).clone();
    with.sources.push(SourceSpec::of_file("bravo", None));
    let effects = app.hear(Message { ticket: load, news: News::Workspace(Arc::new(with)) });
    assert_eq!(app.view().sources.selected.as_deref(), Some("bravo"));
    assert!(effects.iter().any(|e| matches!(&e.work, Work::Window { subject: Subject::Source(name), .. } if name == "bravo")));
}

#[test]
fn a_form_that_is_wrong_stays_open_and_says_so() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let asked = lay_open(&mut app, "source.add", &[("file", "x.csv")]);
    assert_eq!(say(&mut app, "skip-lines", "many"), []);
    assert_eq!(app.view().draft.unwrap().fault.as_ref().unwrap().code, Code::Usage);
    app.hear(Message { ticket: asked[0].ticket, news: News::Failed(Problem::new(Code::FileNotFound, "no such file")) });
    assert_eq!(app.view().draft.unwrap().facts.problem().unwrap().code, Code::FileNotFound);
    assert!(app.apply(draft(DraftCommand::Set { name: "delimeter".into(), value: ",".into() })).is_err());
    app.apply(draft(DraftCommand::Drop)).unwrap();
    assert!(app.apply(draft(DraftCommand::Accept)).is_err());
}

#[test]
fn a_connection_is_tried_before_it_is_written_and_each_stage_is_seen() {
    let mut app = App::new();
    open(&mut app, "/shop");
    lay_open(&mut app, "connect.add", &[("kind", "postgres")]);
    app.apply(draft(DraftCommand::Try)).unwrap();
    assert!(app.view().draft.unwrap().fault.is_some(), "it has no host");
    say(&mut app, "host", "db.example");
    let tried = app.apply(draft(DraftCommand::Try)).unwrap();
    let Work::Test { connection, .. } = &tried[0].work else { panic!("{tried:?}") };
    assert_eq!(connection.url.as_ref().map(ToString::to_string).as_deref(), Some("postgres://db.example/"));
    let stage = TrialStage { name: "name".into(), elapsed_ms: 1.0, outcome: Ok("found".into()) };
    app.hear(Message { ticket: tried[0].ticket, news: News::Stage(stage.clone()) });
    let trial = app.view().draft.unwrap().trial.clone();
    assert!(trial.is_pending() && trial.stages == [stage.clone()]);
    app.hear(Message { ticket: Ticket(9999), news: News::Stage(stage) });
    app.hear(Message { ticket: tried[0].ticket, news: News::Report(Report::default()) });
    let trial = app.view().draft.unwrap().trial.clone();
    assert!(!trial.is_pending() && trial.stages.len() == 1, "stages of other tries are not ours");
    // Fields of files are not asked for a server, and those of a server not for a file.
    let names = |app: &App| app.view().draft.unwrap().fields().iter().map(|f| f.argument.name).collect::<Vec<_>>();
    assert!(names(&app).contains(&"host") && !names(&app).contains(&"path"));
    say(&mut app, "kind", "sqlite");
    assert!(!names(&app).contains(&"host") && names(&app).contains(&"path"));
}

#[test]
fn a_table_is_browsed_and_made_a_source() {
    let mut app = App::new();
    let asked = app.apply(Command::Workspace(WorkspaceCommand::Open { start: "/shop".into(), environment: None })).unwrap();
    let mut shop = (*workspace("/shop")).clone();
    shop.config.connections.push(trommel_model::ConnectionSpec::folder("db", "x"));
    app.hear(Message { ticket: asked[0].ticket, news: News::Workspace(Arc::new(shop)) });
    assert!(app.apply(Command::Source(SourceCommand::Browse("bd".into()))).is_err());
    let browse = app.apply(Command::Source(SourceCommand::Browse("db".into()))).unwrap();
    let table = |name: &str| RemoteTable { name: name.into(), kind: "table".into(), rows: None, key: vec!["id".into()] };
    let first = app.hear(Message { ticket: browse[0].ticket, news: News::Tables(vec![table("a"), table("b")]) });
    assert!(matches!(&first[0].work, Work::Window { subject: Subject::Remote { table, .. }, .. } if table == "a"));
    let second = app.apply(Command::Source(SourceCommand::SelectTable("b".into()))).unwrap();
    let news = News::Window { window: rows(0, 2), rows: RowCount::Known(2), notes: Vec::new() };
    app.hear(Message { ticket: second[0].ticket, news });
    lay_open(&mut app, "source.add_table", &[("connection", "db"), ("table", "b"), ("key", "id")]);
    let view = app.view();
    let cursor = view.draft.unwrap().fields().into_iter().find(|f| f.argument.name == "cursor").unwrap();
    assert_eq!(cursor.choices, ["id"], "the columns of the table are offered");
    let written = app.apply(draft(DraftCommand::Accept)).unwrap();
    assert!(matches!(&written[0].work, Work::AddSource(_, new, DryRun::No) if new.spec.table.as_deref() == Some("b")));
}

#[test]
fn the_step_of_a_sink_opens_the_table_it_writes() {
    let mut app = App::new();
    open(&mut app, "/shop");
    let mut ask = |name: &str| app.apply(Command::Table(TableCommand::Open(Subject::Table(name.parse().unwrap()))));
    let effects = ask("sink.s0").unwrap();
    assert!(
        matches!(&effects[0].work, Work::Window { subject: Subject::Table(name), .. } if name.to_string() == "mart.people"),
        "{effects:?}"
    );
    assert_eq!(ask("sink.s1").unwrap_err().0.code, Code::Usage);
}

#[test]
fn a_table_of_a_database_is_written_by_hand() {
    let said = |to: &str, more: &[(&str, &str)]| {
        let entry = trommel_app::catalogue::entries().iter().find(|e| e.id == "write").unwrap();
        let mut values = Values::default();
        values.push("subject", "mart.people");
        values.push("to", to);
        for (name, value) in more {
            values.push(name, *value);
        }
        let trommel_app::catalogue::Action::Ask(ask) = entry.action else { panic!("{entry:?}") };
        ask(&values)
    };
    let Command::Export(request) = said("crm:public.people", &[("mode", "upsert"), ("key", "id, day")]).unwrap() else {
        panic!("no export")
    };
    let trommel_app::Destination::Table(target) = request.to.clone() else { panic!("{request:?}") };
    assert_eq!((target.connection.as_str(), target.table.as_str(), target.mode), ("crm", "public.people", WriteMode::Upsert));
    assert_eq!(target.key, ["id", "day"]);
    for (to, more, next) in [
        ("people", &[][..], "CONNECTION:TABLE"),
        ("crm:people", &[("mode", "upsert")], "--key"),
        ("crm:people", &[("mode", "apend")], "did you mean \"append\"?"),
    ] {
        let problem = said(to, more).unwrap_err();
        assert!(problem.code == Code::Usage && problem.next.as_deref().unwrap().contains(next), "{problem:?}");
    }
}
