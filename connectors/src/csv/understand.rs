//! What a file holds, found out before its rows are read: how it is written, where its records are, what its columns bear.

use trommel_model::{Cancel, Outcome};

use super::config::{Dialect, Syntax};
use super::locate;
use super::sniff;
use super::sniff::sample::Sample;
use super::survey::{Survey, Task, survey};
use crate::bytes::Text;
use crate::encoding::{self, Found};
use crate::names::unique;
use crate::read::Job;
use crate::sink::Mode;
use crate::values::Kind;

/// More columns than the header names are made when at least one record in this many has them …
const WIDEN_ONE_IN: u64 = 10;
/// … but not more than this many.
const MOST_EXTRA: usize = 4096;

/// Everything about a file but its rows.
pub struct Understood {
    /// Its text.
    pub text: Text,
    /// How it is written.
    pub dialect: Dialect,
    /// The same for the parser.
    pub syntax: Syntax,
    /// What it holds.
    pub found: Survey,
    /// Remarks so far.
    pub notes: Vec<String>,
}

impl Understood {
    /// The columns and the types that all their values bear.
    pub fn columns(&self, as_text: bool) -> Vec<(String, Kind)> {
        let kind = |at: usize| if as_text { Kind::Text } else { self.found.columns[at].kind() };
        self.dialect.columns.iter().enumerate().map(|(at, name)| (name.clone(), kind(at))).collect()
    }
}

/// Looks at a whole file.
pub fn file(job: &Job<'_>, chunk: u64) -> Outcome<Understood> {
    let path = &job.piece.path;
    let sample = Sample::take(path, job.spec.csv.encoding.as_deref())?;
    let (dialect, notes) = sniff::sniff(&sample, &job.spec.csv).map_err(|p| p.in_file(path))?;
    job.progress.update(|p| {
        p.doing = format!("looking at {}", job.piece.name);
        p.bytes_total = job.piece.bytes;
        p.bytes = 0;
    });
    let text = Text::open_delimited(path, sample.found, dialect.long(), job.cancel)?;
    let seen = text_of(job, chunk, text, dialect, notes)?;
    let Some(encoding) = other_encoding(job, &sample, &seen)? else { return Ok(seen) };
    // The samples were plain ASCII; the bytes further on are not UTF-8 but this.
    let text = Text::open_delimited(path, Found { encoding, mark: sample.found.mark }, seen.dialect.long(), job.cancel)?;
    let dialect = Dialect { encoding: encoding.name().to_ascii_lowercase(), ..seen.dialect };
    text_of(job, chunk, text, dialect, seen.notes)
}

/// Looks at the head of a file.
pub fn head(job: &Job<'_>, chunk: u64) -> Outcome<Understood> {
    let path = &job.piece.path;
    let sample = Sample::take(path, job.spec.csv.encoding.as_deref())?;
    let (mut dialect, notes) = sniff::sniff(&sample, &job.spec.csv).map_err(|p| p.in_file(path))?;
    if !sample.whole {
        dialect.footer_lines = 0;
    }
    let head = dialect.long().map(|long| sniff::replaced(&sample, long).head).unwrap_or(sample.head);
    text_of(job, chunk, Text::of(head), dialect, notes)
}

fn text_of(job: &Job<'_>, chunk: u64, mut text: Text, mut dialect: Dialect, mut notes: Vec<String>) -> Outcome<Understood> {
    let mut syntax = Syntax::of(&dialect, dialect.columns.len())?;
    let mut below = dialect.footer_lines;
    if let Some(further) = dialect.further {
        // Reading strictly, its records are held one by one.
        let told = if job.mode == Mode::Lenient {
            below = further.lines;
            "begins on line"
        } else {
            "seems to begin on line"
        };
        notes.push(format!("another table {told} {}; csv.skip_lines = {} reads it", further.line, further.line - 1));
    }
    locate::leave_out_end(&mut text, &syntax, below, job.cancel)?;
    let table = locate::table(&text, &syntax, &dialect, job.cancel)?;
    let surveyed = |syntax: &Syntax, dialect: &Dialect| {
        let contracted = |name: &String| job.mode == Mode::Strict && job.spec.columns.iter().any(|c| c.name == *name);
        let wanted: Vec<bool> = dialect.columns.iter().map(|name| !job.spec.csv.as_text && !contracted(name)).collect();
        let task = Task {
            text: &text,
            syntax,
            mode: job.mode,
            start: table.start,
            line: table.line,
            chunk,
            wanted: &wanted,
            mark: if dialect.decimal_mark == ',' { b',' } else { b'.' },
            threads: job.threads,
        };
        survey(&task, job.cancel, job.progress)
    };
    let mut found = surveyed(&syntax, &dialect)?;
    let extra = found.widest.saturating_sub(syntax.width).min(MOST_EXTRA);
    if job.mode == Mode::Lenient && extra > 0 && found.long * WIDEN_ONE_IN >= found.records {
        let width = syntax.width + extra;
        let names = dialect.columns.iter().cloned().chain(std::iter::repeat_n(String::new(), extra));
        dialect.columns = unique(names).0;
        dialect.labels.resize(width, String::new());
        notes.push(format!("the header names {} columns, records have up to {}", syntax.width, found.widest));
        syntax.width = width;
        found = surveyed(&syntax, &dialect)?;
    }
    Ok(Understood { text, dialect, syntax, found, notes })
}

/// The encoding of a file whose samples were plain ASCII and that has bytes further on that are not UTF-8.
fn other_encoding(job: &Job<'_>, sample: &Sample, seen: &Understood) -> Outcome<Option<&'static encoding_rs::Encoding>> {
    if seen.found.lossy == 0 || seen.found.multibyte || !sample.ascii || job.spec.csv.encoding.is_some() {
        return Ok(None);
    }
    let part = lossy_part(&seen.text, job.cancel)?;
    // Nothing but NUL bytes: they are faults in every encoding.
    Ok((!part.is_ascii()).then(|| encoding::guess(&[&part])))
}

/// The surroundings of the first bytes that are not UTF-8.
fn lossy_part(text: &Text, cancel: &Cancel) -> Outcome<Vec<u8>> {
    let mut at = text.start;
    let mut buffer = Vec::new();
    while at < text.length {
        cancel.check()?;
        buffer.clear();
        text.read(at, 1 << 20, &mut buffer)?;
        if !buffer.is_ascii() {
            break;
        }
        at += buffer.len() as u64;
    }
    Ok(buffer)
}
