//! The tables of a connection, and the first rows of the one that is selected.

use trommel_model::RemoteTable;

use crate::app::Effects;
use crate::area::unknown;
use crate::{App, Effect, Refused, Remote, Subject, TableView, Ticket, Work};

/// A connection being browsed.
#[derive(Debug, Clone, PartialEq)]
pub struct BrowserView {
    /// The connection.
    pub connection: String,
    /// Its tables and views.
    pub tables: Remote<Vec<RemoteTable>>,
    /// The one that is selected.
    pub selected: Option<String>,
    /// Its first rows.
    pub preview: Option<TableView>,
}

/// Rows of a remote table that are fetched to be looked at.
const FIRST: u64 = 50;

impl App {
    pub(crate) fn browse(&mut self, name: String) -> Effects {
        let workspace = self.workspace()?;
        let all = &workspace.config.connections;
        if !all.iter().any(|c| c.name == name) {
            return Err(unknown("connection", &name, all.iter().map(|c| c.name.as_str())));
        }
        let ticket = self.tickets.next();
        let mut browser = BrowserView { connection: name.clone(), tables: Remote::NotAsked, selected: None, preview: None };
        browser.tables.ask(ticket);
        self.sources.browsed = Some(browser);
        Ok(vec![Effect { ticket, work: Work::Browse(workspace, name) }])
    }

    pub(crate) fn hear_tables(&mut self, ticket: Ticket, tables: Vec<RemoteTable>) -> Vec<Effect> {
        let first = tables.first().map(|t| t.name.clone());
        let came = self.sources.browsed.as_mut().is_some_and(|b| b.tables.accept(ticket, Ok(tables)));
        match first.filter(|_| came) {
            Some(first) => self.select_table(first).unwrap_or_default(),
            None => Vec::new(),
        }
    }

    pub(crate) fn select_table(&mut self, table: String) -> Effects {
        let workspace = self.workspace()?;
        let browser = self.sources.browsed.as_mut().ok_or_else(nothing_browsed)?;
        let subject = Subject::Remote { connection: browser.connection.clone(), table: table.clone() };
        let mut preview = TableView::of_first(subject, FIRST);
        let effect = preview.ask(Some(workspace), &mut self.tickets);
        browser.selected = Some(table);
        browser.preview = Some(preview);
        Ok(vec![effect])
    }
}

fn nothing_browsed() -> Refused {
    Refused(trommel_model::Problem::new(trommel_model::Code::Usage, "no connection is browsed").next("browse one first"))
}
