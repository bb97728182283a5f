//! Results of checks.

use trommel_model::{CheckAction, CheckResult, CheckState};

use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, count, width_of};

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
            Line::new().muted(result.action.name()),
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

/// `2 broken, 14 hold, 1 not applied`.
pub(crate) fn standing(list: &[CheckState]) -> String {
    let broken = list.iter().filter(|s| s.is_broken()).count();
    let never = list.iter().filter(|s| s.result.is_none()).count();
    let mut words = vec![format!("{broken} broken"), format!("{} hold", list.len() - broken - never)];
    if never > 0 {
        words.push(format!("{never} not applied yet"));
    }
    words.join(", ")
}

/// Head and lines of a list of checks: how it stands, table, check, dimension, severity, rows that break it, score, trend, owner.
pub(crate) fn list_lines(list: &[CheckState], width: usize, glyphs: Glyphs) -> (Line, Vec<Line>) {
    let longest = |of: &dyn Fn(&CheckState) -> usize| list.iter().map(of).max().unwrap_or(0);
    let tables = longest(&|s| width_of(&s.table.to_string())).clamp(5, 24);
    let labels = longest(&|s| width_of(&s.label)).clamp(5, 34);
    // Columns come in as there is room for them.
    let (more, most) = (width >= tables + labels + 52, width >= tables + labels + 84);
    let padded = |line: Line, to: usize| line.cut(to, glyphs).padded(to);
    let right = |text: String, to: usize, tone: Tone| Line::new().gap(to.saturating_sub(width_of(&text))).with(tone, text);
    let mut head = Line::new().gap(3).append(padded(Line::new().muted("table"), tables)).gap(1);
    head = head.append(padded(Line::new().muted("check"), labels)).append(right("broken".to_owned(), 9, Tone::Muted));
    head = head.append(right("score".to_owned(), 9, Tone::Muted));
    if more {
        head = head.gap(2).append(padded(Line::new().muted("severity"), 9)).append(padded(Line::new().muted("dimension"), 13));
    }
    if most {
        head = head.append(padded(Line::new().muted("trend"), 13)).muted("owner");
    }
    let lines = list.iter().map(|state| {
        let (sign, tone) = state.result.as_ref().map_or((" ", Tone::Muted), |r| sign(r, glyphs));
        let broken = state.result.as_ref().map_or_else(String::new, |r| count(r.broken));
        let score = state.result.as_ref().map_or_else(String::new, |r| score(r.score()));
        let mut line = Line::new()
            .gap(1)
            .with(tone, sign)
            .gap(1)
            .append(padded(Line::new().plain(state.table.to_string()), tables))
            .gap(1)
            .append(padded(Line::new().plain(&state.label), labels))
            .append(right(broken, 9, if state.is_broken() { tone } else { Tone::Muted }))
            .append(right(score, 9, if state.is_broken() { tone } else { Tone::Plain }));
        if more {
            let dimension = format!("{:?}", state.spec.dimension()).to_lowercase();
            line = line.gap(2).append(padded(Line::new().plain(state.spec.severity().name()), 9));
            line = line.append(padded(Line::new().muted(dimension), 13));
        }
        if most {
            line = line.append(padded(Line::new().accent(trend(state, 12, glyphs)), 13)).muted(&state.spec.owner);
        }
        line.cut(width, glyphs)
    });
    (head.cut(width, glyphs), lines.collect())
}

