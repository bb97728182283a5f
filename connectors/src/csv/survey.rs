//! The first pass over a file: where its records are, and what its columns hold.
//!
//! The file is cut into chunks of equal size that are surveyed in parallel. Where the first record of a chunk starts
//! cannot be known without what comes before it, because a line end may lie inside quotes; so it is guessed from what
//! follows, and guesses are checked in order afterwards: the chunk before says where its last record ended. A chunk
//! with a wrong guess is surveyed again. (Ge, Li, Eilebrecht, Chandramouli, Kossmann, "Speculative distributed CSV data
//! parsing for big data analytics", SIGMOD 2019.) The result is that of one reader going from start to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use trommel_model::{Cancel, Outcome, ProgressSlot};

use super::block::{Bytes, CsvBlock};
use super::config::{Newline, Syntax};
use super::record::{Parser, Records, State, Stop};
use super::window::{self, Stretch, each_block};
use crate::assemble::Block;
use crate::bytes::Text;
use crate::infer::{Seen, Shape};
use crate::parallel;
use crate::sink::Mode;

/// A column with this many text values in one chunk is text, and is not looked at any more.
const SURELY_TEXT: u64 = 64;
/// Line starts that are tried as the first record of a chunk.
const GUESSES: usize = 64;

/// What is to be surveyed.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The text.
    pub text: &'a Text,
    /// How it is written.
    pub syntax: &'a Syntax,
    /// How odd rows are treated.
    pub mode: Mode,
    /// First byte of the first record.
    pub start: u64,
    /// Line ends before it.
    pub line: u64,
    /// Size of a chunk.
    pub chunk: u64,
    /// Which columns need a type.
    pub wanted: &'a [bool],
    /// The decimal mark.
    pub mark: u8,
    /// Threads to use.
    pub threads: usize,
}

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The chunks, ready to be read apart from each other.
    pub stretches: Vec<Stretch>,
    /// What was seen in each column.
    pub columns: Vec<Seen>,
    /// Records, without the empty ones at the end.
    pub records: u64,
    /// Records that have more fields than the width.
    pub long: u64,
    /// Most fields of any record.
    pub widest: usize,
    /// Records with bytes that are no text.
    pub lossy: u64,
    /// True when there are characters beyond ASCII, properly encoded.
    pub multibyte: bool,
    /// Blank lines.
    pub blank: u64,
    /// Comment lines.
    pub comments: u64,
    /// Records without any value at the end of the file, which are not rows.
    pub empty_tail: u64,
    /// Records without any value before that, which are not rows when reading leniently.
    pub empty: u64,
}

/// What a chunk holds; lines are counted from its first record.
#[derive(Debug, Clone, Default)]
struct Chunk {
    start: u64,
    next: u64,
    lines: u64,
    columns: Vec<Seen>,
    records: u64,
    long: u64,
    widest: usize,
    lossy: u64,
    multibyte: bool,
    blank: u64,
    comments: u64,
    /// Records without any value that are no rows.
    empty: u64,
    tail: Option<Tail>,
}

/// The run of empty records that ends a chunk.
#[derive(Debug, Clone, Copy, Default)]
struct Tail {
    /// Where it begins.
    from: u64,
    /// How many there are.
    count: u64,
    /// How many of them are counted as empty already.
    empty: u64,
}

/// Surveys a text.
pub fn survey(task: &Task<'_>, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Survey> {
    let length = task.text.length.max(task.start);
    let count = (length - task.start).div_ceil(task.chunk).max(1) as usize;
    let done = AtomicU64::new(0);
    let surely_text: Vec<AtomicBool> = task.wanted.iter().map(|w| AtomicBool::new(!w)).collect();
    let mut chunks = parallel::map(count, task.threads, |at, buffer: &mut Vec<u8>| {
        let from = task.start + at as u64 * task.chunk;
        let limit = (from + task.chunk).min(length);
        let start = if at == 0 { from } else { guess(task, from, limit)? };
        let chunk = survey_chunk(task, start, limit, &surely_text, cancel, buffer)?;
        let bytes = done.fetch_add(limit - from, Ordering::Relaxed) + limit - from;
        progress.update(|p| p.bytes = bytes);
        Ok(chunk)
    })?;
    let mut expected = task.start;
    let mut buffer = Vec::new();
    for (at, chunk) in chunks.iter_mut().enumerate() {
        let limit = (task.start + (at as u64 + 1) * task.chunk).min(length);
        if chunk.start != expected {
            *chunk = survey_chunk(task, expected, limit, &surely_text, cancel, &mut buffer)?;
        }
        expected = chunk.next;
    }
    Ok(join(task, &chunks, length))
}

