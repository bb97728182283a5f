//! All that a person, a script or a test can ask for, one enum an area.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use trommel_model::{
    Amendment, CsvOptions, DryRun, ExampleRequest, HeldRow, Masked, NewConnection, NewSource, ProfileLevel, ReadRange, RowVerdict, SortKey,
    SpellingMethod, TableName, WriteMode,
};

use crate::catalogue::Values;
use crate::{MatchSubject, ReviewCommand, Screen, Subject, Ticket};

/// A wish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// About the workspace as a whole.
    Workspace(WorkspaceCommand),
    /// Goes to a screen.
    Show(Screen),
    /// Goes back one screen.
    Back,
    /// About a table on screen.
    Table(TableCommand),
    /// Profiles something.
    Profile(Subject),
    /// About what a table holds.
    Quality(QualityCommand),
    /// About sources.
    Source(SourceCommand),
    /// About the pipeline and its runs.
    Pipeline(PipelineCommand),
    /// About checks and how they stand.
    Check(CheckCommand),
    /// About rows that people judge.
    Inspect(InspectCommand),
    /// About alerts.
    Alert(AlertCommand),
    /// About KPIs and boards.
    Board(BoardCommand),
    /// About rows held back.
    Quarantine(QuarantineCommand),
    /// About recipes.
    Recipe(RecipeCommand),
    /// About entity resolution of files.
    Match(MatchCommand),
    /// About a match and its records: looked at, decided, taken apart.
    Review(ReviewCommand),
    /// Writes something to a file or to standard output.
    Export(ExportRequest),
    /// Stops a job.
    CancelJob(Ticket),
    /// Takes a notice off the screen.
    Dismiss(u64),
}

/// About the workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkspaceCommand {
    /// Opens the workspace at or above a folder.
    Open {
        /// Where to look.
        start: PathBuf,
        /// The environment; without it the workspace's default.
        environment: Option<String>,
    },
    /// Reads the workspace's files again.
    Reload,
    /// Makes a new workspace.
    Init {
        /// Its folder.
        folder: PathBuf,
        /// Its name.
        name: String,
    },
    /// Makes an example workspace, opens it and, if asked, runs it.
    Example(ExampleRequest),
    /// Looks at the machine and the workspace and says what is wrong.
    Doctor,
}

/// About a table on screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TableCommand {
    /// Opens a table.
    Open(Subject),
    /// Opens a table and asks for its first rows, so many and no others; for faces without a screen.
    Head {
        /// The table.
        subject: Subject,
        /// How many rows.
        limit: u64,
    },
    /// Asks for a window of rows.
    Scroll {
        /// First row, from 0.
        offset: u64,
        /// How many rows.
        limit: u64,
    },
    /// Sorts; no keys give back the table's own order.
    Sort(Vec<SortKey>),
    /// Keeps rows for which a SQL condition holds; none shows all.
    Filter(Option<String>),
    /// Profiles the table.
    Profile,
    /// Shows what the query in front asks of databases.
    Explain,
    /// Asks again for what is shown.
    Refresh,
}

/// About what a table holds. Works on anything that can be read, without a workspace too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum QualityCommand {
    /// Profiles something, as far as is asked.
    Profile {
        /// What.
        subject: Subject,
        /// How much.
        level: ProfileLevel,
        /// Also find out what the columns have to do with each other.
        relations: bool,
    },
    /// Finds cells that look wrong.
    Audit(Subject),
    /// Finds cells that look wrong in what is profiled.
    AuditProfiled,
    /// Writes checks from a profile.
    Propose(Subject),
    /// Holds one profile of something against another.
    Compare {
        /// What.
        subject: Subject,
        /// The earlier one.
        from: ProfileMoment,
        /// The later one.
        to: ProfileMoment,
    },
    /// Holds an earlier profile of what is profiled against its newest.
    CompareProfiled(ProfileMoment),
    /// Shows the columns instead of what changed about them, and the other way round.
    TurnProfile,
    /// Writes what is on screen of a profile as a report; the file's ending, `.html`, `.xlsx` or `.json`, says how.
    Report(PathBuf),
}

