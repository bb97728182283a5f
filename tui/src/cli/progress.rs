//! One line on standard error that says how far the work is, drawn over itself, only on a terminal.

use std::io::Write;
use std::time::{Duration, Instant};

use trommel_app::View;
use trommel_model::{Progress, StepStatus, sanitise};

use crate::paint::{Glyphs, Line, Room, bytes, count, cut_text, duration, rate};

/// The progress line.
pub(super) struct ProgressLine {
    room: Room,
    shown: bool,
    started: Instant,
    drawn: Option<Instant>,
    /// What is being done, since when.
    doing: (String, Instant),
}

/// Work that takes less is not talked about.
const QUIET: Duration = Duration::from_millis(100);
/// At most ten times a second.
const PAUSE: Duration = Duration::from_millis(100);

impl ProgressLine {
    pub(super) fn new(room: Room) -> Self {
        let now = Instant::now();
        Self { room, shown: false, started: now, drawn: None, doing: (String::new(), now) }
    }

    /// Draws how far things are, if it is time to.
    pub(super) fn draw(&mut self, view: &View<'_>, err: &mut dyn Write) {
        let now = Instant::now();
        if now - self.started < QUIET || self.drawn.is_some_and(|at| now - at < PAUSE) {
            return;
        }
        let text = self.text(view, now);
        let columns = self.room.width.unwrap_or(80).saturating_sub(1);
        write!(err, "\r\x1b[2K{}", cut_text(&text, columns, self.room.glyphs)).ok();
        err.flush().ok();
        self.shown = true;
        self.drawn = Some(now);
    }

    /// Takes the line away, so that something else can be printed.
    pub(super) fn clear(&mut self, err: &mut dyn Write) {
        if self.shown {
            write!(err, "\r\x1b[2K").ok();
            err.flush().ok();
            self.shown = false;
        }
    }

    fn text(&mut self, view: &View<'_>, now: Instant) -> String {
        let Some(job) = view.jobs.running().last() else { return format!("working, {}", duration(millis(now - self.started))) };
        if self.doing.0 != job.progress.doing {
            self.doing = (job.progress.doing.clone(), now);
        }
        let steps = view.pipeline.running().and_then(|r| r.record.as_ref()).map(|record| {
            let ended = record.steps.iter().filter(|s| !matches!(s.status, StepStatus::Waiting | StepStatus::Running)).count();
            format!(" {ended}/{}", record.steps.len())
        });
        let what = format!("{}{}", sanitise(&job.title), steps.unwrap_or_default());
        let separator = format!(" {} ", self.room.glyphs.dot());
        let mut parts = vec![what];
        parts.extend(figures(&job.progress, millis(now - self.doing.1), self.room.glyphs));
        let glimpse = view.profile.so_far.as_ref().filter(|_| view.profile.profile.is_pending());
        parts.extend(glimpse.and_then(|profile| crate::show::profile::glimpse(profile, millis(now - self.started), self.room.glyphs)));
        parts.join(&separator)
    }
}

/// What is being done, rows, bytes, rate and time left, as far as they are known.
pub(crate) fn figures(progress: &Progress, elapsed_ms: u64, glyphs: Glyphs) -> Vec<String> {
    let mut parts = Vec::new();
    if !progress.doing.is_empty() {
        parts.push(Line::new().plain(&progress.doing).cut(40, glyphs).text());
    }
    let of = |done: String, total: Option<String>| total.map_or_else(|| done.clone(), |t| format!("{done} of {t}"));
    if progress.rows > 0 {
        let total = (progress.rows_total > 0).then(|| count(progress.rows_total));
        parts.push(format!("{} rows", of(count(progress.rows), total)));
    }
    if progress.bytes > 0 {
        parts.push(of(bytes(progress.bytes), (progress.bytes_total > 0).then(|| bytes(progress.bytes_total))));
    }
    parts.extend(rate(progress.rows, elapsed_ms));
    if let Some(share) = progress.ratio().filter(|r| *r > 0.02 && elapsed_ms > 1_000) {
        parts.push(format!("{} left", duration((elapsed_ms as f64 * (1.0 - share) / share) as u64)));
    }
    parts
}

fn millis(span: Duration) -> u64 {
    span.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said() {
        let all = Progress { doing: "reading quotes.csv".into(), rows: 50_000, rows_total: 0, bytes: 2_000_000, bytes_total: 8_000_000 };
        for (progress, ms, expected) in [
            (all, 2_000, "reading quotes.csv | 50,000 rows | 2.0 MB of 8.0 MB | 25,000 rows/s | 6.0 s left"),
            (Progress { rows: 10, rows_total: 20, ..Progress::default() }, 50, "10 of 20 rows"),
            (Progress::default(), 5_000, ""),
        ] {
            assert_eq!(figures(&progress, ms, Glyphs::Unicode).join(" | "), expected);
        }
    }
}
