//! Rows that people judge: drawn, judged, signed.

use trommel_model::Problem;

use crate::app::Effects;
use crate::{App, Effect, InspectCommand, ListKind, NoticeKind, Remote, Report, Subject, TableCommand, Ticket, Work};

/// What came of an inspection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InspectView {
    /// How it stands.
    pub report: Remote<Report>,
    /// The inspection whose rows are shown as soon as they are drawn.
    pub(crate) open_next: Option<(Ticket, String)>,
}

impl App {
    pub(crate) fn apply_inspect(&mut self, command: InspectCommand) -> Effects {
        let workspace = self.workspace()?;
        let ticket = self.tickets.next();
        if let InspectCommand::Draw(request) = &command {
            self.inspect.open_next = Some((ticket, request.name.clone()));
        }
        self.inspect.report.ask(ticket);
        Ok(vec![Effect { ticket, work: Work::Inspect(workspace, command) }])
    }

    /// Says how it stands, and shows the rows anew: those that were drawn, or those in front.
    pub(crate) fn hear_inspected(&mut self, ticket: Ticket, report: Report) -> Vec<Effect> {
        let estimate = report.facts.iter().find(|(name, _)| name == "estimate").map(|(_, value)| format!(": {value}")).unwrap_or_default();
        self.notices.tell(NoticeKind::Info, format!("{}{estimate}", report.title));
        let drawn = self.inspect.open_next.take_if(|(waiting, _)| *waiting == ticket);
        let asked: Result<Vec<Effect>, Problem> = match drawn {
            Some((_, name)) => self.apply_table(TableCommand::Open(Subject::List(ListKind::Inspected(name)))).map_err(|refused| refused.0),
            None if self.table.as_ref().is_some_and(|t| matches!(t.subject, Subject::List(ListKind::Inspected(_)))) => {
                self.apply_table(TableCommand::Refresh).map_err(|refused| refused.0)
            }
            None => Ok(Vec::new()),
        };
        asked.unwrap_or_default()
    }
}
