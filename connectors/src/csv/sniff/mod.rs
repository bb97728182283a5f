//! Makes out the dialect of a delimited text from a sample of it.
//!
//! Candidates (delimiter × quote × escape × line ends) take the sample apart; the best scored table wins. What is told
//! in the options is not tried otherwise.

mod bottom;
mod further;
mod header;
mod long;
mod names;
pub mod sample;
mod score;
mod shape;
mod sure;
mod table;
#[cfg(test)]
mod tests;

pub use self::long::replaced;

use trommel_model::{CsvOptions, Outcome};

use self::sample::Sample;
use self::score::{Score, between_quotes, score, table_width};
use self::sure::Evidence;
use self::table::{Candidate, LineEnds, Table, split};
use super::config::{Dialect, Further, Long, Newline};
use super::error;

/// Delimiters that are always tried, when the sample has them.
const USUAL: [u8; 10] = [b',', b';', b'\t', b'|', b':', b'^', b'~', b' ', 0x01, 0x1F];
/// Delimiters that are tried when none of the usual ones makes a table.
const UNUSUAL: [u8; 10] = [b'#', b'*', b'&', b'!', b'=', b'@', b'%', b'$', 0x1E, 0x02];
/// What lines of remarks may start with.
const COMMENTS: [u8; 3] = [b'#', b'%', b'!'];
/// Rows of the sample that are taken apart.
const ROWS: usize = 4000;

/// Makes out the dialect of a sample, with remarks on names that had to change.
pub fn sniff(sample: &Sample, options: &CsvOptions) -> Outcome<(Dialect, Vec<String>)> {
    super::config::check(options)?;
    if sample.head.iter().all(u8::is_ascii_whitespace) {
        return Err(error::empty());
    }
    sniff_with(sample, options, None)
}

fn sniff_with(sample: &Sample, options: &CsvOptions, long: Option<Long>) -> Outcome<(Dialect, Vec<String>)> {
    let mut options = options.clone();
    if let Some(long) = long {
        options.delimiter = Some(char::from(long.stand_in));
    }
    let hint = hinted(&sample.head).filter(|_| options.delimiter.is_none() && options.skip_lines.is_none());
    if let Some((delimiter, _)) = hint {
        options.delimiter = Some(char::from(delimiter));
    }
    let mut text = sample.head.clone();
    for section in &sample.sections {
        text.extend_from_slice(section);
    }
    let skipped = options.skip_lines.unwrap_or(hint.map_or(0, |h| h.1));
    let body = &text[after_lines(&text, skipped)..];
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(error::empty_behind(skipped));
    }
    let (best, confidence) = choose(body, &options);
    if options.delimiter.is_none()
        && let Some(long) = long::around(body, best)
    {
        let (dialect, notes) = sniff_with(&replaced(sample, long), &options, Some(long))?;
        return Ok((Dialect { confidence, ..dialect }, notes));
    }
    Ok(describe(body, sample, best, confidence, skipped, &options, long))
}

/// Excel's `sep=;` on the first line: the delimiter, and the line to skip.
fn hinted(head: &[u8]) -> Option<(u8, u64)> {
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|l| l.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some((*delimiter, 1)),
        _ => None,
    }
}

/// The byte behind so many lines.
fn after_lines(text: &[u8], lines: u64) -> usize {
    let ends = if text.contains(&b'\n') { LineEnds::Feed } else { LineEnds::Return };
    let mut at = 0;
    let mut left = lines;
    while left > 0 && at < text.len() {
        let end = ends.at(text, at);
        left -= u64::from(end > 0);
        at += end.max(1);
    }
    at
}

/// The best candidate and how far it is ahead.
fn choose(text: &[u8], options: &CsvOptions) -> (Candidate, f64) {
    let mut scored = rank(text, &candidates(text, options, &USUAL));
    if options.delimiter.is_none() && scored.first().is_none_or(|best| best.1.width == 1) {
        let even = |c: &(Candidate, Score)| c.1.width > 1 && c.1.value > 0.5;
        scored.extend(rank(text, &candidates(text, options, &UNUSUAL)).into_iter().filter(even));
        scored.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    }
    let Some((best, top)) = scored.first().copied() else {
        return (told_or_usual(text, options), 0.0);
    };
    let next = scored.iter().find(|c| c.0.delimiter != best.delimiter).map_or(0.0, |c| c.1.value);
    let confidence = if options.delimiter.is_some() { 1.0 } else { 2.0 * top.value / (top.value + next).max(f64::MIN_POSITIVE) - 1.0 };
    (best, confidence.clamp(0.0, 1.0))
}

