//! A profile as a file for people: a page to read and print, a workbook, or JSON.

use std::fmt::Write as _;
use std::path::Path;

use trommel_app::{News, Subject, Written};
use trommel_model::{
    ChangeWeight, Code, ColumnChange, ColumnProfile, CorrelationMeasure, Outcome, Problem, Profile, ProfileChange, Relations, null_words,
    profile_facts,
};

use super::{History, workbook};
use crate::work::page::{self, count, escape, number};

/// Runs of the history that are shown.
const RUNS: usize = 12;

/// Writes the report; the file's ending says how.
pub(in crate::work) fn write(
    subject: &Subject,
    profile: Option<&Profile>,
    change: Option<&ProfileChange>,
    history: &History,
    to: &Path,
) -> Outcome<News> {
    // Of a comparison alone, the later side is the profile.
    let later = |change: &ProfileChange| Profile {
        subject: subject.to_string(),
        rows: change.to.looked_at.unwrap_or(change.to.rows),
        level: trommel_model::ProfileLevel::Full,
        columns: change.columns.iter().filter_map(|c| c.to.as_deref().cloned()).collect(),
        relations: None,
        notes: change.notes.clone(),
    };
    let profile = match (profile, change) {
        (Some(profile), _) => profile.clone(),
        (None, Some(change)) => later(change),
        (None, None) => return Err(Problem::new(Code::Usage, "there is no profile to report")),
    };
    let at = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let ending = to.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let text = match ending.as_str() {
        "html" | "htm" => page(&profile, change, history, &at),
        "xlsx" => {
            let mut notes = vec![
                ("Written by".to_owned(), format!("Trommel {}", env!("CARGO_PKG_VERSION"))),
                ("Written at".to_owned(), at),
                ("Profile of".to_owned(), profile.subject.clone()),
            ];
            notes.extend(change.map(|c| ("Changes".to_owned(), compared(c))));
            notes
                .extend(history.inspections.iter().filter_map(|i| Some((format!("Judged by people ({})", i.name), i.estimate()?.words()))));
            notes.extend(profile.notes.iter().map(|note| ("Remark".to_owned(), note.clone())));
            return workbook::write(&profile, change, notes, to);
        }
        "json" => {
            let said = match change {
                Some(change) => serde_json::to_string_pretty(change),
                None => serde_json::to_string_pretty(&profile),
            };
            said.map_err(|e| Problem::new(Code::Internal, "cannot write the profile as JSON").why(e.to_string()))?
        }
        _ => {
            return Err(Problem::new(Code::Usage, format!("cannot tell the format of {}", to.display()))
                .next("end the file's name with .html, .xlsx or .json"));
        }
    };
    trommel_connectors::whole_file(to, text.as_bytes())?;
    Ok(News::Written(Written { files: vec![to.to_owned()], ..Written::default() }))
}

/// `from X (… rows) to Y (… rows): 2 columns changed markedly …`.
fn compared(change: &ProfileChange) -> String {
    format!("from {} to {}: {}", change.from.words(count), change.to.words(count), change.summary())
}

fn page(profile: &Profile, change: Option<&ProfileChange>, history: &History, at: &str) -> String {
    let mut out = page::head(&format!("Profile of {}", profile.subject));
    let _ = writeln!(
        out,
        "<p>{} rows, {} columns. Written by Trommel {} at {at}.</p>",
        count(profile.rows),
        count(profile.columns.len() as u64),
        env!("CARGO_PKG_VERSION")
    );
    for note in &profile.notes {
        let _ = writeln!(out, "<p class=\"muted\">{}</p>", escape(note));
    }
    if let Some(change) = change {
        changed(&mut out, change);
    }
    overview(&mut out, profile);
    if let Some(relations) = &profile.relations {
        related(&mut out, relations);
    }
    if !history.inspections.is_empty() {
        inspected(&mut out, history);
    }
    if history.kept.len() > 1 {
        runs(&mut out, history);
    }
    out.push_str("<h2>Columns</h2>\n");
    for column in &profile.columns {
        one(&mut out, profile, column, change, history);
    }
    out.push_str(page::FOOT);
    out
}

fn changed(out: &mut String, change: &ProfileChange) {
    let _ = write!(
        out,
        "<h2>What changed</h2>\n<p>{}.</p>\n<table><tr><th>column</th><th>change</th><th class=\"n\">PSI</th><th class=\"n\">KS</th>\
         <th class=\"n\">nulls before</th><th class=\"n\">nulls after</th><th>what</th></tr>\n",
        escape(&compared(change))
    );
    let rows = |looked: Option<u64>, rows: u64| looked.unwrap_or(rows);
    for column in &change.columns {
        let nulls =
            |side: &Option<Box<ColumnProfile>>, rows: u64| side.as_ref().map_or_else(|| "–".to_owned(), |c| null_words(c.nulls, rows));
        let figure = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| format!("{x:.3}"));
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"{}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            escape(&column.name),
            tone(column.weight),
            column.weight.name(),
            figure(column.psi),
            figure(column.ks),
            nulls(&column.from, rows(change.from.looked_at, change.from.rows)),
            nulls(&column.to, rows(change.to.looked_at, change.to.rows)),
            escape(&column.remarks.join("; "))
        );
    }
    out.push_str("</table>\n<p class=\"muted\">PSI: from 0.1 on slight, from 0.25 on marked. KS: the largest difference of the shares of rows up to any value. What chance alone would do is no change.</p>\n");
}

