//! What runs and what ran: every job ends in exactly one of finished, cancelled, failed.

use trommel_model::{Code, Problem, Progress};

use crate::app::Effects;
use crate::{App, Effect, Refused, Ticket, Work};

/// The jobs, newest last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobsView {
    /// The jobs.
    pub jobs: Vec<Job>,
}

/// One job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its work.
    pub ticket: Ticket,
    /// What it does.
    pub title: String,
    /// What is lost when it is stopped.
    pub stake: Stake,
    /// Where it stands.
    pub state: JobState,
    /// How far it came.
    pub progress: Progress,
}

/// What is lost when a job is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stake {
    /// It only looks; asking again gives the same.
    Nothing,
    /// It makes tables or files, which would not be made.
    Work,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// It goes on.
    Running,
    /// Somebody asked it to stop.
    Stopping,
    /// It is done.
    Finished,
    /// It was stopped.
    Cancelled,
    /// It failed.
    Failed(Problem),
}

const ENDED_KEPT: usize = 50;

impl JobsView {
    /// The jobs that go on.
    pub fn running(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|j| !j.state.has_ended())
    }

    /// The jobs that make something.
    pub fn at_stake(&self) -> impl Iterator<Item = &Job> {
        self.running().filter(|j| j.stake == Stake::Work)
    }

    pub(crate) fn begin(&mut self, ticket: Ticket, title: String, stake: Stake) {
        self.jobs.push(Job { ticket, title, stake, state: JobState::Running, progress: Progress::default() });
        let ended = self.jobs.iter().filter(|j| j.state.has_ended()).count();
        if ended > ENDED_KEPT
            && let Some(oldest) = self.jobs.iter().position(|j| j.state.has_ended())
        {
            self.jobs.remove(oldest);
        }
    }

    pub(crate) fn progress(&mut self, ticket: Ticket, progress: Progress) {
        if let Some(job) = self.live(ticket) {
            job.progress = progress;
        }
    }

    pub(crate) fn stopping(&mut self, ticket: Ticket) -> bool {
        self.live(ticket).map(|job| job.state = JobState::Stopping).is_some()
    }

    pub(crate) fn end(&mut self, ticket: Ticket, outcome: Result<(), &Problem>) {
        if let Some(job) = self.live(ticket) {
            job.state = match outcome {
                Ok(()) => JobState::Finished,
                Err(problem) if problem.code == Code::Interrupted => JobState::Cancelled,
                Err(problem) => JobState::Failed(problem.clone()),
            };
        }
    }

    fn live(&mut self, ticket: Ticket) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|j| j.ticket == ticket && !j.state.has_ended())
    }
}

impl JobState {
    /// True when nothing more will happen.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed(_))
    }
}

impl App {
    pub(crate) fn cancel(&mut self, ticket: Ticket) -> Effects {
        if !self.jobs.stopping(ticket) {
            return Err(Refused(Problem::new(Code::Usage, "that job has ended")));
        }
        Ok(vec![Effect { ticket, work: Work::Cancel(ticket) }])
    }

    pub(crate) fn list_jobs(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Some(title) = effect.work.job_title() {
                self.jobs.begin(effect.ticket, title, effect.work.stake());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_once() {
        let mut jobs = JobsView::default();
        jobs.begin(Ticket(1), "run".to_owned(), Stake::Work);
        jobs.begin(Ticket(2), "profile".to_owned(), Stake::Nothing);
        assert_eq!(jobs.at_stake().count(), 1);
        assert!(jobs.stopping(Ticket(1)));
        jobs.end(Ticket(1), Err(&Problem::interrupted()));
        jobs.end(Ticket(1), Ok(()));
        assert_eq!(jobs.jobs[0].state, JobState::Cancelled);
        assert!(!jobs.stopping(Ticket(1)), "what has ended cannot be stopped");
    }

    #[test]
    fn the_list_does_not_grow_without_bound() {
        let mut jobs = JobsView::default();
        for i in 0..200 {
            jobs.begin(Ticket(i), "x".to_owned(), Stake::Nothing);
            jobs.end(Ticket(i), Ok(()));
        }
        assert!(jobs.jobs.len() <= ENDED_KEPT + 2);
    }
}
