//! The profile that was asked for, the cells of its subject that look wrong, and the checks it suggests.

use trommel_model::{Code, Findings, Problem, Profile, ProfileLevel};

use crate::app::Effects;
use crate::{App, Effect, QualityCommand, Refused, Remote, Report, Screen, Subject, Work};

/// A profile on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileView {
    /// Of what.
    pub subject: Option<Subject>,
    /// The figures.
    pub profile: Remote<Profile>,
    /// The cells that look wrong, when they were asked for.
    pub findings: Remote<Findings>,
    /// The checks that the profile suggests, when they were asked for.
    pub proposed: Remote<Report>,
}

impl App {
    pub(crate) fn profile(&mut self, subject: Subject) -> Effects {
        self.apply_quality(QualityCommand::Profile { subject, level: ProfileLevel::Full, relations: false })
    }

    pub(crate) fn apply_quality(&mut self, command: QualityCommand) -> Effects {
        let subject = match &command {
            QualityCommand::Profile { subject, .. } | QualityCommand::Audit(subject) | QualityCommand::Propose(subject) => subject.clone(),
            QualityCommand::AuditProfiled => self
                .profile
                .subject
                .clone()
                .ok_or_else(|| Refused(Problem::new(Code::Usage, "nothing is profiled").next("profile a table or a file first")))?,
        };
        self.require_workspace_for(&subject)?;
        let ticket = self.tickets.next();
        if self.profile.subject.as_ref() != Some(&subject) {
            self.profile = ProfileView { subject: Some(subject.clone()), ..ProfileView::default() };
        }
        self.screens.show(Screen::Profile);
        let workspace = self.workspace.current.latest().cloned();
        let work = match command {
            QualityCommand::Profile { level, relations, .. } => {
                self.profile.profile.ask(ticket);
                Work::Profile { workspace, subject, level, relations }
            }
            QualityCommand::Audit(_) | QualityCommand::AuditProfiled => {
                self.profile.findings.ask(ticket);
                Work::Audit { workspace, subject }
            }
            QualityCommand::Propose(_) => {
                self.profile.proposed.ask(ticket);
                Work::Propose { workspace, subject }
            }
        };
        Ok(vec![Effect { ticket, work }])
    }
}
