//! A form that lies open: a file, a table or a connection on its way into the workspace.
//!
//! A form is an entry of the catalogue with the values said so far, so that it asks for exactly what the command line takes
//! and makes exactly what the command line makes.

use trommel_model::{
    Added, Code, DryRun, Existing, FileFacts, FileFormat, FoundOption, Masked, NewConnection, NewSource, Problem, TrialStage,
};

use crate::app::Effects;
use crate::area::unknown;
use crate::catalogue::{self, Action, Argument, Entry, Input, Values, connection, intake};
use crate::{
    App, Command, DraftCommand, Effect, NoticeKind, QualityCommand, Refused, Remote, SourceCommand, Subject, TableCommand, TableView,
    Ticket, Work,
};

/// A form and what is known of what it is about.
#[derive(Debug, Clone)]
pub struct DraftView {
    /// What it makes.
    pub entry: &'static Entry,
    /// What was said so far.
    pub values: Values,
    /// What was found out about the file, for a file.
    pub facts: Remote<FileFacts>,
    /// The first rows, for a table.
    pub rows: Option<TableView>,
    /// The stages of the last try, for a connection.
    pub trial: Trial,
    /// What was written.
    pub written: Remote<Added>,
    /// The password, when it was typed.
    pub password: Option<Masked>,
    /// Why what was said makes nothing.
    pub fault: Option<Problem>,
}

/// A connection being tried, stage by stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    /// What came out so far.
    pub stages: Vec<TrialStage>,
    /// Which work tells them; nothing when none goes on.
    pub(crate) ticket: Option<Ticket>,
    /// Why it could not even begin.
    pub problem: Option<Problem>,
}

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftKind {
    /// A file that becomes a source.
    File,
    /// A table that becomes a source.
    Table,
    /// A connection.
    Connection,
}

/// One line of a form.
#[derive(Debug, Clone)]
pub struct DraftField<'a> {
    /// What it asks for.
    pub argument: &'static Argument,
    /// What was said.
    pub said: Option<&'a str>,
    /// What was found out where nothing was said.
    pub found: Option<&'a FoundOption>,
    /// Values it could have.
    pub choices: Vec<String>,
}

impl Trial {
    /// True while stages are still to come.
    pub fn is_pending(&self) -> bool {
        self.ticket.is_some()
    }

    pub(crate) fn begin(&mut self, ticket: Ticket) {
        *self = Self { ticket: Some(ticket), ..Self::default() };
    }

    pub(crate) fn stage(&mut self, ticket: Ticket, stage: TrialStage) {
        if self.ticket == Some(ticket) {
            self.stages.push(stage);
        }
    }

    pub(crate) fn end(&mut self, ticket: Ticket, problem: Option<Problem>) {
        if self.ticket == Some(ticket) {
            self.ticket = None;
            self.problem = problem;
        }
    }
}

impl DraftView {
    /// What it is about.
    pub fn kind(&self) -> DraftKind {
        match self.entry.id {
            "source.add" => DraftKind::File,
            "source.add_table" => DraftKind::Table,
            _ => DraftKind::Connection,
        }
    }

    /// What it is about, in words.
    pub fn title(&self) -> String {
        let said = |name: &str| self.values.get(name).unwrap_or_default().to_owned();
        match self.kind() {
            DraftKind::File => format!("Import {}", said("file")),
            DraftKind::Table => format!("{} of {} as a source", said("table"), said("connection")),
            DraftKind::Connection if self.entry.id == "connect.edit" => format!("Connection {}", said("connection")),
            DraftKind::Connection => "New connection".to_owned(),
        }
    }

    /// The lines of the form that mean something for what it is about.
    pub fn fields(&self) -> Vec<DraftField<'_>> {
        let facts = self.facts.latest();
        let format = facts.map(|f| f.format);
        let shown = self.entry.arguments.iter().filter(|a| match self.kind() {
            DraftKind::File => a.name != "file" && of_format(a.name, format),
            DraftKind::Table => !matches!(a.name, "connection" | "table"),
            DraftKind::Connection => of_kind(a.name, &self.values) && !(self.entry.id == "connect.edit" && a.name == "connection"),
        });
        let field = |argument: &'static Argument| {
            let said = self.values.get(argument.name);
            let found = facts.and_then(|f| f.found.iter().find(|o| o.name == argument.name));
            let mut choices = match argument.input {
                Input::OneOf(words) => words.iter().map(|w| (*w).to_owned()).collect(),
                _ => found.map(|f| f.choices.clone()).unwrap_or_default(),
            };
            if let (DraftKind::Table, "cursor" | "key") = (self.kind(), argument.name) {
                let window = self.rows.as_ref().and_then(|r| r.window.latest());
                choices = window.map(|w| w.schema.names().map(str::to_owned).collect()).unwrap_or_default();
            }
            DraftField { argument, said, found, choices }
        };
        shown.map(field).collect()
    }

    /// The command line that comes to the same.
    pub fn as_command(&self, quote: impl Fn(&str) -> String) -> String {
        let mut words = vec![self.entry.verb.join(" ")];
        for argument in self.entry.arguments {
            let Some(value) = self.values.get(argument.name) else { continue };
            words.push(match argument.shape {
                catalogue::Shape::Required | catalogue::Shape::Optional | catalogue::Shape::Many => quote(value),
                catalogue::Shape::Flag if self.values.flag(argument.name) => format!("--{}", argument.name),
                catalogue::Shape::Flag => continue,
                catalogue::Shape::Option | catalogue::Shape::Pair => format!("--{} {}", argument.name, quote(value)),
            });
        }
        words.join(" ")
    }
}

