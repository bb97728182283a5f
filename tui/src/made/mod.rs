//! A desk with canned answers, and a small car rental to answer about: for tests only, no engine.

mod checks;
mod data;
mod matching;

use std::collections::VecDeque;
use std::time::Duration;

use trommel_app::{App, Command, Effect, Message, News, Refused, View, Work};

use crate::Desk;
pub(crate) use checks::{change, check_list};
pub(crate) use data::*;
pub(crate) use matching::match_preview;

type Answer = Box<dyn FnMut(&Work) -> Vec<News>>;

/// Answers work from a function instead of an engine.
pub(crate) struct MadeDesk {
    app: App,
    answer: Answer,
    waiting: VecDeque<Message>,
    /// All that was asked, in order.
    pub asked: Vec<Command>,
    /// News that have not been taken in count as work.
    hold: bool,
}

impl MadeDesk {
    /// A desk that answers all work at once as [`rental`] does.
    pub(crate) fn new() -> Self {
        Self::answering(rental)
    }

    /// A desk that answers so.
    pub(crate) fn answering(answer: impl FnMut(&Work) -> Vec<News> + 'static) -> Self {
        Self { app: App::new(), answer: Box::new(answer), waiting: VecDeque::new(), asked: Vec::new(), hold: false }
    }

    /// From now on answers stay on their way.
    pub(crate) fn hold(&mut self) {
        self.hold = true;
    }

    /// Asks, and takes the answers in.
    pub(crate) fn done(&mut self, command: Command) -> &mut Self {
        Desk::ask(self, command).unwrap();
        self.pump();
        self
    }

    fn work(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            for news in (self.answer)(&effect.work) {
                self.waiting.push_back(Message { ticket: effect.ticket, news });
            }
        }
    }
}

impl Desk for MadeDesk {
    fn view(&self) -> View<'_> {
        self.app.view()
    }

    fn ask(&mut self, command: Command) -> Result<(), Refused> {
        self.asked.push(command.clone());
        let effects = self.app.apply(command)?;
        self.work(effects);
        Ok(())
    }

    fn pump(&mut self) -> bool {
        if self.hold {
            return false;
        }
        let mut changed = false;
        while let Some(message) = self.waiting.pop_front() {
            let effects = self.app.hear(message);
            self.work(effects);
            changed = true;
        }
        changed
    }

    fn wait(&mut self, _at_most: Duration) -> bool {
        self.pump()
    }

    fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }
}
