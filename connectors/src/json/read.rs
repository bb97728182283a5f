//! Reads JSON and NDJSON in two passes: the columns of the whole file, then the rows in parallel.

use std::sync::{Mutex, PoisonError};

use trommel_model::{FileFormat, FoundOption, Nested, Outcome};

use super::block::{JsonBlock, Record};
use super::config::{KEPT_OF_BROKEN, LONGEST_RECORD};
use super::discover::{Broken, Found, Layout, Stretch, document, lines, named};
use super::error;
use super::flatten::{Tree, read as read_record, survey as survey_record};
use super::scan::{Cursor, Fault};
use super::split::{self, end_of};
use crate::assemble::{Assembler, Counts};
use crate::bytes::Text;
use crate::encoding;
use crate::names::unique;
use crate::plan::{self, Plan};
use crate::read::Job;
use crate::sink::Sink;
use crate::{ReadReport, parallel};

/// Records of one block.
const BLOCK: usize = 1024;
/// Bytes of the head that a preview looks at.
const HEAD: u64 = 1 << 20;

/// Reads a file.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    let path = &job.piece.path;
    let text = Text::open(path, encoding::of_unicode(path)?, job.cancel)?;
    let records = find(job, &text)?;
    table(job, &text, records, sink)
}

fn find(job: &Job<'_>, text: &Text) -> Outcome<Found> {
    match (job.piece.format, job.spec.json.records.as_deref()) {
        (FileFormat::Ndjson, _) => Ok(lines(text)),
        (_, Some(path)) => named(text, path, job.cancel),
        (_, None) => document(text, job.cancel),
    }
}

/// The first records of a file, from its head when that alone is sound, else from the whole of it.
pub fn preview(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    let path = &job.piece.path;
    let text = Text::open(path, encoding::of_unicode(path)?, job.cancel)?;
    if text.length <= HEAD || job.spec.json.records.is_some() {
        return read(job, sink);
    }
    let mut head = Vec::new();
    text.read(text.start, HEAD as usize, &mut head)?;
    let cut = if job.piece.format == FileFormat::Ndjson {
        head.truncate(memchr::memrchr(b'\n', &head).map_or(head.len(), |at| at + 1));
        let text = Text::of(head);
        let found = lines(&text);
        Some((text, found))
    } else {
        // What is behind the last whole record of the head is no fault of the document.
        let text = Text::of(head);
        document(&text, job.cancel).ok().map(|found| (text, Found { broken: None, ..found }))
    };
    match cut {
        Some((text, found)) if !found.stretches.is_empty() => table(job, &text, found, sink),
        _ => read(job, sink),
    }
}

/// Reads the records that were found in a text.
pub fn table(job: &Job<'_>, text: &Text, mut found: Found, sink: &dyn Sink) -> Outcome<ReadReport> {
    let layout = found.layout.unwrap_or(Layout::Lines);
    if text.length == text.start {
        return Err(error::empty());
    }
    let (tree, sound) = columns(job, text, &mut found, layout)?;
    if tree.full {
        return Err(error::too_many_columns());
    }
    // Nothing that could be a table came before the fault: then it is the file that is at fault.
    let hopeless = tree.columns.iter().all(|path| path.len() == 1 && *path[0] == *b"value");
    if let Some(fault) = sound.fault.filter(|_| hopeless) {
        return Err(fault);
    }
    if let Some(broken) = found.broken.as_ref().filter(|_| hopeless) {
        return Err(error::broken(broken));
    }
    let (names, mut notes) = unique(tree.names());
    let fields: Vec<_> = names.into_iter().zip(tree.seen.iter().map(crate::infer::Seen::kind)).collect();
    let plan = plan::plan(job.piece, job.spec, job.mode, &fields)?;
    sink.open(&plan.schema)?;
    let mut counts = deliver(job, text, &found, layout, &tree, &plan, sink)?;
    if let Some(broken) = &found.broken {
        notes.push(format!("the document breaks off at line {}, column {}", broken.place.0, broken.place.1));
        counts.held += hold_rest(text, broken, &plan, found.stretches.len(), sink)?;
    }
    if let Some(path) = &found.path {
        notes.push(format!("the records are the list \"{path}\""));
    }
    if counts.held > 0 {
        notes.push(format!("{} of {} records are held", counts.held, counts.rows_out + counts.held));
    }
    let found = made_out(job, found.path.as_deref(), layout);
    Ok(ReadReport {
        rows_in: counts.rows_out + counts.held,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes,
        dialect: None,
        found,
    })
}

