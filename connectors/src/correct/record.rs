//! One record of a text file: its text, its fields, and its text with other values in them.

use std::ops::Range;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use trommel_model::{Cancel, Code, FileFormat, Outcome, Problem, ProgressSlot, SourceSpec, did_you_mean};

use super::copy::open;
use super::lines::starts;
use super::{can_correct, no_lines};
use crate::bytes::Text;
use crate::csv::Newline;
use crate::csv::fields::{self, Fields};
use crate::{Piece, compressed};

/// A record as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its text, without the line end.
    pub text: String,
    /// Names and texts of its fields; empty where it cannot be taken apart.
    pub fields: Vec<(String, String)>,
    form: Form,
}

/// How the fields stand in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Delimited(Fields),
    Json,
    /// Nothing is known of them.
    Line,
}

/// The record that starts on a line of a text file.
pub fn record(piece: &Piece, spec: &SourceSpec, line: u64, cancel: &Cancel) -> Outcome<Record> {
    if !can_correct(piece.format) {
        return Err(no_lines().in_file(&piece.path));
    }
    let progress = ProgressSlot::new();
    let (text, _) = open(piece, spec, cancel, &progress)?;
    let start = starts(&text, &[line], cancel)?.into_iter().next().unwrap_or_default();
    if piece.format == FileFormat::Csv {
        let expanded = compressed::expand(piece, u64::MAX, cancel, &progress)?;
        let path = expanded.as_ref().map_or(piece.path.as_path(), |e| e.path());
        let in_file = |p: Problem| p.in_file(&piece.path);
        let dialect = fields::dialect(path, &spec.csv).map_err(in_file)?;
        let by_lf = matches!(dialect.newline, Newline::Lf | Newline::Crlf);
        let at = if by_lf { start.by_lf } else { start.by_any }.ok_or_else(|| no_line(piece, line))?;
        let (text, parts) = fields::at(&text, at, &dialect).map_err(in_file)?;
        let (fields, form) = parts.map_or((Vec::new(), Form::Line), |parts| (parts.named.clone(), Form::Delimited(parts)));
        return Ok(Record { text, fields, form });
    }
    let at = start.by_lf.ok_or_else(|| no_line(piece, line))?;
    let text = line_at(&text, at)?;
    let (fields, form) = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(object)) if piece.format == FileFormat::Ndjson => {
            let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (object.iter().map(|(name, value)| (name.clone(), said(value))).collect(), Form::Json)
        }
        _ => (Vec::new(), Form::Line),
    };
    Ok(Record { text, fields, form })
}

impl Record {
    /// The text of the record with other values in some fields, everything else as it came.
    pub fn with(&self, values: &[(String, String)]) -> Outcome<String> {
        match &self.form {
            Form::Delimited(fields) => {
                let values = values.iter().map(|(name, value)| Ok((self.position(name)?, value.as_str())));
                fields.with(&values.collect::<Outcome<Vec<_>>>()?)
            }
            Form::Json => {
                let mut text = self.text.clone();
                for (name, value) in values {
                    self.position(name)?;
                    // What reads as JSON is meant as such: 12 is a number, "12" a text.
                    let written =
                        serde_json::from_str::<Value>(value).map_or_else(|_| Value::String(value.clone()).to_string(), |_| value.clone());
                    let place = value_of(&text, name).map_err(|e| not_taken_apart(&e.to_string()))?;
                    text.replace_range(place.ok_or_else(|| not_taken_apart(&format!("\"{name}\" was not found in it")))?, written.trim());
                }
                Ok(text)
            }
            Form::Line => Err(not_taken_apart("its fields are not known")),
        }
    }

    fn position(&self, name: &str) -> Outcome<usize> {
        self.fields.iter().position(|(field, _)| field == name).ok_or_else(|| {
            let names = || self.fields.iter().map(|(field, _)| field.as_str());
            let problem = Problem::new(Code::UnknownName, format!("the record has no field \"{name}\""));
            let meant = did_you_mean(name, names());
            problem.next(if meant.is_empty() { format!("fields: {}", names().collect::<Vec<_>>().join(", ")) } else { meant })
        })
    }
}

/// Where the value of a key stands in a text of one JSON object; of a key that comes twice the last counts.
fn value_of(text: &str, name: &str) -> serde_json::Result<Option<Range<usize>>> {
    let mut found = None;
    let mut at = text.find('{').map_or(text.len(), |open| open + 1);
    loop {
        at += text[at..].find(|c: char| !c.is_ascii_whitespace() && c != ',').unwrap_or(text.len() - at);
        if !text[at..].starts_with('"') {
            return Ok(found);
        }
        let (key, end) = next::<String>(text, at)?;
        let value = end + text[end..].find(|c: char| !c.is_ascii_whitespace() && c != ':').unwrap_or(text.len() - end);
        let (_, end) = next::<IgnoredAny>(text, value)?;
        if key.as_deref() == Some(name) {
            found = Some(value..end);
        }
        at = end;
    }
}

/// The JSON that begins at a place, and where it ends.
fn next<'t, T: Deserialize<'t>>(text: &'t str, at: usize) -> serde_json::Result<(Option<T>, usize)> {
    let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<T>();
    let value = stream.next().transpose()?;
    Ok((value, at + stream.byte_offset()))
}

fn not_taken_apart(why: &str) -> Problem {
    Problem::new(Code::Usage, "the record cannot be changed field by field").why(why).next("give the whole text of the record")
}

fn no_line(piece: &Piece, line: u64) -> Problem {
    Problem::new(Code::UnknownName, format!("{} has no line {line}", piece.name))
        .in_file(&piece.path)
        .next("the file has changed; run again")
}

fn line_at(text: &Text, at: u64) -> Outcome<String> {
    let mut buffer = Vec::new();
    let mut want = 64 << 10;
    loop {
        buffer.clear();
        text.read(at, want, &mut buffer)?;
        if let Some(end) = memchr::memchr(b'\n', &buffer) {
            buffer.truncate(end);
            break;
        }
        if at + buffer.len() as u64 >= text.length {
            break;
        }
        want *= 8;
    }
    if buffer.last() == Some(&b'\r') {
        buffer.pop();
    }
    utf8(&buffer)
}

fn utf8(bytes: &[u8]) -> Outcome<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| {
        Problem::new(Code::BadEncoding, "the record has bytes that are no text")
            .next("correct the file itself, or tell its encoding in the source")
    })
}
