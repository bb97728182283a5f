//! How a delimited file is written, for people and for programs.

use std::path::Path;

use serde_json::{Value, json};
use trommel_app::{News, Report, SniffRequest};
use trommel_connectors::csv::{self, Description, Dialect};
use trommel_model::{FileFacts, FileFormat, Outcome, SourceSpec};

use crate::worker::Task;
use crate::{desk, files};

/// Looks at a whole file.
pub(super) fn sniff(task: &Task, request: &SniffRequest) -> Outcome<News> {
    let (path, inner) = files::split_inner(&request.file);
    let piece = files::piece(&path, inner.as_deref())?;
    let threads = desk::threads(task, None);
    if piece.format != FileFormat::Csv {
        let mut spec = SourceSpec::of_file(&piece.name, None);
        spec.csv = request.csv.clone();
        let facts = trommel_connectors::describe(&piece, &spec, 1, threads, &task.cancel, &task.progress)?;
        return Ok(News::Report(Report { title: format!("dialect of {}", request.file.display()), ..of_other(&request.file, &facts) }));
    }
    let found = csv::describe(&piece, &request.csv, threads, &task.cancel, &task.progress)?;
    Ok(News::Report(Report {
        title: format!("dialect of {}", request.file.display()),
        facts: facts(&found),
        data: Some(data(&request.file.display().to_string(), &found).to_string()),
        ..Report::default()
    }))
}

fn facts(found: &Description) -> Vec<(String, String)> {
    let Dialect { quote, escape, comment, .. } = found.dialect;
    let dialect = &found.dialect;
    let shown = |c: Option<char>, none: &str| c.map_or_else(|| none.to_owned(), |c| format!("{c:?}"));
    let header = match (dialect.header_line(), dialect.header_rows) {
        (None, _) => "none".to_owned(),
        (Some(line), 1) => format!("line {line}"),
        (Some(line), rows) => format!("{rows} records from line {line} on"),
    };
    let columns: Vec<String> = found.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
    let mut facts = vec![
        ("delimiter", format!("{:?}", dialect.separator())),
        ("quote", shown(quote, "none")),
        ("escape", shown(escape, "the quote doubled")),
        ("newline", newline(dialect).to_uppercase()),
        ("encoding", dialect.encoding.clone()),
        ("header", header),
        ("lines above the table", dialect.skip_lines.to_string()),
        ("lines below the table", dialect.footer_lines.to_string()),
        ("comment", shown(comment, "none")),
        ("decimal mark", format!("{:?}", dialect.decimal_mark)),
        ("rows", found.rows.to_string()),
        ("columns", columns.join(", ")),
        ("confidence", format!("{:.0} %", dialect.confidence * 100.0)),
    ];
    facts.extend(found.notes.iter().map(|note| ("remark", note.clone())));
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A workbook, XML, JSON and so on: what was made out under the names it is told by.
fn of_other(file: &Path, facts: &FileFacts) -> Report {
    let columns: Vec<String> = facts.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
    let mut shown = vec![("format".to_owned(), facts.format.name().to_owned())];
    shown.extend(facts.found.iter().filter(|f| !f.value.is_empty()).map(|f| {
        let sure = f.sure.map(|s| format!(" ({:.0} % sure)", (s * 100.0).floor())).unwrap_or_default();
        (f.name.to_owned(), format!("{}{sure}", f.value))
    }));
    shown.extend(facts.rows.map(|rows| ("rows".to_owned(), rows.to_string())));
    shown.push(("columns".to_owned(), columns.join(", ")));
    shown.extend(facts.notes.iter().map(|note| ("remark".to_owned(), note.clone())));
    let columns: Vec<Value> = facts.columns.iter().map(|c| json!({ "name": c.name, "type": c.data_type.to_string() })).collect();
    let found: serde_json::Map<String, Value> =
        facts.found.iter().map(|f| (f.name.replace('-', "_"), json!({ "value": f.value, "confidence": f.sure }))).collect();
    let data = json!({
        "file": file.display().to_string(),
        "format": facts.format.name(),
        "found": found,
        "columns": columns,
        "rows": facts.rows,
        "notes": facts.notes,
    });
    Report { facts: shown, data: Some(data.to_string()), ..Report::default() }
}

/// Every property under a name of its own; lines count from 1.
fn data(file: &str, found: &Description) -> Value {
    let dialect = &found.dialect;
    let columns: Vec<Value> = found
        .columns
        .iter()
        .zip(&dialect.labels)
        .map(|(column, label)| json!({ "name": column.name, "type": column.data_type.to_string(), "label": label }))
        .collect();
    json!({
        "file": file,
        "delimiter": dialect.separator(),
        "quote": dialect.quote,
        "escape": dialect.escape.or(dialect.quote),
        "newline": newline(dialect),
        "encoding": dialect.encoding,
        "header": dialect.header(),
        "header_row": dialect.header_line(),
        "header_rows": dialect.header_rows,
        "preamble_lines": dialect.skip_lines,
        "footer_lines": dialect.footer_lines,
        "further_table_on_line": dialect.further.map(|f| f.line),
        "comment": dialect.comment,
        "decimal_mark": dialect.decimal_mark,
        "blanks_after_delimiter": dialect.trim,
        "columns": columns,
        "rows": found.rows,
        "notes": found.notes,
        "confidence": (dialect.confidence * 1000.0).round() / 1000.0,
        "confidences": dialect.found.iter().map(|f| (f.name.replace('-', "_"), json!(f.sure))).collect::<serde_json::Map<_, _>>(),
    })
}

fn newline(dialect: &Dialect) -> &'static str {
    match dialect.newline {
        csv::Newline::Lf => "lf",
        csv::Newline::Crlf => "crlf",
        csv::Newline::Cr => "cr",
        csv::Newline::Mixed => "mixed",
    }
}
