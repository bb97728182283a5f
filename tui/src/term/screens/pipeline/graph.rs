//! The steps as a graph: lanes, names, states, and where every row went.

use trommel_model::{Decision, RunRecord, StepStatus};

use super::Step;
use crate::paint::{Glyphs, Line, Room, Tone, bytes, count, duration};
use crate::show;
use crate::show::dag::{Gutter, Node, gutters};
use crate::show::{Head, TextTable};
use crate::term::widgets::meter;

/// Columns of the bar that compares times.
const BAR: usize = 12;

/// A head, a rule, and a line for each step.
pub(super) fn lines(steps: &[Step<'_>], record: Option<&RunRecord>, room: Room) -> Vec<Line> {
    let nodes: Vec<Node<'_>> = steps.iter().map(node).collect();
    let lanes = gutters(&nodes, room.glyphs);
    let mut table = TextTable::new(match record {
        Some(_) => vec![
            Head::left("").whole(),
            Head::left("step").at_least(24),
            Head::left("kind").rank(5),
            Head::left("state").rank(4).whole(),
            Head::right("rows in").rank(2),
            Head::right("rows out"),
            Head::right("filtered").rank(6),
            Head::right("merged").rank(6),
            Head::right("held"),
            Head::right("time").rank(1),
            Head::right("memory").rank(7),
            Head::left("").rank(8).whole(),
        ],
        None => vec![
            Head::left("").whole(),
            Head::left("step").at_least(24),
            Head::left("kind").rank(2),
            Head::left("state").whole(),
            Head::left("why").rank(1),
        ],
    });
    for (step, lane) in steps.iter().zip(&lanes) {
        table.row(match record {
            Some(record) => run_row(step, lane, record, room.glyphs),
            None => plan_row(step, lane, room.glyphs),
        });
    }
    table.lines(room).lines
}

fn node<'a>(step: &Step<'a>) -> Node<'a> {
    let depends_on = step.planned.map(|p| p.depends_on.iter().map(String::as_str).collect()).unwrap_or_default();
    Node { name: step.name, depends_on }
}

fn plan_row(step: &Step<'_>, lane: &Gutter, glyphs: Glyphs) -> Vec<Line> {
    let (sign, word, tone) = state(step, glyphs);
    vec![
        lane_line(lane, sign, tone),
        Line::new().plain(step.name),
        Line::new().muted(step.kind),
        Line::new().with(tone, word),
        Line::new().muted(step.planned.map_or("", |p| p.why.as_str())),
    ]
}

fn run_row(step: &Step<'_>, lane: &Gutter, run: &RunRecord, glyphs: Glyphs) -> Vec<Line> {
    let (sign, word, tone) = state(step, glyphs);
    let slowest = show::run::slowest(run) == Some(step.name);
    let mut cells = vec![
        lane_line(lane, sign, tone),
        Line::new().plain(step.name),
        Line::new().muted(step.kind),
        if slowest { Line::new().with(Tone::Warn, "slowest") } else { Line::new().with(tone, word) },
    ];
    let ran = |s: StepStatus| matches!(s, StepStatus::Done | StepStatus::Failed | StepStatus::Running);
    let Some(record) = step.record.filter(|r| ran(r.status)) else {
        cells.resize(12, Line::new());
        return cells;
    };
    let c = record.counts;
    let always = |n: u64| Line::new().plain(count(n));
    let happened = |n: u64, tone: Tone| if n > 0 { Line::new().with(tone, count(n)) } else { Line::new() };
    let longest = run.steps.iter().map(|s| s.elapsed_ms).max().unwrap_or(0).max(1);
    let bar_tone = if slowest { Tone::Warn } else { Tone::Accent };
    // Nothing is counted yet, or nothing ever was.
    let uncounted = show::run::is_view(record) || (record.status != StepStatus::Done && c.rows_in == 0);
    cells.extend([
        if uncounted { Line::new() } else { always(c.rows_in) },
        if uncounted { Line::new() } else { always(c.rows_out) },
        happened(c.filtered, Tone::Muted),
        happened(c.merged, Tone::Muted),
        happened(c.quarantined, Tone::Warn),
        if record.elapsed_ms > 0 { Line::new().plain(duration(record.elapsed_ms)) } else { Line::new() },
        if record.peak_bytes > 0 { Line::new().muted(bytes(record.peak_bytes)) } else { Line::new() },
        meter(record.elapsed_ms as f64 / longest as f64, BAR, glyphs, bar_tone),
    ]);
    cells
}

fn lane_line(lane: &Gutter, sign: &str, tone: Tone) -> Line {
    Line::new().gap(1).with(Tone::Muted, &lane.before).with(tone, sign).with(Tone::Muted, &lane.after)
}

/// Sign, word and tone of a step: what the run says of it, or what the plan would do.
fn state(step: &Step<'_>, glyphs: Glyphs) -> (&'static str, &'static str, Tone) {
    match (step.record, step.planned.map(|p| p.decision)) {
        (Some(record), _) => {
            let (sign, tone) = glyphs.step(record.status, record.counts.quarantined > 0);
            let word = match record.status {
                StepStatus::Skipped => "nothing new",
                StepStatus::Done if show::run::is_view(record) => "a view",
                StepStatus::Done if record.counts.quarantined > 0 => "done, held",
                other => other.name(),
            };
            (sign, word, tone)
        }
        (None, Some(Decision::Run)) => (glyphs.pick("○", "o"), "would run", Tone::Accent),
        (None, _) => (glyphs.pick("◦", "="), "up to date", Tone::Muted),
    }
}
