//! Answers without a screen of their own, as lines for a pop-up.

use trommel_app::{Remote, Report, View};

use crate::paint::{Line, Room};
use crate::show;

/// Where such an answer stands in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Doctor,
    Sniffed,
    Connection,
    Matched,
    Reviewed,
    Decided,
    RecipeSql,
    Spellings,
    Kpi,
    Checks,
    Run,
}

impl Slot {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Doctor => "Doctor",
            Self::Sniffed => "How the file is written",
            Self::Connection => "Connection",
            Self::Matched => "Match",
            Self::Reviewed => "Decided",
            Self::Decided => "Held row",
            Self::RecipeSql => "SQL of the recipe",
            Self::Spellings => "Ways of writing one value",
            Self::Kpi => "KPI",
            Self::Checks => "Checks",
            Self::Run => "Run",
        }
    }

    /// The answer as it is now.
    pub(crate) fn lines(self, view: &View<'_>, room: Room) -> Vec<Line> {
        match self {
            Self::Doctor => report(&view.workspace.doctor, room),
            Self::Sniffed => report(&view.sources.sniffed, room),
            Self::Connection if !view.sources.trial.stages.is_empty() => {
                let trial = &view.sources.trial;
                show::trial::stages(&trial.stages, trial.is_pending(), room)
            }
            Self::Connection => report(&view.sources.connection, room),
            Self::Matched => report(&view.matches.report, room),
            Self::Reviewed => report(&view.review.report, room),
            Self::Decided => report(&view.quarantine.decided, room),
            Self::RecipeSql => report(&view.recipe.sql, room),
            Self::Spellings => report(&view.recipe.spellings, room),
            Self::Kpi => remote(&view.board.kpi, room, |v| show::kpi::kpi(v, room)),
            Self::Checks => remote(&view.pipeline.checks, room, |r| show::checks::checks(r, room)),
            Self::Run => remote(&view.pipeline.shown, room, |r| show::run::run(r, room)),
        }
    }
}

/// Lines of data that may be on its way or have failed.
pub(crate) fn remote<T>(data: &Remote<T>, room: Room, lines: impl Fn(&T) -> Vec<Line>) -> Vec<Line> {
    match data {
        Remote::NotAsked => Vec::new(),
        Remote::Failed { problem, .. } => show::problem::whole(problem, room),
        Remote::Pending { previous: None, .. } => vec![Line::new().muted(format!("working{}", room.glyphs.ellipsis()))],
        Remote::Pending { previous: Some(data), .. } | Remote::Ready(data) => lines(data),
    }
}

fn report(data: &Remote<Report>, room: Room) -> Vec<Line> {
    remote(data, room, |r| show::report::report(r, room))
}
