//! The command line, built from the catalogue, and what was asked on it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, ColorChoice, Command, ValueHint, value_parser};
use trommel_app::catalogue::{Action, Argument, Entry, FaceAction, Input, Shape, Values, entries};
use trommel_model::{Code, Exit, Problem, did_you_mean};

use super::colour::{Colour, Use};
use super::output::Io;
use super::{manual, print_problem, reference};

/// What was asked on the command line.
#[derive(Debug)]
pub enum Parsed {
    /// It is answered already; the process ends so.
    Done(Exit),
    /// A verb.
    Verb(Box<Invocation>),
    /// No verb: the terminal UI.
    Terminal(Globals),
}

/// A verb with its values.
#[derive(Debug)]
pub struct Invocation {
    /// What is asked.
    pub entry: &'static Entry,
    /// With what.
    pub values: Values,
    /// And how.
    pub globals: Globals,
}

/// What every verb understands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Globals {
    /// Where to look for the workspace; without it the current folder.
    pub workspace: Option<PathBuf>,
    /// The environment; without it the workspace's default.
    pub environment: Option<String>,
    /// How the answer is written.
    pub format: Option<Format>,
    /// Where it is written instead of standard output.
    pub output: Option<PathBuf>,
    /// Say nothing but answers and faults.
    pub quiet: bool,
    /// Say what would be done instead of doing it.
    pub dry_run: bool,
    /// Rows shown by `--format table`.
    pub limit: u64,
    /// When colours are used.
    pub colour: Use,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    Table,
    Csv,
    Json,
    Jsonl,
    Parquet,
    Arrow,
    Xlsx,
}

/// Reads the command line. Help, version, completions, manual and faults are answered here, without starting anything.
pub fn parse(arguments: Vec<OsString>, io: &mut Io<'_>) -> Parsed {
    let help_colour = Colour::of(Use::Auto, io.out_is_terminal(), io.env);
    match command(help_colour).try_get_matches_from(arguments) {
        Ok(matches) => understood(&matches, io),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let text = error.render();
            let text = if help_colour == Colour::On { text.ansi().to_string() } else { text.to_string() };
            let written = io_print(io, &text);
            io.done(written)
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let text = error.render().to_string();
            let written = io.err.write_all(text.as_bytes()).map(|()| Exit::Usage);
            io.done(written)
        }
        Err(error) => {
            print_problem(&fault(&error), Use::Auto, io);
            Parsed::Done(Exit::Usage)
        }
    }
}

/// The whole command line as clap sees it.
pub(super) fn command(colour: Colour) -> Command {
    let mut root = Command::new("trommel")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Connects to sources, cleans and matches their rows, and draws the KPIs that come out. Local, no server, no account.")
        .after_help("Without a verb the terminal UI opens.\nTry: trommel example car-rental")
        .color(if colour == Colour::On { ColorChoice::Always } else { ColorChoice::Never })
        .styles(Styles::styled())
        .max_term_width(100)
        .disable_help_subcommand(false)
        .infer_subcommands(false)
        .args(globals());
    for entry in entries().iter().filter(|e| !e.verb.is_empty()) {
        root = match entry.verb {
            [word] => root.subcommand(verb(word, entry)),
            [group, word] => add_to_group(root, group, verb(word, entry)),
            _ => root,
        };
    }
    root
}

fn verb(word: &'static str, entry: &'static Entry) -> Command {
    let short = entry.help.split_once(". ").map_or(entry.help, |(first, _)| first).trim_end_matches('.');
    Command::new(word)
        .about(short)
        .long_about(entry.help)
        .after_help(format!("Example:\n  {}", entry.example))
        .args(entry.arguments.iter().map(argument))
}

fn add_to_group(root: Command, group: &'static str, verb: Command) -> Command {
    let known = root.get_subcommands().any(|c| c.get_name() == group);
    if known {
        return root.mut_subcommand(group, |g| g.subcommand(verb));
    }
    let about = match group {
        "source" => "Sources: list, preview, find out how a file is written, add",
        "connect" => "Connections: list, test, tables, add, edit",
        "lake" => "The lake: tables and snapshots",
        "quarantine" => "Rows held back",
        "runs" => "The ledger of runs: list, show, logs",
        "recipe" => "Recipes: preview, show the SQL",
        "match" => "Entity resolution of files: rows that are the same thing",
        "inspect" => "Rows that people judge: draw, list, rows, judge, sign, show",
        "alert" => "Alerts: list, test, send those that wait, daily report",
        "kpi" => "KPIs: list, show, draw to a file",
        _ => "",
    };
    root.subcommand(Command::new(group).about(about).subcommand_required(true).arg_required_else_help(true).subcommand(verb))
}