/// Whether an argument means something for files of a format.
fn of_format(name: &str, format: Option<FileFormat>) -> bool {
    let csv = ["delimiter", "quote", "escape", "comment", "header", "skip-lines", "encoding", "decimal-mark", "null-words"];
    let own: &[&str] = match format {
        Some(FileFormat::Csv) => &csv,
        Some(FileFormat::Excel) => &["sheet", "range", "header", "header-row", "fill-merged"],
        Some(FileFormat::Xml) => &["record", "prefixes", "encoding"],
        Some(FileFormat::Json) => &["records", "nested"],
        Some(FileFormat::Ndjson) => &["nested"],
        Some(FileFormat::Fixed) => &["starts", "names", "header", "skip-lines", "encoding"],
        Some(FileFormat::Sqlite) => &["table"],
        _ => &[],
    };
    matches!(name, "name" | "format" | "contract") || own.contains(&name)
}

/// Whether an argument means something for connections of the kind that is said.
fn of_kind(name: &str, values: &Values) -> bool {
    let server = matches!(values.get("kind"), Some("postgres" | "mysql"));
    match name {
        "connection" | "kind" => true,
        // A form has a place to type it.
        "password-stdin" => false,
        "path" => !server,
        // A URL that stands elsewhere says all of these.
        "host" | "port" | "database" | "user" => server && values.get("url").is_none(),
        _ => server,
    }
}

impl App {
    pub(crate) fn apply_draft(&mut self, command: DraftCommand) -> Effects {
        match command {
            DraftCommand::Open { entry, values } => self.open_draft(&entry, values),
            DraftCommand::Set { name, value } => self.set_in_draft(&name, &value),
            DraftCommand::Type(password) => {
                let draft = self.draft.as_mut().ok_or_else(nothing_open)?;
                draft.password = Some(password).filter(|p| !p.reveal().is_empty());
                Ok(Vec::new())
            }
            DraftCommand::Try => self.try_draft(),
            DraftCommand::Accept => {
                let draft = self.draft.as_ref().ok_or_else(nothing_open)?;
                let command = command_of(draft)?;
                self.apply(command)
            }
            DraftCommand::Look => {
                let subject = self.draft_file()?;
                self.draft = None;
                self.apply_table(TableCommand::Open(subject))
            }
            DraftCommand::Profile => {
                let subject = self.draft_file()?;
                self.draft = None;
                self.apply_quality(QualityCommand::Profile { subject, level: trommel_model::ProfileLevel::Full, relations: false })
            }
            DraftCommand::Drop => {
                self.draft = None;
                Ok(Vec::new())
            }
        }
    }

    /// A source or connection is written, or its text shown.
    pub(crate) fn apply_addition(&mut self, work: impl FnOnce(std::sync::Arc<trommel_model::Workspace>) -> Work) -> Effects {
        let workspace = self.workspace()?;
        let ticket = self.tickets.next();
        self.sources.added.ask(ticket);
        if let Some(draft) = &mut self.draft {
            draft.written.ask(ticket);
            draft.fault = None;
        }
        Ok(vec![Effect { ticket, work: work(workspace) }])
    }

    pub(crate) fn hear_added(&mut self, ticket: Ticket, added: Added) -> Vec<Effect> {
        if !self.sources.added.accept(ticket, Ok(added.clone())) {
            return Vec::new();
        }
        if self.draft.as_mut().is_some_and(|d| d.written.accept(ticket, Ok(added.clone()))) {
            self.draft = None;
            let back = added.notes.first().map(|n| format!("; {n}")).unwrap_or_default();
            self.notices.tell(NoticeKind::Info, format!("{} is written{back}", added.what));
        }
        self.sources.select_next = added.source;
        self.apply_workspace(crate::WorkspaceCommand::Reload).unwrap_or_default()
    }

