//! Does what a verb asks: workspace, command, wait, answer.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use trommel_app::catalogue::{Action, Entry, Input, Undo, Values};
use trommel_app::{
    BoardCommand, Command, Destination, DraftCommand, ExportFormat, ExportRequest, MatchCommand, PipelineCommand, QualityCommand,
    QuarantineCommand, Refused, Screen, Selection, SourceCommand, Subject, TableCommand, WorkspaceCommand,
};
use trommel_model::{Code, DryRun, Exit, Outcome, Problem, RunStatus, StepStatus};

use super::answer::{self, Answer, is_run};
use super::colour::Use;
use super::narrator::Narrator;
use super::{Format, Globals, Invocation, Io, secret};
use crate::Desk;
use crate::paint::{Line, Tone, count};
use crate::show;

/// Does what was asked and prints the answer. `stop` is called again and again once somebody wants to stop.
pub fn perform(desk: &mut dyn Desk, invocation: &Invocation, io: &mut Io<'_>, stop: &dyn Fn()) -> Exit {
    let mut work = Work { desk, globals: &invocation.globals, io, stop };
    match work.perform(invocation) {
        Ok(exit) => exit,
        Err(End::Reader) => Exit::Ok,
        Err(End::Problem(problem)) if problem.code == Code::OutputClosed => Exit::Ok,
        Err(End::Problem(problem)) => {
            print_problem(&problem, invocation.globals.colour, io);
            exit_of(invocation.entry, problem.code)
        }
    }
}

/// What a verb ends with that fails. A file named on the command line that cannot be read is a wrong argument, no failed run.
fn exit_of(entry: &Entry, code: Code) -> Exit {
    let names_files = entry.arguments.iter().any(|a| matches!(a.input, Input::Path | Input::Sql | Input::Table)) || entry.id == "check";
    if names_files && entry.undo != Undo::Snapshot && code.is_of_a_file() { Exit::Usage } else { code.exit() }
}

/// Prints a fault on standard error.
pub(crate) fn print_problem(problem: &Problem, colour: Use, io: &mut Io<'_>) {
    let (room, ink) = io.for_narration(colour);
    let text = show::problem::full(problem, ink, room);
    writeln!(io.err, "{text}").ok();
}

/// Why a verb ends early.
enum End {
    Problem(Problem),
    /// Nobody reads the answer any more (`| head`).
    Reader,
}

struct Work<'a, 'io> {
    desk: &'a mut dyn Desk,
    globals: &'a Globals,
    io: &'a mut Io<'io>,
    stop: &'a dyn Fn(),
}

impl Work<'_, '_> {
    fn perform(&mut self, invocation: &Invocation) -> Result<Exit, End> {
        let entry = invocation.entry;
        let Action::Ask(build) = entry.action else {
            return Err(Problem::new(Code::UnknownCommand, format!("{} is for the terminal UI", entry.title)).into());
        };
        let mut values = invocation.values.clone();
        let takes_file = entry.arguments.iter().any(|a| a.name == "to" && a.input == Input::Path);
        if let Some(output) = self.globals.output.as_ref().filter(|_| takes_file && values.get("to").is_none()) {
            values.push("to", output.display().to_string());
        }
        if entry.id == "connect.edit" {
            values = self.over_what_is_known(entry, values)?;
        }
        let asked = build(&values)?;
        let report = report_of(self.globals, &asked);
        let format =
            if takes_file || report.is_some() { self.globals.format.unwrap_or(Format::Table) } else { format(self.globals, &asked)? };
        let mut command = self.as_headless(asked, format)?;
        if let Command::Source(SourceCommand::Connect(new, DryRun::No)) = &mut command
            && values.flag("password-stdin")
        {
            new.password = Some(secret::ask(&format!("Password of {}", new.spec.name), self.io.err)?);
        }
        // What shows itself instead of being done.
        let shown = matches!(
            command,
            Command::Pipeline(PipelineCommand::Plan(_))
                | Command::Source(SourceCommand::Add(_, DryRun::Yes) | SourceCommand::Connect(_, DryRun::Yes))
        );
        if self.globals.dry_run && entry.undo != Undo::Nothing && !shown {
            self.tell(&format!("would do this: {}", entry.help));
            return Ok(Exit::Ok);
        }
        self.open_workspace(&command)?;
        self.ask(command.clone())?;
        if let Some(report) = report {
            // What could not be profiled is told, and no report is written of it.
            Answer::find(&command, &self.desk.view())?;
            self.ask(report.clone())?;
            return self.finish(&report, format);
        }
        match &command {
            Command::Workspace(WorkspaceCommand::Example(_)) => self.finish_example(&command),
            _ => self.finish(&command, format),
        }
    }

