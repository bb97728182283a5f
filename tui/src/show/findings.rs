//! Cells that look wrong.

use trommel_model::{Finding, Findings};

use super::table::Laid;
use super::{Head, TextTable};
use crate::paint::{Line, Room, Tone, count};

/// Findings shown as a table; all of them are in the other formats.
const SHOWN: usize = 500;

/// One row a finding.
pub(crate) fn findings(findings: &Findings, room: Room) -> Laid {
    let heads = vec![
        Head::right("row"),
        Head::left("column").at_least(12),
        Head::left("value").at_least(16),
        Head::left("rule"),
        Head::right("sure"),
        Head::left("should be"),
        Head::left("because").rank(1),
    ];
    let mut table = TextTable::new(heads);
    for cell in findings.cells.iter().take(SHOWN) {
        table.row(vec![
            Line::new().plain(count(cell.row)),
            Line::new().strong(&cell.column),
            value(&cell.value),
            Line::new().with(Tone::Warn, &cell.rule),
            Line::new().plain(sure(cell)),
            Line::new().plain(cell.suggestion.clone().unwrap_or_default()),
            Line::new().muted(&cell.reason),
        ]);
    }
    table.without_empty_columns().lines(room)
}

/// `12 cells of 1,000 rows look wrong`, with what is not shown.
pub(crate) fn summary(findings: &Findings) -> String {
    let cells = if findings.found == 1 { "cell looks" } else { "cells look" };
    let told = findings.cells.len();
    let gives = if findings.found > told as u64 { format!("{} of them", count(told as u64)) } else { "all".to_owned() };
    let cut = if told > SHOWN { format!("; showing {SHOWN} of them, --format csv gives {gives}") } else { String::new() };
    format!("{} {cells} wrong in {} rows{cut}", count(findings.found), count(findings.rows))
}

/// How sure a finding is.
pub(crate) fn sure(cell: &Finding) -> String {
    format!("{:.0} %", cell.confidence * 100.0)
}

fn value(text: &str) -> Line {
    if text.is_empty() { Line::new().muted("(nothing)") } else { Line::new().plain(text.replace('\n', " ")) }
}