    fn open_draft(&mut self, id: &str, mut values: Values) -> Effects {
        let Some(entry) = catalogue::entry(id) else {
            return Err(unknown("form", id, catalogue::entries().iter().map(|e| e.id)));
        };
        if id == "connect.edit"
            && let Some(name) = values.get("connection").map(str::to_owned)
        {
            let workspace = self.workspace()?;
            let all = &workspace.config.connections;
            let spec =
                all.iter().find(|c| c.name == name).ok_or_else(|| unknown("connection", &name, all.iter().map(|c| c.name.as_str())))?;
            values = connection::changed(spec, &values);
        }
        let mut draft = DraftView {
            entry,
            values,
            facts: Remote::NotAsked,
            rows: None,
            trial: Trial::default(),
            written: Remote::NotAsked,
            password: None,
            fault: None,
        };
        if draft.kind() == DraftKind::Table {
            draft.rows = self.sources.browsed.as_ref().and_then(|b| b.preview.clone());
        }
        self.draft = Some(draft);
        Ok(self.look_again())
    }

    fn set_in_draft(&mut self, name: &str, value: &str) -> Effects {
        let draft = self.draft.as_mut().ok_or_else(nothing_open)?;
        if !draft.entry.arguments.iter().any(|a| a.name == name) {
            return Err(unknown("field", name, draft.entry.arguments.iter().map(|a| a.name)));
        }
        draft.values.set(name, value);
        draft.fault = None;
        // The name and the contract change nothing about what is found.
        let found_anew = draft.kind() == DraftKind::File && !matches!(name, "name" | "contract");
        Ok(if found_anew { self.look_again() } else { Vec::new() })
    }

    /// Finds out anew what is in the file, with what is told by now.
    fn look_again(&mut self) -> Vec<Effect> {
        let Some(draft) = self.draft.as_mut().filter(|d| d.kind() == DraftKind::File) else { return Vec::new() };
        match intake::file_source(&draft.values) {
            Ok(new) => {
                let ticket = self.tickets.next();
                draft.facts.ask(ticket);
                vec![Effect { ticket, work: Work::Describe(Box::new(new)) }]
            }
            Err(problem) => {
                draft.fault = Some(problem);
                Vec::new()
            }
        }
    }

    /// Tries the connection as it is said now, without writing it.
    fn try_draft(&mut self) -> Effects {
        let draft = self.draft.as_mut().ok_or_else(nothing_open)?;
        if draft.kind() != DraftKind::Connection {
            return Ok(self.look_again());
        }
        // A connection can be tried before it has a name.
        let mut values = draft.values.clone();
        if values.get("connection").is_none() {
            values.set("connection", "new");
        }
        match connection::connection(&values, Existing::Replace) {
            Ok(NewConnection { spec, .. }) => {
                let workspace = self.workspace()?;
                let ticket = self.tickets.next();
                let mut password = None;
                if let Some(draft) = &mut self.draft {
                    draft.fault = None;
                    draft.trial.begin(ticket);
                    password.clone_from(&draft.password);
                }
                Ok(vec![Effect { ticket, work: Work::Test { workspace, connection: spec, password } }])
            }
            Err(problem) => {
                draft.fault = Some(problem);
                Ok(Vec::new())
            }
        }
    }

    fn draft_file(&self) -> Result<Subject, Refused> {
        let file = self.draft.as_ref().and_then(|d| d.values.get("file")).ok_or_else(nothing_open)?;
        Ok(Subject::File(file.into()))
    }
}

/// What a form makes, as the command line would say it.
fn command_of(draft: &DraftView) -> Result<Command, Refused> {
    match draft.entry.action {
        Action::Ask(build) => {
            let mut command = build(&draft.values).map_err(Refused)?;
            if let Command::Source(SourceCommand::Connect(new, _)) = &mut command {
                new.password.clone_from(&draft.password);
            }
            Ok(command)
        }
        Action::Face(_) => Err(nothing_open()),
    }
}

fn nothing_open() -> Refused {
    Refused(Problem::new(Code::Usage, "no form is open").next("import a file or make a connection first"))
}

/// The source a face is to write or show, checked as far as it can be without the file.
pub(crate) fn add(app: &mut App, new: Box<NewSource>, dry_run: DryRun) -> Effects {
    if let (Some(name), None) = (&new.spec.connection, &new.file) {
        let workspace = app.workspace()?;
        let all = &workspace.config.connections;
        if !all.iter().any(|c| c.name == *name) {
            return Err(unknown("connection", name, all.iter().map(|c| c.name.as_str())));
        }
    }
    app.apply_addition(|workspace| Work::AddSource(workspace, new, dry_run))
}
