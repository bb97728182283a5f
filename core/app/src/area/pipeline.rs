//! Plan, run and ledger.

use trommel_model::{CheckResult, Code, LogLine, Plan, Problem, RunEvent, RunRecord, RunStatus, StepRecord};

use crate::app::Effects;
use crate::{App, Effect, NoticeKind, PipelineCommand, Refused, Remote, Ticket, Work};

/// The pipeline on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PipelineView {
    /// What a run would do.
    pub plan: Remote<Plan>,
    /// The run this process started, while it goes on and after.
    pub run: Option<RunView>,
    /// A run of the ledger that was asked for.
    pub shown: Remote<RunRecord>,
    /// Results of checks that were evaluated alone.
    pub checks: Remote<Vec<CheckResult>>,
    /// The step that is selected.
    pub selected: Option<String>,
}

/// A run as it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    /// Its work.
    pub ticket: Ticket,
    /// What is known of it.
    pub record: Option<RunRecord>,
    /// The newest lines of its log.
    pub log: Vec<LogLine>,
    /// True once it has ended, one way or another.
    pub ended: bool,
}

const LOG_KEPT: usize = 1_000;

impl PipelineView {
    /// The run that goes on.
    pub fn running(&self) -> Option<&RunView> {
        self.run.as_ref().filter(|r| !r.ended)
    }

    /// What is known of a step: from the run in front.
    pub fn step(&self, name: &str) -> Option<&StepRecord> {
        self.run.as_ref()?.record.as_ref()?.steps.iter().find(|s| s.name == name)
    }

    pub(crate) fn hear(&mut self, ticket: Ticket, event: RunEvent) {
        let Some(run) = self.run.as_mut().filter(|r| r.ticket == ticket) else { return };
        match event {
            RunEvent::Started(record) | RunEvent::Ended(record) => run.record = Some(record),
            RunEvent::Step(step) => {
                let known = run.record.as_mut().and_then(|r| r.steps.iter_mut().find(|s| s.name == step.name));
                if let Some(known) = known {
                    *known = step;
                }
            }
            RunEvent::Log(line) => {
                if run.log.len() == LOG_KEPT {
                    run.log.remove(0);
                }
                run.log.push(line);
            }
        }
    }

    pub(crate) fn end(&mut self, ticket: Ticket, record: Option<RunRecord>) {
        if let Some(run) = self.run.as_mut().filter(|r| r.ticket == ticket) {
            run.ended = true;
            if record.is_some() {
                run.record = record;
            }
        }
    }
}

impl App {
    pub(crate) fn apply_pipeline(&mut self, command: PipelineCommand) -> Effects {
        let workspace = self.workspace()?;
        Ok(match command {
            PipelineCommand::Plan(selection) => {
                let ticket = self.tickets.next();
                self.pipeline.plan.ask(ticket);
                vec![Effect { ticket, work: Work::Plan(workspace, selection) }]
            }
            PipelineCommand::Run(selection) => {
                if self.pipeline.running().is_some() {
                    return Err(Refused(
                        Problem::new(Code::Locked, "a run is going on").next("wait for it or cancel it on the Pipeline screen"),
                    ));
                }
                let ticket = self.tickets.next();
                self.pipeline.run = Some(RunView { ticket, record: None, log: Vec::new(), ended: false });
                vec![Effect { ticket, work: Work::Run(workspace, selection) }]
            }
            PipelineCommand::Check(selection) => {
                let ticket = self.tickets.next();
                self.pipeline.checks.ask(ticket);
                vec![Effect { ticket, work: Work::Check(workspace, selection) }]
            }
            PipelineCommand::CancelRun => match self.pipeline.running().map(|r| r.ticket) {
                Some(ticket) => self.cancel(ticket)?,
                None => return Err(Refused(Problem::new(Code::Usage, "no run is going on"))),
            },
            PipelineCommand::ShowRun(id) => {
                let ticket = self.tickets.next();
                self.pipeline.shown.ask(ticket);
                vec![Effect { ticket, work: Work::ShowRun(workspace, id) }]
            }
            PipelineCommand::SelectStep(name) => {
                self.pipeline.selected = Some(name);
                Vec::new()
            }
        })
    }

    pub(crate) fn tell_run_end(&mut self, record: &RunRecord) {
        let held: u64 = record.steps.iter().map(|s| s.counts.quarantined).sum();
        match record.status {
            RunStatus::Held => self.notices.tell(NoticeKind::Warning, format!("run {} done, {held} rows held", record.id)),
            RunStatus::Failed => {
                let problem = record.problem.clone().unwrap_or_else(|| Problem::new(Code::RunFailed, format!("run {} failed", record.id)));
                self.notices.problem(problem);
            }
            status => self.notices.tell(NoticeKind::Info, format!("run {} {}", record.id, status.name())),
        }
    }
}
