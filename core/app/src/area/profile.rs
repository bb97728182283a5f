//! The profile that was asked for, the cells of its subject that look wrong, the checks it suggests, and what changed since another.

use trommel_model::{Code, Findings, Problem, Profile, ProfileChange, ProfileLevel};

use crate::app::Effects;
use crate::{App, Effect, ProfileMoment, QualityCommand, Refused, Remote, Report, Screen, Subject, Ticket, Work};

/// A profile on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileView {
    /// Of what.
    pub subject: Option<Subject>,
    /// The figures.
    pub profile: Remote<Profile>,
    /// The figures of the rows that have come so far, while the others stream in.
    pub so_far: Option<Profile>,
    /// The cells that look wrong, when they were asked for.
    pub findings: Remote<Findings>,
    /// The checks that the profile suggests, when they were asked for.
    pub proposed: Remote<Report>,
    /// What changed about the columns, when two profiles were compared.
    pub change: Remote<ProfileChange>,
    /// What is in front.
    pub front: ProfileFront,
}

impl ProfileView {
    /// What there is to show, and whether all rows are in it.
    pub fn shown(&self) -> Option<(&Profile, Whole)> {
        let whole = self.profile.latest().map(|profile| (profile, Whole::Yes));
        whole.or_else(|| self.so_far.as_ref().map(|profile| (profile, Whole::No)))
    }

    /// Takes in first figures, if the profile is still waited for.
    pub(crate) fn hear_so_far(&mut self, ticket: Ticket, profile: Profile) {
        if matches!(self.profile, Remote::Pending { ticket: expected, .. } if expected == ticket) {
            self.so_far = Some(profile);
        }
    }
}

/// Whether figures are those of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All rows are in them.
    Yes,
    /// Rows are still coming.
    No,
}

/// What is in front on the screen of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProfileFront {
    /// The columns.
    #[default]
    Columns,
    /// What changed about them.
    Changes,
}

impl App {
    pub(crate) fn profile(&mut self, subject: Subject) -> Effects {
        self.apply_quality(QualityCommand::Profile { subject, level: ProfileLevel::Full, relations: false })
    }

    pub(crate) fn apply_quality(&mut self, command: QualityCommand) -> Effects {
        let profiled = || {
            let nothing = Problem::new(Code::Usage, "nothing is profiled").next("profile a table or a file first");
            self.profile.subject.clone().ok_or(Refused(nothing))
        };
        let subject = match &command {
            QualityCommand::Profile { subject, .. }
            | QualityCommand::Compare { subject, .. }
            | QualityCommand::Audit(subject)
            | QualityCommand::Propose(subject) => subject.clone(),
            QualityCommand::AuditProfiled
            | QualityCommand::CompareProfiled(_)
            | QualityCommand::TurnProfile
            | QualityCommand::Report(_) => profiled()?,
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
                self.profile.front = ProfileFront::Columns;
                self.profile.profile.ask(ticket);
                self.profile.so_far = None;
                Work::Profile { workspace, subject, level, relations }
            }
            QualityCommand::Audit(_) | QualityCommand::AuditProfiled => {
                self.profile.front = ProfileFront::Columns;
                self.profile.findings.ask(ticket);
                Work::Audit { workspace, subject }
            }
            QualityCommand::Propose(_) => {
                self.profile.proposed.ask(ticket);
                Work::Propose { workspace, subject }
            }
            QualityCommand::Compare { from, to, .. } => self.compare(ticket, subject, from, to)?,
            QualityCommand::CompareProfiled(from) => {
                let to = later_than(&from);
                self.compare(ticket, subject, from, to)?
            }
            QualityCommand::TurnProfile => {
                if self.profile.change == Remote::NotAsked {
                    return Err(Refused(Problem::new(Code::Usage, "nothing is compared").next("c compares with an earlier run")));
                }
                self.profile.front = match self.profile.front {
                    ProfileFront::Columns => ProfileFront::Changes,
                    ProfileFront::Changes => ProfileFront::Columns,
                };
                return Ok(Vec::new());
            }
            QualityCommand::Report(to) => {
                let profile = self.profile.profile.latest().cloned();
                let change = self.profile.change.latest().cloned();
                if profile.is_none() && change.is_none() {
                    return Err(Refused(Problem::new(Code::Usage, "the profile is not there yet").next("wait for it")));
                }
                self.board.written.ask(ticket);
                Work::ProfileReport { workspace, subject, profile: profile.map(Box::new), change: change.map(Box::new), to }
            }
        };
        Ok(vec![Effect { ticket, work }])
    }

    fn compare(&mut self, ticket: Ticket, subject: Subject, from: ProfileMoment, to: ProfileMoment) -> Result<Work, Refused> {
        for moment in [&from, &to] {
            match moment {
                ProfileMoment::Kept(_) => {
                    if !matches!(subject, Subject::Table(_)) {
                        let what = format!("runs keep profiles of tables, and {subject} is none");
                        return Err(Refused(Problem::new(Code::Usage, what).next("compare it with a file, a table or a SELECT")));
                    }
                    self.workspace()?;
                }
                ProfileMoment::Of(other) => self.require_workspace_for(other)?,
                ProfileMoment::Now => {}
            }
        }
        if from == to {
            return Err(Refused(Problem::new(Code::Usage, "both are the same profile").next("name two, for instance previous last")));
        }
        self.profile.front = ProfileFront::Changes;
        self.profile.change.ask(ticket);
        Ok(Work::ProfileChange { workspace: self.workspace.current.latest().cloned(), subject, from, to })
    }
}

/// What a profile is held against when only the earlier one is named.
pub(crate) fn later_than(from: &ProfileMoment) -> ProfileMoment {
    match from {
        ProfileMoment::Kept(which) if which != "last" => ProfileMoment::Kept("last".to_owned()),
        ProfileMoment::Now | ProfileMoment::Kept(_) | ProfileMoment::Of(_) => ProfileMoment::Now,
    }
}
