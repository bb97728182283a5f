//! Who was told of what, and how it got through.

use trommel_model::{AlertState, RunRecord, RunStatus, SentAlert};

use crate::app::Effects;
use crate::{AlertCommand, App, Effect, NoticeKind, Occasion, Remote, Ticket, Work};

/// What came of alerts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertsView {
    /// Those that were tried last.
    pub told: Remote<Vec<SentAlert>>,
}

impl App {
    pub(crate) fn apply_alert(&mut self, command: AlertCommand) -> Effects {
        let workspace = self.workspace()?;
        let ticket = self.tickets.next();
        self.alerts.told.ask(ticket);
        let occasion = match command {
            AlertCommand::Test(name) => Occasion::Test(name),
            AlertCommand::Daily(name) => Occasion::Daily(name),
            AlertCommand::Send => Occasion::Waiting,
        };
        Ok(vec![Effect { ticket, work: Work::Alert(workspace, occasion) }])
    }

    /// After a run people are told, in a piece of work of its own: a run does not wait for it, and cannot fail by it.
    pub(crate) fn alert_of_run(&mut self, record: &RunRecord) -> Option<Effect> {
        let workspace = self.workspace.current.latest().filter(|w| !w.config.alerts.is_empty())?.clone();
        // Whoever stopped a run knows.
        if record.status == RunStatus::Cancelled {
            return None;
        }
        let ticket = self.tickets.next();
        self.alerts.told.ask(ticket);
        Some(Effect { ticket, work: Work::Alert(workspace, Occasion::Run(Box::new(record.clone()))) })
    }

    pub(crate) fn hear_alerted(&mut self, ticket: Ticket, told: Vec<SentAlert>) -> Vec<Effect> {
        if !self.alerts.told.accept(ticket, Ok(told.clone())) {
            return Vec::new();
        }
        // What waits for the same reason is told once.
        let waits = |alert: &SentAlert| alert.state == AlertState::Waiting;
        let like = |a: &SentAlert, b: &SentAlert| waits(a) && waits(b) && a.alert == b.alert && a.problem == b.problem;
        for (at, alert) in told.iter().enumerate().filter(|(at, alert)| !told[..*at].iter().any(|before| like(before, alert))) {
            let kind = if alert.state == AlertState::Sent { NoticeKind::Info } else { NoticeKind::Warning };
            let more = told[at + 1..].iter().filter(|other| like(alert, other)).count();
            let more = if more > 0 { format!(", and {more} more of its notes wait") } else { String::new() };
            self.notices.tell(kind, format!("{}{more}", alert.in_words()));
        }
        Vec::new()
    }
}
