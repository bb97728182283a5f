//! What a recipe does: counts, and rows before and after with changed cells marked.

use trommel_model::{Cell, PreviewCounts, RecipePreview, RecipeStep, RowFate};

use super::{Head, TextTable};
use crate::paint::{Line, Room, Tone, count};

/// Rows shown when a recipe is previewed as text.
const SHOWN: usize = 20;

/// Counts, then the rows that change: each changed cell as `before → after`.
pub(crate) fn preview(preview: &RecipePreview, room: Room) -> Vec<Line> {
    let mut lines = vec![counts("sample", &preview.sample)];
    if let Some(whole) = &preview.whole {
        lines.push(counts("whole", whole));
    }
    let touched: Vec<usize> =
        (0..preview.fates.len()).filter(|r| !matches!(&preview.fates[*r], RowFate::Kept { changed, .. } if changed.is_empty())).collect();
    lines.push(Line::new());
    if touched.is_empty() {
        lines.push(Line::new().muted("no row of the sample changes"));
        return lines;
    }
    lines.extend(rows(preview, &touched[..touched.len().min(SHOWN)], room));
    if touched.len() > SHOWN {
        lines.push(Line::new().muted(format!("showing {SHOWN} of {} touched rows of the sample", count(touched.len() as u64))));
    }
    lines
}

/// `sample: 412 of 1,000 rows change (980 cells) · 3 filtered · 2 merged · 1 held · 994 out`.
pub(crate) fn counts(what: &str, c: &PreviewCounts) -> Line {
    let mut line = Line::new()
        .muted(format!("{what:<7}"))
        .strong(count(c.changed_rows))
        .plain(format!(" of {} rows change", count(c.rows_in)))
        .muted(format!(" ({} cells)", count(c.changed_cells)));
    for (n, word, tone) in [
        (c.expanded, "expanded", Tone::Plain),
        (c.filtered, "filtered", Tone::Plain),
        (c.merged, "merged", Tone::Plain),
        (c.quarantined, "held", Tone::Warn),
    ] {
        if n > 0 {
            line = line.muted(", ").with(tone, format!("{} {word}", count(n)));
        }
    }
    line.muted(format!(", {} out", count(c.rows_out)))
}

/// What a step does, in a few words: `trim name, city`.
pub(crate) fn step(step: &RecipeStep) -> String {
    let list = |columns: &[String]| columns.join(", ");
    match step {
        RecipeStep::Select { columns } => format!("select {}", list(columns)),
        RecipeStep::Drop { columns } => format!("drop {}", list(columns)),
        RecipeStep::Rename { columns } => {
            let names: Vec<String> = columns.iter().map(|(from, to)| format!("{from} to {to}")).collect();
            format!("rename {}", names.join(", "))
        }
        RecipeStep::Cast { columns, to, .. } => format!("cast {} to {}", list(columns), String::from(*to)),
        RecipeStep::ParseDates { columns, day_first, .. } => {
            format!("parse dates {}{}", list(columns), if *day_first { ", day first" } else { "" })
        }
        RecipeStep::Trim { columns } => format!("trim {}", list(columns)),
        RecipeStep::Collapse { columns } => format!("collapse {}", list(columns)),
        RecipeStep::Case { columns, to } => format!("{} case {}", format!("{to:?}").to_lowercase(), list(columns)),
        RecipeStep::Replace { columns, find, with, .. } => format!("replace \"{find}\" by \"{with}\" in {}", list(columns)),
        RecipeStep::Split { column, into, .. } => format!("split {column} into {}", list(into)),
        RecipeStep::MapValues { column, values, .. } => format!("map {} values of {column}", values.len()),
        RecipeStep::Fill { columns, with, by, .. } => {
            let by = if by.is_empty() { String::new() } else { format!(" of each {}", list(by)) };
            format!("fill {} with {}{by}", list(columns), format!("{with:?}").to_lowercase())
        }
        RecipeStep::Filter { keep } => format!("keep rows where {keep}"),
        RecipeStep::Derive { column, expression } => format!("derive {column} = {expression}"),
        RecipeStep::Deduplicate { key, .. } => format!("one row for each {}", list(key)),
        RecipeStep::Outliers { columns, action, .. } => format!("{} outliers of {}", format!("{action:?}").to_lowercase(), list(columns)),
        RecipeStep::Extract { column, into, .. } => format!("extract {into} from {column}"),
        RecipeStep::Lookup { table, columns, .. } => {
            format!("look {} up in {table}", list(&columns.values().cloned().collect::<Vec<_>>()))
        }
        RecipeStep::Convert { columns, from, to } => format!("convert {} from {from} to {to}", list(columns)),
        RecipeStep::Standardise { columns, form, .. } => format!("standardise {} as {}", list(columns), format!("{form:?}").to_lowercase()),
        RecipeStep::SplitRows { column, by } => format!("a row of each part of {column} between \"{by}\""),
        RecipeStep::Unpivot { columns, name, value, .. } => format!("rows of {} as {name} and {value}", list(columns)),
        RecipeStep::Pivot { by, column, value, with, .. } => {
            format!("columns of {column} with {} of {value}, a row for each {}", format!("{with:?}").to_lowercase(), list(by))
        }
        RecipeStep::Aggregate { by, columns } => {
            let made: Vec<String> = columns.iter().map(|(name, text)| format!("{name} = {text}")).collect();
            let by = if by.is_empty() { "one row".to_owned() } else { format!("a row for each {}", list(by)) };
            format!("{by} with {}", list(&made))
        }
        RecipeStep::Union { table, .. } => format!("add the rows of {table}"),
        RecipeStep::Currency { columns, to, rates, .. } => format!("{} in {to} by {rates}", list(columns)),
        RecipeStep::TimeZone { columns, from, to, .. } => {
            format!("{} from {} to {to}", list(columns), from.as_deref().unwrap_or("moments"))
        }
        RecipeStep::Sample { share, .. } => format!("keep {} % of the rows", share * 100.0),
    }
}