/// Where the records were found, and what becomes of what is nested in them.
fn made_out(job: &Job<'_>, path: Option<&str>, layout: Layout) -> Vec<FoundOption> {
    let records = match (path, layout) {
        (Some(path), _) => FoundOption::certain("records", path),
        (None, Layout::Lines) => FoundOption::certain("records", ""),
        // The only list of objects there is.
        (None, _) => FoundOption::certain("records", "$"),
    };
    let nested = match job.spec.json.nested {
        Nested::Flatten => "flatten",
        Nested::Keep => "keep",
    };
    vec![records, FoundOption::certain("nested", nested).or(vec!["flatten".to_owned(), "keep".to_owned()])]
}

/// What the first pass says about one stretch.
#[derive(Default)]
struct Surveyed {
    tree: Tree,
    lines: u64,
    sound: Sound,
}

/// Whether there was a fault among the records.
#[derive(Default)]
struct Sound {
    fault: Option<trommel_model::Problem>,
}

fn columns(job: &Job<'_>, text: &Text, found: &mut Found, layout: Layout) -> Outcome<(Tree, Sound)> {
    job.progress.update(|p| p.doing = format!("looking at {}", job.piece.name));
    let parts = parallel::map(found.stretches.len(), job.threads, |at, buffer: &mut Vec<u8>| {
        let stretch = found.stretches[at];
        let mut part = Surveyed { tree: Tree::new(job.spec.json.nested), ..Surveyed::default() };
        load(text, stretch, layout, buffer)?;
        each_record(job, buffer, stretch.line, layout, &mut |record| {
            match record {
                Ok((start, end, line)) => survey_record(&mut Cursor::new(&buffer[..end], start), &mut part.tree, line).unwrap_or_default(),
                Err(broken) => {
                    part.sound.fault.get_or_insert_with(|| error::unsound(buffer, broken.fault));
                }
            }
            Ok(())
        })?;
        part.lines = split::lines(buffer);
        Ok(part)
    })?;
    let mut tree = Tree::new(job.spec.json.nested);
    let mut sound = Sound::default();
    let mut line = 0;
    for (part, stretch) in parts.into_iter().zip(&mut found.stretches) {
        if layout == Layout::Lines {
            stretch.line = line;
            line += part.lines;
        }
        tree.join(&part.tree);
        sound.fault = sound.fault.or(part.sound.fault);
    }
    Ok((tree, sound))
}

fn deliver(job: &Job<'_>, text: &Text, found: &Found, layout: Layout, tree: &Tree, plan: &Plan, sink: &dyn Sink) -> Outcome<Counts> {
    let total: Mutex<(Counts, u64)> = Mutex::default();
    job.progress.update(|p| p.doing = format!("reading {}", job.piece.name));
    let width = tree.columns.len();
    parallel::each(found.stretches.len(), job.threads, |part, buffer: &mut Vec<u8>| {
        let stretch = found.stretches[part];
        load(text, stretch, layout, buffer)?;
        let mut assembler = Assembler::new(plan, sink, part);
        let mut block = JsonBlock { text: buffer, width, fields: Vec::new(), records: Vec::new() };
        each_record(job, buffer, stretch.line, layout, &mut |record| {
            match record {
                Ok((start, end, line)) => {
                    let base = block.fields.len();
                    block.fields.resize(base + width, None);
                    let oddities =
                        read_record(&mut Cursor::new(&buffer[..end], start), tree, &mut block.fields[base..]).unwrap_or_default();
                    block.records.push(Record { start, end, line, keep: oddities.keep });
                    if block.records.len() >= BLOCK {
                        assembler.take(&block)?;
                        block.fields.clear();
                        block.records.clear();
                    }
                }
                Err(broken) => {
                    let raw = &buffer[broken.start..broken.end.min(broken.start + KEPT_OF_BROKEN)];
                    let place = String::from_utf8_lossy(&buffer[broken.start..broken.fault.at]).chars().count() + 1;
                    let reason = format!("expected {} at character {place}", broken.fault.expected);
                    assembler.hold_record(broken.line, "json", reason, String::from_utf8_lossy(raw).into_owned())?;
                }
            }
            Ok(())
        })?;
        assembler.take(&block)?;
        let counts = assembler.finish()?;
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.0.rows_out += counts.rows_out;
        total.0.held += counts.held;
        total.0.nulled += counts.nulled;
        total.1 += stretch.end - stretch.start;
        let (rows, bytes) = (total.0.rows_out + total.0.held, total.1);
        job.progress.update(|p| {
            p.rows = rows;
            p.bytes = bytes;
        });
        Ok(())
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner).0)
}

/// Holds what follows the break of a document, as one row.
fn hold_rest(text: &Text, broken: &Broken, plan: &Plan, part: usize, sink: &dyn Sink) -> Outcome<u64> {
    let mut raw = Vec::new();
    text.read(broken.from, KEPT_OF_BROKEN, &mut raw)?;
    let mut assembler = Assembler::new(plan, sink, part);
    let (line, column) = broken.place;
    let reason = format!("the document breaks off at line {line}, column {column}: expected {}", broken.expected);
    assembler.hold_record(broken.line + 1, "json", reason, String::from_utf8_lossy(&raw).into_owned())?;
    Ok(assembler.finish()?.held)
}