/// The list as a table.
pub(crate) fn list(list: &[CheckState], room: Room) -> Vec<Line> {
    if list.is_empty() {
        return vec![Line::new().muted("no checks: add [[checks]] to a source or a model, or trommel check TABLE --propose")];
    }
    let heads = vec![
        Head::left(""),
        Head::left("table").at_least(16),
        Head::left("check").at_least(20),
        Head::right("broken"),
        Head::right("score"),
        Head::left("severity"),
        Head::left("dimension"),
        Head::left("action"),
        Head::left("owner").rank(1),
        Head::left("run").rank(1),
        Head::left("trend").rank(1),
    ];
    let mut table = TextTable::new(heads);
    for state in list {
        let (sign, tone) = state.result.as_ref().map_or((" ", Tone::Muted), |r| sign(r, room.glyphs));
        let of = |text: &dyn Fn(&CheckResult) -> String| state.result.as_ref().map_or_else(String::new, text);
        table.row(vec![
            Line::new().with(tone, sign),
            Line::new().plain(state.table.to_string()),
            Line::new().plain(&state.label),
            Line::new().with(if state.is_broken() { tone } else { Tone::Muted }, of(&|r| count(r.broken))),
            Line::new().plain(of(&|r| score(r.score()))),
            Line::new().plain(state.spec.severity().name()),
            Line::new().muted(format!("{:?}", state.spec.dimension()).to_lowercase()),
            Line::new().muted(state.spec.action.name()),
            Line::new().muted(&state.spec.owner),
            Line::new().muted(state.run.as_deref().unwrap_or("not applied yet")),
            Line::new().accent(trend(state, 12, room.glyphs)),
        ]);
    }
    table.without_empty_columns().lines(room).lines
}

/// All about one check.
pub(crate) fn about(state: &CheckState, room: Room) -> Vec<Line> {
    let spec = &state.spec;
    let mut facts = vec![
        ("table".to_owned(), state.table.to_string()),
        ("stands".to_owned(), state.word().to_owned()),
        ("dimension".to_owned(), format!("{:?}", spec.dimension()).to_lowercase()),
        ("severity".to_owned(), spec.severity().name().to_owned()),
        ("action".to_owned(), spec.action.name().to_owned()),
    ];
    let mut add = |name: &str, value: Option<String>| facts.extend(value.map(|v| (name.to_owned(), v)));
    add("owner", Some(spec.owner.clone()).filter(|o| !o.is_empty()));
    add("why", Some(spec.description.clone()).filter(|d| !d.is_empty()));
    add("only where", spec.condition.clone());
    add("tolerates", (spec.tolerance > 0.0).then(|| format!("{} % of the rows", spec.tolerance * 100.0)));
    add("found", state.result.as_ref().map(CheckResult::finding));
    add("score", state.result.as_ref().map(|r| score(r.score())));
    add("applied by", state.run.clone());
    let mut lines = super::report::facts(&facts, room);
    if state.trend.len() > 1 {
        lines.push(Line::new());
        lines.push(Line::new().muted("score of this table in this dimension, run by run"));
        lines.push(Line::new().accent(trend(state, room.width.unwrap_or(40).min(60), room.glyphs)));
    }
    let examples = state.result.iter().flat_map(|r| &r.examples);
    for (at, row) in examples.enumerate() {
        if at == 0 {
            lines.push(Line::new());
            lines.push(Line::new().muted("for instance; enter lists all"));
        }
        lines.push(example(row).cut(room.width.unwrap_or(usize::MAX), room.glyphs));
    }
    lines
}

fn score(share: f64) -> String {
    let pct = share * 100.0;
    if pct < 100.0 && pct > 99.9 { ">99.9 %".to_owned() } else { format!("{pct:.1} %") }
}

fn trend(state: &CheckState, width: usize, glyphs: Glyphs) -> String {
    let values: Vec<Option<f64>> = state.trend.iter().map(|s| Some(*s)).collect();
    if values.len() < 2 { String::new() } else { trommel_model::spark(&values, width, glyphs.spark()) }
}

/// Sign and tone of one result.
pub(crate) fn sign(result: &CheckResult, glyphs: Glyphs) -> (&'static str, Tone) {
    match (result.is_broken(), result.action) {
        (false, _) => (glyphs.good(), Tone::Good),
        (_, CheckAction::Warn) => (glyphs.pick("▲", "!"), Tone::Warn),
        (_, CheckAction::Quarantine | CheckAction::Wait) => (glyphs.held(), Tone::Warn),
        (_, CheckAction::Fail) => (glyphs.bad(), Tone::Bad),
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