    /// What is said, over what is known: the form that a screen would show is filled in and taken away.
    fn over_what_is_known(&mut self, entry: &Entry, said: Values) -> Result<Values, End> {
        self.open_workspace(&Command::Source(SourceCommand::Draft(DraftCommand::Drop)))?;
        self.ask_only(Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: entry.id.to_owned(), values: said.clone() })))?;
        let values = self.desk.view().draft.map_or(said, |draft| draft.values.clone());
        self.ask_only(Command::Source(SourceCommand::Draft(DraftCommand::Drop)))?;
        Ok(values)
    }

    /// The command as it is asked without a screen: whole where a file is wanted, a window where a person looks.
    fn as_headless(&self, command: Command, format: Format) -> Outcome<Command> {
        let to = || self.globals.output.clone().map_or(Destination::Stdout, Destination::File);
        let whole = |subject: Subject, format: ExportFormat| Command::Export(ExportRequest { subject, format, to: to(), raw: true });
        Ok(match (command, export_format(format)) {
            (Command::Table(TableCommand::Open(subject)), Some(format)) => whole(subject, format),
            (Command::Table(TableCommand::Open(subject)), None) => {
                Command::Table(TableCommand::Head { subject, limit: self.globals.limit })
            }
            (
                Command::Board(BoardCommand::ShowKpi(name)),
                Some(format @ (ExportFormat::Csv | ExportFormat::Parquet | ExportFormat::Arrow | ExportFormat::Xlsx)),
            ) => whole(Subject::Kpi(name), format),
            (Command::Match(MatchCommand::Resolve(mut request)), format) => {
                request.crosswalk = format.map(|format| (format, to()));
                Command::Match(MatchCommand::Resolve(request))
            }
            (Command::Pipeline(PipelineCommand::Run(selection)), _) if self.globals.dry_run => {
                Command::Pipeline(PipelineCommand::Plan(selection))
            }
            (Command::Source(SourceCommand::Add(new, _)), _) if self.globals.dry_run => {
                Command::Source(SourceCommand::Add(new, DryRun::Yes))
            }
            (Command::Source(SourceCommand::Connect(new, _)), _) if self.globals.dry_run => {
                Command::Source(SourceCommand::Connect(new, DryRun::Yes))
            }
            (Command::Quarantine(QuarantineCommand::Replay(names)), _) if self.globals.dry_run => {
                let names = names.into_iter().map(|name| format!("{name}+")).collect();
                Command::Pipeline(PipelineCommand::Plan(Selection { names, ..Selection::default() }))
            }
            (Command::Export(mut request), format) if self.globals.format.is_some() && !matches!(request.to, Destination::Table(_)) => {
                request.format = format.ok_or_else(|| {
                    Problem::new(Code::Usage, "an export has no table format").next("use csv, xlsx, parquet, arrow, json or jsonl")
                })?;
                Command::Export(request)
            }
            (other, _) => other,
        })
    }

    fn open_workspace(&mut self, command: &Command) -> Result<(), End> {
        // The screen in front decides what a fresh workspace loads by itself; this one loads nothing.
        self.ask_only(Command::Show(Screen::Help))?;
        if matches!(
            command,
            Command::Workspace(WorkspaceCommand::Init { .. } | WorkspaceCommand::Example(_))
                | Command::Source(SourceCommand::Sniff(_))
                | Command::Match(_)
        ) {
            return Ok(());
        }
        let start = self.globals.workspace.clone().unwrap_or_else(|| PathBuf::from("."));
        self.ask(Command::Workspace(WorkspaceCommand::Open { start, environment: self.globals.environment.clone() }))?;
        let Some(problem) = self.desk.view().workspace.current.problem().cloned() else { return Ok(()) };
        let needed = self.globals.workspace.is_some() || self.globals.environment.is_some();
        match (problem.code, command) {
            (_, Command::Workspace(WorkspaceCommand::Doctor)) => Ok(()),
            // What is about a file or a plain query does without; what does not is refused with this very fault.
            (Code::NotAWorkspace, _) if !needed => Ok(()),
            _ => Err(problem.into()),
        }
    }

    fn ask(&mut self, command: Command) -> Result<(), End> {
        let mut narrator = Narrator::new(self.globals, self.io, &self.desk.view());
        self.ask_only(command)?;
        while self.desk.is_busy() {
            self.desk.wait(Duration::from_millis(100));
            (self.stop)();
            narrator.see(&self.desk.view(), self.io);
        }
        narrator.see(&self.desk.view(), self.io);
        narrator.clear(self.io);
        Ok(())
    }

    fn ask_only(&mut self, command: Command) -> Result<(), End> {
        self.desk.ask(command).map_err(|Refused(problem)| End::Problem(problem))
    }

    fn finish(&mut self, command: &Command, format: Format) -> Result<Exit, End> {
        let (room, ink) = self.io.for_answers(self.globals.colour);
        let room = if self.globals.output.is_some() { crate::paint::Room { width: None, ..room } } else { room };
        let view = self.desk.view();
        let found = Answer::find(command, &view)?;
        let exit = found.exit(command);
        let remarks = found.remarks(room, format);
        let failed = match &found {
            Answer::Run(record) if is_run(command) => ended_badly(record),
            _ => None,
        };
        let printed = match (&found, format) {
            (Answer::Written(_), _) => String::new(),
            (_, Format::Table) => found.lines(room).iter().map(|l| ink_for(ink, self.globals).line(l) + "\n").collect(),
            (_, Format::Json) => format!("{:#}\n", found.json()?),
            (_, Format::Jsonl) => found.records()?.iter().map(|r| r.to_string() + "\n").collect(),
            (Answer::Findings(findings), Format::Csv) if findings.cells.is_empty() => answer::NO_FINDINGS.to_owned(),
            (_, Format::Csv) => answer::csv(&found.records()?),
            (_, Format::Parquet | Format::Xlsx | Format::Arrow) => {
                return Err(Problem::new(Code::Usage, format!("this answer has no {} form", format.name()))
                    .next("use table, json, jsonl or csv")
                    .into());
            }
        };
        let mut remarks = remarks;
        if is_run(command) {
            remarks.extend(view.alerts.told.latest().into_iter().flatten().map(trommel_model::SentAlert::in_words));
            remarks.extend(view.alerts.told.problem().map(|p| format!("alerts: {p}")));
        }
        let next = match &found {
            Answer::Made(made) => made.next.clone(),
            _ => Vec::new(),
        };
        drop(view);
        self.deliver(&printed)?;
        for remark in remarks {
            self.tell(&remark);
        }
        self.tell_next(&next);
        if let Some(problem) = failed {
            print_problem(&problem, self.globals.colour, self.io);
        }
        Ok(exit)
    }

    /// The example is made, opened and run: its run, its KPIs, and what to type next.
    fn finish_example(&mut self, command: &Command) -> Result<Exit, End> {
        let (room, ink) = self.io.for_answers(self.globals.colour);
        let view = self.desk.view();
        let Answer::Made(made) = Answer::find(command, &view)? else { return Ok(Exit::Ok) };
        let (made, remarks) = (made.clone(), Answer::Made(made).remarks(room, Format::Table));
        if let Some(problem) = view.workspace.current.problem() {
            return Err(problem.clone().into());
        }
        let record = if made.run {
            let Answer::Run(record) = Answer::run(&view)? else { return Ok(Exit::Ok) };
            Some(record.clone())
        } else {
            None
        };
        let has_board = view.workspace.current.latest().is_some_and(|w| !w.boards.is_empty());
        drop(view);
        for remark in remarks {
            self.tell(&remark);
        }
        if let Some(record) = record {
            let mut lines = vec![show::run::heading(&record, room.glyphs), Line::new()];
            lines.extend(show::run::steps(&record, room));
            self.io.answer(&lines, ink)?;
            if let Some(problem) = ended_badly(&record) {
                print_problem(&problem, self.globals.colour, self.io);
                return Ok(match record.status {
                    RunStatus::Cancelled => Exit::Interrupted,
                    _ => problem.code.exit(),
                });
            }
            let held = show::run::held(&record);
            if held > 0 {
                self.tell(&format!("{} faulty rows are held, each with its reason: trommel quarantine list", count(held)));
            }
            if has_board {
                let board = Command::Board(BoardCommand::Open(None));
                self.ask(board.clone())?;
                let view = self.desk.view();
                let Answer::Board(values) = Answer::find(&board, &view)? else { return Ok(Exit::Ok) };
                let mut lines = vec![Line::new(), Line::new().strong(&values.spec.title), Line::new()];
                lines.extend(show::board::kpis(&values.kpis, room));
                drop(view);
                self.io.answer(&lines, ink)?;
            }
        }
        let mut next = made.next;
        next.insert(0, format!("cd {}", from_here(&made.root)));
        self.tell_next(&next);
        Ok(Exit::Ok)
    }

    /// Puts the answer where it is wanted.
    fn deliver(&mut self, text: &str) -> Result<(), End> {
        match &self.globals.output {
            Some(path) if !text.is_empty() => {
                write_whole(path, text)?;
                self.tell(&format!("written to {}", path.display()));
            }
            _ => {
                self.io.out.write_all(text.as_bytes())?;
                self.io.out.flush()?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, text: &str) {
        if !self.globals.quiet {
            let (_, ink) = self.io.for_narration(self.globals.colour);
            self.io.tell(&Line::new().muted(text), ink);
        }
    }

    fn tell_next(&mut self, commands: &[String]) {
        if self.globals.quiet || commands.is_empty() {
            return;
        }
        let (_, ink) = self.io.for_narration(self.globals.colour);
        self.io.tell(&Line::new(), ink);
        self.io.tell(&Line::new().strong("Next"), ink);
        for command in commands {
            self.io.tell(&Line::new().gap(2).with(Tone::Accent, command), ink);
        }
    }
}

/// Why a run did not come through, and what remains to be done.
fn ended_badly(record: &trommel_model::RunRecord) -> Option<Problem> {
    match record.status {
        RunStatus::Cancelled => {
            let done = record.steps.iter().filter(|s| matches!(s.status, StepStatus::Done | StepStatus::Skipped)).count();
            let left = record.steps.len() - done;
            let what = format!("the run was stopped: {done} of {} steps are done, {left} remain", record.steps.len());
            Some(Problem::new(Code::Interrupted, what).next("run again to go on; nothing half-done was published"))
        }
        RunStatus::Failed | RunStatus::Lost => {
            Some(answer::run_problem(record).cloned().unwrap_or_else(|| Problem::new(Code::RunFailed, format!("run {} failed", record.id))))
        }
        RunStatus::Running | RunStatus::Done | RunStatus::Held => None,
    }
}

/// The report that a profile is written as, when the file that is named is one.
fn report_of(globals: &Globals, command: &Command) -> Option<Command> {
    let profiles =
        matches!(command, Command::Profile(_) | Command::Quality(QualityCommand::Profile { .. } | QualityCommand::Compare { .. }));
    let path = globals.output.as_ref().filter(|_| profiles && globals.format.is_none_or(|f| f == Format::Xlsx))?;
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    matches!(ending.as_str(), "html" | "htm" | "xlsx").then(|| Command::Quality(QualityCommand::Report(path.clone())))
}

/// How the answer is written: as asked, as the file's ending says, or as a table.
fn format(globals: &Globals, command: &Command) -> Outcome<Format> {
    if let Some(format) = globals.format {
        let terminal_only = matches!(format, Format::Xlsx) && globals.output.is_none() && !matches!(command, Command::Export(_));
        return if terminal_only {
            Err(Problem::new(Code::Usage, "an XLSX workbook cannot go to standard output").next("add -o FILE.xlsx"))
        } else {
            Ok(format)
        };
    }
    let Some(path) = &globals.output else { return Ok(Format::Table) };
    match ExportFormat::from_path(path) {
        Some(ExportFormat::Csv) => Ok(Format::Csv),
        Some(ExportFormat::Xlsx) => Ok(Format::Xlsx),
        Some(ExportFormat::Parquet) => Ok(Format::Parquet),
        Some(ExportFormat::Arrow) => Ok(Format::Arrow),
        Some(ExportFormat::Json) => Ok(Format::Json),
        Some(ExportFormat::Jsonl) => Ok(Format::Jsonl),
        None => Err(Problem::new(Code::Usage, format!("cannot tell the format of {}", path.display()))
            .next("add --format table, csv, json, jsonl, parquet, arrow or xlsx")),
    }
}

fn export_format(format: Format) -> Option<ExportFormat> {
    Some(match format {
        Format::Table => return None,
        Format::Csv => ExportFormat::Csv,
        Format::Json => ExportFormat::Json,
        Format::Jsonl => ExportFormat::Jsonl,
        Format::Parquet => ExportFormat::Parquet,
        Format::Arrow => ExportFormat::Arrow,
        Format::Xlsx => ExportFormat::Xlsx,
    })
}

/// A folder as one would type it from where one is.
fn from_here(folder: &std::path::Path) -> String {
    let here = std::env::current_dir().ok();
    let path = here.and_then(|h| folder.strip_prefix(h).ok().map(PathBuf::from)).unwrap_or_else(|| folder.to_owned());
    crate::term::shell(&path.display().to_string())
}

/// Colours do not go into files.
fn ink_for(ink: crate::paint::Ink, globals: &Globals) -> crate::paint::Ink {
    if globals.output.is_some() { crate::paint::Ink::None } else { ink }
}

/// Writes a file under a temporary name first, so that it is whole or not there.
fn write_whole(path: &std::path::Path, text: &str) -> Outcome<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let failed = |e: &io::Error| Problem::from_io(e, "write the answer", path);
    std::fs::write(&part, text).map_err(|e| failed(&e))?;
    std::fs::rename(&part, path).map_err(|e| failed(&e))
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Reader;
        }
        Self::Problem(Problem::from_io(&error, "write to standard output", std::path::Path::new("-")))
    }
}
