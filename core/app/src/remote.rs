//! Data that comes from outside, in the four states it can be in.

use trommel_model::Problem;

use crate::Ticket;

/// Data that was asked for, or not yet. Earlier data stays while newer is on its way, so that
/// tables do not flicker.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Remote<T> {
    /// Nobody has asked.
    #[default]
    NotAsked,
    /// Asked; what was there before.
    Pending {
        /// Which answer counts.
        ticket: Ticket,
        /// The data until then.
        previous: Option<T>,
    },
    /// It came.
    Ready(T),
    /// It failed; what was there before.
    Failed {
        /// Why.
        problem: Problem,
        /// The data from before.
        previous: Option<T>,
    },
}

impl<T> Remote<T> {
    /// The newest data there is, however old.
    pub fn latest(&self) -> Option<&T> {
        match self {
            Self::NotAsked => None,
            Self::Pending { previous, .. } | Self::Failed { previous, .. } => previous.as_ref(),
            Self::Ready(value) => Some(value),
        }
    }

    /// Why it failed, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed { problem, .. } => Some(problem),
            _ => None,
        }
    }

    /// True while an answer is on its way.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending { .. })
    }

    /// Notes that an answer with this ticket is on its way.
    pub(crate) fn ask(&mut self, ticket: Ticket) {
        let previous = self.take_latest();
        *self = Self::Pending { ticket, previous };
    }

    /// Takes an answer, if it is the one that counts.
    pub(crate) fn accept(&mut self, ticket: Ticket, answer: Result<T, Problem>) -> bool {
        if !matches!(self, Self::Pending { ticket: expected, .. } if *expected == ticket) {
            return false;
        }
        let previous = self.take_latest();
        *self = match answer {
            Ok(value) => Self::Ready(value),
            Err(problem) => Self::Failed { problem, previous },
        };
        true
    }

    fn take_latest(&mut self) -> Option<T> {
        match std::mem::take(self) {
            Self::NotAsked => None,
            Self::Pending { previous, .. } | Self::Failed { previous, .. } => previous,
            Self::Ready(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use trommel_model::Code;

    use super::*;

    #[test]
    fn a_late_answer_is_dropped_and_old_data_stays() {
        let mut remote = Remote::Ready(1);
        remote.ask(Ticket(5));
        assert_eq!(remote.latest(), Some(&1));
        assert!(!remote.accept(Ticket(4), Ok(9)));
        assert!(remote.accept(Ticket(5), Err(Problem::new(Code::Internal, "x"))));
        assert_eq!(remote.latest(), Some(&1));
        assert!(!remote.accept(Ticket(5), Ok(2)), "an answer counts once");
    }
}
