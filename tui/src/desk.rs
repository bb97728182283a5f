//! What a face works at: the application and whoever does its work.
//!
//! The faces are generic over this, so that they can be tried with canned answers and no engine.

use std::time::Duration;

use trommel_app::{Command, Refused, View};
use trommel_runtime::Session;

/// An application that can be looked at, asked and waited for.
pub trait Desk {
    /// What there is to draw.
    fn view(&self) -> View<'_>;

    /// Does what is asked, or says why not. Work goes on in the background.
    fn ask(&mut self, command: Command) -> Result<(), Refused>;

    /// Takes in all news there is, without waiting. True when the view may have changed.
    fn pump(&mut self) -> bool;

    /// Waits for news, at most so long, and takes it in. True when the view may have changed.
    fn wait(&mut self, at_most: Duration) -> bool;

    /// True while work is open.
    fn is_busy(&self) -> bool;
}

impl Desk for Session {
    fn view(&self) -> View<'_> {
        Self::view(self)
    }

    fn ask(&mut self, command: Command) -> Result<(), Refused> {
        Self::ask(self, command)
    }

    fn pump(&mut self) -> bool {
        Self::pump(self)
    }

    fn wait(&mut self, at_most: Duration) -> bool {
        Self::wait(self, at_most)
    }

    fn is_busy(&self) -> bool {
        Self::is_busy(self)
    }
}
