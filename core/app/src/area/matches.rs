//! Entity resolution of files.

use trommel_model::{Code, Problem};

use crate::app::Effects;
use crate::{App, Effect, MatchCommand, MatchRequest, MatchSubject, Refused, Remote, Report, Work, Written};

/// What came of a match.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatchView {
    /// What was found, what it would cost, or why two rows weigh what they weigh.
    pub report: Remote<Report>,
    /// The crosswalk that was written.
    pub written: Remote<Written>,
}

impl App {
    pub(crate) fn apply_match(&mut self, command: MatchCommand) -> Effects {
        let writes = matches!(&command, MatchCommand::Resolve(request) if request.crosswalk.is_some());
        let (files, workspace) = match &command {
            MatchCommand::Resolve(MatchRequest { files, .. })
            | MatchCommand::Estimate(MatchSubject::Files { files, .. })
            | MatchCommand::Explain { files, .. } => (Some(files), None),
            MatchCommand::Estimate(MatchSubject::Model(name)) => (None, Some(self.known_match(name)?)),
        };
        if files.is_some_and(Vec::is_empty) {
            return Err(Refused(
                Problem::new(Code::Usage, "no file is named").next("name one file to find duplicates in, or several to link"),
            ));
        }
        let ticket = self.tickets.next();
        if writes {
            self.matches.written.ask(ticket);
        } else {
            self.matches.report.ask(ticket);
        }
        Ok(vec![Effect { ticket, work: Work::Match(workspace, command) }])
    }
}
