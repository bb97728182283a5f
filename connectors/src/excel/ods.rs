//! ODS sheets, read bit by bit: rows and cells that repeat are not laid out in memory.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use trommel_model::{Outcome, Problem};
use zip::ZipArchive;

use super::book::Each;
use super::cells::{iso, span};
use super::config::{MOST_REPEATED, SHEET_COLUMNS, SHEET_ROWS};
use super::discover::SheetInfo;
use super::error;
use crate::spool::Value;

/// A document: where it is, and its sheets.
pub struct Document {
    path: PathBuf,
    /// The sheets in order.
    pub sheets: Vec<SheetInfo>,
}

/// A cell while it is read.
#[derive(Debug, Clone, Default)]
struct Open {
    repeats: u32,
    kind: Kind,
    given: String,
    text: String,
    paragraphs: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Nothing,
    Number,
    Text,
    Boolean,
    Moment,
    Span,
}

/// One value with how often it repeats, for rows that repeat.
struct Laid {
    column: u32,
    cell: Open,
}

impl Document {
    /// Opens a document and lists its sheets.
    pub fn open(path: &Path) -> Outcome<Self> {
        let mut document = Self { path: path.to_owned(), sheets: Vec::new() };
        let mut archive = document.archive()?;
        encrypted(&mut archive)?;
        let part = archive.by_name("content.xml").map_err(error::unreadable)?;
        let mut xml = reader(part);
        let (mut buffer, mut hidden, mut style) = (Vec::new(), Vec::new(), String::new());
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(error::unreadable)? {
                Event::Start(e) | Event::Empty(e) => match e.name().as_ref() {
                    "style:style" => style = attribute(&e, "style:name").unwrap_or_default(),
                    "style:table-properties" if attribute(&e, "table:display").as_deref() == Some("false") => hidden.push(style.clone()),
                    "table:table" => {
                        let named = attribute(&e, "table:name").unwrap_or_default();
                        let visible = !attribute(&e, "table:style-name").is_some_and(|s| hidden.contains(&s));
                        document.sheets.push(SheetInfo { name: named, visible, cells: true });
                    }
                    _ => {}
                },
                Event::Eof => return Ok(document),
                _ => {}
            }
        }
    }

    fn archive(&self) -> Outcome<ZipArchive<BufReader<File>>> {
        let file = File::open(&self.path).map_err(|e| Problem::from_io(&e, "read the file", &self.path))?;
        ZipArchive::new(BufReader::new(file)).map_err(error::unreadable)
    }

    /// Calls `each` with the cells of a sheet that have a value.
    pub fn each_cell(&self, sheet: usize, each: &mut Each<'_>) -> Outcome<()> {
        let mut archive = self.archive()?;
        let part = archive.by_name("content.xml").map_err(error::unreadable)?;
        let mut xml = reader(part);
        let mut buffer = Vec::new();
        let mut seen = 0;
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(error::unreadable)? {
                Event::Start(e) if e.name().as_ref() == "table:table" => {
                    if seen == sheet {
                        return table(&mut xml, each);
                    }
                    seen += 1;
                }
                Event::Empty(e) if e.name().as_ref() == "table:table" => seen += 1,
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// Reads on to the end of a table.
fn table<R: Read>(xml: &mut Reader<BufReader<R>>, each: &mut Each<'_>) -> Outcome<()> {
    let (mut buffer, mut row, mut repeats, mut repeated) = (Vec::new(), 0_u32, 1_u32, 0_u64);
    let (mut laid, mut column, mut cell, mut depth) = (Vec::new(), 0_u32, None::<Open>, 0_u32);
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(error::unreadable)?;
        let closed = matches!(event, Event::Empty(_));
        match event {
            Event::Start(e) | Event::Empty(e) => {
                let name = e.name();
                match name.as_ref() {
                    // Tables within a cell, and notes, are no part of the sheet.
                    "table:table" | "office:annotation" if !closed => depth += 1,
                    _ if depth > 0 => {}
                    "table:table-row" => {
                        repeats = count(&e, "table:number-rows-repeated");
                        column = 0;
                        if closed {
                            row = row.saturating_add(repeats);
                        }
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        let open = begin(&e);
                        if closed {
                            column = lay(&mut laid, column, open);
                        } else {
                            cell = Some(open);
                        }
                    }
                    other => {
                        if let Some(open) = &mut cell {
                            inside(open, other, &e);
                        }
                    }
                }
            }
            Event::Text(t) if depth == 0 => {
                if let Some(open) = cell.as_mut().filter(|open| open.paragraphs > 0) {
                    open.text.push_str(&t.xml10_content());
                }
            }
            Event::GeneralRef(r) if depth == 0 => {
                if let Some(open) = &mut cell {
                    open.text.push(reference(&r)?);
                }
            }
            Event::End(e) => match e.name().as_ref() {
                "table:table" if depth == 0 => return Ok(()),
                "table:table" | "office:annotation" => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                "table:table-cell" | "table:covered-table-cell" => {
                    if let Some(open) = cell.take() {
                        column = lay(&mut laid, column, open);
                    }
                }
                "table:table-row" => {
                    if rows(&mut laid, row, repeats, &mut repeated, each)?.is_break() {
                        return Ok(());
                    }
                    row = row.saturating_add(repeats);
                }
                _ => {}
            },
            Event::Eof => return Err(error::unreadable("content.xml breaks off")),
            _ => {}
        }
    }
}

/// Hands a row on, as often as it repeats.
fn rows(laid: &mut Vec<Laid>, row: u32, repeats: u32, repeated: &mut u64, each: &mut Each<'_>) -> Outcome<ControlFlow<()>> {
    let cells: u64 = laid.iter().map(|l| u64::from(l.cell.repeats)).sum();
    if cells > 0 {
        let times = repeats.min(SHEET_ROWS.saturating_sub(row));
        if times > 1 || laid.iter().any(|l| l.cell.repeats > 1) {
            *repeated += cells * u64::from(times);
            if *repeated > MOST_REPEATED {
                return Err(error::too_many_cells(*repeated, MOST_REPEATED));
            }
        }
        for at in row..row.saturating_add(times) {
            for Laid { column, cell } in laid.iter() {
                let Some(value) = value(cell) else { continue };
                for place in *column..column.saturating_add(cell.repeats) {
                    if each(at, place, value)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
        }
    }
    laid.clear();
    Ok(ControlFlow::Continue(()))
}

fn begin(e: &BytesStart<'_>) -> Open {
    let mut open = Open { repeats: count(e, "table:number-columns-repeated"), ..Open::default() };
    let kind = attribute(e, "office:value-type").unwrap_or_default();
    let fault = attribute(e, "calcext:value-type").as_deref() == Some("error");
    let (of, key) = match kind.as_str() {
        _ if fault => (Kind::Text, ""),
        "float" | "percentage" | "currency" => (Kind::Number, "office:value"),
        "string" => (Kind::Text, "office:string-value"),
        "boolean" => (Kind::Boolean, "office:boolean-value"),
        "date" => (Kind::Moment, "office:date-value"),
        "time" => (Kind::Span, "office:time-value"),
        _ => (Kind::Nothing, ""),
    };
    open.kind = of;
    open.given = attribute(e, key).unwrap_or_default();
    open
}

/// What stands inside a cell: paragraphs, blanks, line ends.
fn inside(open: &mut Open, name: &str, e: &BytesStart<'_>) {
    match name {
        "text:p" => {
            if open.paragraphs > 0 {
                open.text.push('\n');
            }
            open.paragraphs += 1;
        }
        "text:s" => {
            let blanks = attribute(e, "text:c").and_then(|c| c.parse::<usize>().ok()).unwrap_or(1);
            open.text.extend(std::iter::repeat_n(' ', blanks.min(1024)));
        }
        "text:tab" => open.text.push('\t'),
        "text:line-break" => open.text.push('\n'),
        _ => {}
    }
}

/// Keeps a cell that has a value; gives the column after it.
fn lay(laid: &mut Vec<Laid>, column: u32, mut cell: Open) -> u32 {
    let most = SHEET_COLUMNS as u32;
    cell.repeats = cell.repeats.min(most.saturating_sub(column));
    let next = column.saturating_add(cell.repeats);
    if cell.repeats > 0 && value(&cell).is_some() {
        laid.push(Laid { column, cell });
    }
    next
}

fn value(cell: &Open) -> Option<Value<'_>> {
    let shown = if cell.given.is_empty() { &cell.text } else { &cell.given };
    if shown.is_empty() {
        return None;
    }
    let as_text = || Some(if shown.starts_with('#') { fault(shown) } else { Value::Text(shown.as_bytes()) });
    match cell.kind {
        Kind::Nothing => None,
        Kind::Text => as_text(),
        Kind::Number => cell.given.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::Number).or_else(as_text),
        Kind::Boolean => Some(Value::Boolean(cell.given.eq_ignore_ascii_case("true"))),
        Kind::Moment => iso(shown),
        Kind::Span => span(shown).map(Value::Span).or_else(as_text),
    }
}

/// The faults of spreadsheets; other text that begins with `#` is text.
fn fault(text: &str) -> Value<'_> {
    const FAULTS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
    if FAULTS.contains(&text) { Value::Fault(text.as_bytes()) } else { Value::Text(text.as_bytes()) }
}

fn count(e: &BytesStart<'_>, name: &str) -> u32 {
    attribute(e, name).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let found = e.attributes().with_checks(false).flatten().find(|a| a.key.as_ref() == name)?;
    Some(found.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned))
}

/// The character a reference stands for: one of the five names, or a number.
fn reference(r: &quick_xml::events::BytesRef<'_>) -> Outcome<char> {
    if let Some(character) = r.resolve_char_ref().map_err(error::unreadable)? {
        return Ok(character);
    }
    Ok(match &*r.xml10_content() {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => char::REPLACEMENT_CHARACTER,
    })
}

fn reader<R: Read>(part: R) -> Reader<BufReader<R>> {
    let mut xml = Reader::from_reader(BufReader::with_capacity(1 << 16, part));
    xml.config_mut().check_end_names = false;
    xml
}

fn encrypted(archive: &mut ZipArchive<BufReader<File>>) -> Outcome<()> {
    let Ok(part) = archive.by_name("META-INF/manifest.xml") else { return Ok(()) };
    let mut manifest = String::new();
    part.take(1 << 20).read_to_string(&mut manifest).map_err(error::unreadable)?;
    if manifest.contains("encryption-data") { Err(error::locked()) } else { Ok(()) }
}
