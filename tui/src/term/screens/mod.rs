//! The screens, one file each, all of one anatomy: draw, keys that move, what the cursor is on, what it comes to as a verb.

mod board;
mod checks;
mod help;
mod jobs;
mod matching;
mod pipeline;
mod profile;
mod recipe;
mod sources;
mod table;

use trommel_app::{ListKind, Screen, Subject, View};

use super::face::ScreenFace;

/// Cursors and scrolls of all screens; they stay when one goes elsewhere and comes back.
#[derive(Default)]
pub(crate) struct Screens {
    sources: sources::Sources,
    table: table::Table,
    profile: profile::Profile,
    recipe: recipe::Recipe,
    pipeline: pipeline::Pipeline,
    board: board::Board,
    jobs: jobs::Jobs,
    help: help::Help,
    matching: matching::Matching,
    checks: checks::Checks,
}

impl Screens {
    /// The screen of a name.
    pub(crate) fn of(&mut self, screen: Screen) -> &mut dyn ScreenFace {
        match screen {
            Screen::Sources => &mut self.sources,
            Screen::Table => &mut self.table,
            Screen::Profile => &mut self.profile,
            Screen::Recipe => &mut self.recipe,
            Screen::Pipeline => &mut self.pipeline,
            Screen::Board => &mut self.board,
            Screen::Jobs => &mut self.jobs,
            Screen::Help => &mut self.help,
            Screen::Match => &mut self.matching,
            Screen::Checks => &mut self.checks,
        }
    }
}

/// Ids of the runs that are listed on the Table screen, newest first.
pub(crate) fn runs_in_sight(view: &View<'_>) -> Vec<String> {
    let Some(table) = view.table.filter(|t| t.subject == Subject::List(ListKind::Runs)) else { return Vec::new() };
    let rows = table.window.latest().map(|w| w.rows.as_slice()).unwrap_or_default();
    rows.iter().filter_map(|r| r.first()).map(trommel_model::Cell::text).collect()
}

/// Which of two panes has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    First,
    Second,
}

impl Pane {
    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}