fn tone(weight: ChangeWeight) -> &'static str {
    match weight {
        ChangeWeight::Same => "muted",
        ChangeWeight::Slight => "slight",
        ChangeWeight::Marked => "marked",
    }
}

fn overview(out: &mut String, profile: &Profile) {
    out.push_str("<h2>Overview</h2>\n<table><tr><th>column</th><th>type</th><th>means</th><th>personal</th><th class=\"n\">nulls</th><th class=\"n\">distinct</th><th>smallest</th><th>largest</th><th class=\"n\">mean</th></tr>\n");
    for column in &profile.columns {
        let personal = column.meaning.pii.filter(|p| p.confidence >= 0.5).map(|p| p.class.label()).unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
            escape(&column.name),
            escape(&column.data_type.to_string()),
            escape(&column.meaning.kind.map(trommel_model::SemanticType::label).unwrap_or_default()),
            escape(&personal),
            null_words(column.nulls, profile.rows),
            column.distinct.words(),
            short(&column.min.text()),
            short(&column.max.text()),
            column.mean.map(number).unwrap_or_default()
        );
    }
    out.push_str("</table>\n");
}

fn related(out: &mut String, relations: &Relations) {
    out.push_str("<h2>Columns together</h2>\n");
    let _ = writeln!(
        out,
        "<p>Looked at {} of {} rows. {} rows equal an earlier one.</p>",
        count(relations.sampled),
        count(relations.rows),
        count(relations.duplicates)
    );
    if !relations.keys.is_empty() {
        let keys: Vec<String> = relations.keys.iter().map(|k| escape(&k.join(" + "))).collect();
        let _ = writeln!(out, "<p>Keys: {}</p>", keys.join(", "));
    }
    if !relations.dependencies.is_empty() {
        out.push_str("<table><tr><th>decides</th><th>is decided</th><th class=\"n\">rows against it</th></tr>\n");
        for found in &relations.dependencies {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                escape(&found.from),
                escape(&found.to),
                count(found.broken)
            );
        }
        out.push_str("</table>\n");
    }
    if !relations.correlations.is_empty() {
        out.push_str("<table><tr><th>column</th><th>column</th><th>measure</th><th class=\"n\">value</th></tr>\n");
        for pair in &relations.correlations {
            let measure = match pair.measure {
                CorrelationMeasure::Pearson => "Pearson",
                CorrelationMeasure::Spearman => "Spearman",
                CorrelationMeasure::CramersV => "Cramér’s V",
            };
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{measure}</td><td class=\"n\">{:+.2}</td></tr>",
                escape(&pair.a),
                escape(&pair.b),
                pair.value
            );
        }
        out.push_str("</table>\n");
    }
    for together in &relations.missing {
        let _ = writeln!(
            out,
            "<p class=\"muted\">missing together in {} rows: {}</p>",
            count(together.rows),
            escape(&together.columns.join(", "))
        );
    }
}

fn inspected(out: &mut String, history: &History) {
    out.push_str("<h2>Judged by people</h2>\n<table><tr><th>inspection</th><th>drawn</th><th>what was found</th><th>signed by</th></tr>\n");
    for one in &history.inspections {
        let open = if one.open() > 0 { format!("{} rows are not judged yet. ", one.open()) } else { String::new() };
        let found = one.estimate().map_or_else(|| "nothing can be said yet".to_owned(), |e| e.words());
        let signed = one.signed.as_ref().map_or_else(|| "nobody yet".to_owned(), |s| format!("{}, {}", s.who, s.at));
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}{}</td><td>{}</td></tr>",
            escape(&one.name),
            escape(&one.drawn_at),
            escape(&open),
            escape(&found),
            escape(&signed)
        );
    }
    out.push_str("</table>\n");
}

fn runs(out: &mut String, history: &History) {
    out.push_str("<h2>Runs</h2>\n<table><tr><th>run</th><th>at</th><th class=\"n\">rows</th><th class=\"n\">columns</th></tr>\n");
    for kept in history.kept.iter().rev().take(RUNS) {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&kept.run),
            escape(&kept.at),
            count(kept.rows),
            count(kept.profile.columns.len() as u64)
        );
    }
    out.push_str("</table>\n");
}

