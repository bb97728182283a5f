//! What a key comes to, said by screens and pop-ups, done by the face.

use trommel_app::catalogue::{Entry, Values};
use trommel_app::{Command, NoticeKind};

use super::popups::Popup;

/// One thing to do.
pub(crate) enum Act {
    /// Ask the application.
    Ask(Command),
    /// Do an entry of the catalogue; what it needs to know and is not given is asked for.
    Do(&'static Entry, Values),
    /// Lay something on top.
    Push(Box<dyn Popup>),
    /// Take away what lies on top.
    Close,
    /// Tell something.
    Say(NoticeKind, String),
    /// Put text on the clipboard.
    Copy(String),
    /// Leave, whatever goes on.
    Leave,
}
