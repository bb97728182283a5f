//! How well a candidate dialect explains a sample: even rows times cells that look like cells.
//!
//! The idea is van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
//! (Data Mining and Knowledge Discovery 33, 2019): score = pattern score × type score. Evenness is measured on the
//! whole table as in García, "Detecting CSV file dialects by table uniformity measurement and data type inference"
//! (Data Science 7, 2024). The weights here are our own, set on public sets of real files.

use rustc_hash::FxHashMap;

use super::shape::{Look, look};
use super::table::{Candidate, Table};

/// Rows whose cells are looked at.
const LOOKED_AT: usize = 300;

/// The score of one candidate and the width of its table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Larger is better.
    pub value: f64,
    /// Cells of most rows.
    pub width: usize,
}

/// Scores a table. `text` is what it was made of.
pub fn score(text: &[u8], candidate: Candidate, table: &Table) -> Score {
    let rows = table.rows.len();
    if rows == 0 {
        return Score { value: 0.0, width: 1 };
    }
    let width = main_width(table);
    let even = evenness(table, width);
    let kinds = types(text, table, width);
    let columns = if width == 1 { 0.1 } else { (width - 1) as f64 / width as f64 };
    Score { value: even * kinds * columns.powf(0.5) * quotes(candidate, table) * prior(candidate) * between(text, candidate), width }
}

/// Quotes that open and close properly speak for a dialect, others against it.
fn quotes(candidate: Candidate, table: &Table) -> f64 {
    let opened = (table.quoted + table.malformed) as f64;
    if opened == 0.0 {
        // Nobody uses an unusual quote without using it.
        return if candidate.quote == Some(b'"') { 1.0 } else { 0.0 };
    }
    // A stray quote in thousands of rows is a fault of the data and says little.
    let common = (10.0 * opened / table.rows.len() as f64).min(1.0);
    let bad = common * (table.malformed as f64 + 0.3 * table.stray as f64) / opened;
    let used = if table.malformed + table.stray == 0 { 1.0 + 0.05 * (opened / 4.0).min(1.0) } else { 1.0 };
    (1.0 - 0.6 * bad) * used
}

/// Colons inside clock times and addresses, and blanks inside prose, are no delimiters.
fn between(text: &[u8], candidate: Candidate) -> f64 {
    let inside: fn(u8, u8) -> bool = match candidate.delimiter {
        b':' => |before, after| (before.is_ascii_digit() && after.is_ascii_digit()) || after == b'/',
        b' ' => |before, after| (before.is_ascii_alphabetic() || before == b',') && after.is_ascii_alphabetic(),
        _ => return 1.0,
    };
    let (mut all, mut found) = (0_usize, 0_usize);
    for at in memchr::memchr_iter(candidate.delimiter, text).take(2000) {
        all += 1;
        let before = at.checked_sub(1).map_or(0, |n| text[n]);
        found += usize::from(inside(before, text.get(at + 1).copied().unwrap_or(0)));
    }
    if found * 2 >= all { 0.4 } else { 1.0 }
}

/// What stands between fields in a text whose lines nearly all begin and end with a quote: such lines are quoted throughout,
/// and the character between two quotes is the delimiter, however uneven the rows are.
pub fn between_quotes(text: &[u8]) -> Option<u8> {
    let lines = text.split(|b| matches!(b, b'\n' | b'\r')).map(<[u8]>::trim_ascii).filter(|l| !l.is_empty() && l[0] != b'#');
    let (mut all, mut quoted) = (0_usize, 0_usize);
    for line in lines.take(LOOKED_AT) {
        all += 1;
        quoted += usize::from(line.len() > 2 && line.starts_with(b"\"") && line.ends_with(b"\""));
    }
    if quoted < 2 || quoted * 10 < all * 9 {
        return None;
    }
    let mut counts: FxHashMap<u8, usize> = FxHashMap::default();
    for at in memchr::memchr_iter(b'"', text) {
        if let [between, b'"', ..] = text[at + 1..]
            && (between.is_ascii_punctuation() || between == b'\t')
            && between != b'"'
        {
            *counts.entry(between).or_default() += 1;
        }
    }
    let total: usize = counts.values().sum();
    counts.into_iter().find(|(_, count)| *count * 10 > total * 9 && *count >= quoted).map(|(between, _)| between)
}