/// Which profile of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProfileMoment {
    /// Taken now.
    Now,
    /// Kept by a run: its id or the beginning of it, `last`, `previous` or `first`.
    Kept(String),
    /// Of something else, taken now.
    Of(Subject),
}

/// About sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SourceCommand {
    /// Selects a source and asks for its first rows.
    Select(String),
    /// Finds out how a delimited file is written.
    Sniff(SniffRequest),
    /// Tries the server of a connection, stage by stage.
    Test(String),
    /// Lists the tables of a connection's database.
    Tables(String),
    /// Writes a source, or shows its text.
    Add(Box<NewSource>, DryRun),
    /// Writes a connection, or shows its text.
    Connect(Box<NewConnection>, DryRun),
    /// About the form that lies open.
    Draft(DraftCommand),
    /// Shows the tables of a connection to choose from.
    Browse(String),
    /// Selects one of them and asks for its first rows.
    SelectTable(String),
}

/// About a form: a file, a table or a connection on its way into the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DraftCommand {
    /// Lays a form open.
    Open {
        /// The entry of the catalogue that it makes.
        entry: String,
        /// What is known already.
        values: Values,
    },
    /// Says one thing; an empty text leaves it open again.
    Set {
        /// The name of the argument.
        name: String,
        /// What is said.
        value: String,
    },
    /// Says the password; an empty one takes it back.
    Type(Masked),
    /// Tries the connection as it is said now.
    Try,
    /// Writes what the form makes.
    Accept,
    /// Shows the file as a table instead.
    Look,
    /// Profiles the file instead.
    Profile,
    /// Takes the form away.
    Drop,
}

/// Which delimited file to look at, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SniffRequest {
    /// The file.
    pub file: PathBuf,
    /// What is told; the rest is found out.
    pub csv: CsvOptions,
}

/// About the pipeline and its runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PipelineCommand {
    /// Asks what a run would do.
    Plan(Selection),
    /// Runs.
    Run(Selection),
    /// Evaluates the checks without running anything.
    Check(Selection),
    /// Stops the run that this process started.
    CancelRun,
    /// Asks for one run of the ledger: an id, the beginning of one, or `last`.
    ShowRun(String),
    /// Selects a step.
    SelectStep(String),
}

/// Which steps, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Table names, `+name`, `name+`, `layer.*`; empty for all.
    pub names: Vec<String>,
    /// Read and build everything anew.
    pub full_refresh: bool,
    /// Connections marked `prod` that may be written to: each has to be named.
    #[serde(default)]
    pub confirmed: Vec<String>,
    /// Read only this part of the sources, again.
    pub range: Option<ReadRange>,
}

/// About rows that people judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InspectCommand {
    /// Draws rows of a table.
    Draw(DrawRequest),
    /// Says of rows whether they are right; nothing takes it back.
    Judge {
        /// The inspection.
        name: String,
        /// What is said.
        verdict: Option<RowVerdict>,
        /// The rows, by number.
        rows: Vec<u32>,
        /// Why.
        why: String,
    },
    /// Answers for an inspection.
    Sign(String),
    /// Says how an inspection stands.
    Show(String),
}

/// Rows to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawRequest {
    /// The table.
    pub table: TableName,
    /// What the inspection is called.
    pub name: String,
    /// About how many rows.
    pub size: u64,
    /// The column whose values are the strata.
    pub by: Option<String>,
    /// Another number draws other rows.
    pub seed: u64,
}

/// About alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertCommand {
    /// Sends a test to somebody.
    Test(String),
    /// Sends the daily report now, to one or to all that want it.
    Daily(Option<String>),
    /// Tries those again that have not got through.
    Send,
}

/// About checks and how they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckCommand {
    /// Lists the checks with what came of them last.
    List,
    /// Proposes checks for a table, to be accepted one by one.
    Propose(TableName),
    /// Accepts the proposal with this number, from 1, of those that are shown.
    Accept(usize),
    /// Proposes checks for a table and writes those with these numbers; all without any.
    AcceptOf {
        /// The table.
        table: TableName,
        /// Which ones, from 1.
        numbers: Vec<usize>,
    },
    /// Takes the last acceptance back.
    Undo,
    /// Takes the proposals off the screen.
    Leave,
}

