//! Reads fixed-width text line by line; the cells are put aside until the types of all columns are known.

use trommel_model::{FoundOption, Outcome};

use super::config::{HEAD, LONGEST_LINE, WINDOW};
use super::discover::{Ruler, crosses, cut, is_ruler, ruler};
use super::error;
use crate::bytes::Text;
use crate::encoding;
use crate::infer::Seen;
use crate::names::unique;
use crate::read::Job;
use crate::sink::{Mode, Sink};
use crate::spool::{Layout, Origin, Spool, Value, deliver};
use crate::{ReadReport, plan};

/// Lines that a preview puts aside.
const PREVIEW: u64 = 1000;

/// Reads a file.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, u64::MAX, sink)
}

/// The first rows of a file.
pub fn preview(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, PREVIEW, sink)
}

fn rows(job: &Job<'_>, most: u64, sink: &dyn Sink) -> Outcome<ReadReport> {
    let options = &job.spec.fixed;
    let path = &job.piece.path;
    let text = Text::open(path, encoding::of_file(path, options.encoding.as_deref())?, job.cancel)?;
    if text.length <= text.start {
        return Err(error::empty());
    }
    let mut head = Vec::new();
    text.read(text.start, HEAD, &mut head)?;
    if head.len() == HEAD {
        head.truncate(memchr::memrchr(b'\n', &head).map_or(head.len(), |at| at + 1));
    }
    let ruler = ruler(&String::from_utf8_lossy(&head), options)?;
    let mut spool = Spool::new();
    let mut seen = vec![Seen::default(); ruler.starts.len()];
    let odd = gather(job, &text, &ruler, most, &mut spool, &mut seen)?;
    let (names, mut notes) = unique(ruler.names.clone());
    let shown: Vec<String> = ruler.starts.iter().map(|s| (s + 1).to_string()).collect();
    notes.insert(0, format!("columns start at characters {}", shown.join(", ")));
    if odd > 0 && job.mode == Mode::Lenient {
        notes.push(format!("{odd} lines have a value across the start of a column; see _text"));
    }
    let fields: Vec<_> = names.iter().cloned().zip(seen.iter().map(Seen::kind)).collect();
    let plan = plan::plan(job.piece, job.spec, job.mode, &fields)?;
    sink.open(&plan.schema)?;
    let places: Vec<Option<u32>> = (0..names.len() as u32).map(Some).collect();
    let layout = Layout { names: &names, places: &places, text: Some(&text), odd: "a value stands across the start of a column" };
    let counts = deliver(job, &spool, &layout, &plan, sink)?;
    let found = made_out(job, &ruler, &shown, odd, spool.rows);
    Ok(ReadReport {
        rows_in: spool.rows,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: if job.mode == Mode::Lenient { odd } else { 0 },
        notes,
        dialect: None,
        found,
    })
}

/// Where columns start and which line names them; lines with a value across a start are evidence against it.
fn made_out(job: &Job<'_>, ruler: &Ruler, shown: &[String], odd: u64, rows: u64) -> Vec<FoundOption> {
    let options = &job.spec.fixed;
    let sure = if ruler.told { 1.0 } else { 1.0 - odd as f64 / rows.max(1) as f64 };
    let header = if options.header.unwrap_or(ruler.skip > options.skip_lines) { "yes" } else { "no" };
    let yes_no = || vec!["yes".to_owned(), "no".to_owned()];
    vec![
        FoundOption { name: "starts", value: shown.join(","), sure: Some(sure), choices: Vec::new() },
        FoundOption::certain("names", ruler.names.join(",")),
        FoundOption { name: "header", value: header.to_owned(), sure: options.header.map(|_| 1.0), choices: yes_no() },
        FoundOption::certain("skip-lines", options.skip_lines.to_string()),
    ]
}

/// Takes the lines apart; gives how many have a value across the start of a column.
fn gather(job: &Job<'_>, text: &Text, ruler: &Ruler, most: u64, spool: &mut Spool, seen: &mut [Seen]) -> Outcome<u64> {
    let (mut buffer, mut at, mut line, mut odd) = (Vec::new(), text.start, 0_u64, 0_u64);
    loop {
        job.cancel.check()?;
        job.progress.update(|p| p.bytes = at);
        let had = buffer.len();
        text.read(at + had as u64, WINDOW, &mut buffer)?;
        let whole = at + buffer.len() as u64 >= text.length;
        let mut start = 0;
        while start < buffer.len() && spool.rows < most {
            let end = match memchr::memchr(b'\n', &buffer[start..]) {
                Some(length) => start + length,
                None if whole => buffer.len(),
                None => break,
            };
            line += 1;
            let content = String::from_utf8_lossy(&buffer[start..end]);
            let content = content.trim_end_matches('\r');
            if line > ruler.skip && !content.trim().is_empty() && !(line <= ruler.skip + 2 && is_ruler(content)) {
                let bad = !ruler.told && crosses(content, &ruler.starts);
                odd += u64::from(bad);
                let from = at + start as u64;
                let origin = Origin { line, from, to: from + content.len() as u64, keep: bad, odd: bad };
                put(content, ruler, line, origin, spool, seen)?;
            }
            start = end + 1;
        }
        if whole || spool.rows >= most {
            spool.close()?;
            return Ok(odd);
        }
        buffer.drain(..start);
        at += start as u64;
        if buffer.len() > LONGEST_LINE {
            return Err(error::long_line(line + 1));
        }
    }
}

fn put(content: &str, ruler: &Ruler, line: u64, origin: Origin, spool: &mut Spool, seen: &mut [Seen]) -> Outcome<()> {
    spool.begin();
    for (column, cell) in cut(content, &ruler.starts).enumerate() {
        let body = cell.trim();
        if !body.is_empty() {
            let value = Value::Form(body.as_bytes());
            seen[column].add(value.shape(), line);
            spool.cell(column as u32, &value);
        }
    }
    spool.end(origin)
}
