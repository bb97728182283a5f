//! Work we want done, as data: comparable in tests, executed by the runtime.

use std::path::PathBuf;
use std::sync::Arc;

use trommel_model::{
    BoardSpec, CheckProposal, ChecksAdded, ConnectionSpec, DryRun, ExampleRequest, KpiSpec, Masked, NewConnection, NewSource, Profile,
    ProfileChange, ProfileLevel, RunRecord, SortKey, TableName, Workspace,
};

use crate::{
    ExportRequest, InspectCommand, MatchCommand, ProfileMoment, RenderRequest, ReviewCommand, RowDecision, Selection, SniffRequest,
    SpellingsRequest, Stake, Subject, Ticket,
};

/// One piece of work and the number its answers carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The number.
    pub ticket: Ticket,
    /// What to do.
    pub work: Work,
}

/// What can be done outside. Work inside a workspace carries the workspace it is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Read a workspace. Answer: `Workspace`.
    Load {
        /// Where to look.
        start: PathBuf,
        /// The environment.
        environment: Option<String>,
    },
    /// Tell when files of the workspace change. Answers: `FilesChanged`, many.
    Watch(PathBuf),
    /// Make a workspace. Answer: `Made`.
    Init {
        /// Its folder.
        folder: PathBuf,
        /// Its name.
        name: String,
    },
    /// Make an example. Answer: `Made`.
    Example(ExampleRequest),
    /// Look for faults. Answer: `Report`.
    Doctor(Option<Arc<Workspace>>),
    /// Rows of a subject. Answer: `Window`.
    Window {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// What to show.
        subject: Subject,
        /// The order.
        sort: Vec<SortKey>,
        /// The condition.
        filter: Option<String>,
        /// First row.
        offset: u64,
        /// How many.
        limit: u64,
        /// What may have changed since is read again: tables of databases.
        fresh: bool,
    },
    /// A profile. Answer: `Profile`.
    Profile {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// Of what.
        subject: Subject,
        /// How much.
        level: ProfileLevel,
        /// Also what the columns have to do with each other.
        relations: bool,
    },
    /// What changed between two profiles. Answer: `ProfileChange`.
    ProfileChange {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// Of what.
        subject: Subject,
        /// The earlier one.
        from: ProfileMoment,
        /// The later one.
        to: ProfileMoment,
    },
    /// A profile as a file for people. Answer: `Written`.
    ProfileReport {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// Of what.
        subject: Subject,
        /// The figures.
        profile: Option<Box<Profile>>,
        /// What changed.
        change: Option<Box<ProfileChange>>,
        /// The file.
        to: PathBuf,
    },
    /// Cells that look wrong. Answer: `Findings`.
    Audit {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// In what.
        subject: Subject,
    },
    /// Checks from a profile. Answer: `Report`.
    Propose {
        /// The workspace, if one is open.
        workspace: Option<Arc<Workspace>>,
        /// For what.
        subject: Subject,
    },
    /// The dialect of a delimited file. Answer: `Report`.
    Sniff(SniffRequest),
    /// What a file holds and how it is written. Answer: `File`.
    Describe(Box<NewSource>),
    /// Write a source, or show its text. Answer: `Added`.
    AddSource(Arc<Workspace>, Box<NewSource>, DryRun),
    /// Write a connection, or show its text. Answer: `Added`.
    Connect(Arc<Workspace>, Box<NewConnection>, DryRun),
    /// Whether a connection can be used. Answers: `Stage`, each as it comes, then `Report`.
    Test {
        /// The workspace.
        workspace: Arc<Workspace>,
        /// The connection, written or not.
        connection: ConnectionSpec,
        /// Its password, when it was only typed so far.
        password: Option<Masked>,
    },
    /// The tables of a connection, to choose from. Answer: `Tables`.
    Browse(Arc<Workspace>, String),
    /// What tables a connection has. Answer: `Report`.
    Tables(Arc<Workspace>, String),
    /// A plan. Answer: `Plan`.
    Plan(Arc<Workspace>, Selection),
    /// A run. Answers: `Run` events, then `RunEnded`.
    Run(Arc<Workspace>, Selection),
    /// The checks alone. Answer: `Checks`.
    Check(Arc<Workspace>, Selection),
    /// Draw rows, judge them, sign, show. Answer: `Report`.
    Inspect(Arc<Workspace>, InspectCommand),
    /// Tell people. Answer: `Alerted`.
    Alert(Arc<Workspace>, Occasion),
    /// The checks with what came of them last. Answer: `CheckList`.
    CheckList(Arc<Workspace>),
    /// Checks that could be written for a table. Answer: `Proposals`.
    Proposals(Arc<Workspace>, TableName),
    /// Write checks of a table. Answer: `ChecksAdded`.
    AddChecks(Arc<Workspace>, TableName, ChosenChecks),
    /// Take checks back that were written. Answer: `ChecksAdded`, with none.
    TakeChecksBack(Arc<Workspace>, Box<ChecksAdded>),
    /// Write down what becomes of a held row. Answer: `Report`.
    Decide(Arc<Workspace>, RowDecision),
    /// One run of the ledger. Answer: `RunShown`.
    ShowRun(Arc<Workspace>, String),
    /// The values of a board. Answer: `Board`.
    Board(Arc<Workspace>, BoardSpec),
    /// The values of one KPI. Answer: `Kpi`.
    Kpi(Arc<Workspace>, KpiSpec),
    /// A picture of a KPI. Answer: `Written`.
    Render(Arc<Workspace>, KpiSpec, RenderRequest),
    /// What a recipe would do. Answer: `RecipePreview`.
    RecipePreview {
        /// The workspace.
        workspace: Arc<Workspace>,
        /// The model.
        model: String,
        /// Rows of the sample.
        sample: u64,
        /// Count over the whole table too.
        whole: bool,
    },
    /// The SQL of a recipe. Answer: `Report`.
    RecipeSql(Arc<Workspace>, String),
    /// Ways of writing one value in a column. Answer: `Report`.
    Spellings(Option<Arc<Workspace>>, SpellingsRequest),
    /// Resolve the rows of files, or say what it would cost or why. Answer: `Report`, or `Written` with a crosswalk.
    Match(Option<Arc<Workspace>>, MatchCommand),
    /// Look at a match, decide a pair, take an entity apart. Answer: `MatchPreview`, `Decided` or `Report`.
    Review(Option<Arc<Workspace>>, ReviewCommand),
    /// Write something out. Answer: `Written`.
    Export(Option<Arc<Workspace>>, ExportRequest),
    /// Stop the work with this ticket; it answers with `Failed(interrupted)` or its result.
    Cancel(Ticket),
    /// Remember that a workspace was opened.
    RememberRecent(PathBuf),
}

