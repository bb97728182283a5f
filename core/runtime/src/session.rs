//! The application and the runtime that works for it, as one thing a face can hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use trommel_app::{App, Command, Effect, Message, News, Refused, Ticket, View, Work};
use trommel_model::{Cancel, Outcome, Progress, ProgressSlot};
use trommel_workspace::watch::Watcher;

/// How long a face that leaves waits for work that was asked to stop.
const LEAVING: Duration = Duration::from_secs(2);

/// What a face settles at start.
#[derive(Clone)]
pub struct Settings {
    /// Where user settings lie instead of the standard folders.
    pub config_dir: Option<PathBuf>,
    /// Threads one piece of work may use.
    pub threads: usize,
    /// Called from a worker whenever there is news; a face uses it to wake its loop.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// A running application.
pub struct Session {
    app: App,
    settings: Settings,
    shared: Arc<Shared>,
    send: Sender<Message>,
    news: Receiver<Message>,
    open: BTreeSet<Ticket>,
    told: BTreeMap<Ticket, Progress>,
}

/// Stops work from anywhere, for signal handlers.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

/// What workers and the session share.
pub(crate) struct Shared {
    live: Mutex<BTreeMap<Ticket, (Cancel, ProgressSlot)>>,
    /// Told when a piece of work has ended.
    ended: Condvar,
    pub(crate) desk: Mutex<Option<crate::desk::Desk>>,
    pub(crate) remote: Mutex<Option<crate::remote::Kept>>,
    watcher: Mutex<Option<Watcher>>,
}

impl Session {
    /// An application with nothing open.
    pub fn start(settings: Settings) -> Outcome<Self> {
        let (send, news) = crossbeam_channel::unbounded();
        let shared = Arc::new(Shared {
            live: Mutex::new(BTreeMap::new()),
            ended: Condvar::new(),
            desk: Mutex::new(None),
            remote: Mutex::new(None),
            watcher: Mutex::new(None),
        });
        Ok(Self { app: App::new(), settings, shared, send, news, open: BTreeSet::new(), told: BTreeMap::new() })
    }

    /// What there is to draw.
    pub fn view(&self) -> View<'_> {
        self.app.view()
    }

    /// Does what is asked, or says why not. Work goes on in the background.
    pub fn ask(&mut self, command: Command) -> Result<(), Refused> {
        let effects = self.app.apply(command)?;
        self.execute(effects);
        Ok(())
    }

    /// Takes in all news there is, without waiting. True when the view may have changed.
    pub fn pump(&mut self) -> bool {
        let mut changed = self.take_progress();
        while let Ok(message) = self.news.try_recv() {
            self.hear(message);
            changed = true;
        }
        changed
    }

    /// Waits for news, at most so long, and takes it in. True when the view may have changed.
    pub fn wait(&mut self, at_most: Duration) -> bool {
        if let Ok(message) = self.news.recv_timeout(at_most) {
            self.hear(message);
            self.pump();
            return true;
        }
        self.pump()
    }

    /// Works until nothing is open any more; `each` sees the view about ten times a second.
    pub fn settle(&mut self, mut each: impl FnMut(&View<'_>)) {
        while self.is_busy() {
            self.wait(Duration::from_millis(100));
            each(&self.app.view());
        }
    }

    /// True while work is open; watching files is no work.
    pub fn is_busy(&self) -> bool {
        !self.open.is_empty()
    }

    /// Something that can stop all work from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.shared.clone())
    }

    fn hear(&mut self, message: Message) {
        if message.news.ends_work() {
            self.open.remove(&message.ticket);
            self.told.remove(&message.ticket);
        }
        let effects = self.app.hear(message);
        self.execute(effects);
    }

    fn take_progress(&mut self) -> bool {
        let slots: Vec<(Ticket, Progress)> = {
            let live = self.shared.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.iter().filter(|(t, _)| self.open.contains(t)).map(|(t, (_, slot))| (*t, slot.latest())).collect()
        };
        let mut changed = false;
        for (ticket, progress) in slots {
            if self.told.get(&ticket) != Some(&progress) {
                self.told.insert(ticket, progress.clone());
                self.app.hear(Message { ticket, news: News::Progress(progress) });
                changed = true;
            }
        }
        changed
    }

    fn execute(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect.work {
                Work::Cancel(ticket) => self.shared.stop(ticket),
                work => {
                    if !matches!(work, Work::Watch(_) | Work::RememberRecent(_)) {
                        self.open.insert(effect.ticket);
                    }
                    crate::worker::spawn(effect.ticket, work, &self.settings, &self.shared, &self.send);
                }
            }
        }
    }
}

/// Work is stopped and the engine closed before the process ends: what a process tears down at its end must not be in use.
/// Work that does not hear of it in time goes with the process.
impl Drop for Session {
    fn drop(&mut self) {
        self.stopper().stop_all();
        let live = self.shared.live.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = self.shared.ended.wait_timeout_while(live, LEAVING, |live| !live.is_empty());
        drop(idle.unwrap_or_else(PoisonError::into_inner));
        // Only work that goes on holds these longer than a moment.
        let remote = self.shared.remote.try_lock().ok().and_then(|mut remote| remote.take());
        let desk = self.shared.desk.try_lock().ok().and_then(|mut desk| desk.take());
        drop((remote, desk));
    }
}

impl Stopper {
    /// Asks all work to stop; each piece still answers.
    pub fn stop_all(&self) {
        for (cancel, _) in self.0.live.lock().unwrap_or_else(PoisonError::into_inner).values() {
            cancel.raise();
        }
    }
}

impl Shared {
    pub(crate) fn begin(&self, ticket: Ticket) -> (Cancel, ProgressSlot) {
        let handles = (Cancel::new(), ProgressSlot::new());
        self.live.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, handles.clone());
        handles
    }

    pub(crate) fn end(&self, ticket: Ticket) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
        self.ended.notify_all();
    }

    /// Keeps a watch going; the one before it ends.
    pub(crate) fn keep_watcher(&self, watcher: Watcher) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    fn stop(&self, ticket: Ticket) {
        if let Some((cancel, _)) = self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&ticket) {
            cancel.raise();
        }
    }
}
