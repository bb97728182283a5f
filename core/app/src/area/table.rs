//! A table on screen, however large: what is shown of it, never the whole.

use std::sync::Arc;

use trommel_model::{Code, Order, Problem, RowCount, SortKey, Window, Workspace};

use crate::app::Effects;
use crate::ticket::Tickets;
use crate::{App, Destination, Effect, ExportRequest, Refused, Remote, Screen, Subject, TableCommand, Work};

/// A table on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct TableView {
    /// What it is about.
    pub subject: Subject,
    /// The rows that are loaded.
    pub window: Remote<Window>,
    /// How many rows there are under the filter.
    pub rows: Option<RowCount>,
    /// The order.
    pub sort: Vec<SortKey>,
    /// The condition.
    pub filter: Option<String>,
    /// Remarks on reading.
    pub notes: Vec<String>,
    /// First row asked for.
    offset: u64,
    /// Rows asked for.
    limit: u64,
    /// True until it was asked for, once or anew.
    fresh: bool,
}

/// Rows asked for when a face has not said how many it can show.
pub(crate) const FIRST_ROWS: u64 = 200;

impl TableView {
    /// A table nobody has asked for yet.
    pub(crate) fn new(subject: Subject) -> Self {
        Self {
            subject,
            window: Remote::NotAsked,
            rows: None,
            sort: Vec::new(),
            filter: None,
            notes: Vec::new(),
            offset: 0,
            limit: FIRST_ROWS,
            fresh: true,
        }
    }

    /// A table of which only the first rows are wanted.
    pub(crate) fn of_first(subject: Subject, limit: u64) -> Self {
        Self { limit, ..Self::new(subject) }
    }

    /// The order of one column, if the table is sorted by it.
    pub fn order_of(&self, column: &str) -> Option<Order> {
        self.sort.iter().find(|k| k.column == column).map(|k| k.order)
    }

    /// Changes what is shown and asks for it.
    pub(crate) fn apply(&mut self, command: TableCommand, workspace: Option<Arc<Workspace>>, tickets: &mut Tickets) -> Vec<Effect> {
        match command {
            TableCommand::Scroll { offset, limit } => {
                if self.covers(offset, limit) {
                    return Vec::new();
                }
                (self.offset, self.limit) = (offset, limit);
            }
            TableCommand::Sort(keys) => {
                self.sort = keys;
                self.offset = 0;
            }
            TableCommand::Filter(condition) => {
                self.filter = condition.filter(|c| !c.trim().is_empty());
                self.offset = 0;
                self.rows = None;
            }
            TableCommand::Refresh => self.fresh = true,
            TableCommand::Open(_) | TableCommand::Head { .. } | TableCommand::Profile | TableCommand::Explain => {}
        }
        vec![self.ask(workspace, tickets)]
    }

    /// Asks for the rows that are to be shown.
    pub(crate) fn ask(&mut self, workspace: Option<Arc<Workspace>>, tickets: &mut Tickets) -> Effect {
        let ticket = tickets.next();
        self.window.ask(ticket);
        let work = Work::Window {
            workspace,
            subject: self.subject.clone(),
            sort: self.sort.clone(),
            filter: self.filter.clone(),
            offset: self.offset,
            limit: self.limit,
            fresh: std::mem::take(&mut self.fresh),
        };
        Effect { ticket, work }
    }

    /// True when the rows are loaded or already asked for.
    fn covers(&self, offset: u64, limit: u64) -> bool {
        if self.window.is_pending() {
            return self.offset <= offset && offset + limit <= self.offset + self.limit;
        }
        let Remote::Ready(window) = &self.window else { return false };
        let loaded_to = window.offset + window.rows.len() as u64;
        let last = self.rows.map_or(u64::MAX, RowCount::number);
        window.offset <= offset && (offset + limit).min(last) <= loaded_to
    }
}

impl App {
    pub(crate) fn apply_table(&mut self, command: TableCommand) -> Effects {
        let workspace = self.workspace.current.latest().cloned();
        match command {
            TableCommand::Open(subject) => self.open_table(TableView::new(subject)),
            TableCommand::Head { subject, limit } => self.open_table(TableView::of_first(subject, limit)),
            TableCommand::Profile => {
                let Some(subject) = self.table.as_ref().map(|t| t.subject.clone()) else { return Err(no_table()) };
                self.profile(subject)
            }
            TableCommand::Explain => match self.table.as_ref().map(|t| &t.subject) {
                Some(Subject::Sql(text)) => self.open_table(TableView::new(Subject::Explained(text.clone()))),
                Some(_) => Err(Refused(Problem::new(Code::Usage, "the table in front is no query").next("write one with ctrl+q"))),
                None => Err(no_table()),
            },
            other => match self.table.as_mut() {
                Some(table) => Ok(table.apply(other, workspace, &mut self.tickets)),
                None => Err(no_table()),
            },
        }
    }

    fn open_table(&mut self, mut table: TableView) -> Effects {
        self.require_workspace_for(&table.subject)?;
        if let Some(written) = self.written_by_sink(&table.subject)? {
            table.subject = written;
        }
        let effect = table.ask(self.workspace.current.latest().cloned(), &mut self.tickets);
        self.table = Some(table);
        self.screens.show(Screen::Table);
        Ok(vec![effect])
    }

    /// The table that a sink writes, when the subject is the step of one: it makes none of its own.
    fn written_by_sink(&self, subject: &Subject) -> Result<Option<Subject>, Refused> {
        let Subject::Table(name) = subject else { return Ok(None) };
        let workspace = self.workspace.current.latest();
        let Some(sink) = workspace.and_then(|w| w.sinks.iter().find(|s| name.layer == "sink" && s.name == name.table)) else {
            return Ok(None);
        };
        match sink.from.as_ref().and_then(|from| from.parse().ok()) {
            Some(from) => Ok(Some(Subject::Table(from))),
            None => Err(Refused(
                Problem::new(Code::Usage, format!("{name} writes a query and has no table of its own"))
                    .next(format!("the rows are in {}", sink.destination())),
            )),
        }
    }

    pub(crate) fn require_workspace_for(&self, subject: &Subject) -> Result<(), Refused> {
        match subject {
            Subject::File(_) | Subject::Sql(_) => Ok(()),
            Subject::AsText(subject) => self.require_workspace_for(subject),
            _ => self.workspace().map(drop),
        }
    }

    pub(crate) fn apply_export(&mut self, request: ExportRequest) -> Effects {
        self.require_workspace_for(&request.subject)?;
        if matches!(request.to, Destination::Table(_)) {
            self.workspace()?;
        }
        let ticket = self.tickets.next();
        self.board.written.ask(ticket);
        Ok(vec![Effect { ticket, work: Work::Export(self.workspace.current.latest().cloned(), request) }])
    }
}

fn no_table() -> Refused {
    Refused(Problem::new(Code::Usage, "no table is open").next("open one from Sources or with the palette"))
}
