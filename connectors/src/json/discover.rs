//! Where the records are in a text of JSON: one a line, the elements of a list, or one list inside an object.

use trommel_model::{Cancel, Outcome};

use super::config::{LARGEST_OBJECT, STRETCH};
use super::error;
use super::scan::{Cursor, Fault};
use super::split::{self, Splitter};
use crate::bytes::Text;

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One a line.
    Lines,
    /// Elements of a list.
    Elements,
}

/// Records that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
    /// Line ends before it.
    pub line: u64,
}

/// What is in a text.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The records.
    pub stretches: Vec<Stretch>,
    /// How they follow each other.
    pub layout: Option<Layout>,
    /// Where the list of records is in an object, for a note.
    pub path: Option<String>,
    /// What broke the document off: the place, line ends before it, and what was expected.
    pub broken: Option<Broken>,
}

/// A document that does not go on as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// First byte of what could not be read.
    pub from: u64,
    /// Line ends before that.
    pub line: u64,
    /// The place of the fault: line and character, from 1.
    pub place: (u64, u64),
    /// What was expected there.
    pub expected: String,
}

/// Finds the records of a document.
pub fn document(text: &Text, cancel: &Cancel) -> Outcome<Found> {
    let mut head = Vec::new();
    text.read(text.start, 1 << 20, &mut head)?;
    let mut cursor = Cursor::new(&head, 0);
    match cursor.peek() {
        None => Err(error::empty()),
        Some(b'[') => {
            let start = text.start + cursor.at as u64;
            let line = split::lines(&head[..cursor.at]);
            elements(text, start, line, true, cancel)
        }
        Some(_) => whole(text, cancel),
    }
}

/// The records at a path such as `$.data.items`: the elements of the list there, or the one value there.
pub fn named(text: &Text, path: &str, cancel: &Cancel) -> Outcome<Found> {
    let keys: Vec<&str> = path.trim().trim_start_matches('$').split('.').map(str::trim).filter(|k| !k.is_empty()).collect();
    let size = text.length - text.start;
    if size > LARGEST_OBJECT {
        return Err(error::too_large(size));
    }
    let mut all = Vec::new();
    text.read(text.start, size as usize, &mut all)?;
    let mut cursor = Cursor::new(&all, 0);
    if cursor.peek().is_none() {
        return Err(error::empty());
    }
    let mut found = if keys.is_empty() { Some(cursor.at) } else { None };
    let end = match at_keys(&mut cursor, &keys, 0, &mut found) {
        Ok(()) => cursor.at,
        Err(fault) => return Err(error::unsound(&all, fault)),
    };
    if cursor.peek().is_some() {
        return Err(error::unsound(&all, cursor.fault("the end of the document")));
    }
    let Some(at) = found else { return Err(error::no_path(path)) };
    let line = split::lines(&all[..at]);
    let start = text.start + at as u64;
    if all[at] == b'[' {
        let mut found = elements(text, start, line, false, cancel)?;
        found.path = Some(keys.join("."));
        return Ok(found);
    }
    let mut value = Cursor::new(&all, at);
    let end = value.value(0).map_or(end, |_| value.at);
    let stretch = Stretch { start, end: text.start + end as u64, line };
    Ok(Found { stretches: vec![stretch], layout: Some(Layout::Elements), ..Found::default() })
}

/// Passes a value; notes where the one is to which keys lead.
fn at_keys(cursor: &mut Cursor<'_>, keys: &[&str], depth: usize, found: &mut Option<usize>) -> Result<(), Fault> {
    let text = cursor.text;
    let Some((first, rest)) = keys.split_first().filter(|_| cursor.peek() == Some(b'{')) else {
        return cursor.value(depth).map(|_| ());
    };
    cursor.object(depth, &mut |cursor, key| {
        if text[key.start..key.end] != *first.as_bytes() {
            return cursor.value(depth + 1).map(|_| ());
        }
        cursor.peek();
        if rest.is_empty() {
            *found = Some(cursor.at);
        }
        at_keys(cursor, rest, depth + 1, found)
    })
}

/// Lines of a text, in stretches of equal size. Line numbers are not known yet.
pub fn lines(text: &Text) -> Found {
    let mut found = Found { layout: Some(Layout::Lines), ..Found::default() };
    let mut at = text.start;
    while at < text.length {
        let end = (at + 2 * STRETCH).min(text.length);
        found.stretches.push(Stretch { start: at, end, line: 0 });
        at = end;
    }
    found
}

