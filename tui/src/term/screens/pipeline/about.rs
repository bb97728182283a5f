//! All about one step, and the log of the run.

use trommel_model::{LogLine, StepStatus};

use super::Step;
use crate::paint::{Line, Room, Tone, bytes, count};
use crate::show;

/// All about a step: why it would run, where its rows went, checks, remarks, fault.
pub(super) fn step(step: &Step<'_>, room: Room) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(planned) = step.planned {
        lines.push(Line::new().muted("why      ").plain(&planned.why));
        if !planned.depends_on.is_empty() {
            lines.push(Line::new().muted("needs    ").plain(planned.depends_on.join(", ")));
        }
    }
    let Some(record) = step.record else { return lines };
    let c = record.counts;
    if record.status == StepStatus::Done {
        let mut law = Line::new().muted("rows     ").plain(format!("{} in", count(c.rows_in)));
        if c.expanded > 0 {
            law = law.plain(format!(" + {} expanded", count(c.expanded)));
        }
        law = law.plain(format!(" = {} out", count(c.rows_out)));
        for (n, word, tone) in
            [(c.filtered, "filtered", Tone::Plain), (c.merged, "merged", Tone::Plain), (c.quarantined, "held", Tone::Warn)]
        {
            if n > 0 {
                law = law.plain(" + ").with(tone, format!("{} {word}", count(n)));
            }
        }
        lines.push(law);
        if record.peak_bytes > 0 {
            lines.push(Line::new().muted("memory   ").plain(bytes(record.peak_bytes)));
        }
    }
    if !record.checks.is_empty() {
        lines.push(Line::new().muted("checks   ").plain(show::checks::summary(&record.checks)));
    }
    lines.extend(show::run::remarks(record, room, usize::MAX));
    lines
}

/// The lines of a log: when, which step, what.
pub(super) fn log(log: &[LogLine]) -> Vec<Line> {
    if log.is_empty() {
        return vec![Line::new().muted("nothing is logged yet")];
    }
    let time = |at: &str| at.get(11..19).unwrap_or(at).to_owned();
    log.iter()
        .map(|l| {
            let line = Line::new().muted(format!("{}  ", time(&l.at)));
            let line = match &l.step {
                Some(step) => line.accent(step).gap(2),
                None => line,
            };
            line.plain(&l.text)
        })
        .collect()
}