fn argument(a: &Argument) -> Arg {
    let arg = Arg::new(a.name).help(a.help);
    let name = a.name.to_ascii_uppercase();
    let arg = match a.shape {
        // The file an answer goes to may as well be given by -o.
        Shape::Required if a.name == "to" => arg.required_unless_present("output").value_name(name),
        Shape::Required => arg.required(true).value_name(name),
        Shape::Optional => arg.value_name(name),
        Shape::Many => arg.num_args(0..).value_name(name).action(ArgAction::Append),
        Shape::Option => arg.long(a.name).value_name(name),
        Shape::Pair => arg.long(a.name).num_args(1..=2).value_names(["FROM", "TO"]),
        Shape::Flag => arg.long(a.name).action(ArgAction::SetTrue),
    };
    let arg = match (a.shape, a.default) {
        (Shape::Flag, _) | (_, None) => arg,
        (_, Some(default)) => arg.default_value(default),
    };
    match a.input {
        Input::Path => arg.value_hint(ValueHint::AnyPath),
        Input::Shell => arg.value_parser(PossibleValuesParser::new(manual::SHELLS)),
        // Yes and no may be said in other words too.
        Input::OneOf(words) if !words.contains(&"yes") => arg.value_parser(PossibleValuesParser::new(words)),
        // A SELECT may start with a minus or a bracket; a number may be negative.
        Input::Sql => arg.allow_hyphen_values(true),
        _ => arg,
    }
}

fn globals() -> Vec<Arg> {
    let heading = "Everywhere";
    let all = [
        Arg::new("workspace")
            .short('w')
            .long("workspace")
            .value_name("DIR")
            .value_hint(ValueHint::DirPath)
            .value_parser(value_parser!(PathBuf))
            .help("Where to look for the workspace [env: TROMMEL_WORKSPACE]"),
        Arg::new("env").long("env").value_name("NAME").help("The environment of the workspace [env: TROMMEL_ENV]"),
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new(["table", "csv", "json", "jsonl", "parquet", "arrow", "xlsx"]))
            .help("How the answer is written; all but table give it whole"),
        Arg::new("output")
            .short('o')
            .long("output")
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .value_parser(value_parser!(PathBuf))
            .help("Write the answer to a file; its ending says how, unless --format does"),
        Arg::new("limit")
            .long("limit")
            .value_name("N")
            .value_parser(value_parser!(u64))
            .default_value("500")
            .help("Rows shown by --format table"),
        Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Say what would be done, and do nothing"),
        Arg::new("quiet").long("quiet").short('q').action(ArgAction::SetTrue).help("Print answers and faults only"),
        Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Take yes for the answer to every question"),
        Arg::new("no-input").long("no-input").action(ArgAction::SetTrue).help("Never ask; fail instead"),
        Arg::new("color")
            .long("color")
            .value_name("WHEN")
            .value_parser(PossibleValuesParser::new(["auto", "always", "never"]))
            .default_value("auto")
            .help("When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured"),
    ];
    all.into_iter().map(|a| a.global(true).help_heading(heading)).collect()
}

fn understood(matches: &ArgMatches, io: &mut Io<'_>) -> Parsed {
    let (path, at) = innermost(matches);
    let globals = read_globals(at, io);
    let Some(entry) = entries().iter().find(|e| !e.verb.is_empty() && e.verb.iter().copied().eq(path.iter().map(String::as_str))) else {
        if io.out_is_terminal() {
            return Parsed::Terminal(globals);
        }
        let help = command(Colour::Off).render_help().to_string();
        let written = io_print(io, &help);
        return io.done(written);
    };
    let values = read_values(entry, at);
    match entry.action {
        Action::Face(FaceAction::Manual) => {
            let written =
                if values.flag("markdown") { io_print(io, &reference::text()) } else { manual::page(&mut *io.out).map(|()| Exit::Ok) };
            io.done(written)
        }
        Action::Face(FaceAction::Completions) => {
            let shell = values.get("shell").unwrap_or_default().to_owned();
            let written = manual::completions(&shell, &mut *io.out).map(|()| Exit::Ok);
            io.done(written)
        }
        _ => Parsed::Verb(Box::new(Invocation { entry, values, globals })),
    }
}

