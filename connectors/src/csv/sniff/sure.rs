//! How sure each property of a dialect is: what was told is certain, what the text says itself as well, and for the rest
//! each piece of evidence halves the doubt.

use encoding_rs::UTF_8;
use trommel_model::{CsvOptions, FoundOption};

use super::header::borne_out;
use super::sample::Sample;
use super::table::Table;
use crate::csv::config::Dialect;

/// What the properties were made out from.
pub struct Evidence<'a> {
    /// The sample behind the lines that were told to be no data.
    pub text: &'a [u8],
    /// It taken apart as the dialect says.
    pub table: &'a Table,
    /// The sample.
    pub sample: &'a Sample,
    /// Cells of a row.
    pub width: usize,
    /// The row with which the table begins.
    pub first: usize,
}

/// The properties under the names they are told by.
pub fn found(seen: &Evidence<'_>, dialect: &Dialect, told: &CsvOptions) -> Vec<FoundOption> {
    let character = |c: Option<char>| c.map(written).unwrap_or_default();
    let known = |is_told: bool, pieces: usize| if is_told { usize::MAX } else { pieces };
    let Evidence { table, .. } = seen;
    let header = borne_out(seen.text, table, seen.width, seen.first, dialect.header());
    let whole = table.rows.iter().filter(|r| r.width == seen.width).count();
    let fitting = (!table.rows.is_empty()).then(|| whole as f64 / table.rows.len() as f64);
    vec![
        FoundOption {
            name: "delimiter",
            value: dialect.long_delimiter.clone().unwrap_or_else(|| written(dialect.delimiter)),
            sure: Some(dialect.confidence),
            choices: [",", ";", "tab", "|", ":", "space"].map(str::to_owned).to_vec(),
        },
        FoundOption::by_evidence("quote", character(dialect.quote), known(told.quote.is_some(), table.quoted))
            .or(vec!["\"".to_owned(), "'".to_owned()]),
        FoundOption::by_evidence("escape", character(dialect.escape), known(told.escape.is_some(), table.escapes))
            .or(vec!["\"".to_owned(), "\\".to_owned()]),
        encoding(seen.sample, dialect, told),
        FoundOption::by_evidence("header", if dialect.header() { "yes" } else { "no" }, known(told.header.is_some(), header))
            .or(vec!["yes".to_owned(), "no".to_owned()]),
        FoundOption {
            name: "skip-lines",
            value: dialect.skip_lines.to_string(),
            sure: if told.skip_lines.is_some() { Some(1.0) } else { fitting },
            choices: Vec::new(),
        },
        FoundOption::by_evidence(
            "comment",
            character(dialect.comment),
            known(told.comment.is_some(), usize::from(dialect.comment.is_some())),
        )
        .or(vec!["#".to_owned(), "%".to_owned()]),
        FoundOption::by_evidence("decimal-mark", dialect.decimal_mark, known(told.decimal_mark.is_some(), marks(seen, dialect)))
            .or(vec![".".to_owned(), ",".to_owned()]),
    ]
}

/// A character as one tells it.
pub fn written(character: char) -> String {
    match character {
        '\t' => "tab".to_owned(),
        ' ' => "space".to_owned(),
        '\0' => "nul".to_owned(),
        other => other.to_string(),
    }
}

/// Bytes that are sound UTF-8, or nothing but ASCII, leave no doubt; what statistics of bytes say is a guess.
fn encoding(sample: &Sample, dialect: &Dialect, told: &CsvOptions) -> FoundOption {
    let certain = told.encoding.is_some() || sample.found.mark > 0 || sample.ascii || sample.found.encoding == UTF_8;
    let wide = dialect.encoding.starts_with("utf-16");
    let choices = ["utf-8", "windows-1252", "utf-16le", "windows-1250", "shift_jis", "gb18030"];
    FoundOption {
        name: "encoding",
        value: dialect.encoding.clone(),
        sure: Some(if certain || wide { 1.0 } else { 0.5 }),
        choices: choices.map(str::to_owned).to_vec(),
    }
}

/// Numbers that are written with the decimal mark.
fn marks(seen: &Evidence<'_>, dialect: &Dialect) -> usize {
    let Ok(mark) = u8::try_from(dialect.decimal_mark) else { return 0 };
    let is_number = |body: &[u8]| {
        let digits = body.strip_prefix(b"-").unwrap_or(body);
        digits.len() > 2 && memchr::memchr_iter(mark, digits).count() == 1 && digits.iter().all(|b| b.is_ascii_digit() || *b == mark)
    };
    seen.table.cells.iter().filter(|c| is_number(seen.text[c.start..c.end].trim_ascii())).count()
}
