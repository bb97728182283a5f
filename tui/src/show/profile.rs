//! What the columns of a table hold.

use trommel_model::{Cell, ColumnProfile, Count, DataType, Profile, null_words, spark};

use super::table::Laid;
use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, count};

/// One row a column: type, nulls, distinct, smallest, largest, mean, shape, most frequent values.
pub(crate) fn profile(profile: &Profile, room: Room) -> Laid {
    let heads = vec![
        Head::left("column").at_least(20),
        Head::left("type"),
        Head::left("means").rank(1),
        Head::right("nulls"),
        Head::right("distinct"),
        Head::left("smallest"),
        Head::left("largest"),
        Head::right("mean"),
        Head::left("shape").rank(1).whole(),
        Head::left("most frequent"),
    ];
    let mut table = TextTable::new(heads);
    for column in &profile.columns {
        table.row(vec![
            Line::new().strong(&column.name),
            Line::new().muted(column.data_type.to_string()),
            column.meaning.kind.map_or_else(Line::new, |kind| Line::new().plain(kind.label())),
            nulls(column, profile.rows),
            Line::new().plain(distinct(column.distinct)),
            value(&column.min),
            value(&column.max),
            column.mean.map_or_else(Line::new, |m| Line::new().plain(figure(m))),
            Line::new().accent(shape(column, 12, room.glyphs)),
            top(column, room.glyphs),
        ]);
    }
    table.without_empty_columns().lines(room)
}

/// `12,345 rows, 9 columns`.
pub(crate) fn summary(profile: &Profile) -> String {
    let columns = if profile.columns.len() == 1 { "column" } else { "columns" };
    format!("{}: {} rows, {} {columns}", profile.subject, count(profile.rows), profile.columns.len())
}

/// One column of figures that are not final, in a few words; another one every two seconds: `price: 3.1 % null, 0.01 to 999`.
pub(crate) fn glimpse(profile: &Profile, elapsed_ms: u64, glyphs: Glyphs) -> Option<String> {
    let at = elapsed_ms / 2_000 % (profile.columns.len() as u64).max(1);
    let column = profile.columns.get(at as usize)?;
    let safe = |text: &str, most: usize| crate::paint::cut_text(&trommel_model::sanitise(text).replace('\n', " "), most, glyphs);
    let short = |cell: &Cell| safe(&cell.text(), 16);
    let mut said = vec![format!("{} null", null_words(column.nulls, profile.rows))];
    if !column.min.is_null() {
        said.push(format!("{} to {}", short(&column.min), short(&column.max)));
    }
    said.extend(column.top.first().filter(|(_, n)| *n > 1).map(|(value, n)| format!("most often {} ({})", short(value), count(*n))));
    Some(format!("so far {}: {}", safe(&column.name, 24), said.join(", ")))
}

/// Share of rows without a value.
pub(crate) fn nulls(column: &ColumnProfile, rows: u64) -> Line {
    let tone = match column.nulls {
        0 => Tone::Muted,
        n if n == rows => Tone::Bad,
        _ => Tone::Warn,
    };
    Line::new().with(tone, null_words(column.nulls, rows))
}

/// The number of different values; an estimate starts with `~`.
pub(crate) fn distinct(distinct: Count) -> String {
    distinct.words()
}

/// A statistic with as many digits as are useful.
pub(crate) fn figure(value: f64) -> String {
    trommel_model::format_value(value, trommel_model::NumberFormat::Number, "")
}

/// The histogram as one line of text.
pub(crate) fn shape(column: &ColumnProfile, width: usize, glyphs: Glyphs) -> String {
    let values: Vec<Option<f64>> = column.histogram.iter().map(|n| Some(*n as f64)).collect();
    spark(&values, width, glyphs.spark())
}

fn value(cell: &Cell) -> Line {
    if cell.is_null() { Line::new() } else { Line::new().plain(cell.text()) }
}

fn top(column: &ColumnProfile, glyphs: Glyphs) -> Line {
    let mut line = Line::new();
    // The values of a key say nothing: each stands once.
    let telling = column.top.iter().filter(|(_, n)| *n > 1);
    for (i, (value, n)) in telling.take(3).enumerate() {
        if i > 0 {
            line = line.gap(2);
        }
        let text = crate::paint::cut_text(&value.text().replace('\n', " "), 24, glyphs);
        let text = match value {
            Cell::Null => Line::new().muted("null"),
            _ if text.is_empty() && column.data_type == DataType::Text => Line::new().muted("(empty)"),
            _ => Line::new().plain(text),
        };
        line = line.append(text).muted(format!(" {}", count(*n)));
    }
    line
}
