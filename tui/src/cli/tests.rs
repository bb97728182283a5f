//! Verbs against a desk with canned answers: what goes to standard output, what to standard error, and the exit code.

use std::cell::Cell;
use std::ffi::OsString;

use trommel_app::{Command, Destination, ExportFormat, ListKind, News, Subject, TableCommand, Work};
use trommel_model::{Code, Exit, Problem, RunEvent, RunStatus};

use super::{Io, Parsed, parse, perform};
use crate::made::{self, MadeDesk};

/// What a command line comes to.
struct Transcript {
    exit: Exit,
    out: String,
    err: String,
    asked: Vec<Command>,
}

impl std::fmt::Display for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}--- stderr\n{}", self.exit as u8, self.out, self.err)
    }
}

fn words(line: &str) -> Vec<OsString> {
    // Words in double quotes stay together.
    let mut words = vec![OsString::from("trommel")];
    for (i, part) in line.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(part.into());
        } else {
            words.extend(part.split_whitespace().map(OsString::from));
        }
    }
    words
}

fn at(mut desk: MadeDesk, line: &str, columns: Option<usize>) -> Transcript {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let env = |name: &str| (name == "LANG").then(|| "C.UTF-8".to_owned());
    let exit = {
        let mut io = Io { out: &mut out, err: &mut err, out_columns: columns, err_columns: None, env: &env };
        match parse(words(line), &mut io) {
            Parsed::Done(exit) => exit,
            Parsed::Verb(invocation) => {
                let mut invocation = *invocation;
                invocation.globals.colour = super::colour::Use::Never;
                perform(&mut desk, &invocation, &mut io, &|| {})
            }
            Parsed::Terminal(_) => Exit::Ok,
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Transcript { exit, out: text(out), err: text(err), asked: desk.asked }
}

fn run(line: &str) -> Transcript {
    at(MadeDesk::new(), line, None)
}

#[test]
fn transcripts_of_every_kind_of_answer() {
    for (name, line) in [
        ("rows", "query mart.quotes --limit 3"),
        ("profile", "profile mart.quotes"),
        ("plan", "plan"),
        ("run", "run"),
        ("check", "check"),
        ("runs_show", "runs show last"),
        ("recipe_preview", "recipe preview clean.bravo_quotes"),
        ("recipe_show", "recipe show clean.bravo_quotes"),
        ("board", "board"),
        ("kpi_show", "kpi show conversion"),
        ("kpi_render", "kpi render conversion x.svg"),
        ("export", "export mart.quotes quotes.xlsx"),
        ("example", "example car-rental"),
        ("sql_fault", "query \"select pric from mart.quotes\""),
        ("doctor", "doctor"),
    ] {
        insta::assert_snapshot!(name, run(line));
    }
}

#[test]
fn a_terminal_of_80_columns_is_kept_to() {
    for line in
        ["query mart.quotes --limit 3", "run", "runs show last", "board", "profile mart.quotes", "plan", "check", "kpi show conversion"]
    {
        let transcript = at(MadeDesk::new(), line, Some(80));
        for shown in transcript.out.lines() {
            assert!(crate::paint::width_of(shown) <= 80, "{line}: {shown}");
        }
        if line == "run" || line.starts_with("query") {
            insta::assert_snapshot!(format!("{}_80", line.split(' ').next().unwrap()), transcript);
        }
    }
}

#[test]
fn a_format_for_programs_gives_the_whole() {
    for (line, subject, format, to) in [
        ("query \"select 1\" --format csv", Subject::Sql("select 1".into()), ExportFormat::Csv, Destination::Stdout),
        ("query x.csv --format arrow", Subject::File("x.csv".into()), ExportFormat::Arrow, Destination::Stdout),
        ("query x.csv -o y.parquet", Subject::File("x.csv".into()), ExportFormat::Parquet, Destination::File("y.parquet".into())),
        ("runs list --format json", Subject::List(ListKind::Runs), ExportFormat::Json, Destination::Stdout),
        ("quarantine list --format jsonl", Subject::List(ListKind::Quarantine(None, None)), ExportFormat::Jsonl, Destination::Stdout),
        ("kpi show conversion --format csv", Subject::Kpi("conversion".into()), ExportFormat::Csv, Destination::Stdout),
    ] {
        let transcript = run(line);
        let Some(Command::Export(request)) = transcript.asked.last() else { panic!("{line}: {:?}", transcript.asked) };
        assert_eq!((&request.subject, request.format, &request.to, request.raw), (&subject, format, &to, true), "{line}");
        assert_eq!(transcript.exit, Exit::Ok, "{line}: {}", transcript.err);
    }
    let Some(Command::Export(request)) = run("export mart.quotes x.csv").asked.last().cloned() else { panic!("no export") };
    assert!(!request.raw, "an export makes formulas safe unless told not to");
}

#[test]
fn the_file_of_an_export_can_be_given_by_o() {
    for line in ["export mart.quotes q.xlsx", "export mart.quotes -o q.xlsx"] {
        let Some(Command::Export(request)) = run(line).asked.last().cloned() else { panic!("{line}") };
        assert_eq!((request.format, request.to), (ExportFormat::Xlsx, Destination::File("q.xlsx".into())), "{line}");
    }
    let Some(Command::Export(request)) = run("export mart.quotes q.xlsx --format csv").asked.last().cloned() else { panic!("no export") };
    assert_eq!(request.format, ExportFormat::Csv, "what is asked for goes before the file's ending");
    assert_eq!(run("export mart.quotes").exit, Exit::Usage);
}

#[test]
fn a_person_gets_as_many_rows_as_asked_for_and_no_second_question() {
    let asked = run("query mart.quotes --limit 7").asked;
    let heads: Vec<&Command> = asked.iter().filter(|c| matches!(c, Command::Table(_))).collect();
    assert_eq!(heads, [&Command::Table(TableCommand::Head { subject: Subject::Table("mart.quotes".parse().unwrap()), limit: 7 })]);
}

#[test]
fn json_is_the_model_as_it_is() {
    let json = |line: &str| -> serde_json::Value { serde_json::from_str(&run(line).out).unwrap() };
    let record = json("runs show last --format json");
    let step = &record["steps"][1];
    for key in
        ["name", "kind", "status", "rows_in", "rows_out", "filtered", "merged", "expanded", "quarantined", "elapsed_ms", "peak_bytes"]
    {
        assert!(!step[key].is_null(), "{key}: {step}");
    }
    assert_eq!(step["quarantined"], 420);
    assert_eq!(json("plan --format json")["steps"][0]["why"], "quotes.sqlite has changed");
    assert_eq!(json("check --format json")[0]["broken"], 12);
    assert_eq!(json("profile mart.quotes --format json")["rows"], 24_019);
    assert_eq!(json("recipe preview clean.bravo_quotes --format json")["sample"]["merged"], 1);
    assert_eq!(json("board --format json")["kpis"][1]["name"], "conversion");
    assert_eq!(json("kpi show conversion --format json")["standing"], "missed");
    let lines = run("profile mart.quotes --format jsonl").out;
    assert_eq!(lines.lines().count(), 4);
    assert!(run("check --format csv").out.starts_with("table,check,dimension,action,severity,rows,broken,tolerated,examples"));
}

#[test]
fn exit_codes_say_how_it_went() {
    let ending = |status: RunStatus, problem: Option<Problem>| {
        MadeDesk::answering(move |work| match work {
            Work::Run(..) => {
                let mut record = made::run();
                (record.status, record.problem) = (status, problem.clone());
                vec![News::Run(RunEvent::Started(record.clone())), News::RunEnded(record)]
            }
            other => made::rental(other),
        })
    };
    for (status, code, expected) in [
        (RunStatus::Done, None, Exit::Ok),
        (RunStatus::Held, None, Exit::Held),
        (RunStatus::Failed, Some(Code::CheckFailed), Exit::Gate),
        (RunStatus::Failed, Some(Code::NoSpace), Exit::NoSpace),
        (RunStatus::Failed, None, Exit::Failed),
        (RunStatus::Cancelled, Some(Code::Interrupted), Exit::Interrupted),
    ] {
        let problem = code.map(|c| Problem::new(c, "made"));
        assert_eq!(at(ending(status, problem.clone()), "run", None).exit, expected, "{status:?} {code:?}");
        let example = if expected == Exit::Held { Exit::Ok } else { expected };
        assert_eq!(at(ending(status, problem), "example car-rental", None).exit, example, "example: {status:?} {code:?}");
    }
    let failing = |code: Code| {
        MadeDesk::answering(move |work| match work {
            Work::Run(..) | Work::Window { .. } | Work::Profile { .. } | Work::Sniff(_) => vec![News::Failed(Problem::new(code, "made"))],
            other => made::rental(other),
        })
    };
    for (code, line, expected) in [
        (Code::Locked, "run", Exit::Locked),
        (Code::Interrupted, "query \"select 1\"", Exit::Interrupted),
        (Code::FileNotFound, "profile x.csv", Exit::Usage),
        (Code::EmptyFile, "query x.csv", Exit::Usage),
        (Code::BadParquet, "profile x.parquet", Exit::Usage),
        (Code::TooLarge, "query \"select * from 'x.csv'\" --as-text", Exit::Usage),
        (Code::BadCsv, "source sniff x.csv", Exit::Usage),
        (Code::BadCsv, "run", Exit::Failed),
        (Code::Denied, "query x.csv", Exit::Denied),
    ] {
        let transcript = at(failing(code), line, None);
        assert_eq!(transcript.exit, expected, "{line}");
        assert!(transcript.err.contains(&format!("error[{}]", code.name())), "{}", transcript.err);
    }
}

#[test]
fn a_stopped_run_says_what_remains() {
    let desk = MadeDesk::answering(|work| match work {
        Work::Run(..) => {
            let mut record = made::run();
            record.status = RunStatus::Cancelled;
            record.steps[5..].iter_mut().for_each(|s| s.status = trommel_model::StepStatus::Cancelled);
            vec![News::Run(RunEvent::Started(record.clone())), News::RunEnded(record)]
        }
        other => made::rental(other),
    });
    let transcript = at(desk, "run", None);
    assert_eq!(transcript.exit, Exit::Interrupted);
    assert!(transcript.err.contains("5 of 9 steps are done, 4 remain"), "{}", transcript.err);
}

#[test]
fn somebody_who_wants_to_stop_is_heard_while_work_goes_on() {
    let stops = Cell::new(0);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = Io { out: &mut out, err: &mut err, out_columns: None, err_columns: None, env: &|_| None };
    let Parsed::Verb(invocation) = parse(words("run"), &mut io) else { panic!("no verb") };
    perform(&mut MadeDesk::new(), &invocation, &mut io, &|| stops.set(stops.get() + 1));
    assert!(stops.get() > 0);
}

#[test]
fn slips_get_the_nearest_name() {
    for (line, what, next) in [
        ("qurey x", "there is no verb \"qurey\"", "did you mean \"query\"?"),
        ("runs lits", "there is no verb \"lits\"", "did you mean \"list\"?"),
        ("query x --limt 3", "there is no option \"--limt\"", "did you mean \"--limit\"?"),
        ("query", "SQL", "trommel query"),
        ("query x --format cvs", "\"cvs\" does not do for --format", "did you mean \"csv\"?"),
        ("query x --limit many", "\"many\" does not do for --limit", "trommel --help"),
        ("completions bsh", "\"bsh\" does not do for", "did you mean \"bash\"?"),
        ("kpi show revenu", "there is no KPI \"revenu\"", "quotes_a_day"),
        ("recipe preview clean.bravo_quote", "there is no recipe", "did you mean \"clean.bravo_quotes\"?"),
        ("query x -o answer.txt", "cannot tell the format of answer.txt", "--format"),
        ("plan --format xlsx -o p.xlsx", "no xlsx form", "json"),
        ("query x --format xlsx", "cannot go to standard output", "-o FILE.xlsx"),
    ] {
        let transcript = run(line);
        assert_eq!(transcript.exit, Exit::Usage, "{line}: {transcript}");
        assert!(transcript.err.contains(what) && transcript.err.contains(next), "{line}:\n{}", transcript.err);
        assert!(transcript.out.is_empty(), "{line}: faults are no answers");
    }
}

#[test]
fn help_version_completions_and_manual_need_no_desk() {
    let never = || MadeDesk::answering(|_| panic!("nothing is to be done"));
    for line in
        ["--help", "--version", "run --help", "runs --help", "help query", "man", "completions bash", "completions zsh", "completions fish"]
    {
        let transcript = at(never(), line, None);
        assert_eq!(transcript.exit, Exit::Ok, "{line}");
        assert!(transcript.out.len() > 10 && transcript.err.is_empty(), "{line}: {transcript}");
        assert!(transcript.asked.is_empty());
    }
    insta::assert_snapshot!("help", run("--help").out);
    insta::assert_snapshot!("help_query", run("query --help").out);
    insta::assert_snapshot!("man", run("man").out);
    assert_eq!(
        run("").out,
        run("--help").out.replace("Print help (see more with '--help')", "Print help"),
        "no verb and no terminal: help"
    );
}

#[test]
fn the_reference_in_the_docs_is_the_catalogue() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference.md")).unwrap_or_default();
    assert!(
        kept == run("man --markdown").out,
        "docs/reference.md is not what the catalogue says: trommel man --markdown > docs/reference.md"
    );
}

#[test]
fn every_verb_has_help_with_an_example() {
    for entry in trommel_app::catalogue::entries().iter().filter(|e| !e.verb.is_empty()) {
        let help = run(&format!("{} --help", entry.verb.join(" "))).out;
        assert!(help.contains("Example:") && help.contains(entry.example), "{}:\n{help}", entry.id);
        let example = entry.example.trim_start_matches("trommel ").split(" | ").next().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io { out: &mut out, err: &mut err, out_columns: None, err_columns: None, env: &|_| None };
        match parse(words(example), &mut io) {
            Parsed::Verb(_) => {}
            Parsed::Done(exit) => assert_eq!(exit, Exit::Ok, "{example}: {}", String::from_utf8_lossy(&err)),
            Parsed::Terminal(_) => panic!("{example} is no verb"),
        }
    }
}

#[test]
fn what_is_about_a_file_needs_no_workspace() {
    let homeless = || {
        MadeDesk::answering(|work| match work {
            Work::Load { .. } => vec![News::Failed(Problem::new(Code::NotAWorkspace, "there is no trommel.toml here or above"))],
            other => made::rental(other),
        })
    };
    for (line, exit) in [
        ("query x.csv", Exit::Ok),
        ("query \"select 1\"", Exit::Ok),
        ("profile x.csv", Exit::Ok),
        ("source sniff x.csv", Exit::Ok),
        ("doctor", Exit::Ok),
        ("plan", Exit::Usage),
        ("board", Exit::Usage),
        ("query mart.quotes", Exit::Usage),
        ("-w nowhere query x.csv", Exit::Usage),
    ] {
        let transcript = at(homeless(), line, None);
        assert_eq!(transcript.exit, exit, "{line}: {transcript}");
        assert_eq!(transcript.err.contains("not-a-workspace"), exit == Exit::Usage, "{line}: {}", transcript.err);
    }
}

#[test]
fn quiet_says_nothing_but_the_answer_and_dry_runs_do_nothing() {
    let transcript = run("run --quiet");
    assert!(transcript.err.is_empty() && !transcript.out.is_empty(), "{transcript}");
    let transcript = run("run --dry-run");
    assert!(transcript.out.contains("would") && !transcript.asked.iter().any(|c| format!("{c:?}").contains("Run(")), "{transcript}");
    for line in ["export mart.quotes x.csv --dry-run", "init shop --dry-run", "example car-rental --dry-run"] {
        let transcript = run(line);
        assert!(transcript.asked.is_empty() && transcript.err.contains("would"), "{line}: {transcript}");
    }
}

#[test]
fn an_answer_goes_to_a_file_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let transcript = run(&format!("plan -o {}", path.display()));
    assert_eq!((transcript.exit, transcript.out.as_str()), (Exit::Ok, ""));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with('{'));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    let nowhere = run(&format!("plan -o {}/no/such/x.json", folder.path().display()));
    assert!(nowhere.exit != Exit::Ok && nowhere.err.contains("cannot write the answer"), "{nowhere}");
}