fn rows(preview: &RecipePreview, touched: &[usize], room: Room) -> Vec<Line> {
    let mut changed: Vec<usize> = touched.iter().flat_map(|r| changed_columns(&preview.fates[*r])).copied().collect();
    changed.sort_unstable();
    changed.dedup();
    let names: Vec<&str> = preview.after.schema.names().collect();
    let mut heads = vec![Head::right("row"), Head::left("fate")];
    heads.extend(changed.iter().map(|c| Head::left(names.get(*c).copied().unwrap_or_default())));
    let mut table = TextTable::new(heads);
    for &row in touched {
        let mut cells = vec![Line::new().muted(count(preview.before.offset + row as u64 + 1)), fate(&preview.fates[row])];
        cells.extend(changed.iter().map(|c| change(preview, row, *c, room)));
        table.row(cells);
    }
    table.lines(room).lines
}

/// What became of a row, in a word.
pub(crate) fn fate(fate: &RowFate) -> Line {
    match fate {
        RowFate::Kept { changed, .. } if changed.is_empty() => Line::new().muted("same"),
        RowFate::Kept { .. } => Line::new().accent("changed"),
        RowFate::Filtered => Line::new().muted("filtered"),
        RowFate::Merged => Line::new().muted("merged"),
        RowFate::Quarantined(reason) => Line::new().with(Tone::Warn, "held").muted(format!(": {reason}")),
    }
}

fn changed_columns(fate: &RowFate) -> &[usize] {
    match fate {
        RowFate::Kept { changed, .. } => changed,
        _ => &[],
    }
}

/// One cell: `before → after` when it changed, else the value that stays.
fn change(preview: &RecipePreview, row: usize, column: usize, room: Room) -> Line {
    let RowFate::Kept { row: after_row, changed } = &preview.fates[row] else { return Line::new() };
    let after = preview.after.rows.get(*after_row).and_then(|r| r.get(column)).unwrap_or(&Cell::Null);
    if !changed.contains(&column) {
        return super::rows::cell(after).in_tone(Tone::Muted);
    }
    let name = preview.after.schema.fields.get(column).map(|f| f.name.as_str());
    let before = name.and_then(|n| preview.before.schema.position(n)).and_then(|c| preview.before.rows.get(row)?.get(c));
    let after = super::rows::cell(after).in_tone(Tone::Strong);
    match before {
        Some(before) => super::rows::cell(before).in_tone(Tone::Muted).accent(format!(" {} ", room.glyphs.arrow())).append(after),
        None => Line::new().accent("+ ").append(after),
    }
}
