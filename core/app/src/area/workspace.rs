//! The workspace that is open.

use std::path::PathBuf;
use std::sync::Arc;

use trommel_model::Workspace;

use crate::app::Effects;
use crate::{
    App, BoardView, ChecksView, Effect, Made, PipelineCommand, PipelineView, Remote, Report, ReviewView, Selection, SourceCommand,
    SourcesView, Ticket, Work, WorkspaceCommand,
};

/// The workspace on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkspaceView {
    /// The workspace. While its files are at fault, the last good one stays as previous.
    pub current: Remote<Arc<Workspace>>,
    /// A workspace that was just made.
    pub made: Remote<Made>,
    /// What the doctor found.
    pub doctor: Remote<Report>,
    /// The watch on its files.
    pub(crate) watch: Option<Ticket>,
    /// A run follows as soon as this answer is in.
    pub(crate) run_after: Option<Ticket>,
}

impl App {
    pub(crate) fn apply_workspace(&mut self, command: WorkspaceCommand) -> Effects {
        Ok(match command {
            WorkspaceCommand::Open { start, environment } => vec![self.load(start, environment)],
            WorkspaceCommand::Reload => {
                let workspace = self.workspace()?;
                vec![self.load(workspace.root.clone(), Some(workspace.environment.clone()))]
            }
            WorkspaceCommand::Init { folder, name } => {
                let ticket = self.tickets.next();
                self.workspace.made.ask(ticket);
                vec![Effect { ticket, work: Work::Init { folder, name } }]
            }
            WorkspaceCommand::Example(request) => {
                let ticket = self.tickets.next();
                self.workspace.made.ask(ticket);
                vec![Effect { ticket, work: Work::Example(request) }]
            }
            WorkspaceCommand::Doctor => {
                let ticket = self.tickets.next();
                self.workspace.doctor.ask(ticket);
                vec![Effect { ticket, work: Work::Doctor(self.workspace.current.latest().cloned()) }]
            }
        })
    }

    pub(crate) fn load(&mut self, start: PathBuf, environment: Option<String>) -> Effect {
        let ticket = self.tickets.next();
        self.workspace.current.ask(ticket);
        Effect { ticket, work: Work::Load { start, environment } }
    }

    pub(crate) fn hear_workspace(&mut self, ticket: Ticket, workspace: Arc<Workspace>) -> Vec<Effect> {
        let before = self.workspace.current.latest().map(|w| w.root.clone());
        let root = workspace.root.clone();
        if !self.workspace.current.accept(ticket, Ok(workspace)) {
            return Vec::new();
        }
        if before.as_ref() == Some(&root) {
            let mut effects = self.refresh_what_is_seen();
            if let Some(name) = self.sources.select_next.take() {
                effects.extend(self.apply_source(SourceCommand::Select(name)).unwrap_or_default());
            }
            return effects;
        }
        self.sources = SourcesView::default();
        self.table = None;
        self.pipeline = PipelineView::default();
        self.board = BoardView::default();
        self.checks = ChecksView::default();
        self.review = ReviewView::default();
        let watch = self.tickets.next();
        let remember = self.tickets.next();
        self.workspace.watch = Some(watch);
        let mut effects =
            vec![Effect { ticket: watch, work: Work::Watch(root.clone()) }, Effect { ticket: remember, work: Work::RememberRecent(root) }];
        effects.extend(self.show(self.screens.front()));
        if self.workspace.run_after.take() == Some(ticket) {
            effects.extend(self.apply_pipeline(PipelineCommand::Run(Selection::default())).unwrap_or_default());
        }
        effects
    }

    pub(crate) fn hear_files_changed(&mut self, ticket: Ticket) -> Vec<Effect> {
        if self.workspace.watch != Some(ticket) {
            return Vec::new();
        }
        self.apply_workspace(WorkspaceCommand::Reload).unwrap_or_default()
    }
}
