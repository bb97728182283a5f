//! What a face draws: plain data, borrowed from the application.

use crate::{
    AlertsView, BoardView, ChecksView, DraftView, InspectView, JobsView, MatchView, Notice, PipelineView, ProfileView, QuarantineView,
    RecipeView, ReviewView, Screen, SourcesView, TableView, WorkspaceView,
};

/// Everything there is to draw. A face owns focus, scroll, hover, sizes, text cursors and animation; nothing else.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The screen in front.
    pub screen: Screen,
    /// The way to it, outermost first.
    pub breadcrumbs: Vec<String>,
    /// The workspace.
    pub workspace: &'a WorkspaceView,
    /// Sources and the first rows of the selected one.
    pub sources: &'a SourcesView,
    /// The form that lies open.
    pub draft: Option<&'a DraftView>,
    /// The table that is open.
    pub table: Option<&'a TableView>,
    /// The profile that was asked for.
    pub profile: &'a ProfileView,
    /// The recipe that is previewed.
    pub recipe: &'a RecipeView,
    /// What came of a match of files.
    pub matches: &'a MatchView,
    /// A match looked at, with its pairs in doubt.
    pub review: &'a ReviewView,
    /// Plan, run and ledger.
    pub pipeline: &'a PipelineView,
    /// What was decided about rows held back.
    pub quarantine: &'a QuarantineView,
    /// What came of an inspection.
    pub inspect: &'a InspectView,
    /// What came of alerts.
    pub alerts: &'a AlertsView,
    /// The checks and how they stand.
    pub checks: &'a ChecksView,
    /// The board.
    pub board: &'a BoardView,
    /// What runs and what ran.
    pub jobs: &'a JobsView,
    /// What to tell, oldest first.
    pub notices: &'a [Notice],
}