/// Reads the bytes of a stretch. Of lines, those that start in it, the last one to its end.
fn load(text: &Text, stretch: Stretch, layout: Layout, buffer: &mut Vec<u8>) -> Outcome<()> {
    buffer.clear();
    if layout == Layout::Elements {
        return text.read(stretch.start, (stretch.end - stretch.start) as usize, buffer);
    }
    // One byte before tells whether a line starts here.
    let before = u64::from(stretch.start > text.start);
    let from = stretch.start - before;
    text.read(from, (stretch.end - from) as usize, buffer)?;
    if before > 0 {
        let skip = memchr::memchr(b'\n', buffer).map_or(buffer.len(), |at| at + 1);
        buffer.drain(..skip);
    }
    if buffer.is_empty() || buffer.ends_with(b"\n") {
        return Ok(());
    }
    let mut at = stretch.end;
    while at < text.length {
        let old = buffer.len();
        if old > LONGEST_RECORD {
            return Err(error::record_too_large(0));
        }
        text.read(at, (64 << 10).max(old / 2), buffer)?;
        at += (buffer.len() - old) as u64;
        if let Some(end) = memchr::memchr(b'\n', &buffer[old..]) {
            buffer.truncate(old + end + 1);
            break;
        }
    }
    Ok(())
}

/// A record that is not sound JSON.
struct BrokenRecord {
    start: usize,
    end: usize,
    line: u64,
    fault: Fault,
}

type Found1 = Result<(usize, usize, u64), BrokenRecord>;

/// Calls `each` with the records of a stretch: first byte, byte after the last, line from 1.
fn each_record(job: &Job<'_>, text: &[u8], line: u64, layout: Layout, each: &mut dyn FnMut(Found1) -> Outcome<()>) -> Outcome<()> {
    match layout {
        Layout::Lines => each_line(job, text, line, each),
        Layout::Elements => each_element(job, text, line, each),
    }
}

fn each_line(job: &Job<'_>, text: &[u8], mut line: u64, each: &mut dyn FnMut(Found1) -> Outcome<()>) -> Outcome<()> {
    let mut start = 0;
    while start < text.len() {
        if line.is_multiple_of(1024) {
            job.cancel.check()?;
        }
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n);
        line += 1;
        let mut cursor = Cursor::new(&text[..end], start);
        if cursor.peek().is_some() {
            let first = cursor.at;
            let sound = sound(&mut cursor).and_then(|()| {
                let end = cursor.at;
                if cursor.peek().is_some() { Err(cursor.fault("the end of the line")) } else { Ok(end) }
            });
            each(match sound {
                Ok(end) => Ok((first, end, line)),
                Err(fault) => Err(BrokenRecord { start, end, line, fault }),
            })?;
        }
        start = end + 1;
    }
    Ok(())
}

fn each_element(job: &Job<'_>, text: &[u8], line: u64, each: &mut dyn FnMut(Found1) -> Outcome<()>) -> Outcome<()> {
    let mut at = 0;
    let mut counted = 0;
    let mut line = line + 1;
    let mut records = 0_u64;
    loop {
        records += 1;
        if records.is_multiple_of(1024) {
            job.cancel.check()?;
        }
        let mut cursor = Cursor::new(text, at);
        match cursor.peek() {
            None => return Ok(()),
            Some(b',') => {
                at = cursor.at + 1;
                continue;
            }
            Some(_) => {}
        }
        let start = cursor.at;
        line += split::lines(&text[counted..start]);
        counted = start;
        match sound(&mut cursor) {
            // Elements are apart: nothing stands right behind one.
            Ok(()) if matches!(text.get(cursor.at), None | Some(b' ' | b'\n' | b'\r' | b'\t' | b',')) => {
                at = cursor.at;
                each(Ok((start, at, line)))?;
            }
            Ok(()) => {
                let fault = cursor.fault("a comma");
                let end = end_of(text, start, true).unwrap_or(text.len()).max(start + 1);
                each(Err(BrokenRecord { start, end, line, fault }))?;
                at = end;
            }
            Err(fault) => {
                let end = end_of(text, start, true).unwrap_or(text.len()).max(start + 1);
                each(Err(BrokenRecord { start, end, line, fault }))?;
                at = end;
            }
        }
    }
}

/// Passes one value, which must be sound and in UTF-8.
fn sound(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let start = cursor.at;
    cursor.value(0)?;
    match std::str::from_utf8(&cursor.text[start..cursor.at]) {
        Ok(_) => Ok(()),
        Err(e) => Err(Fault { at: start + e.valid_up_to(), expected: "UTF-8" }),
    }
}
