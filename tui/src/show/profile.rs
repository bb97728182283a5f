//! What the columns of a table hold.

use trommel_model::{Cell, ColumnProfile, Count, DataType, Profile, RowOrder, spark};

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

/// Share of rows without a value; a dash for none.
pub(crate) fn nulls(column: &ColumnProfile, rows: u64) -> Line {
    match (column.nulls, rows) {
        (0, _) => Line::new().muted("0 %"),
        (n, rows) if n == rows => Line::new().with(Tone::Bad, "100 %"),
        (n, rows) => {
            let pct = n as f64 * 100.0 / rows as f64;
            let text = if pct < 0.1 {
                "<0.1 %".to_owned()
            } else if pct > 99.9 {
                ">99.9 %".to_owned()
            } else {
                format!("{pct:.1} %")
            };
            Line::new().with(Tone::Warn, text)
        }
    }
}

/// The number of different values; an estimate starts with `~`.
pub(crate) fn distinct(distinct: Count) -> String {
    match distinct {
        Count::Exact(n) => count(n),
        Count::About(n) => format!("~{}", count(n)),
    }
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

/// The facts of one column, name and value.
pub(crate) fn facts(column: &ColumnProfile, rows: u64) -> Vec<(String, String)> {
    let mut facts = vec![
        ("type".to_owned(), column.data_type.to_string()),
        ("rows".to_owned(), count(rows)),
        ("nulls".to_owned(), format!("{} ({})", count(column.nulls), nulls(column, rows).text())),
        ("distinct".to_owned(), distinct(column.distinct)),
    ];
    let mut add = |name: &str, value: Option<String>| facts.extend(value.map(|v| (name.to_owned(), v)));
    let known = |cell: &Cell| (!cell.is_null()).then(|| cell.text());
    add("smallest", known(&column.min));
    add("largest", known(&column.max));
    add("mean", column.mean.map(figure));
    add("std. deviation", column.sd.map(figure));
    add("skew", column.skew.map(figure));
    if !column.quantiles.is_empty() {
        let told = column.quantiles.iter().filter(|q| [0.05, 0.25, 0.5, 0.75, 0.95].contains(&q.share));
        let told: Vec<String> = told.map(|q| format!("{:.0} % {}", q.share * 100.0, quantile(&q.value))).collect();
        add("quantiles", Some(told.join("   ")));
    }
    add("zeros", some(column.zeros));
    add("below zero", some(column.negatives));
    add("not finite", some(column.not_finite));
    add("order", column.order.map(|o| order(o).to_owned()));
    add("means", meaning(column));
    let meaning = &column.meaning;
    add("written", meaning.format.clone());
    add("personal", meaning.pii.map(|p| format!("{} ({:.0} %)", p.class.label(), p.confidence * 100.0)));
    add("as a feature", meaning.feature.map(|f| format!("{} ({:.0} %)", f.kind.label(), f.confidence * 100.0)));
    if let Some(text) = &column.text {
        add("length", Some(format!("{} to {}, {} on average", text.shortest, text.longest, figure(text.mean_length))));
        add("empty", some(text.empty + text.blank));
        add("words for nothing", some(text.null_words));
        add("spaces around", some(text.padded));
        add("broken encoding", some(text.damaged));
        add("control signs", some(text.control));
        let kinds: Vec<String> = text.kinds.iter().map(|(kind, n)| format!("{kind} {}", count(*n))).collect();
        add("reads as", (kinds.len() > 1).then(|| kinds.join("   ")));
        let patterns: Vec<String> = text.patterns.iter().take(5).map(|(p, share)| format!("{p} {:.0} %", share * 100.0)).collect();
        add("patterns", (!patterns.is_empty()).then(|| patterns.join("   ")));
        let variants: Vec<String> = text.variants.iter().take(5).map(|(v, n)| format!("{v:?} {}", count(*n))).collect();
        add("other spellings", (!variants.is_empty()).then(|| variants.join("   ")));
    }
    let suspicious: Vec<String> = column.suspicious.iter().map(|(v, n)| format!("{} {}", v.text(), count(*n))).collect();
    add("suspicious", (!suspicious.is_empty()).then(|| suspicious.join("   ")));
    add(
        "estimates",
        column.estimates.map(|e| {
            format!("distinct ±{:.1} %, quantiles ±{:.1} % of the range, counts ±{}", e.distinct * 100.0, e.quantiles * 100.0, count(e.top))
        }),
    );
    facts
}

/// What the values mean, and how sure that is.
pub(crate) fn meaning(column: &ColumnProfile) -> Option<String> {
    column.meaning.kind.map(|kind| format!("{} ({:.0} %)", kind.label(), column.meaning.confidence * 100.0))
}

fn some(rows: u64) -> Option<String> {
    (rows > 0).then(|| count(rows))
}

fn quantile(value: &Cell) -> String {
    match value {
        Cell::Float(x) => figure(*x),
        other => other.text(),
    }
}

fn order(order: RowOrder) -> &'static str {
    match order {
        RowOrder::StrictlyAscending => "rising",
        RowOrder::Ascending => "never falling",
        RowOrder::StrictlyDescending => "falling",
        RowOrder::Descending => "never rising",
        RowOrder::Constant => "all the same",
    }
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
