//! Which screen is in front, and the way back.

use serde::{Deserialize, Serialize};

use crate::{App, BoardCommand, CheckCommand, Effect, ListKind, PipelineCommand, Remote, Selection, SourceCommand, Subject, TableView};

/// The screens; the same set on the terminal and the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// Connections, sources and their first rows.
    #[default]
    Sources,
    /// A table of any size.
    Table,
    /// What the columns of a table hold.
    Profile,
    /// Before and after of a recipe.
    Recipe,
    /// The graph of steps with live states.
    Pipeline,
    /// KPIs and charts.
    Board,
    /// What runs.
    Jobs,
    /// Keys and commands.
    Help,
    /// A match before it is applied: thresholds, clusters, pairs in doubt.
    Match,
    /// Checks and how they stand; checks that are proposed.
    Checks,
}

impl Screen {
    /// All screens, in the order of their number keys.
    pub const ALL: [Self; 10] = [
        Self::Sources,
        Self::Table,
        Self::Profile,
        Self::Recipe,
        Self::Pipeline,
        Self::Board,
        Self::Jobs,
        Self::Help,
        Self::Match,
        Self::Checks,
    ];

    /// The number key that shows it: 1 to 9, then 0.
    pub fn key(self) -> String {
        let place = Self::ALL.iter().position(|screen| *screen == self).unwrap_or_default();
        ((place + 1) % 10).to_string()
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sources => "Sources",
            Self::Table => "Table",
            Self::Profile => "Profile",
            Self::Recipe => "Recipe",
            Self::Pipeline => "Pipeline",
            Self::Board => "Board",
            Self::Jobs => "Jobs",
            Self::Help => "Help",
            Self::Match => "Match",
            Self::Checks => "Checks",
        }
    }
}

/// The screens that were visited, the one in front last.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    visited: Vec<Screen>,
}

impl Screens {
    /// The screen in front.
    pub(crate) fn front(&self) -> Screen {
        self.visited.last().copied().unwrap_or_default()
    }

    /// Brings a screen to the front; one that was visited before does not make the way longer.
    pub(crate) fn show(&mut self, screen: Screen) {
        if let Some(at) = self.visited.iter().position(|s| *s == screen) {
            self.visited.truncate(at);
        }
        self.visited.push(screen);
    }

    /// Goes back one screen, if there is one.
    pub(crate) fn back(&mut self) {
        if self.visited.len() > 1 {
            self.visited.pop();
        }
    }
}

impl App {
    pub(crate) fn show(&mut self, screen: Screen) -> Vec<Effect> {
        self.screens.show(screen);
        let Ok(workspace) = self.workspace() else { return Vec::new() };
        match screen {
            Screen::Board if self.board.values == Remote::NotAsked => self.apply_board(BoardCommand::Open(None)).unwrap_or_default(),
            Screen::Pipeline if self.pipeline.plan == Remote::NotAsked => {
                self.apply_pipeline(PipelineCommand::Plan(Selection::default())).unwrap_or_default()
            }
            Screen::Checks if self.checks.list == Remote::NotAsked => self.apply_check(CheckCommand::List).unwrap_or_default(),
            Screen::Table if self.table.is_none() => {
                let mut table = TableView::new(Subject::List(ListKind::Tables));
                let effect = table.ask(Some(workspace), &mut self.tickets);
                self.table = Some(table);
                vec![effect]
            }
            Screen::Sources if self.sources.selected.is_none() => match workspace.sources.first().map(|s| s.name.clone()) {
                Some(first) => self.apply_source(SourceCommand::Select(first)).unwrap_or_default(),
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
