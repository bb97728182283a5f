//! The sources of the workspace and the first rows of the selected one.

use std::sync::Arc;

use trommel_model::{Added, ConnectionSpec, Workspace};

use crate::app::Effects;
use crate::area::{draft, unknown};
use crate::{App, BrowserView, Effect, Refused, Remote, Report, SourceCommand, Subject, TableView, Trial, Work};

/// The sources on screen; their list itself is in the workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourcesView {
    /// The one that is selected.
    pub selected: Option<String>,
    /// Its first rows.
    pub preview: Option<TableView>,
    /// The dialect of the file that was asked about.
    pub sniffed: Remote<Report>,
    /// What was asked about a connection.
    pub connection: Remote<Report>,
    /// The stages of the connection that is tried.
    pub trial: Trial,
    /// What was last written into the workspace, or shown.
    pub added: Remote<Added>,
    /// The connection that is browsed.
    pub browsed: Option<BrowserView>,
    /// The source to select once the workspace is read again.
    pub(crate) select_next: Option<String>,
}

impl App {
    pub(crate) fn apply_source(&mut self, command: SourceCommand) -> Effects {
        match command {
            SourceCommand::Select(name) => {
                let workspace = self.workspace()?;
                if !workspace.sources.iter().any(|s| s.name == name) {
                    return Err(unknown("source", &name, workspace.sources.iter().map(|s| s.name.as_str())));
                }
                let mut preview = TableView::new(Subject::Source(name.clone()));
                let effect = preview.ask(Some(workspace), &mut self.tickets);
                self.sources.selected = Some(name);
                self.sources.preview = Some(preview);
                Ok(vec![effect])
            }
            SourceCommand::Sniff(request) => {
                let ticket = self.tickets.next();
                self.sources.sniffed.ask(ticket);
                Ok(vec![Effect { ticket, work: Work::Sniff(request) }])
            }
            SourceCommand::Test(name) => {
                let effect = self.ask_connection(&name, |workspace, connection| Work::Test { workspace, connection, password: None })?;
                self.sources.trial.begin(effect.ticket);
                Ok(vec![effect])
            }
            SourceCommand::Tables(name) => Ok(vec![self.ask_connection(&name, |workspace, spec| Work::Tables(workspace, spec.name))?]),
            SourceCommand::Add(new, dry_run) => draft::add(self, new, dry_run),
            SourceCommand::Connect(new, dry_run) => self.apply_addition(|workspace| Work::Connect(workspace, new, dry_run)),
            SourceCommand::Draft(command) => self.apply_draft(command),
            SourceCommand::Browse(name) => self.browse(name),
            SourceCommand::SelectTable(table) => self.select_table(table),
        }
    }

    fn ask_connection(&mut self, name: &str, work: impl FnOnce(Arc<Workspace>, ConnectionSpec) -> Work) -> Result<Effect, Refused> {
        let workspace = self.workspace()?;
        let all = &workspace.config.connections;
        let Some(connection) = all.iter().find(|c| c.name == name).cloned() else {
            return Err(unknown("connection", name, all.iter().map(|c| c.name.as_str())));
        };
        let ticket = self.tickets.next();
        self.sources.connection.ask(ticket);
        Ok(Effect { ticket, work: work(workspace, connection) })
    }
}