/// The width of the largest table in a sample: rows count, and how wide they are does too.
pub fn table_width(table: &Table) -> usize {
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    for row in &table.rows {
        *counts.entry(row.width).or_default() += 1;
    }
    let size = |(width, count): &(usize, usize)| *count as f64 * (*width as f64).sqrt();
    counts.into_iter().max_by(|a, b| size(a).total_cmp(&size(b)).then(a.0.cmp(&b.0))).map_or(1, |(width, _)| width)
}

/// The most frequent width; of equally frequent ones the larger.
pub fn main_width(table: &Table) -> usize {
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    for row in &table.rows {
        *counts.entry(row.width).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(1, |(width, _)| width)
}

/// Share of rows of the main width, those above the table (a title, a note) counting half.
fn evenness(table: &Table, width: usize) -> f64 {
    let first = table.rows.iter().position(|r| r.width == width).unwrap_or(0);
    let uneven = table.rows[first..].iter().filter(|r| r.width != width).count();
    let preamble = first as f64 * if first <= 10 { 0.3 } else { 1.0 };
    let even = (table.rows.len() - first - uneven) as f64;
    let share = even / (even + uneven as f64 + preamble);
    share * share
}

/// Mean over columns of how like cells look, times how much that look says.
fn types(text: &[u8], table: &Table, width: usize) -> f64 {
    let mut looks: Vec<FxHashMap<Look, usize>> = vec![FxHashMap::default(); width.min(256)];
    let mut left = vec![Leftover::default(); looks.len()];
    let mut rows = 0;
    let step = (table.rows.len() / LOOKED_AT).max(1);
    for at in (0..table.rows.len()).step_by(step) {
        if table.rows[at].width != width {
            continue;
        }
        rows += 1;
        for (column, cell) in table.row(at).iter().enumerate().take(looks.len()) {
            let body = &text[cell.start..cell.end];
            *looks[column].entry(look(body, cell.quoted)).or_default() += 1;
            if !cell.quoted {
                left[column].add(body);
            }
        }
    }
    if rows == 0 {
        return 0.0;
    }
    let columns = looks.len() as f64;
    looks.iter().zip(&left).map(|(looks, left)| column(looks) * left.factor()).sum::<f64>() / columns
}

/// Delimiters of other dialects, as often in each cell of a column: that column is several.
#[derive(Debug, Clone, Copy, Default)]
struct Leftover {
    cells: usize,
    /// For `;`, tab and `|`: how many there are in each cell so far; `None` once they differ.
    counts: [Option<usize>; 3],
}

impl Leftover {
    fn add(&mut self, body: &[u8]) {
        for (count, mark) in self.counts.iter_mut().zip([b';', b'\t', b'|']) {
            let found = memchr::memchr_iter(mark, body).count();
            match count {
                _ if self.cells == 0 => *count = Some(found),
                Some(before) if *before == found => {}
                _ => *count = None,
            }
        }
        self.cells += 1;
    }

    fn factor(&self) -> f64 {
        if self.cells >= 2 && self.counts.iter().flatten().any(|c| *c > 0) { 0.5 } else { 1.0 }
    }
}

fn column(looks: &FxHashMap<Look, usize>) -> f64 {
    let total: usize = looks.values().sum();
    let mean = looks.iter().map(|(look, count)| look.weight() * *count as f64).sum::<f64>() / total as f64;
    let filled = total - looks.get(&Look::Empty).copied().unwrap_or(0);
    if filled == 0 {
        return mean * 0.9;
    }
    let top = looks.iter().filter(|(look, _)| **look != Look::Empty).map(|(_, count)| *count).max().unwrap_or(0);
    mean * (0.75 + 0.25 * top as f64 / filled as f64)
}

/// How usual a dialect is before anything is seen.
fn prior(candidate: Candidate) -> f64 {
    let delimiter = match candidate.delimiter {
        b',' => 1.0,
        b';' | b'\t' => 0.995,
        b'|' => 0.98,
        b'~' | b'^' | 0x01 | 0x1E | 0x1F => 0.9,
        b':' | b' ' => 0.7,
        _ => 0.6,
    };
    let quote = if candidate.quote == Some(b'"') { 1.0 } else { 0.96 };
    let escape = if candidate.escape.is_some() { 0.99 } else { 1.0 };
    delimiter * quote * escape
}
