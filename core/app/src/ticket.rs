//! Numbers that tie an answer to its question, so that late answers are dropped.

use serde::{Deserialize, Serialize};

/// The number of one piece of work. Later work has a larger number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Ticket(pub u64);

/// Hands out tickets in order.
#[derive(Debug, Default)]
pub(crate) struct Tickets(u64);

impl Tickets {
    /// The next ticket.
    pub(crate) fn next(&mut self) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}