/// About rows held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuarantineCommand {
    /// Writes down what becomes of a row.
    Decide(RowDecision),
    /// Reads the files again in which rows were corrected, and builds what is made from them: these tables, or all.
    Replay(Vec<String>),
}

/// What becomes of a held row, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowDecision {
    /// The row.
    pub row: HeldRow,
    /// What becomes of it.
    pub amendment: Amendment,
    /// Why, for people.
    pub why: String,
}

/// About KPIs and boards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BoardCommand {
    /// Opens a board; without a name the first one.
    Open(Option<String>),
    /// Asks for the values again.
    Refresh,
    /// Asks for the values of one KPI.
    ShowKpi(String),
    /// Draws a KPI into a file.
    Render(RenderRequest),
}

/// A KPI to be drawn into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderRequest {
    /// The KPI.
    pub kpi: String,
    /// The file; its ending, `.svg` or `.png`, says how.
    pub to: PathBuf,
    /// The dimension to break it down by; without one it is drawn over time.
    pub by: Option<String>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Light on dark instead of dark on light.
    pub dark: bool,
}

/// About recipes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipeCommand {
    /// Shows what a recipe does to a sample and to the whole.
    Preview {
        /// The model, `layer.table`.
        model: String,
        /// Rows of the sample.
        sample: u64,
        /// Count over the whole table too.
        whole: bool,
    },
    /// Asks for the SQL a recipe makes.
    ShowSql(String),
    /// Finds ways of writing one value in a column.
    Spellings(SpellingsRequest),
}

/// A column whose values are to be brought together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpellingsRequest {
    /// What has the column.
    pub subject: Subject,
    /// The column.
    pub column: String,
    /// How values that are one are found.
    pub method: SpellingMethod,
    /// How many letters near values may be apart.
    pub radius: usize,
    /// The recipe that gets the step, `layer.table`; without one the step is only shown.
    pub add_to: Option<String>,
}

/// About entity resolution of files: one to find duplicates in, or several to link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchCommand {
    /// Resolves the rows.
    Resolve(MatchRequest),
    /// Says what each blocking rule would cost.
    Estimate(MatchSubject),
    /// Says why two rows weigh what they weigh.
    Explain {
        /// One row: its number from 1, after the file's name and a colon when it is not in the first file.
        left: String,
        /// The other.
        right: String,
        /// The model; without one it is proposed from the data.
        model: Option<PathBuf>,
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// Files whose rows are to be resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRequest {
    /// The model; without one it is proposed from the data.
    pub model: Option<PathBuf>,
    /// The files.
    pub files: Vec<PathBuf>,
    /// How and where the crosswalk is written; without it only what was found is told.
    pub crosswalk: Option<(ExportFormat, Destination)>,
    /// Where the proposed model is written, if it is wanted.
    pub save: Option<PathBuf>,
    /// A table of pairs of rows and whether they are one.
    pub labels: Option<PathBuf>,
}

/// Something to be written out whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// What.
    pub subject: Subject,
    /// How.
    pub format: ExportFormat,
    /// Where.
    pub to: Destination,
    /// Leave text that a spreadsheet would take for a formula as it is.
    pub raw: bool,
}

/// Where something is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file, written under a temporary name first.
    File(PathBuf),
    /// A table of a database, in one transaction.
    Table(TargetTable),
}

/// A table of a database that somebody writes to by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTable {
    /// The connection.
    pub connection: String,
    /// The table, with its schema where it has one.
    pub table: String,
    /// What becomes of the rows that are there.
    pub mode: WriteMode,
    /// The columns that name a row.
    pub key: Vec<String>,
}

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ExportFormat {
    Csv,
    Xlsx,
    Parquet,
    Arrow,
    Json,
    Jsonl,
}

impl ExportFormat {
    /// The format of a file's ending.
    pub fn from_path(path: &std::path::Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::from_name(&ending)
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "csv" => Self::Csv,
            "xlsx" => Self::Xlsx,
            "parquet" => Self::Parquet,
            "arrow" | "arrows" | "feather" | "ipc" => Self::Arrow,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::Jsonl,
            _ => return None,
        })
    }
}
