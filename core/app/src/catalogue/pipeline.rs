//! Entries about the pipeline, its runs, checks and recipes.

use trommel_model::{Code, Outcome, Problem, ReadRange};

use super::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Undo, Values};
use crate::{CheckCommand, Command, ListKind, PipelineCommand, QualityCommand, RecipeCommand, Screen, Selection, Subject, TableCommand};

const FROM: Argument = Argument::option(
    "from",
    Input::Text,
    "2024-01-01",
    "Read again what incremental sources have from this cursor on, and files whose name has this day in it or a later one",
);
const TO: Argument = Argument::option("to", Input::Text, "2024-02-01", "Read again only up to before this cursor or day");

const NAMES: Argument = Argument::many(
    "names",
    Input::Model,
    "mart.quotes",
    "Only these tables or sinks: layer.table, sink.name, +layer.table with what it needs, layer.table+ with what needs it, layer.*",
);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "pipeline.plan",
        title: "Plan",
        verb: &["plan"],
        same_as: None,
        help: "Says what a run would do and why, without doing it.",
        arguments: &[NAMES, Argument::flag("full-refresh", "As if nothing had been read or built before"), FROM, TO],
        keys: &[KeyBinding::on(Screen::Pipeline, "p")],
        example: "trommel plan",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Pipeline(PipelineCommand::Plan(selection(v))))),
    },
    Entry {
        id: "pipeline.run",
        title: "Run",
        verb: &["run"],
        same_as: None,
        help: "Reads what is new in the sources, builds every table that it touches, checks it and publishes it, and writes back what the sinks say. Exit code 3 when rows were held, 5 when a check failed.",
        arguments: &[
            NAMES,
            Argument::flag("full-refresh", "Read and build everything anew"),
            Argument::option(
                "confirm",
                Input::Connection,
                "crm",
                "Write to this connection, which is marked prod; several with commas between",
            ),
            FROM,
            TO,
        ],
        keys: &[KeyBinding::on(Screen::Pipeline, "r")],
        example: "trommel run +mart.quotes",
        undo: Undo::Snapshot,
        action: Action::Ask(|v| Ok(Command::Pipeline(PipelineCommand::Run(selection(v))))),
    },
    Entry {
        id: "pipeline.run_prod",
        title: "Run and write to prod…",
        verb: &[],
        same_as: Some("run"),
        help: "Runs, and writes to a connection that is marked prod: its name has to be typed.",
        arguments: &[Argument::required("confirm", Input::Text, "crm", "The connection that may be written to")],
        keys: &[KeyBinding::on(Screen::Pipeline, "w")],
        example: "trommel run --confirm crm",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Pipeline(PipelineCommand::Run(selection(v))))),
    },
    Entry {
        id: "pipeline.cancel",
        title: "Cancel the run",
        verb: &[],
        same_as: Some("run"),
        help: "Stops the run that goes on; what was published stays, nothing half-done is. On the command line Ctrl-C does this.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Pipeline, "x")],
        example: "trommel run",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Pipeline(PipelineCommand::CancelRun))),
    },
    Entry {
        id: "check",
        title: "Check",
        verb: &["check"],
        same_as: None,
        help: "Evaluates the checks on the tables as they are, without running anything. Exit code 3 when a quarantine check is broken, 5 when a gate is. With --auto it finds cells that look wrong in one file, table or query without any check written: row (from 1, a header does not count), column, value, rule and confidence. With --propose it suggests checks from a profile, and --accept writes those that are named into checks/. With --list it says how the checks stood last. With --failing it lists, or writes with -o, every row that breaks a check.",
        arguments: &[
            NAMES,
            Argument::flag("auto", "Find cells that look wrong in the file, table or SELECT that is named"),
            Argument::flag("propose", "Write checks for the file, table or SELECT that is named"),
            Argument::flag("failing", "All rows of the one table that is named that break one of its checks, with the reason"),
            Argument::flag("scores", "The share of rows that keep the checks, by table and dimension, run by run"),
            Argument::flag("list", "The checks with what came of them last, without evaluating any"),
            Argument::option("accept", Input::Text, "1,3", "With --propose: write these of the proposals into checks/, by number, or all"),
        ],
        keys: &[KeyBinding::on(Screen::Pipeline, "c"), KeyBinding::on(Screen::Checks, "c")],
        example: "trommel check mart.quotes",
        undo: Undo::Nothing,
        action: Action::Ask(check),
    },
    Entry {
        id: "check.failing",
        title: "Rows that break the checks of a table…",
        verb: &[],
        same_as: Some("check"),
        help: "Lists every row of a table that breaks one of its checks, once for each, with the reason.",
        arguments: &[Argument::required("table", Input::Table, "mart.quotes", "The table")],
        keys: &[KeyBinding::on(Screen::Table, "f")],
        example: "trommel check mart.quotes --failing",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Failing(v.required("table")?.parse()?, None)))))
        }),
    },
    Entry {
        id: "check.scores",
        title: "Scores of the checks",
        verb: &[],
        same_as: Some("check"),
        help: "Lists the share of rows that keep the checks, by table and dimension, run by run.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Pipeline, "s"), KeyBinding::on(Screen::Checks, "s")],
        example: "trommel check --scores",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Scores))))),
    },
    Entry {
        id: "check.rows",
        title: "Rows that break this check",
        verb: &[],
        same_as: Some("check"),
        help: "Lists every row that breaks the check under the cursor, with the reason.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Checks, "enter")],
        example: "trommel check mart.quotes --failing",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::OpenSelected),
    },
    Entry {
        id: "check.propose",
        title: "Propose checks for a table…",
        verb: &[],
        same_as: Some("check"),
        help: "Profiles a table and proposes checks for it, each with what speaks for it; they are accepted one by one.",
        arguments: &[Argument::required("table", Input::Table, "mart.quotes", "The table")],
        keys: &[KeyBinding::on(Screen::Checks, "p")],
        example: "trommel check mart.quotes --propose",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Check(CheckCommand::Propose(v.required("table")?.parse()?)))),
    },
    Entry {
        id: "check.accept",
        title: "Accept this proposal",
        verb: &[],
        same_as: Some("check"),
        help: "Writes the proposed check under the cursor into checks/; the next run applies it.",
        arguments: &[Argument::required("proposal", Input::Proposal, "1", "The number of the proposal")],
        keys: &[KeyBinding::on(Screen::Checks, "a")],
        example: "trommel check mart.quotes --propose --accept 1",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            let number: usize = v.number("proposal")?.unwrap_or_default();
            Ok(Command::Check(CheckCommand::Accept(number)))
        }),
    },
    Entry {
        id: "check.undo",
        title: "Take the last accepted check back",
        verb: &[],
        same_as: Some("check"),
        help: "Takes back what was accepted last, unless somebody has changed the file since.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Checks, "u")],
        example: "trommel check --list",
        undo: Undo::Additive,
        action: Action::Ask(|_| Ok(Command::Check(CheckCommand::Undo))),
    },
    Entry {
        id: "check.refresh",
        title: "List the checks again",
        verb: &[],
        same_as: Some("check"),
        help: "Lists the checks of the workspace with what came of them last.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Checks, "r")],
        example: "trommel check --list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Check(CheckCommand::List))),
    },
    Entry {
        id: "runs.list",
        title: "List runs",
        verb: &["runs", "list"],
        same_as: None,
        help: "Lists the runs of the ledger, newest first.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Pipeline, "l")],
        example: "trommel runs list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Runs))))),
    },
    Entry {
        id: "runs.show",
        title: "Show a run…",
        verb: &["runs", "show"],
        same_as: None,
        help: "Shows one run with its steps: where every row went, time, memory, checks and faults.",
        arguments: &[Argument::required("run", Input::Run, "last", "An id, the beginning of one, or last")],
        keys: &[],
        example: "trommel runs show last",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Pipeline(PipelineCommand::ShowRun(v.required("run")?)))),
    },
    Entry {
        id: "runs.logs",
        title: "Show the log of a run…",
        verb: &["runs", "logs"],
        same_as: None,
        help: "Shows the log of one run, oldest line first.",
        arguments: &[Argument::required("run", Input::Run, "last", "An id, the beginning of one, or last")],
        keys: &[],
        example: "trommel runs logs last",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Logs(v.required("run")?)))))),
    },
    Entry {
        id: "pipeline.open",
        title: "Open the table of this step",
        verb: &[],
        same_as: Some("query"),
        help: "Opens the table that the step under the cursor makes.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Pipeline, "enter")],
        example: "trommel query mart.quotes",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::OpenSelected),
    },
    Entry {
        id: "recipe.preview",
        title: "Preview a recipe…",
        verb: &["recipe", "preview"],
        same_as: None,
        help: "Shows rows before and after a recipe with changed cells marked, and counts for the sample and for the whole table.",
        arguments: &[
            Argument::required("model", Input::Recipe, "clean.bravo_quotes", "The recipe's table"),
            Argument::option_or("sample", Input::Number, "1000", "Rows of the sample"),
            Argument::flag("no-whole", "Do not count over the whole table"),
        ],
        keys: &[KeyBinding::on(Screen::Recipe, "r")],
        example: "trommel recipe preview clean.bravo_quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            Ok(Command::Recipe(RecipeCommand::Preview {
                model: v.required("model")?,
                sample: v.number("sample")?.unwrap_or(1_000),
                whole: !v.flag("no-whole"),
            }))
        }),
    },
    Entry {
        id: "recipe.show",
        title: "Show the SQL of a recipe…",
        verb: &["recipe", "show"],
        same_as: None,
        help: "Prints the SQL that a recipe compiles to.",
        arguments: &[Argument::required("model", Input::Recipe, "clean.bravo_quotes", "The recipe's table")],
        keys: &[KeyBinding::on(Screen::Recipe, "v")],
        example: "trommel recipe show clean.bravo_quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Recipe(RecipeCommand::ShowSql(v.required("model")?)))),
    },
    Entry {
        id: "recipe.open",
        title: "Preview the recipe under the cursor",
        verb: &[],
        same_as: Some("recipe preview"),
        help: "Shows rows before and after the recipe under the cursor, with changed cells marked.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Recipe, "enter")],
        example: "trommel recipe preview clean.bravo_quotes",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::OpenSelected),
    },
];

