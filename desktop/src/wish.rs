//! What a person asked for while a frame was drawn; done after it, so that drawing only reads.

use trommel_app::{Command, catalogue};

/// One thing to do after the frame.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// A command is known whole.
    Ask(Command),
    /// An entry of the catalogue is chosen; its arguments may have to be asked for first.
    Choose(&'static catalogue::Entry),
    /// An entry of the catalogue is chosen, and some of its arguments are known.
    Fill(&'static catalogue::Entry, Vec<(&'static str, String)>),
    /// A text is to be copied.
    Copy(String),
}

/// The wishes of a frame, in order.
#[derive(Debug, Default)]
pub(crate) struct Wishes(Vec<Wish>);

impl Wishes {
    pub(crate) fn ask(&mut self, command: Command) {
        self.0.push(Wish::Ask(command));
    }

    pub(crate) fn choose(&mut self, id: &str) {
        if let Some(entry) = catalogue::entry(id) {
            self.0.push(Wish::Choose(entry));
        }
    }

    pub(crate) fn fill(&mut self, id: &str, known: Vec<(&'static str, String)>) {
        if let Some(entry) = catalogue::entry(id) {
            self.0.push(Wish::Fill(entry, known));
        }
    }

    pub(crate) fn copy(&mut self, text: String) {
        self.0.push(Wish::Copy(text));
    }

    pub(crate) fn push(&mut self, wish: Wish) {
        self.0.push(wish);
    }

    pub(crate) fn take(self) -> Vec<Wish> {
        self.0
    }
}
