//! First figures of a profile while the rest of its rows stream in.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use trommel_model::Profile;

use super::Profiler;

/// From the first rows to the first figures.
const FIRST: Duration = Duration::from_millis(100);
/// Between two of them at least.
const PAUSE: Duration = Duration::from_millis(300);
/// How much longer than the last took the work goes on before the next, so that figures on the way cost a twentieth at most.
const TIMES: u32 = 20;

/// Tells the figures so far, now and then.
pub struct Glimpses<'a> {
    subject: &'a str,
    tell: &'a (dyn Fn(Profile) + Sync),
    due: Mutex<Instant>,
}

impl<'a> Glimpses<'a> {
    /// Glimpses of what people call `subject`.
    pub fn new(subject: &'a str, tell: &'a (dyn Fn(Profile) + Sync)) -> Self {
        Self { subject, tell, due: Mutex::new(Instant::now() + FIRST) }
    }

    /// Tells the figures if it is time; to be called by the thread that brings a part, after each of its batches.
    pub fn look(&self, profiler: &Profiler, part: usize) {
        // Whoever holds it is telling right now.
        let Ok(mut due) = self.due.try_lock() else { return };
        let begun = Instant::now();
        if begun < *due {
            return;
        }
        if let Some(profile) = profiler.so_far(self.subject, part) {
            (self.tell)(profile);
        }
        *due = Instant::now() + PAUSE.max(begun.elapsed() * TIMES);
    }
}
