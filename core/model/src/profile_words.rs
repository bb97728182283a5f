//! What a profile says of a column, in words: the same on every face and in every report.

use crate::{Cell, ColumnProfile, Count, NumberFormat, RowOrder, format_value};

/// The facts of one column, name and value.
pub fn profile_facts(column: &ColumnProfile, rows: u64) -> Vec<(String, String)> {
    let mut facts = vec![
        ("type".to_owned(), column.data_type.to_string()),
        ("rows".to_owned(), count(rows)),
        ("nulls".to_owned(), format!("{} ({})", count(column.nulls), null_words(column.nulls, rows))),
        ("distinct".to_owned(), column.distinct.words()),
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

/// The share of rows without a value: `0 %`, `<0.1 %`, `12.5 %`.
pub fn null_words(nulls: u64, rows: u64) -> String {
    match nulls {
        0 => "0 %".to_owned(),
        n if n == rows => "100 %".to_owned(),
        n => match n as f64 * 100.0 / rows as f64 {
            pct if pct < 0.1 => "<0.1 %".to_owned(),
            pct if pct > 99.9 => ">99.9 %".to_owned(),
            pct => format!("{pct:.1} %"),
        },
    }
}

impl Count {
    /// The number; an estimate starts with `~`.
    pub fn words(self) -> String {
        match self {
            Self::Exact(n) => count(n),
            Self::About(n) => format!("~{}", count(n)),
        }
    }

    /// The number, exact or not.
    pub fn number(self) -> u64 {
        match self {
            Self::Exact(n) | Self::About(n) => n,
        }
    }
}

/// What the values mean, and how sure that is.
fn meaning(column: &ColumnProfile) -> Option<String> {
    column.meaning.kind.map(|kind| format!("{} ({:.0} %)", kind.label(), column.meaning.confidence * 100.0))
}

fn count(n: u64) -> String {
    format_value(n as f64, NumberFormat::Integer, "")
}

fn figure(value: f64) -> String {
    format_value(value, NumberFormat::Number, "")
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
