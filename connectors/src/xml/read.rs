//! Reads XML in two passes: the paths of the whole document, which is checked by that; then the records.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use trommel_model::{FoundOption, Outcome, Prefixes, Problem};

use super::discover::{Paths, paths};
use super::error;
use super::flatten::{Columns, Record};
use super::names::is_encoding;
use super::scan::{Event, Scanner};
use crate::bytes::Text;
use crate::encoding::{Found, told};
use crate::names::unique;
use crate::read::Job;
use crate::sink::Sink;
use crate::spool::{Layout, Origin, Spool, deliver};
use crate::{ReadReport, plan};

/// Records that a preview puts aside.
const PREVIEW: u64 = 1000;

/// Reads a document.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, u64::MAX, sink)
}

/// The first records of a document.
pub fn preview(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, PREVIEW, sink)
}

fn rows(job: &Job<'_>, most: u64, sink: &dyn Sink) -> Outcome<ReadReport> {
    let path = &job.piece.path;
    let found = encoding(path, job.spec.xml.encoding.as_deref())?;
    let text = Text::open(path, found, job.cancel)?;
    if text.length <= text.start {
        return Err(error::empty());
    }
    if text.replaced > 0 {
        return Err(error::bytes(&found.encoding.name().to_lowercase(), text.replaced));
    }
    job.progress.update(|p| p.doing = format!("looking at {}", job.piece.name));
    let mut scanner = Scanner::new(&text, job.cancel);
    let paths = paths(job, &mut scanner)?;
    let record = match job.spec.xml.record.as_deref() {
        None => paths.record(),
        Some(wanted) => paths.named(wanted).ok_or_else(|| {
            let all: Vec<String> = (1..paths.nodes.len() as u32).map(|at| paths.path(at)).collect();
            error::no_record(wanted, &all)
        })?,
    };
    let mut notes = vec![format!("the records are the elements \"{}\"", paths.path(record))];
    if scanner.outside > 0 {
        notes.push(format!("{} references to entities outside of the document are left out", scanner.outside));
    }
    let (spool, columns) = gather(job, &text, &paths, record, most)?;
    let (names, renamed) = unique(columns.names);
    notes.extend(renamed);
    let fields: Vec<_> = names.iter().cloned().zip(columns.seen.iter().map(crate::infer::Seen::kind)).collect();
    let plan = plan::plan(job.piece, job.spec, job.mode, &fields)?;
    sink.open(&plan.schema)?;
    let places: Vec<Option<u32>> = (0..names.len() as u32).map(Some).collect();
    let layout = Layout { names: &names, places: &places, text: Some(&text), odd: "" };
    let counts = deliver(job, &spool, &layout, &plan, sink)?;
    let found = made_out(job, &paths, record, found.encoding.name());
    Ok(ReadReport {
        rows_in: spool.rows,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes,
        dialect: None,
        found,
    })
}

/// Which element is the record, what others it could be, and how names and bytes are read.
fn made_out(job: &Job<'_>, paths: &Paths, record: u32, encoding: &str) -> Vec<FoundOption> {
    let others = paths.candidates();
    // Each element that repeats and was not chosen is a doubt.
    let sure = if job.spec.xml.record.is_some() { 1.0 } else { 1.0 / others.len().max(1) as f64 };
    let prefixes = match job.spec.xml.prefixes {
        Prefixes::Keep => "keep",
        Prefixes::Drop => "drop",
    };
    vec![
        FoundOption { name: "record", value: paths.path(record), sure: Some(sure), choices: others },
        FoundOption::certain("prefixes", prefixes).or(vec!["keep".to_owned(), "drop".to_owned()]),
        FoundOption::certain("encoding", encoding.to_ascii_lowercase()),
    ]
}

/// The second pass: puts the records aside.
fn gather(job: &Job<'_>, text: &Text, known: &Paths, wanted: u32, most: u64) -> Outcome<(Spool, Columns)> {
    let prefixes = job.spec.xml.prefixes;
    let mut scanner = Scanner::new(text, job.cancel);
    let (mut spool, mut columns) = (Spool::new(), Columns::default());
    let mut open = vec![0_u32];
    let mut record: Option<(Record<'_>, u64, u64)> = None;
    let child = |parent: u32, name: &str| {
        let name = super::discover::shown(name, prefixes);
        known.nodes[parent as usize].children.get(name).copied().unwrap_or(0)
    };
    let mut events = 0_u64;
    while spool.rows < most {
        let event = scanner.advance()?;
        events += 1;
        if events.is_multiple_of(8192) {
            job.cancel.check()?;
            let offset = scanner.offset();
            job.progress.update(|p| p.bytes = offset);
        }
        match (event, &mut record) {
            (Event::Start, Some((record, ..))) => {
                let node = child(record.node(), &scanner.name);
                record.start(node, &scanner.attributes, &mut columns)?;
            }
            (Event::Start, None) => {
                let node = child(open.last().copied().unwrap_or(0), &scanner.name);
                if node == wanted {
                    let begun = Record::begin(known, prefixes, node, &scanner.attributes, &mut columns)?;
                    record = Some((begun, scanner.from, scanner.line));
                } else {
                    open.push(node);
                }
            }
            (Event::Text, Some((record, ..))) => record.text(&scanner.text),
            (Event::End, Some((inside, ..))) => {
                inside.end(&mut columns)?;
                if inside.depth() == 0
                    && let Some((done, from, line)) = record.take()
                {
                    let keep = done.keep;
                    done.write(&mut spool, &mut columns, line);
                    spool.end(Origin { line, from, to: scanner.offset(), keep, odd: false })?;
                }
            }
            (Event::End, None) => {
                open.pop();
            }
            (Event::Text, None) => {}
            (Event::Over, _) => break,
        }
    }
    spool.close()?;
    Ok((spool, columns))
}

/// The encoding of a document: told, by its mark, by its declaration, else UTF-8 (§4.3.3 and appendix F).
fn encoding(path: &Path, label: Option<&str>) -> Outcome<Found> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    file.take(1024).read_to_end(&mut head).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    if let Some(label) = label {
        return told(label, &head);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(&head) {
        return Ok(Found { encoding, mark });
    }
    match head[..] {
        [b'<', 0, ..] => return Ok(Found { encoding: UTF_16LE, mark: 0 }),
        [0, b'<', ..] => return Ok(Found { encoding: UTF_16BE, mark: 0 }),
        [0, 0, ..] | [0x4C, 0x6F, 0xA7, 0x94, ..] => return Err(error::encoding("UTF-32 or EBCDIC")),
        _ => {}
    }
    let Some(declared) = declared(&head) else { return Ok(Found { encoding: UTF_8, mark: 0 }) };
    let encoding = Encoding::for_label(declared.as_bytes()).ok_or_else(|| error::encoding(&declared))?;
    // What can be read byte by byte is not what it says.
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Err(error::encoding(&declared).why("the file has one byte for each of its first characters"));
    }
    Ok(Found { encoding, mark: 0 })
}

/// The encoding that a declaration says.
fn declared(head: &[u8]) -> Option<String> {
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = memchr::memmem::find(head, b"?>")?;
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let rest = text[text.find("encoding")? + 8..].trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest[1..].split(quote).next()?;
    is_encoding(value).then(|| value.to_owned())
}