/// Why people are told.
#[derive(Debug, Clone, PartialEq)]
pub enum Occasion {
    /// A run has ended.
    Run(Box<RunRecord>),
    /// To see whether it gets through.
    Test(String),
    /// Once a day; of one alert, or of all that want it.
    Daily(Option<String>),
    /// Only those whom earlier alerts have not reached.
    Waiting,
}

/// Which checks are to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenChecks {
    /// These.
    These(Vec<CheckProposal>),
    /// Of those that are proposed, the ones with these numbers, from 1; all without any.
    Numbers(Vec<usize>),
}

impl Work {
    /// A title for the list of jobs; work without one is too short to be listed.
    pub fn job_title(&self) -> Option<String> {
        Some(match self {
            Self::Example(request) => format!("make example {}", request.name),
            Self::Run(..) => "run".to_owned(),
            Self::Alert(..) => "send alerts".to_owned(),
            Self::Inspect(_, InspectCommand::Draw(request)) => format!("draw rows of {}", request.table),
            Self::Check(..) => "check".to_owned(),
            Self::Proposals(_, table) | Self::AddChecks(_, table, ChosenChecks::Numbers(_)) => format!("propose checks for {table}"),
            Self::Test { connection, .. } => format!("test connection {}", connection.name),
            Self::Describe(new) => format!("look at {}", new.file.as_ref().map(|f| f.display().to_string()).unwrap_or_default()),
            Self::Tables(_, name) | Self::Browse(_, name) => format!("list tables of {name}"),
            Self::Profile { subject, .. } => format!("profile {subject}"),
            Self::ProfileChange { subject, .. } => format!("compare profiles of {subject}"),
            Self::ProfileReport { subject, .. } => format!("report on {subject}"),
            Self::Audit { subject, .. } => format!("check {subject}"),
            Self::Propose { subject, .. } => format!("propose checks for {subject}"),
            Self::Export(_, request) => format!("export {}", request.subject),
            Self::Board(_, board) => format!("board {}", board.name),
            Self::RecipePreview { model, .. } => format!("preview {model}"),
            Self::Match(_, MatchCommand::Resolve(_)) => "match".to_owned(),
            Self::Spellings(_, request) => format!("bring values of {} together", request.column),
            Self::Review(_, ReviewCommand::Preview(_)) => "look at a match".to_owned(),
            Self::Review(_, ReviewCommand::Unmerge(request)) => format!("take {} apart", request.entity),
            Self::Window {
                subject: subject @ (Subject::File(_) | Subject::Sql(_) | Subject::AsText(_) | Subject::Explained(_)),
                offset: 0,
                ..
            } => {
                format!("read {subject}")
            }
            _ => return None,
        })
    }

    /// What is lost when it is stopped.
    pub fn stake(&self) -> Stake {
        match self {
            Self::Init { .. } | Self::Example(_) | Self::Run(..) | Self::Export(..) | Self::Match(_, MatchCommand::Resolve(_)) => {
                Stake::Work
            }
            Self::Review(_, ReviewCommand::Unmerge(request)) if request.run => Stake::Work,
            _ => Stake::Nothing,
        }
    }
}
