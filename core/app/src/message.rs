//! All that the outside can tell us.

use std::path::PathBuf;
use std::sync::Arc;

use trommel_model::{
    Added, BoardValues, CheckResult, CheckState, ChecksAdded, FileFacts, Findings, KpiValues, MatchPreview, Plan, Problem, Profile,
    ProfileChange, Progress, RecipePreview, RemoteTable, RowCount, RunEvent, RunRecord, SentAlert, TrialStage, Window, Workspace,
};

use crate::{Decided, Proposals, Ticket};

/// News about one piece of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The work it is about.
    pub ticket: Ticket,
    /// The news.
    pub news: News,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The work failed. Ends it.
    Failed(Problem),
    /// How far it is. Newest value only.
    Progress(Progress),
    /// A workspace was read.
    Workspace(Arc<Workspace>),
    /// Files of the workspace have changed.
    FilesChanged(Vec<PathBuf>),
    /// A workspace was made.
    Made(Made),
    /// Rows.
    Window {
        /// The rows.
        window: Window,
        /// How many rows there are in all.
        rows: RowCount,
        /// Remarks on reading.
        notes: Vec<String>,
    },
    /// A profile.
    Profile(Profile),
    /// A profile of the rows that have come so far.
    ProfileSoFar(Profile),
    /// What changed between two profiles.
    ProfileChange(ProfileChange),
    /// Cells that look wrong.
    Findings(Findings),
    /// A plan.
    Plan(Plan),
    /// A run goes on.
    Run(RunEvent),
    /// A run ended.
    RunEnded(RunRecord),
    /// One run of the ledger.
    RunShown(RunRecord),
    /// People were told, or not.
    Alerted(Vec<SentAlert>),
    /// The checks with what came of them last.
    CheckList(Vec<CheckState>),
    /// Checks that could be written.
    Proposals(Proposals),
    /// Checks were written, or taken back.
    ChecksAdded(ChecksAdded),
    /// Results of checks.
    Checks(Vec<CheckResult>),
    /// The values of a board.
    Board(BoardValues),
    /// The values of a KPI.
    Kpi(KpiValues),
    /// A preview of a recipe.
    RecipePreview(RecipePreview),
    /// How a file is written and what it holds.
    File(FileFacts),
    /// A connection is being tried: how one stage came out.
    Stage(TrialStage),
    /// The tables of a connection.
    Tables(Vec<RemoteTable>),
    /// Text was written into the workspace, or is shown.
    Added(Added),
    /// Lines to read, with a heading.
    Report(Report),
    /// A match looked at.
    MatchPreview(Arc<MatchPreview>),
    /// A decision was written.
    Decided(Decided),
    /// Something was written.
    Written(Written),
}

/// A workspace that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its folder.
    pub root: PathBuf,
    /// Commands to try next.
    pub next: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Run it at once.
    pub run: bool,
}

/// Facts to read: name and value, in order; and whether something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub title: String,
    /// The facts.
    pub facts: Vec<(String, String)>,
    /// A text to show as it is (SQL).
    pub text: Option<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The same for programs, as a JSON text; without it they get what is above.
    pub data: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The files; empty for standard output.
    pub files: Vec<PathBuf>,
    /// The table of a database, for people.
    pub table: Option<String>,
    /// Rows written.
    pub rows: u64,
    /// Remarks: cells made safe, sheets split.
    pub notes: Vec<String>,
}

impl News {
    /// True when no more news of this work will come.
    pub fn ends_work(&self) -> bool {
        !matches!(self, Self::Progress(_) | Self::ProfileSoFar(_) | Self::Run(_) | Self::FilesChanged(_) | Self::Stage(_))
    }
}
