//! The fields of one record, so that some can be written anew and all else stays as it came.

use std::path::Path;

use trommel_model::{Code, CsvOptions, Outcome, Problem};

use super::config::{Dialect, Syntax};
use super::record::{ESCAPED, Field, Parser, Records, unescape};
use super::sniff;
use super::sniff::sample::Sample;
use super::window::LONGEST_RECORD;
use crate::bytes::Text;

/// A record taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The columns' names with their values.
    pub named: Vec<(String, String)>,
    /// The fields with their quotes and blanks; joined by the separator they are the record.
    raw: Vec<String>,
    separator: String,
    quote: Option<char>,
    escape: Option<char>,
}

impl Fields {
    /// The record with other values at some places.
    pub fn with(&self, values: &[(usize, &str)]) -> Outcome<String> {
        let mut raw = self.raw.clone();
        for (at, value) in values {
            // A record that ends too early has room for its other fields.
            raw.resize(raw.len().max(at + 1), String::new());
            raw[*at] = self.written(value)?;
        }
        Ok(raw.join(&self.separator))
    }

    /// A value as a field.
    fn written(&self, value: &str) -> Outcome<String> {
        let special = value.contains(&self.separator) || value.contains(['\n', '\r']) || self.quote.is_some_and(|q| value.contains(q));
        match self.quote {
            _ if !special => Ok(value.to_owned()),
            Some(quote) => {
                let before = self.escape.unwrap_or(quote);
                let mut text = String::from(quote);
                for c in value.chars() {
                    if c == quote || Some(c) == self.escape {
                        text.push(before);
                    }
                    text.push(c);
                }
                text.push(quote);
                Ok(text)
            }
            None => Err(Problem::new(Code::Usage, "the value has the delimiter in it, and the file knows no quotes")
                .next("leave the delimiter out of the value")),
        }
    }
}

/// How a file is written.
pub fn dialect(path: &Path, options: &CsvOptions) -> Outcome<Dialect> {
    let sample = Sample::take(path, options.encoding.as_deref())?;
    sniff::sniff(&sample, options).map(|(dialect, _)| dialect)
}

/// The record that starts at a byte: its text, and its fields unless they are no plain cuts of it.
pub fn at(text: &Text, at: u64, dialect: &Dialect) -> Outcome<(String, Option<Fields>)> {
    let syntax = Syntax::of(dialect, dialect.columns.len())?;
    let mut buffer = Vec::new();
    text.read(at, LONGEST_RECORD, &mut buffer)?;
    if dialect.long_delimiter.is_some() {
        // The parser knows delimiters of one byte; of this record the text is all there is to say.
        let end = buffer.iter().position(|b| syntax.ends_line(*b)).unwrap_or(buffer.len());
        return Ok((utf8(&buffer[..end])?, None));
    }
    let whole = at + buffer.len() as u64 >= text.length;
    let (mut records, mut parser) = (Records::default(), Parser::new(&buffer, syntax, whole, 0, 0));
    parser.take(&mut records, 1, usize::MAX);
    let Some(place) = records.places.first() else {
        return Err(Problem::new(Code::UnknownName, "no record starts there").next("the file has changed; run again"));
    };
    let found = place.found as usize;
    let fields: Vec<Field> = records.fields.iter().take(found).chain(&records.spare).take(found).copied().collect();
    let record = utf8(&buffer[place.start as usize..place.end as usize])?;
    let mut named = Vec::with_capacity(dialect.columns.len());
    let mut value = Vec::new();
    for (position, name) in dialect.columns.iter().enumerate() {
        let field = fields.get(position).copied().unwrap_or(Field::EMPTY);
        value.clear();
        if field.escaped() {
            unescape(field.raw(&buffer), &syntax, &mut value);
        } else {
            value.extend_from_slice(field.raw(&buffer));
        }
        named.push((name.clone(), utf8(&value)?));
    }
    let separator = dialect.separator();
    let raw = split(&record, &fields, place.start, &separator);
    Ok((record, raw.map(|raw| Fields { named, raw, separator, quote: dialect.quote, escape: dialect.escape })))
}

/// The record's fields with their quotes and blanks: cut at the delimiter that follows each field.
fn split(record: &str, fields: &[Field], start: u32, separator: &str) -> Option<Vec<String>> {
    let (mut raw, mut from) = (Vec::new(), 0);
    for (at, field) in fields.iter().enumerate() {
        if at + 1 == fields.len() {
            raw.push(record.get(from..)?.to_owned());
            break;
        }
        let end = ((field.end & !ESCAPED).checked_sub(start)? as usize).max(from);
        let next = end + record.get(end..)?.find(separator)?;
        raw.push(record.get(from..next)?.to_owned());
        from = next + separator.len();
    }
    // What is put together again has to be what it was.
    (raw.join(separator) == record).then_some(raw)
}

fn utf8(bytes: &[u8]) -> Outcome<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| {
        Problem::new(Code::BadEncoding, "the record has bytes that are no text")
            .next("correct the file itself, or tell its encoding in the source")
    })
}