fn rank(text: &[u8], candidates: &[Candidate]) -> Vec<(Candidate, Score)> {
    let between = between_quotes(text);
    let mut scored: Vec<(Candidate, Score)> = candidates
        .iter()
        .map(|candidate| {
            let mut table = split(text, *candidate, ROWS);
            leave_out_comments(text, &mut table, candidate.delimiter);
            let mut score = score(text, *candidate, &table);
            if between.is_some_and(|b| b != candidate.delimiter) {
                score.value *= 0.5;
            }
            (*candidate, score)
        })
        .collect();
    // Equal scores keep the order of the candidates, which is the order of how usual they are.
    scored.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    scored
}

fn candidates(text: &[u8], options: &CsvOptions, delimiters: &[u8]) -> Vec<Candidate> {
    let has = |byte: u8| memchr::memchr(byte, text).is_some();
    let told = |c: Option<char>| c.and_then(|c| u8::try_from(c).ok());
    let delimiters: Vec<u8> = match told(options.delimiter) {
        Some(delimiter) => vec![delimiter],
        None => delimiters.iter().copied().filter(|d| *d == b',' || has(*d)).collect(),
    };
    let quotes: Vec<Option<u8>> = match told(options.quote) {
        Some(quote) => vec![Some(quote)],
        None if has(b'\'') && has(b'"') => vec![Some(b'"'), Some(b'\'')],
        None if has(b'\'') => vec![Some(b'"'), Some(b'\'')],
        None => vec![Some(b'"')],
    };
    let mut out = Vec::new();
    for ends in line_ends(text) {
        for &delimiter in &delimiters {
            for &quote in quotes.iter().filter(|q| **q != Some(delimiter)) {
                if let Some(escape) = told(options.escape) {
                    out.push(Candidate { delimiter, quote, escape: Some(escape).filter(|e| Some(*e) != quote), ends });
                } else {
                    out.push(Candidate { delimiter, quote, escape: None, ends });
                    let escapes = quote.map_or(Vec::new(), |q| escapes(text, q, delimiter));
                    out.extend(escapes.into_iter().map(|e| Candidate { delimiter, quote, escape: Some(e), ends }));
                }
            }
        }
    }
    out
}

/// Characters that may be the escape: a backslash that stands before a quote, or another mark that stands before nearly
/// all quotes that neither open nor close a field.
fn escapes(text: &[u8], quote: u8, delimiter: u8) -> Vec<u8> {
    const UNUSUAL: [u8; 6] = [0, b'^', b'~', b'`', b'/', b'!'];
    let outside = |byte: Option<&u8>| byte.is_none_or(|b| *b == delimiter || matches!(b, b'\n' | b'\r' | b' '));
    let mut found: Vec<u8> = memchr::memmem::find(text, &[b'\\', quote]).map(|_| b'\\').into_iter().collect();
    let (mut inner, mut marked) = (0_usize, [0_usize; UNUSUAL.len()]);
    for at in memchr::memchr_iter(quote, text) {
        let before = at.checked_sub(1).and_then(|n| text.get(n));
        let after = text.get(at + 1);
        if outside(before) || outside(after) || before == Some(&quote) || after == Some(&quote) {
            continue;
        }
        inner += 1;
        for (mark, count) in UNUSUAL.iter().zip(&mut marked) {
            *count += usize::from(before == Some(mark));
        }
    }
    found.extend(UNUSUAL.iter().zip(marked).filter(|(_, count)| *count > 0 && count * 10 >= inner * 9).map(|(mark, _)| *mark));
    found
}

fn line_ends(text: &[u8]) -> Vec<LineEnds> {
    let (mut feeds, mut returns) = (0_usize, 0_usize);
    for at in memchr::memchr2_iter(b'\n', b'\r', text) {
        if text[at] == b'\n' {
            feeds += 1;
        } else if text.get(at + 1) != Some(&b'\n') {
            returns += 1;
        }
    }
    match (feeds, returns) {
        (_, 0) => vec![LineEnds::Feed],
        (0, _) => vec![LineEnds::Return],
        _ => vec![LineEnds::Feed, LineEnds::Both],
    }
}

fn told_or_usual(text: &[u8], options: &CsvOptions) -> Candidate {
    let told = |c: Option<char>| c.and_then(|c| u8::try_from(c).ok());
    Candidate {
        delimiter: told(options.delimiter).unwrap_or(b','),
        quote: Some(told(options.quote).unwrap_or(b'"')),
        escape: told(options.escape).filter(|e| Some(*e) != told(options.quote)),
        ends: line_ends(text)[0],
    }
}