fn innermost(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let (mut path, mut at) = (Vec::new(), matches);
    while let Some((name, inner)) = at.subcommand() {
        path.push(name.to_owned());
        at = inner;
    }
    (path, at)
}

fn read_globals(m: &ArgMatches, io: &Io<'_>) -> Globals {
    let text = |name: &str| m.get_one::<String>(name).map(String::as_str);
    let from_env = |name: &str| (io.env)(name).filter(|v| !v.is_empty());
    Globals {
        workspace: m.get_one::<PathBuf>("workspace").cloned().or_else(|| from_env("TROMMEL_WORKSPACE").map(PathBuf::from)),
        environment: text("env").map(str::to_owned).or_else(|| from_env("TROMMEL_ENV")),
        format: text("format").and_then(Format::from_name),
        output: m.get_one::<PathBuf>("output").cloned(),
        quiet: m.get_flag("quiet"),
        dry_run: m.get_flag("dry-run"),
        limit: m.get_one::<u64>("limit").copied().unwrap_or(500),
        colour: text("color").map_or(Use::Auto, Use::from_name),
    }
}

fn read_values(entry: &Entry, m: &ArgMatches) -> Values {
    let mut values = Values::default();
    for a in entry.arguments {
        if a.shape == Shape::Flag {
            if m.get_flag(a.name) {
                values.push(a.name, "true");
            }
            continue;
        }
        for value in m.get_many::<String>(a.name).into_iter().flatten() {
            values.push(a.name, value.clone());
        }
    }
    values
}

/// A fault of the command line in our words, with the nearest name.
fn fault(error: &clap::Error) -> Problem {
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => Some(usage.to_string().trim().replacen("Usage: ", "", 1)),
        _ => None,
    };
    let usage = usage.map_or_else(|| "see trommel --help".to_owned(), |u| format!("write it so: {}", u.lines().next().unwrap_or_default()));
    let near = |word: &str, names: Vec<String>| {
        let hint = did_you_mean(word, names.iter().map(String::as_str));
        if hint.is_empty() { None } else { Some(hint) }
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            let next = near(&word, verbs()).or_else(|| context(ContextKind::SuggestedSubcommand).map(|s| format!("did you mean \"{s}\"?")));
            Problem::new(Code::UnknownCommand, format!("there is no verb \"{word}\""))
                .next(next.unwrap_or_else(|| "see trommel --help".to_owned()))
        }
        ErrorKind::UnknownArgument => {
            let next = context(ContextKind::SuggestedArg).map(|s| format!("did you mean \"{s}\"?"));
            let what = if argument.starts_with('-') { "option" } else { "argument" };
            Problem::new(Code::Usage, format!("there is no {what} \"{argument}\"")).next(next.unwrap_or(usage))
        }
        ErrorKind::MissingRequiredArgument => Problem::new(Code::Usage, format!("{argument} is missing")).next(usage),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            if value.is_empty() {
                return Problem::new(Code::Usage, format!("{argument} needs a value")).next(usage);
            }
            let known: Vec<String> = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(known)) => known.clone(),
                _ => Vec::new(),
            };
            let next = near(&value, known.clone());
            let next = next.or_else(|| (!known.is_empty()).then(|| format!("there are: {}", known.join(", "))));
            Problem::new(Code::Usage, format!("\"{value}\" does not do for {argument}")).next(next.unwrap_or(usage))
        }
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Problem::new(Code::Usage, first).next(usage)
        }
    }
}

fn verbs() -> Vec<String> {
    let mut names: Vec<String> = entries().iter().flat_map(|e| e.verb).map(|w| (*w).to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn io_print(io: &mut Io<'_>, text: &str) -> std::io::Result<Exit> {
    io.out.write_all(text.as_bytes())?;
    io.out.flush()?;
    Ok(Exit::Ok)
}

impl Format {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "table" => Self::Table,
            "csv" => Self::Csv,
            "json" => Self::Json,
            "jsonl" => Self::Jsonl,
            "parquet" => Self::Parquet,
            "arrow" => Self::Arrow,
            "xlsx" => Self::Xlsx,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }
}