fn join(task: &Task<'_>, chunks: &[Chunk], length: u64) -> Survey {
    let mut all = Survey { columns: vec![Seen::default(); task.wanted.len()], ..Survey::default() };
    let mut line = task.line;
    for chunk in chunks {
        all.stretches.push(Stretch { start: chunk.start, line, limit: chunk.next.min(length) });
        for (whole, part) in all.columns.iter_mut().zip(&chunk.columns) {
            let mut part = *part;
            if part.first_text_line > 0 {
                part.first_text_line += line;
            }
            whole.join(&part);
        }
        all.records += chunk.records;
        all.long += chunk.long;
        all.widest = all.widest.max(chunk.widest);
        all.lossy += chunk.lossy;
        all.multibyte |= chunk.multibyte;
        all.blank += chunk.blank;
        all.comments += chunk.comments;
        all.empty += chunk.empty;
        line += chunk.lines;
    }
    // The empty records at the very end, perhaps over several chunks.
    for (chunk, stretch) in chunks.iter().zip(&mut all.stretches).rev() {
        let Some(Tail { from, count, empty }) = chunk.tail else {
            if chunk.records > 0 {
                break;
            }
            continue;
        };
        stretch.limit = from;
        all.empty_tail += count;
        all.empty -= empty;
        if count < chunk.records {
            break;
        }
    }
    all.records -= all.empty_tail + all.empty;
    all
}

/// Where the first record at or after `from` probably starts.
fn guess(task: &Task<'_>, from: u64, limit: u64) -> Outcome<u64> {
    let mut buffer = Vec::new();
    let mut want = 256 << 10;
    loop {
        // One byte before, since a record may start right here.
        buffer.clear();
        task.text.read(from - 1, want, &mut buffer)?;
        let whole = from - 1 + buffer.len() as u64 >= task.text.length;
        let mut first = None;
        let mut at = 0;
        for _ in 0..GUESSES {
            let Some(length) = buffer[at..].iter().position(|b| task.syntax.ends_line(*b)) else { break };
            at += length + 1;
            if task.syntax.newline == Newline::Mixed && buffer[at - 1] == b'\r' && buffer.get(at) == Some(&b'\n') {
                at += 1;
            }
            let place = from - 1 + at as u64;
            if place >= limit {
                return Ok(first.unwrap_or(place.max(limit)));
            }
            first.get_or_insert(place);
            if task.syntax.quote.is_none() || sound(&buffer, task.syntax, whole, at) {
                return Ok(place);
            }
        }
        match first {
            Some(first) => return Ok(first),
            None if whole || buffer.len() as u64 > limit - from => return Ok(limit),
            None => want *= 8,
        }
    }
}

/// True when a few records from here on are as they should be.
fn sound(text: &[u8], syntax: &Syntax, whole: bool, at: usize) -> bool {
    let mut records = Records::default();
    let stop = Parser::new(text, *syntax, whole, at, 0).take(&mut records, 3, usize::MAX);
    let regular = records.places.iter().all(|r| r.state == State::Regular);
    regular && (stop != Stop::Cut || !records.places.is_empty())
}

fn survey_chunk(
    task: &Task<'_>,
    start: u64,
    limit: u64,
    surely_text: &[AtomicBool],
    cancel: &Cancel,
    buffer: &mut Vec<u8>,
) -> Outcome<Chunk> {
    let mut chunk = Chunk { start, next: start, columns: vec![Seen::default(); task.wanted.len()], ..Chunk::default() };
    if start >= limit {
        return Ok(chunk);
    }
    let ended = each_block(task.text, task.syntax, Stretch { start, line: 0, limit }, cancel, buffer, &mut |seen| {
        match seen {
            window::Seen::Block { text, from, records } => look(task, &mut chunk, text, from, records, surely_text),
            window::Seen::TooLong { .. } => {
                chunk.records += 1;
                chunk.tail = None;
            }
        }
        Ok(())
    })?;
    chunk.next = ended.next;
    chunk.lines = ended.line;
    chunk.blank = ended.blank;
    chunk.comments = ended.comments;
    Ok(chunk)
}

fn look(task: &Task<'_>, chunk: &mut Chunk, text: &[u8], from: u64, records: &Records, surely_text: &[AtomicBool]) {
    let width = task.syntax.width;
    for record in &records.places {
        let found = record.found as usize;
        chunk.widest = chunk.widest.max(found);
        chunk.long += u64::from(found > width);
        if record.is_empty() {
            let no_row = u64::from(task.mode == Mode::Lenient && record.is_blank_row());
            let tail = chunk.tail.get_or_insert(Tail { from: from + u64::from(record.start), ..Tail::default() });
            tail.count += 1;
            tail.empty += no_row;
            chunk.empty += no_row;
        } else {
            chunk.tail = None;
        }
    }
    chunk.records += records.places.len() as u64;
    let (block, _, oddities) = CsvBlock::new(text, records, task.syntax, task.mode, Bytes::Unknown);
    chunk.lossy += oddities.lossy;
    chunk.multibyte |= oddities.multibyte;
    let mut scratch = Vec::new();
    for (column, seen) in chunk.columns.iter_mut().enumerate() {
        if surely_text[column].load(Ordering::Relaxed) {
            continue;
        }
        let mut shape = Shape::Text;
        for row in 0..block.rows() {
            let Some(value) = block.field(row, column, &mut scratch) else { continue };
            shape = Shape::after(shape, value, task.mark);
            seen.add(shape, if shape == Shape::Text { block.line(row) } else { 0 });
            if seen.text >= SURELY_TEXT {
                surely_text[column].store(true, Ordering::Relaxed);
                break;
            }
        }
    }
}
