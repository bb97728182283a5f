//! The checks of the workspace and how they stand; checks that are proposed, accepted and taken back.

use trommel_model::{CheckProposal, CheckResult, CheckState, ChecksAdded, Code, Problem, TableName};

use crate::app::Effects;
use crate::{App, CheckCommand, ChosenChecks, Effect, NoticeKind, Refused, Remote, Screen, Ticket, Work};

/// The checks on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChecksView {
    /// All checks, broken ones first.
    pub list: Remote<Vec<CheckState>>,
    /// Checks that could be written for a table, while they are looked at.
    pub proposals: Remote<Proposals>,
    /// What was written last.
    pub added: Remote<ChecksAdded>,
    /// What was accepted and can be taken back, the last one last.
    pub accepted: Vec<ChecksAdded>,
    /// What is being taken back.
    pub(crate) undoing: Option<(Ticket, ChecksAdded)>,
}

/// Checks that could be written for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposals {
    /// The table.
    pub table: TableName,
    /// The checks.
    pub checks: Vec<CheckProposal>,
}

impl ChecksView {
    /// Takes in results of checks that were just evaluated.
    pub(crate) fn take_in(&mut self, results: &[CheckResult]) {
        let (Remote::Ready(list) | Remote::Pending { previous: Some(list), .. } | Remote::Failed { previous: Some(list), .. }) =
            &mut self.list
        else {
            return;
        };
        let mut left: Vec<&CheckResult> = results.iter().collect();
        for state in list.iter_mut() {
            // Two checks may have one label: they come in the order in which they are written.
            if let Some(at) = left.iter().position(|r| r.table == state.table && r.check == state.label) {
                state.result = Some(left.remove(at).clone());
                state.run = Some("now".to_owned());
            }
        }
    }

    /// True for a proposal that was accepted since it was made.
    pub fn is_accepted(&self, proposal: &CheckProposal) -> bool {
        let Some(table) = self.proposals.latest().map(|p| p.table.to_string()) else { return false };
        self.accepted.iter().any(|added| added.table == table && added.after.contains(&proposal.text))
    }
}

impl App {
    pub(crate) fn apply_check(&mut self, command: CheckCommand) -> Effects {
        let workspace = self.workspace()?;
        let ticket = self.tickets.next();
        let work = match command {
            CheckCommand::List => {
                self.checks.list.ask(ticket);
                Work::CheckList(workspace)
            }
            CheckCommand::Propose(table) => {
                self.checks.proposals = Remote::NotAsked;
                self.checks.proposals.ask(ticket);
                self.screens.show(Screen::Checks);
                Work::Proposals(workspace, table)
            }
            CheckCommand::Accept(number) => {
                let Some(proposals) = self.checks.proposals.latest() else {
                    return Err(Refused(Problem::new(Code::Usage, "no check is proposed").next("p proposes checks for a table")));
                };
                let Some(chosen) = number.checked_sub(1).and_then(|at| proposals.checks.get(at)).cloned() else {
                    let what = format!("there is no proposal {number} among {}", proposals.checks.len());
                    return Err(Refused(Problem::new(Code::Usage, what)));
                };
                if self.checks.is_accepted(&chosen) {
                    return Err(Refused(
                        Problem::new(Code::Usage, format!("{} is accepted already", chosen.label)).next("u takes it back"),
                    ));
                }
                let table = proposals.table.clone();
                self.checks.added.ask(ticket);
                Work::AddChecks(workspace, table, ChosenChecks::These(vec![chosen]))
            }
            CheckCommand::AcceptOf { table, numbers } => {
                self.checks.added.ask(ticket);
                Work::AddChecks(workspace, table, ChosenChecks::Numbers(numbers))
            }
            CheckCommand::Undo => {
                if self.checks.undoing.is_some() {
                    return Err(Refused(Problem::new(Code::Usage, "one is being taken back already")));
                }
                let Some(last) = self.checks.accepted.last().cloned() else {
                    return Err(Refused(Problem::new(Code::Usage, "nothing was accepted").next("a accepts a proposal")));
                };
                self.checks.undoing = Some((ticket, last.clone()));
                Work::TakeChecksBack(workspace, Box::new(last))
            }
            CheckCommand::Leave => {
                self.checks.proposals = Remote::NotAsked;
                return Ok(Vec::new());
            }
        };
        Ok(vec![Effect { ticket, work }])
    }

    pub(crate) fn hear_checks_added(&mut self, ticket: Ticket, added: ChecksAdded) -> Vec<Effect> {
        if let Some((_, back)) = self.checks.undoing.take_if(|(waiting, _)| *waiting == ticket) {
            self.checks.accepted.retain(|a| *a != back);
            self.notices.tell(NoticeKind::Info, format!("{} of {} is taken back", back.labels.join(", "), back.table));
        } else if self.checks.added.accept(ticket, Ok(added.clone())) {
            self.notices.tell(NoticeKind::Info, format!("{} of {} is written to {}", added.labels.join(", "), added.table, added.file));
            self.checks.accepted.push(added);
        } else {
            return Vec::new();
        }
        // What was written is part of the workspace from now on; the list follows when it is read.
        self.apply_workspace(crate::WorkspaceCommand::Reload).unwrap_or_default()
    }
}
