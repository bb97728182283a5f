//! The names of the columns, from one header row or several, or made up.

use crate::csv::config::{Dialect, Syntax};
use crate::csv::record::{Parser, Records, unescape};
use crate::names::unique;

/// The names of the columns.
pub struct Names {
    /// As the header has them.
    pub labels: Vec<String>,
    /// As a table can have them: unique, none empty.
    pub columns: Vec<String>,
    /// Remarks on names that had to change.
    pub notes: Vec<String>,
}

/// One name for each column of a table that starts at `text` and whose rows mostly have `width` cells.
///
/// `named_rows` says that the first column names the rows and has no name itself.
pub fn columns(text: &[u8], dialect: &Dialect, width: usize, named_rows: bool) -> Names {
    let mut records = Records::default();
    let rows = match Syntax::of(dialect, width) {
        Ok(syntax) => {
            Parser::new(text, syntax, true, 0, 0).take(&mut records, dialect.header_rows as usize, usize::MAX);
            (0..records.places.len()).map(|at| cells(text, &syntax, &records, at)).collect()
        }
        Err(_) => Vec::new(),
    };
    let labels = shape(rows, width, named_rows);
    let (columns, notes) = unique(labels.iter().cloned());
    let labels = if dialect.header() { labels } else { columns.clone() };
    Names { labels, columns, notes }
}

/// Header rows (their cells) as one name for each of `width` columns; more when the header names more.
///
/// Names of several rows are joined by a blank, a blank cell of an upper row repeating the cell before it.
/// A header that is too long loses its empty names first: they come from a delimiter too many.
pub fn shape(mut rows: Vec<Vec<String>>, width: usize, named_rows: bool) -> Vec<String> {
    let above_last = rows.len().saturating_sub(1);
    for row in &mut rows[..above_last] {
        let mut before = String::new();
        for cell in row.iter_mut() {
            if cell.trim().is_empty() {
                cell.clone_from(&before);
            } else {
                before.clone_from(cell);
            }
        }
    }
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut names: Vec<String> = (0..longest)
        .map(|at| {
            let parts: Vec<&str> = rows.iter().filter_map(|r| r.get(at)).map(String::as_str).filter(|c| !c.trim().is_empty()).collect();
            parts.join(" ")
        })
        .collect();
    let mut at = names.len();
    while names.len() > width && at > 0 {
        at -= 1;
        if names[at].trim().is_empty() {
            names.remove(at);
        }
    }
    if named_rows && names.len() < width {
        names.insert(0, String::new());
    }
    while names.len() < width {
        names.push(String::new());
    }
    names
}

/// The cells of one record.
fn cells(text: &[u8], syntax: &Syntax, records: &Records, at: usize) -> Vec<String> {
    let record = &records.places[at];
    let found = record.found as usize;
    let first = at * syntax.width;
    let mut fields = records.fields[first..first + found.min(syntax.width)].to_vec();
    let spare = record.spare as usize;
    fields.extend(records.spare.iter().skip(spare).take(found.saturating_sub(syntax.width)));
    let mut scratch = Vec::new();
    fields
        .iter()
        .map(|field| {
            let raw = field.raw(text);
            if !field.escaped() {
                return String::from_utf8_lossy(raw).into_owned();
            }
            unescape(raw, syntax, &mut scratch);
            String::from_utf8_lossy(&scratch).into_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[&[&str]], width: usize, expected: &[&str]) {
        let rows = rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect()).collect();
        assert_eq!(shape(rows, width, false), expected);
    }

    #[test]
    fn headers() {
        check(&[&["a", "b"]], 2, &["a", "b"]);
        check(&[&["a", "", "b"]], 2, &["a", "b"]);
        check(&[&["a", "b", ""]], 2, &["a", "b"]);
        check(&[&["a", "b", "c"]], 2, &["a", "b", "c"]);
        check(&[&["a"]], 3, &["a", "", ""]);
        check(&[&["left", "", "right", ""], &["x", "y", "x", "y"]], 4, &["left x", "left y", "right x", "right y"]);
        check(&[], 2, &["", ""]);
    }
}
