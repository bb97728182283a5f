//! Facts to read, and a text to show as it is.

use trommel_app::Report;

use crate::paint::{Line, Room, width_of, wrap};

pub(crate) fn report(report: &Report, room: Room) -> Vec<Line> {
    let mut lines = Vec::new();
    if !report.title.is_empty() {
        lines.push(Line::new().strong(&report.title));
    }
    lines.extend(facts(&report.facts, room));
    if let Some(text) = &report.text {
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines.extend(text.lines().map(|l| Line::new().plain(l.replace('\t', "    "))));
    }
    for problem in &report.problems {
        lines.push(Line::new());
        lines.extend(super::problem::brief(problem, room));
    }
    lines
}

/// Names at the left, values at the right, both aligned; long values go on under themselves.
pub(crate) fn facts(facts: &[(String, String)], room: Room) -> Vec<Line> {
    let names = facts.iter().map(|(name, _)| width_of(name)).max().unwrap_or(0).min(28);
    let values = room.width.unwrap_or(usize::MAX).saturating_sub(names + 2).max(20);
    let mut lines = Vec::new();
    for (name, value) in facts {
        for (i, text) in wrap(value, values).into_iter().enumerate() {
            let name = if i == 0 { name.as_str() } else { "" };
            lines.push(Line::new().muted(name).cut(names, room.glyphs).padded(names).gap(2).plain(text));
        }
    }
    lines
}