fn one(out: &mut String, profile: &Profile, column: &ColumnProfile, change: Option<&ProfileChange>, history: &History) {
    let _ =
        writeln!(out, "<section><h3>{} <span class=\"muted\">{}</span></h3>", escape(&column.name), escape(&column.data_type.to_string()));
    let own: Option<&ColumnChange> = change.and_then(|c| c.columns.iter().find(|c| c.name == column.name));
    if let Some(own) = own.filter(|c| c.weight != ChangeWeight::Same) {
        let _ = writeln!(out, "<p class=\"{}\">{}</p>", tone(own.weight), escape(&own.remarks.join("; ")));
    }
    out.push_str("<div class=\"sides\"><table>\n");
    for (name, value) in profile_facts(column, profile.rows) {
        let _ = writeln!(out, "<tr><th>{}</th><td>{}</td></tr>", escape(&name), escape(&value));
    }
    out.push_str("</table><div>\n");
    if column.histogram.len() > 1 {
        let label = format!("rows by value, from {} to {}", column.min.text(), column.max.text());
        out.push_str(&bars(&column.histogram.iter().map(|n| *n as f64).collect::<Vec<_>>(), 90.0, &label));
        let _ = writeln!(out, "<p class=\"muted\">{} … {}</p>", short(&column.min.text()), short(&column.max.text()));
    }
    if !column.top.is_empty() && !column.unique {
        out.push_str("<table>\n");
        let most = column.top.iter().map(|t| t.1).max().unwrap_or(1).max(1) as f64;
        for (value, n) in &column.top {
            let said = if value.is_null() { "null".to_owned() } else { value.text() };
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td class=\"n\">{}</td><td><svg width=\"120\" height=\"10\" aria-hidden=\"true\"><rect width=\"{:.0}\" height=\"10\"/></svg></td></tr>",
                short(&said),
                count(*n),
                *n as f64 / most * 120.0
            );
        }
        out.push_str("</table>\n");
    }
    let nulls: Vec<f64> = history
        .kept
        .iter()
        .filter_map(|kept| {
            let then = kept.profile.columns.iter().find(|c| c.name == column.name)?;
            Some(then.nulls as f64 / kept.profile.rows.max(1) as f64)
        })
        .collect();
    if nulls.len() > 1 && nulls.iter().any(|share| *share > 0.0) {
        out.push_str(&bars(&nulls, 30.0, "share of rows without a value, run by run"));
        out.push_str("<p class=\"muted\">nulls, run by run</p>\n");
    }
    out.push_str("</div></div></section>\n");
}

/// Upright bars side by side.
fn bars(values: &[f64], height: f64, label: &str) -> String {
    const WIDTH: f64 = 360.0;
    let most = values.iter().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let wide = WIDTH / values.len().max(1) as f64;
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escape(label));
    for (at, value) in values.iter().enumerate() {
        let tall = value / most * height;
        let _ = write!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"><title>{}</title></rect>",
            at as f64 * wide,
            height - tall,
            (wide - 1.0).max(0.5),
            number(*value)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// A value no longer than a person reads in a table.
fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    let cut: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    escape(&format!("{cut}{more}"))
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cell, ProfileLevel, ProfileStamp};

    use super::*;

    #[test]
    fn a_page_holds_all_of_itself_and_nothing_of_the_data_becomes_markup() {
        let evil = "<script>alert(1)</script>\u{202e}\u{1b}[31m";
        let column: ColumnProfile = serde_json::from_value(serde_json::json!({
            "name": evil, "data_type": "text", "nulls": 1, "distinct": {"exact": 2}, "min": null, "max": null,
            "mean": null, "sd": null, "histogram": [1, 2], "top": []
        }))
        .unwrap();
        let column = ColumnProfile { top: vec![(Cell::Text(evil.to_owned()), 3)], ..column };
        let profile = Profile {
            subject: evil.to_owned(),
            rows: 1_234_567,
            level: ProfileLevel::Full,
            columns: vec![column.clone()],
            relations: None,
            notes: vec![evil.to_owned()],
        };
        let own = ColumnChange {
            name: evil.to_owned(),
            weight: ChangeWeight::Marked,
            psi: Some(0.5),
            ks: None,
            new_values: vec![],
            gone_values: vec![],
            remarks: vec![evil.to_owned()],
            from: Some(Box::new(column.clone())),
            to: Some(Box::new(column)),
        };
        let stamp = ProfileStamp { of: evil.to_owned(), at: None, rows: 5, looked_at: None };
        let change = ProfileChange { subject: evil.to_owned(), from: stamp.clone(), to: stamp, columns: vec![own], notes: Vec::new() };
        let page = page(&profile, Some(&change), &History::default(), "2026-01-01");
        assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains("http"), "{page}");
        assert!(page.contains("1,234,567 rows") && page.contains("class=\"marked\"") && page.contains("@media print"));
        assert_eq!(page.matches("<table").count(), page.matches("</table>").count());
        assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
    }
}
