//! A run and its steps.

use trommel_model::{CheckResult, RowCounts, RunRecord, RunStatus, StepKind, StepRecord, StepStatus};

use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, bytes, count, duration, span_ms, wrap};

/// The whole of a run: heading, steps, broken checks, remarks, faults.
pub(crate) fn run(record: &RunRecord, room: Room) -> Vec<Line> {
    let mut lines = vec![heading(record, room.glyphs), Line::new()];
    lines.extend(steps(record, room));
    for step in &record.steps {
        let broken: Vec<_> = step.checks.iter().filter(|c| c.is_broken()).collect();
        // A step that had nothing to do has nothing to say but that.
        let told = !broken.is_empty() || !step.notes.is_empty() || step.problem.is_some();
        if !told || step.status == StepStatus::Skipped {
            continue;
        }
        lines.push(Line::new());
        lines.push(Line::new().strong(&step.name));
        lines.extend(remarks(step, room, NOTES));
    }
    if let Some(problem) = record.problem.as_ref().filter(|p| record.steps.iter().all(|s| s.problem.as_ref() != Some(p))) {
        lines.push(Line::new());
        lines.extend(super::problem::brief(problem, room));
    }
    lines
}

/// Remarks of one step that are printed; the ledger has all.
const NOTES: usize = 5;

/// True for a step that made a view: it runs when somebody reads it, so it counted nothing and held no memory.
pub(crate) fn is_view(step: &StepRecord) -> bool {
    step.kind == StepKind::Sql && step.status == StepStatus::Done && step.counts == RowCounts::default() && step.peak_bytes == 0
}

/// `✓ run 20260131-093000-k3f9 done · 2.3 s · snapshot 4`.
pub(crate) fn heading(record: &RunRecord, glyphs: Glyphs) -> Line {
    let (sign, tone) = glyphs.run(record.status);
    let mut line = Line::new().with(tone, sign).strong(format!(" run {} ", record.id)).with(tone, status(record));
    let mut fact = |text: String| line.push(Tone::Muted, format!(" {} {text}", glyphs.dot()));
    if let Some(ms) = record.ended_at.as_ref().and_then(|end| span_ms(&record.started_at, end)) {
        fact(duration(ms));
    }
    if let Some(snapshot) = record.snapshot {
        fact(format!("snapshot {snapshot}"));
    }
    fact(record.environment.clone());
    line
}

/// The state in words: `done`, `done, 420 rows held`, `failed`.
pub(crate) fn status(record: &RunRecord) -> String {
    match record.status {
        RunStatus::Held if held(record) == 1 => "done, 1 row held".to_owned(),
        RunStatus::Held => format!("done, {} rows held", count(held(record))),
        RunStatus::Lost => "lost: its process ended without a word".to_owned(),
        other => other.name().to_owned(),
    }
}

/// Rows held by all steps.
pub(crate) fn held(record: &RunRecord) -> u64 {
    record.steps.iter().map(|s| s.counts.quarantined).sum()
}

/// The steps as a table; columns in which nothing happened are left out.
pub(crate) fn steps(record: &RunRecord, room: Room) -> Vec<Line> {
    let heads = vec![
        Head::left(""),
        Head::left("step").at_least(28),
        Head::left("kind").rank(5),
        Head::right("rows in"),
        Head::right("rows out"),
        Head::right("filtered").rank(2),
        Head::right("merged").rank(1),
        Head::right("expanded").rank(3),
        Head::right("held"),
        Head::right("time"),
        Head::right("memory").rank(6),
        Head::left("").rank(4),
    ];
    let mut table = TextTable::new(heads);
    let slowest = slowest(record);
    for step in &record.steps {
        let (sign, tone) = room.glyphs.step(step.status, step.counts.quarantined > 0);
        let c = step.counts;
        let happened = |n: u64, tone: Tone| if n > 0 { Line::new().with(tone, count(n)) } else { Line::new() };
        let ran = matches!(step.status, StepStatus::Done | StepStatus::Failed);
        let counted = ran && !is_view(step) && (step.status == StepStatus::Done || c.rows_in > 0);
        let always = |n: u64| if counted { Line::new().plain(count(n)) } else { Line::new() };
        let word = match step.status {
            StepStatus::Done if slowest == Some(step.name.as_str()) => Line::new().muted(format!("{} slowest", room.glyphs.pick("◀", "<"))),
            StepStatus::Done if is_view(step) => Line::new().muted("a view"),
            StepStatus::Done => Line::new(),
            StepStatus::Skipped => Line::new().muted("nothing new"),
            other => Line::new().with(tone, other.name()),
        };
        table.row(vec![
            Line::new().with(tone, sign),
            Line::new().plain(&step.name),
            Line::new().muted(step.kind.name()),
            always(c.rows_in),
            always(c.rows_out),
            happened(c.filtered, Tone::Plain),
            happened(c.merged, Tone::Plain),
            happened(c.expanded, Tone::Plain),
            happened(c.quarantined, Tone::Warn),
            if ran { Line::new().plain(duration(step.elapsed_ms)) } else { Line::new() },
            if step.peak_bytes > 0 { Line::new().muted(bytes(step.peak_bytes)) } else { Line::new() },
            word,
        ]);
    }
    table.without_empty_columns().lines(room).lines
}

