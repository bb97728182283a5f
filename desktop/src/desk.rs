//! What the desktop needs of an application: a session, or in tests the pure application with canned news.

use trommel_app::{Command, Refused, View};
use trommel_runtime::Session;

/// An application that can be drawn and asked.
pub trait Desk {
    /// What there is to draw.
    fn view(&self) -> View<'_>;
    /// Does what is asked, or says why not.
    fn ask(&mut self, command: Command) -> Result<(), Refused>;
    /// Takes in news without waiting. True when the view may have changed.
    fn pump(&mut self) -> bool;
    /// True while work goes on.
    fn is_busy(&self) -> bool;
}

impl Desk for Session {
    fn view(&self) -> View<'_> {
        self.view()
    }

    fn ask(&mut self, command: Command) -> Result<(), Refused> {
        self.ask(command)
    }

    fn pump(&mut self) -> bool {
        self.pump()
    }

    fn is_busy(&self) -> bool {
        self.is_busy()
    }
}