/// Everything else about the winning dialect.
fn describe(
    text: &[u8],
    sample: &Sample,
    best: Candidate,
    confidence: f64,
    skipped: u64,
    options: &CsvOptions,
    long: Option<Long>,
) -> (Dialect, Vec<String>) {
    let mut table = split(text, best, ROWS);
    let comment = options.comment.and_then(|c| u8::try_from(c).ok()).or_else(|| comment_of(text, &table, best.delimiter));
    if let Some(comment) = comment {
        leave_out(text, &mut table, comment);
    }
    let width = table_width(&table);
    let top = header::find(text, &table, width, options.header);
    let lines_above = if options.skip_lines.is_some() { 0 } else { table.rows.get(top.first).map_or(0, |r| r.line) };
    let top = if options.skip_lines.is_some() { header::Top { first: 0, ..top } } else { top };
    let mut dialect = Dialect {
        delimiter: char::from(best.delimiter),
        long_delimiter: long.map(|l| String::from_utf8_lossy(l.bytes()).into_owned()),
        quote: best.quote.map(char::from),
        escape: best.escape.map(char::from),
        trim: best.delimiter != b' ' && leads(&table),
        newline: newline_of(text, best.ends),
        encoding: sample.found.encoding.name().to_ascii_lowercase(),
        comment: comment.map(char::from),
        skip_lines: skipped + lines_above,
        header_rows: top.header_rows as u64,
        footer_lines: bottom::footer_lines(sample.sections.last().map_or(text, Vec::as_slice), best, width),
        further: if sample.whole && options.skip_lines.is_none() {
            further::find(text, &table, best, top.first, width).map(|f| Further { line: f.line + skipped, ..f })
        } else {
            None
        },
        columns: Vec::new(),
        labels: Vec::new(),
        decimal_mark: options.decimal_mark.unwrap_or_else(|| decimal_mark(text, &table)),
        confidence,
        found: Vec::new(),
    };
    let start = table.rows.get(top.first).map_or(text.len(), |r| r.start);
    let named_rows = header::names_rows(text, &table, width, &top);
    let names = names::columns(&text[start..], &dialect, width, named_rows);
    (dialect.columns, dialect.labels) = (names.columns, names.labels);
    dialect.found = sure::found(&Evidence { text, table: &table, sample, width, first: top.first }, &dialect, options);
    (dialect, names.notes)
}

fn leave_out(text: &[u8], table: &mut Table, comment: u8) {
    table.rows.retain(|row| text.get(row.start) != Some(&comment));
}

/// Leaves lines out that look like comments, unless most lines do.
fn leave_out_comments(text: &[u8], table: &mut Table, delimiter: u8) {
    if let Some(comment) = comment_of(text, table, delimiter) {
        leave_out(text, table, comment);
    }
}

/// What comments start with: lines that start with it are not shaped like the rows of the table.
fn comment_of(text: &[u8], table: &Table, delimiter: u8) -> Option<u8> {
    let width = table_width(table);
    COMMENTS.into_iter().filter(|mark| *mark != delimiter).find(|mark| {
        let (mut shaped, mut other) = (0, 0);
        for row in table.rows.iter().filter(|r| text.get(r.start) == Some(mark)) {
            if row.width == width && width > 1 {
                shaped += 1;
            } else {
                other += 1;
            }
        }
        other > shaped && other * 2 <= table.rows.len()
    })
}

/// True when nearly every cell behind a delimiter starts with a blank, or quotes do.
fn leads(table: &Table) -> bool {
    let (mut cells, mut led, mut led_quotes) = (0_usize, 0_usize, 0_usize);
    for at in 0..table.rows.len() {
        for cell in table.row(at).iter().skip(1).filter(|c| c.end > c.start) {
            cells += 1;
            led += usize::from(cell.led);
            led_quotes += usize::from(cell.led && cell.quoted);
        }
    }
    cells > 0 && (led * 20 >= cells * 19 || (led_quotes > 0 && led_quotes * 2 >= table.quoted))
}

fn newline_of(text: &[u8], ends: LineEnds) -> Newline {
    match ends {
        LineEnds::Return => Newline::Cr,
        LineEnds::Both => Newline::Mixed,
        LineEnds::Feed if memchr::memmem::find(text, b"\r\n").is_some() => Newline::Crlf,
        LineEnds::Feed => Newline::Lf,
    }
}

/// A comma when numbers are written with it, none with a point, and it cannot all be grouping of thousands.
fn decimal_mark(text: &[u8], table: &Table) -> char {
    let (mut points, mut commas, mut sure) = (0_usize, 0_usize, false);
    for cell in &table.cells {
        let body = text[cell.start..cell.end].trim_ascii();
        let digits = body.strip_prefix(b"-").unwrap_or(body);
        if digits.len() < 3 || digits.len() > 25 || !digits.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) {
            continue;
        }
        let count = |mark: u8| memchr::memchr_iter(mark, digits).count();
        match (count(b'.'), count(b',')) {
            (1, 0) => points += 1,
            (0, 1) => {
                commas += 1;
                let at = digits.iter().position(|b| *b == b',').unwrap_or(0);
                sure |= digits.len() - at != 4 || at > 3 || digits[0] == b'0';
            }
            _ => {}
        }
    }
    if commas > 0 && points == 0 && sure { ',' } else { '.' }
}