/// The step that took longest, when there are several and one stands out.
pub(crate) fn slowest(record: &RunRecord) -> Option<&str> {
    let ran: Vec<&StepRecord> = record.steps.iter().filter(|s| s.status == StepStatus::Done).collect();
    let slowest = ran.iter().max_by_key(|s| s.elapsed_ms)?;
    let all: u64 = ran.iter().map(|s| s.elapsed_ms).sum();
    (ran.len() > 1 && slowest.elapsed_ms * ran.len() as u64 * 2 > all * 3).then_some(slowest.name.as_str())
}

/// Broken checks, at most so many remarks, and the fault of one step.
pub(crate) fn remarks(step: &StepRecord, room: Room, most: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    // A remark that names a check says what there is to say of it.
    let told = |check: &CheckResult| step.notes.iter().any(|n| n.contains(&check.check));
    for check in step.checks.iter().filter(|c| c.is_broken() && !told(c)) {
        let (sign, tone) = super::checks::sign(check, room.glyphs);
        lines
            .push(Line::new().gap(2).with(tone, sign).plain(format!(" {}: {}, ", check.check, check.finding())).muted(check.action.name()));
    }
    for note in step.notes.iter().take(most) {
        let columns = room.width.unwrap_or(100).saturating_sub(4).max(20);
        for (i, text) in wrap(note, columns).into_iter().enumerate() {
            let mark = if i == 0 { format!("  {} ", room.glyphs.dot()) } else { "    ".to_owned() };
            lines.push(Line::new().muted(mark).plain(text));
        }
    }
    if step.notes.len() > most {
        lines.push(Line::new().muted(format!("  {} {} more remarks", room.glyphs.dot(), step.notes.len() - most)));
    }
    if let Some(problem) = &step.problem {
        let narrower = Room { width: room.width.map(|w| w.saturating_sub(2)), ..room };
        lines.extend(super::problem::brief(problem, narrower).into_iter().map(|l| Line::new().gap(2).append(l)));
    }
    lines
}

/// One step on one line, for the narration while a run goes on.
pub(crate) fn narrated(step: &StepRecord, glyphs: Glyphs) -> Option<Line> {
    let (sign, tone) = glyphs.step(step.status, step.counts.quarantined > 0);
    let line = Line::new().with(tone, sign).plain(format!(" {}", step.name));
    let dot = format!(" {} ", glyphs.dot());
    Some(match step.status {
        StepStatus::Waiting | StepStatus::Running => return None,
        StepStatus::Skipped => line.muted(format!("{dot}nothing new")),
        StepStatus::Done if is_view(step) => line.muted(format!("{dot}a view")),
        StepStatus::Done => {
            let rows = if step.counts.rows_out == 1 { "row" } else { "rows" };
            let mut line = line.muted(format!("{dot}{} {rows}", count(step.counts.rows_out)));
            if step.counts.quarantined > 0 {
                line = line.muted(&dot).with(Tone::Warn, format!("{} held", count(step.counts.quarantined)));
            }
            line.muted(format!("{dot}{}", duration(step.elapsed_ms)))
        }
        StepStatus::Failed | StepStatus::Cancelled => line.muted(&dot).with(tone, step.status.name()),
    })
}