#[test]
fn a_reader_who_goes_away_is_no_fault() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    for line in ["query mart.quotes", "--help", "man", "completions bash"] {
        let (mut out, mut err) = (Closed, Vec::new());
        let mut io = Io { out: &mut out, err: &mut err, out_columns: None, err_columns: None, env: &|_| None };
        let exit = match parse(words(line), &mut io) {
            Parsed::Done(exit) => exit,
            Parsed::Verb(invocation) => perform(&mut MadeDesk::new(), &invocation, &mut io, &|| {}),
            Parsed::Terminal(_) => panic!("no verb"),
        };
        assert_eq!(exit, Exit::Ok, "{line}");
        assert!(!String::from_utf8_lossy(&err).contains("error"), "{line}");
    }
}

#[test]
fn a_reader_of_an_export_who_goes_away_is_no_fault_either() {
    let desk = MadeDesk::answering(|work| match work {
        Work::Export(..) => vec![News::Failed(Problem::new(Code::OutputClosed, "cannot write to standard output"))],
        other => made::rental(other),
    });
    let transcript = at(desk, "query mart.quotes --format csv", None);
    assert_eq!((transcript.exit, transcript.err.as_str()), (Exit::Ok, ""));
}

#[test]
fn escapes_in_data_do_not_reach_the_terminal() {
    let transcript = at(MadeDesk::new(), "query mart.quotes --limit 8", Some(200));
    assert!(!transcript.out.contains('\u{1b}') && transcript.out.contains("evil␛[31m"), "{}", transcript.out);
}
