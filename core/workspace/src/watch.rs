//! Notices that the text files of a workspace have changed.
//!
//! What the operating system says only wakes the watcher up. What changed is found by comparing the files with what they
//! were before, so that lost, doubled and out-of-order events do no harm. Edits in quick succession are told once, when
//! nothing more has come for 100 ms. The state folder and data folders are not watched; nor are temporary files of editors.

mod files;
mod noise;
mod system;

#[cfg(test)]
mod tests;

pub(crate) use noise::is_noise;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use trommel_model::{Code, Outcome, Problem};

use files::{Files, changes};
use system::System;

/// Silence after which a change is told.
const QUIET: Duration = Duration::from_millis(100);

/// Told after this long even when events keep coming.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the files are looked at when no event comes: events get lost when a queue overflows or a limit is reached.
const RESCAN: Duration = Duration::from_secs(3);

/// A workspace being watched. Dropping it stops the watching; nothing is told afterwards.
#[derive(Debug)]
pub struct Watcher {
    wake: Sender<Wake>,
    thread: Option<JoinHandle<()>>,
}

/// Why the watching thread wakes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// Something happened to a file.
    Event,
    /// Something happened to a folder that is watched, or events were lost: watch everything anew.
    Anew,
    /// Nobody listens any more.
    Stop,
}

/// Watches the text files of the workspace in `root` and tells which changed, were added or were removed: absolute paths,
/// sorted. `on_change` is called on a thread of the watcher.
///
/// A root that is renamed or removed is told as the removal of its files, and watched again once it is back.
/// Where the operating system cannot watch, the files are looked at every few seconds instead.
pub fn watch(root: &Path, on_change: impl Fn(Vec<PathBuf>) + Send + 'static) -> Outcome<Watcher> {
    let root = std::fs::canonicalize(root).map_err(|e| Problem::from_io(&e, "watch the workspace", root))?;
    let (wake, woken) = mpsc::channel();
    // Watched first and listed second, so that no change falls between the two.
    let system = System::start(&root, &wake);
    let before = Files::list(&root);
    let to_system = wake.clone();
    let thread = std::thread::Builder::new()
        .name("workspace watcher".to_owned())
        .spawn(move || attend(&root, system, before, &woken, &to_system, &on_change))
        .map_err(|e| Problem::new(Code::Internal, "cannot start the watcher").why(e.to_string()))?;
    Ok(Watcher { wake, thread: Some(thread) })
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn attend(
    root: &Path,
    mut system: System,
    mut before: Files,
    woken: &Receiver<Wake>,
    wake: &Sender<Wake>,
    on_change: &dyn Fn(Vec<PathBuf>),
) {
    loop {
        match settle(woken) {
            Settled::Stop => return,
            Settled::Anew => system = System::start(root, wake),
            Settled::Events => system.follow(root),
        }
        let now = Files::list(root);
        let changed = changes(root, &before, &now);
        before = now;
        if !changed.is_empty() {
            on_change(changed);
        }
    }
}

/// What to do once it is quiet.
#[derive(Debug, PartialEq, Eq)]
enum Settled {
    Events,
    Anew,
    Stop,
}

/// Waits for an event and then for silence; without any event, until it is time to look anyway.
fn settle(woken: &Receiver<Wake>) -> Settled {
    let mut settled = Settled::Events;
    let mut wait = RESCAN;
    let mut last = None;
    loop {
        match woken.recv_timeout(wait) {
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return Settled::Stop,
            Err(RecvTimeoutError::Timeout) => return settled,
            Ok(Wake::Anew) => settled = Settled::Anew,
            Ok(Wake::Event) => {}
        }
        let deadline = *last.get_or_insert_with(|| Instant::now() + PATIENCE);
        wait = QUIET.min(deadline.saturating_duration_since(Instant::now()));
    }
}
