//! A profile as a workbook: one row a column, and the notes.

use std::path::Path;

use trommel_app::{News, Written};
use trommel_connectors::write::{Export, Format, Writer};
use trommel_model::{ChangeWeight, ColumnChange, ColumnProfile, Outcome, Profile, ProfileChange};

use crate::lists::{Kind, List, count, maybe, text};

pub(super) fn write(profile: &Profile, change: Option<&ProfileChange>, notes: Vec<(String, String)>, to: &Path) -> Outcome<News> {
    let export = Export { format: Format::Xlsx, raw: false, title: "Profile".to_owned(), notes };
    let mut writer = Writer::to_file(to, &export)?;
    let batch = list(profile, change).batch()?;
    writer.write(&batch)?;
    let written = writer.finish(&batch.schema())?;
    Ok(News::Written(Written { files: vec![to.to_owned()], table: None, rows: written.rows, notes: written.notes }))
}

fn list(profile: &Profile, change: Option<&ProfileChange>) -> List {
    use Kind::{Boolean, Float, Integer, Text};
    let mut columns = vec![
        ("column", Text),
        ("type", Text),
        ("means", Text),
        ("personal", Text),
        ("rows", Integer),
        ("nulls", Integer),
        ("null share", Float),
        ("distinct", Integer),
        ("distinct is an estimate", Boolean),
        ("unique", Boolean),
        ("smallest", Text),
        ("largest", Text),
        ("mean", Float),
        ("std. deviation", Float),
        ("5 %", Text),
        ("25 %", Text),
        ("median", Text),
        ("75 %", Text),
        ("95 %", Text),
        ("most frequent", Text),
        ("patterns", Text),
        ("shortest", Integer),
        ("longest", Integer),
    ];
    if change.is_some() {
        columns.extend([("change", Text), ("PSI", Float), ("KS", Float), ("what changed", Text)]);
    }
    let (names, kinds): (Vec<&'static str>, Vec<Kind>) = columns.into_iter().unzip();
    let mut list = List::new(&names, &kinds);
    for column in &profile.columns {
        let mut row = figures(column, profile.rows);
        if let Some(change) = change {
            let own = change.columns.iter().find(|c| c.name == column.name);
            row.push(text(own.map_or(ChangeWeight::Same, |c| c.weight).name()));
            let figure = |of: fn(&ColumnChange) -> Option<f64>| maybe(own.and_then(of), trommel_model::Cell::Float);
            row.extend([figure(|c| c.psi), figure(|c| c.ks), maybe(own.map(|c| c.remarks.join("; ")), text)]);
        }
        list.row(row);
    }
    list
}

fn figures(column: &ColumnProfile, rows: u64) -> Vec<trommel_model::Cell> {
    use trommel_model::{Cell, Count};
    let quantile = |share: f64| {
        let found = column.quantiles.iter().find(|q| (q.share - share).abs() < 1e-9);
        maybe(found.map(|q| q.value.text()), text)
    };
    let words = |cell: &Cell| if cell.is_null() { Cell::Null } else { text(cell.text()) };
    let top: Vec<String> = column.top.iter().map(|(value, n)| format!("{} ({n})", value.text())).collect();
    let patterns: Vec<String> =
        column.text.iter().flat_map(|t| &t.patterns).map(|(pattern, share)| format!("{pattern} ({:.1} %)", share * 100.0)).collect();
    vec![
        text(column.name.clone()),
        text(column.data_type.to_string()),
        maybe(column.meaning.kind.map(trommel_model::SemanticType::label), text),
        maybe(column.meaning.pii.map(|p| p.class.label()), text),
        count(rows),
        count(column.nulls),
        Cell::Float(if rows == 0 { 0.0 } else { column.nulls as f64 / rows as f64 }),
        count(column.distinct.number()),
        Cell::Boolean(matches!(column.distinct, Count::About(_))),
        Cell::Boolean(column.unique),
        words(&column.min),
        words(&column.max),
        maybe(column.mean, Cell::Float),
        maybe(column.sd, Cell::Float),
        quantile(0.05),
        quantile(0.25),
        quantile(0.5),
        quantile(0.75),
        quantile(0.95),
        text(top.join(", ")),
        text(patterns.join(", ")),
        maybe(column.text.as_ref().map(|t| t.shortest), count),
        maybe(column.text.as_ref().map(|t| t.longest), count),
    ]
}
