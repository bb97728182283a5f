//! How far a job is: a latest-value slot, never a queue.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// How far one piece of work has come. Zero means "not known" for totals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done now, for instance `reading quotes.csv`.
    pub doing: String,
    /// Rows handled so far.
    pub rows: u64,
    /// Rows expected; 0 when unknown.
    pub rows_total: u64,
    /// Bytes handled so far.
    pub bytes: u64,
    /// Bytes expected; 0 when unknown.
    pub bytes_total: u64,
}

impl Progress {
    /// Share done from 0 to 1, when a total is known.
    pub fn ratio(&self) -> Option<f64> {
        let of = |done: u64, total: u64| (total > 0).then(|| (done as f64 / total as f64).min(1.0));
        of(self.bytes, self.bytes_total).or_else(|| of(self.rows, self.rows_total))
    }
}

/// Where work leaves its newest progress and a face picks it up. Clones share the slot.
#[derive(Debug, Clone, Default)]
pub struct ProgressSlot(Arc<Mutex<Progress>>);

impl ProgressSlot {
    /// A slot that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the value in place.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The newest value.
    pub fn latest(&self) -> Progress {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
