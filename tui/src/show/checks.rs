//! Results of checks.

use trommel_model::{CheckAction, CheckResult};

use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, count};

/// The results as a table, then a few rows for each rule that is broken.
pub(crate) fn checks(results: &[CheckResult], room: Room) -> Vec<Line> {
    if results.is_empty() {
        return vec![Line::new().muted("no checks: add [[checks]] to a source or a model")];
    }
    let heads = vec![
        Head::left(""),
        Head::left("table").at_least(20),
        Head::left("check").at_least(24),
        Head::right("broken"),
        Head::right("rows"),
        Head::left("severity"),
        Head::left("action"),
    ];
    let mut table = TextTable::new(heads);
    for result in results {
        let (sign, tone) = sign(result, room.glyphs);
        let broken = if result.broken > 0 { Line::new().with(tone, count(result.broken)) } else { Line::new().muted("0") };
        table.row(vec![
            Line::new().with(tone, sign),
            Line::new().plain(result.table.to_string()),
            Line::new().plain(&result.check),
            broken,
            Line::new().plain(count(result.rows)),
            Line::new().muted(result.severity.name()),
            Line::new().muted(action(result.action)),
        ]);
    }
    let mut lines = table.lines(room).lines;
    for result in results.iter().filter(|r| r.is_broken()) {
        let owner = if result.owner.is_empty() { String::new() } else { format!(" · owner {}", result.owner) };
        if let Some(reason) = &result.reason {
            lines.push(Line::new());
            lines.push(Line::new().strong(format!("{} {}", result.table, result.check)).muted(owner));
            lines.push(Line::new().gap(2).plain(reason));
            continue;
        }
        if result.examples.is_empty() {
            continue;
        }
        lines.push(Line::new());
        lines.push(Line::new().strong(format!("{} {}", result.table, result.check)).muted(", for instance").muted(owner));
        lines.extend(
            result.examples.iter().map(|e| Line::new().gap(2).append(example(e)).cut(room.width.unwrap_or(usize::MAX), room.glyphs)),
        );
    }
    lines
}

/// Sign and tone of one result.
pub(crate) fn sign(result: &CheckResult, glyphs: Glyphs) -> (&'static str, Tone) {
    match (result.is_broken(), result.action) {
        (false, _) => (glyphs.good(), Tone::Good),
        (_, CheckAction::Warn) => (glyphs.pick("▲", "!"), Tone::Warn),
        (_, CheckAction::Quarantine) => (glyphs.held(), Tone::Warn),
        (_, CheckAction::Fail) => (glyphs.bad(), Tone::Bad),
    }
}

/// What happens to rows that break the rule, in a word.
pub(crate) fn action(action: CheckAction) -> &'static str {
    match action {
        CheckAction::Warn => "warn",
        CheckAction::Quarantine => "quarantine",
        CheckAction::Fail => "fail",
    }
}

/// `14 checks hold, 2 are broken`.
pub(crate) fn summary(results: &[CheckResult]) -> String {
    let broken = results.iter().filter(|r| r.is_broken()).count();
    let hold = results.len() - broken;
    let checks = |n: usize, one: &str, many: &str| if n == 1 { format!("1 check {one}") } else { format!("{n} checks {many}") };
    match (hold, broken) {
        (_, 0) => checks(hold, "holds", "hold"),
        (0, _) => checks(broken, "is broken", "are broken"),
        _ => format!("{}, {broken} {} broken", checks(hold, "holds", "hold"), if broken == 1 { "is" } else { "are" }),
    }
}

fn example(cells: &[(String, trommel_model::Cell)]) -> Line {
    let mut line = Line::new();
    for (i, (name, value)) in cells.iter().enumerate() {
        if i > 0 {
            line = line.gap(2);
        }
        line = line.muted(format!("{name} ")).append(super::rows::cell(value));
    }
    line
}