/// The checks of the workspace, or what can be said of one table without any.
fn check(values: &Values) -> Outcome<Command> {
    let mut flags: Vec<&str> = ["auto", "propose", "failing", "scores", "list"].into_iter().filter(|flag| values.flag(flag)).collect();
    // What is accepted can only be a proposal.
    if flags.is_empty() && values.get("accept").is_some() {
        flags.push("propose");
    }
    if let Some(accepted) = values.get("accept").filter(|_| flags != ["propose"]) {
        return Err(Problem::new(Code::Usage, format!("--accept {accepted} accepts proposals, and --{} makes none", flags[0]))
            .next("for instance: trommel check mart.quotes --propose --accept all"));
    }
    let flag = match flags.as_slice() {
        ["list"] => return Ok(Command::Check(CheckCommand::List)),
        [] => return Ok(Command::Pipeline(PipelineCommand::Check(selection(values)))),
        ["scores"] => return Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Scores)))),
        [one] => *one,
        [one, other, ..] => {
            return Err(Problem::new(Code::Usage, format!("--{one} and --{other} are two questions")).next("ask one after the other"));
        }
    };
    let names = values.all("names");
    let [name] = names.as_slice() else {
        return Err(Problem::new(Code::Usage, format!("--{flag} needs one file, table or SELECT"))
            .next(format!("for instance: trommel check quotes.csv --{flag}")));
    };
    if flag == "failing" {
        return Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Failing(name.parse()?, None)))));
    }
    if let Some(accepted) = values.get("accept") {
        return Ok(Command::Check(CheckCommand::AcceptOf { table: name.parse()?, numbers: numbers(accepted)? }));
    }
    let subject = super::tables::subject(name);
    Ok(Command::Quality(if flag == "auto" { QualityCommand::Audit(subject) } else { QualityCommand::Propose(subject) }))
}

/// `1,3`, or `all`, which is none in particular.
fn numbers(text: &str) -> Outcome<Vec<usize>> {
    if text.trim() == "all" {
        return Ok(Vec::new());
    }
    let wrong = |part: &str| Problem::new(Code::Usage, format!("\"{part}\" is no number of a proposal")).next("write 1,3 or all");
    text.split(',').map(|part| part.trim().parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong(part))).collect()
}

fn selection(values: &Values) -> Selection {
    let confirmed = values.get("confirm").unwrap_or_default().split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned);
    let bound = |name: &str| values.get(name).map(str::to_owned);
    let range = ReadRange { from: bound("from"), to: bound("to") };
    let range = (range != ReadRange::default()).then_some(range);
    Selection { names: values.all("names"), full_refresh: values.flag("full-refresh"), confirmed: confirmed.collect(), range }
}
