//! Reading no faster than a server should be read.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A speed limit that several readers share.
pub struct Throttle {
    /// Rows a second; none: no limit.
    rate: Option<u64>,
    /// When what was read so far is paid for.
    due: Mutex<Instant>,
}

impl Throttle {
    /// A limit in rows a second.
    pub fn new(rows_per_s: Option<u64>, now: Instant) -> Self {
        Self { rate: rows_per_s.filter(|r| *r > 0), due: Mutex::new(now) }
    }

    /// Accounts for rows that were read; how long the reader has to wait before it reads on.
    pub fn read(&self, rows: u64, now: Instant) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        *due = (*due).max(now) + Duration::from_secs_f64(rows as f64 / rate as f64);
        due.saturating_duration_since(now)
    }

    /// Rows that are best read at a time: a tenth of a second's worth, so that a wait is short.
    pub fn at_once(&self) -> usize {
        self.rate.map_or(usize::MAX, |rate| (rate / 10).clamp(1, 1 << 20) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_paid_for_in_time() {
        let now = Instant::now();
        let throttle = Throttle::new(Some(1000), now);
        assert_eq!(throttle.read(100, now), Duration::from_millis(100));
        assert_eq!(throttle.read(100, now), Duration::from_millis(200));
        assert_eq!(throttle.read(500, now + Duration::from_secs(9)), Duration::from_millis(500));
        assert_eq!(throttle.at_once(), 100);
        assert_eq!(Throttle::new(None, now).read(1 << 40, now), Duration::ZERO);
    }
}
