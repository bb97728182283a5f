//! Reads a stretch of a text block by block, whatever the length of its records.

use trommel_model::{Cancel, Outcome};

use super::config::Syntax;
use super::record::{Parser, Records, Stop};
use crate::bytes::Text;

/// A record longer than this is not read; it is passed over and held.
pub const LONGEST_RECORD: usize = 256 << 20;
/// Read beyond a stretch at once, so that its last record is usually complete.
const SLACK: usize = 64 << 10;
/// Fields of one block: with its text it stays in the second-level cache while its columns are gone through.
const BLOCK_FIELDS: usize = 16 * 1024;

/// A stretch of a text: the records that start in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First byte of the first record.
    pub start: u64,
    /// Line ends before it.
    pub line: u64,
    /// Records starting here or later do not belong to it.
    pub limit: u64,
}

/// Where reading a stretch ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// First byte of the record after the stretch.
    pub next: u64,
    /// Line ends before that.
    pub line: u64,
    /// Blank lines passed.
    pub blank: u64,
    /// Comment lines passed.
    pub comments: u64,
}

/// What a reader of blocks gets to see.
pub enum Seen<'a> {
    /// Records, as ranges of `text`, which starts at byte `from` of the file.
    Block {
        /// The bytes.
        text: &'a [u8],
        /// Where they are in the file.
        from: u64,
        /// The records.
        records: &'a Records,
    },
    /// A record that is too long to be read: its line (line ends before it), its beginning, its length.
    TooLong {
        /// Line ends before it.
        line: u64,
        /// Its beginning.
        head: &'a [u8],
        /// Its length in bytes.
        length: u64,
    },
}

/// Calls `each` with the records of a stretch, in order. At most `most` records come in a block.
pub fn each_block(
    text: &Text,
    syntax: &Syntax,
    stretch: Stretch,
    cancel: &Cancel,
    buffer: &mut Vec<u8>,
    each: &mut dyn FnMut(Seen<'_>) -> Outcome<()>,
) -> Outcome<Ended> {
    let most = (BLOCK_FIELDS / syntax.width.max(1)).clamp(64, 8192);
    let mut ended = Ended { next: stretch.start, line: stretch.line, ..Ended::default() };
    let mut records = Records::default();
    buffer.clear();
    if stretch.start >= stretch.limit {
        return Ok(ended);
    }
    text.read(stretch.start, (stretch.limit.min(text.length) - stretch.start.min(text.length)) as usize + SLACK, buffer)?;
    loop {
        cancel.check()?;
        let from = ended.next;
        let whole = from + buffer.len() as u64 >= text.length;
        let limit = usize::try_from(stretch.limit - from).unwrap_or(usize::MAX);
        let mut parser = Parser::new(buffer, *syntax, whole, 0, ended.line);
        let stop = loop {
            cancel.check()?;
            records.clear();
            let stop = parser.take(&mut records, most, limit);
            ended.blank += records.blank;
            ended.comments += records.comments;
            if !records.places.is_empty() {
                each(Seen::Block { text: buffer, from, records: &records })?;
            }
            if stop != Stop::Enough {
                break stop;
            }
        };
        let taken = parser.at;
        ended.line = parser.line;
        ended.next = from + taken as u64;
        if stop != Stop::Cut {
            return Ok(ended);
        }
        buffer.drain(..taken);
        if buffer.len() >= LONGEST_RECORD {
            pass_over(text, syntax, &mut ended, buffer, each, cancel)?;
            if ended.next >= stretch.limit {
                return Ok(ended);
            }
        } else {
            let more = buffer.len().clamp(1 << 20, LONGEST_RECORD);
            let at = ended.next + buffer.len() as u64;
            text.read(at, more, buffer)?;
        }
    }
}

/// Passes over a record that is too long, to the end of its line; refills the buffer from there.
fn pass_over(
    text: &Text,
    syntax: &Syntax,
    ended: &mut Ended,
    buffer: &mut Vec<u8>,
    each: &mut dyn FnMut(Seen<'_>) -> Outcome<()>,
    cancel: &Cancel,
) -> Outcome<()> {
    let head = buffer[..1 << 10].to_vec();
    let start = ended.next;
    loop {
        cancel.check()?;
        if let Some(at) = buffer.iter().position(|b| syntax.ends_line(*b)) {
            ended.next += at as u64 + 1;
            break;
        }
        ended.next += buffer.len() as u64;
        if ended.next >= text.length {
            break;
        }
        buffer.clear();
        text.read(ended.next, 1 << 20, buffer)?;
    }
    each(Seen::TooLong { line: ended.line, head: &head, length: ended.next - start })?;
    ended.line += 1;
    buffer.clear();
    text.read(ended.next, 1 << 20, buffer)
}