/// The elements of the list that opens at `start`. When `last`, nothing but blanks may follow it.
fn elements(text: &Text, start: u64, line: u64, last: bool, cancel: &Cancel) -> Outcome<Found> {
    let mut splitter = Splitter::new(text, start + 1, line);
    let mut found = Found { layout: Some(Layout::Elements), ..Found::default() };
    let mut open: Option<Stretch> = None;
    let broken = loop {
        cancel.check()?;
        match splitter.next_element()? {
            split::Next::Element { start, end, line } => {
                let stretch = open.get_or_insert(Stretch { start, end, line });
                stretch.end = end;
                if end - stretch.start >= STRETCH {
                    found.stretches.extend(open.take());
                }
            }
            split::Next::End => break if last { splitter.rest_is_blank()? } else { None },
            split::Next::Broken(broken) => break Some(broken),
        }
    };
    found.stretches.extend(open);
    found.broken = broken;
    Ok(found)
}

/// A document that is not a list: an object with one list of records in it, one record, or a single value.
fn whole(text: &Text, cancel: &Cancel) -> Outcome<Found> {
    let size = text.length - text.start;
    if size > LARGEST_OBJECT {
        return Err(error::too_large(size));
    }
    let mut all = Vec::new();
    text.read(text.start, size as usize, &mut all)?;
    let mut cursor = Cursor::new(&all, 0);
    let fault_at = |fault: Fault| error::unsound(&all, fault);
    let mut lists = Vec::new();
    let mut path = Vec::new();
    cursor.peek();
    let first = cursor.at;
    if all.get(first) == Some(&b'{') {
        if let Err(fault) = lists_of(&mut cursor, 0, &mut path, &mut lists) {
            return cut_list(text, &all, &lists, cancel)?.ok_or_else(|| fault_at(fault));
        }
    } else {
        cursor.value(0).map_err(fault_at)?;
    }
    let end = cursor.at;
    if cursor.peek().is_some() {
        // Records one a line in a file that claims to be one document.
        let next_line = all[end..cursor.at].contains(&b'\n');
        if next_line && all[first] == b'{' && all[cursor.at] == b'{' {
            return Ok(lines(text));
        }
        return Err(error::unsound(&all, cursor.fault("the end of the document")));
    }
    if let [(path, at)] = &lists[..] {
        let line = split::lines(&all[..*at]);
        let mut found = elements(text, text.start + *at as u64, line, false, cancel)?;
        found.path = Some(path.clone());
        return Ok(found);
    }
    let line = split::lines(&all[..first]);
    let stretch = Stretch { start: text.start + first as u64, end: text.start + end as u64, line };
    Ok(Found { stretches: vec![stretch], layout: Some(Layout::Elements), ..Found::default() })
}

/// A document that is broken off inside its only list of records: the records before the break.
fn cut_list(text: &Text, all: &[u8], lists: &[(String, usize)], cancel: &Cancel) -> Outcome<Option<Found>> {
    let [(path, at)] = lists else { return Ok(None) };
    let mut found = elements(text, text.start + *at as u64, split::lines(&all[..*at]), false, cancel)?;
    if found.broken.is_none() {
        return Ok(None);
    }
    found.path = Some(path.clone());
    Ok(Some(found))
}

/// The lists of objects in an object, down to three levels: path and first byte.
fn lists_of(cursor: &mut Cursor<'_>, depth: usize, path: &mut Vec<String>, lists: &mut Vec<(String, usize)>) -> Result<(), Fault> {
    let text = cursor.text;
    cursor.object(depth, &mut |cursor, key| {
        path.push(String::from_utf8_lossy(&text[key.start..key.end]).into_owned());
        match cursor.peek() {
            Some(b'{') if depth < 3 => lists_of(cursor, depth + 1, path, lists)?,
            Some(b'[') => {
                let mut inside = Cursor::new(text, cursor.at + 1);
                if inside.peek() == Some(b'{') {
                    lists.push((path.join("."), cursor.at));
                }
                cursor.value(depth + 1)?;
            }
            _ => {
                cursor.value(depth + 1)?;
            }
        }
        path.pop();
        Ok(())
    })
}
