//! What long work asks while it runs: may it go on, and where does it say how far it is.

use std::sync::atomic::{AtomicU64, Ordering};

use trommel_model::{Cancel, Outcome, ProgressSlot};

/// Rows handled between two looks at the cancel flag; a few milliseconds of the slowest loop over rows.
pub(crate) const STRETCH: usize = 65_536;

/// The caller's flag and slot, shared by all threads of a match.
pub(crate) struct Watch<'a> {
    cancel: &'a Cancel,
    progress: &'a ProgressSlot,
    done: AtomicU64,
}

impl<'a> Watch<'a> {
    pub fn new(cancel: &'a Cancel, progress: &'a ProgressSlot) -> Self {
        Self { cancel, progress, done: AtomicU64::new(0) }
    }

    /// Names the phase that begins and how much there is to do in it.
    pub fn start(&self, doing: &str, total: u64) -> Outcome<()> {
        self.cancel.check()?;
        self.done.store(0, Ordering::Relaxed);
        self.progress.update(|p| {
            doing.clone_into(&mut p.doing);
            p.rows = 0;
            p.rows_total = total;
        });
        Ok(())
    }

    /// The caller's flag, for work that counts its progress elsewhere.
    pub fn cancel(&self) -> &'a Cancel {
        self.cancel
    }

    /// Fails once somebody asked to stop.
    pub fn check(&self) -> Outcome<()> {
        self.cancel.check()
    }

    /// Counts work done, in the unit of the phase.
    pub fn advance(&self, by: u64) {
        let done = self.done.fetch_add(by, Ordering::Relaxed) + by;
        self.progress.update(|p| p.rows = p.rows.max(done));
    }
}
