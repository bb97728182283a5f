//! When to draw: on change only, at once when it is quiet, and not more often than the line can bear.

use std::time::{Duration, Instant};

/// Keeps the time between frames.
pub(super) struct Rhythm {
    pause: Duration,
    last: Option<Instant>,
    /// A key waits for its frame, and the line is quick.
    urgent: bool,
    remote: bool,
}

/// Between frames on this machine, and over a network.
const NEAR: Duration = Duration::from_millis(16);
const FAR: Duration = Duration::from_millis(67);
/// Between looks at how far jobs are.
const PROGRESS: Duration = Duration::from_millis(100);

impl Rhythm {
    pub(super) fn new(remote: bool) -> Self {
        Self { pause: if remote { FAR } else { NEAR }, last: None, urgent: false, remote }
    }

    /// True when enough time has passed since the last frame.
    pub(super) fn is_due(&self) -> bool {
        self.left().is_zero()
    }

    /// Somebody pressed a key: on this machine the answer is drawn at once.
    pub(super) fn hurry(&mut self) {
        self.urgent = !self.remote;
    }

    pub(super) fn drawn(&mut self) {
        self.urgent = false;
        self.last = Some(Instant::now());
    }

    /// How long to wait for events: until the next frame, until the next look at jobs, or for ever.
    pub(super) fn wait(&self, changed: bool, busy: bool) -> Option<Duration> {
        match (changed, busy) {
            (true, _) => Some(self.left()),
            (false, true) => Some(PROGRESS),
            (false, false) => None,
        }
    }

    fn left(&self) -> Duration {
        if self.urgent {
            return Duration::ZERO;
        }
        self.last.map_or(Duration::ZERO, |last| self.pause.saturating_sub(last.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_wait_for_the_next_frame_and_keys_do_not_unless_the_line_is_slow() {
        for (remote, key_is_due) in [(false, true), (true, false)] {
            let mut rhythm = Rhythm::new(remote);
            assert!(rhythm.is_due(), "the first frame waits for nothing");
            rhythm.drawn();
            assert!(!rhythm.is_due(), "a second one straight after it does");
            assert!(rhythm.wait(true, false).is_some_and(|w| w <= FAR));
            rhythm.hurry();
            assert_eq!(rhythm.is_due(), key_is_due, "remote: {remote}");
        }
        let quiet = Rhythm::new(false);
        assert_eq!((quiet.wait(false, false), quiet.wait(false, true)), (None, Some(PROGRESS)));
    }
}
