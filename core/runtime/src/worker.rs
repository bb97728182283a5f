//! One thread for each piece of work, with its cancel flag, its progress slot and a net for panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Sender;
use trommel_app::{Message, News, Ticket, Work};
use trommel_model::{Cancel, Code, Problem, ProgressSlot};

use crate::session::Shared;
use crate::{Settings, work};

/// What a piece of work is given.
pub(crate) struct Task {
    /// The number its answers carry.
    pub(crate) ticket: Ticket,
    /// Raised when it should stop.
    pub(crate) cancel: Cancel,
    /// Where it says how far it is.
    pub(crate) progress: ProgressSlot,
    /// What the face settled.
    pub(crate) settings: Settings,
    /// What all work shares.
    pub(crate) shared: Arc<Shared>,
    send: Sender<Message>,
}

impl Task {
    /// Sends news and wakes the face. A face that has gone away hears nothing, and that is fine.
    pub(crate) fn tell(&self, news: News) {
        if self.send.send(Message { ticket: self.ticket, news }).is_ok() {
            (self.settings.wake)();
        }
    }

    /// A way to tell from another thread that outlives the task.
    pub(crate) fn teller(&self) -> impl Fn(News) + Send + 'static {
        let (send, wake, ticket) = (self.send.clone(), self.settings.wake.clone(), self.ticket);
        move |news| {
            if send.send(Message { ticket, news }).is_ok() {
                wake();
            }
        }
    }
}

/// Starts a piece of work. Whatever happens, exactly one message that ends it is sent.
pub(crate) fn spawn(ticket: Ticket, work: Work, settings: &Settings, shared: &Arc<Shared>, send: &Sender<Message>) {
    let (cancel, progress) = shared.begin(ticket);
    let task = Task { ticket, cancel, progress, settings: settings.clone(), shared: shared.clone(), send: send.clone() };
    let started = std::thread::Builder::new().name(format!("work-{}", ticket.0)).spawn(move || {
        let answer = catch_unwind(AssertUnwindSafe(|| work::perform(&task, work)));
        task.shared.end(task.ticket);
        match answer {
            Ok(Ok(Some(news))) => task.tell(news),
            Ok(Ok(None)) => {}
            Ok(Err(problem)) => task.tell(News::Failed(problem)),
            Err(panic) => task.tell(News::Failed(from_panic(&*panic))),
        }
    });
    if let Err(error) = started {
        shared.end(ticket);
        let problem = Problem::new(Code::Internal, "cannot start a worker").why(error.to_string());
        // The receiver lives as long as the session that called us.
        let _ = send.send(Message { ticket, news: News::Failed(problem) });
    }
}

fn from_panic(panic: &(dyn Any + Send)) -> Problem {
    let words = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::new(Code::Internal, "something inside broke")
        .why(words.unwrap_or_else(|| "no reason was given".to_owned()))
        .next("nothing was published; please report this with what you did")
}
