//! What a record most likely means when its quotes do not add up.
//!
//! Three readings of the line are tried; the one that gives the right number of fields wins. Failing that, the quoted
//! field may go on in the next lines, unless the next line is a sound record by itself: then a quote was left open, and
//! only its own line is lost. Everything looked at is bounded, so hostile text costs a constant factor.

use super::config::{Newline, Syntax};
use super::record::{Field, State};

/// How far a malformed record is followed over line ends.
const LOOK_AHEAD: usize = 4096;

/// Steps of the search for a reading with the right number of fields …
const SEARCH: u32 = 500;
/// … and the widest record it is tried on: each field is a level of recursion.
const WIDEST_SEARCHED: usize = 200;

/// A record as it was made out.
#[derive(Debug)]
pub struct Repaired {
    /// Byte after its last.
    pub end: usize,
    /// First byte of the next record.
    pub next: usize,
    /// Line ends it spans, the closing one included.
    pub lines: u64,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What is odd about it.
    pub state: State,
}

/// Ways to read a quote that neither closes a field properly nor is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It is part of a quoted field's text: `"said "no" twice"`.
    Inner,
    /// Quotes are not escaped at all: `"48""` is `48"`.
    Undoubled,
    /// The field was never meant to be quoted: `"02:45` is all there is.
    Literal,
}

/// Decides about the record at `start`; `None` when more text is needed. `regular` is what the record is by the rules,
/// when by the rules it spans lines and has the wrong number of fields.
pub fn repair(text: &[u8], syntax: &Syntax, start: usize, whole: bool, regular: Option<Repaired>) -> Option<Repaired> {
    let (end, next) = line_end(text, syntax, start, whole)?;
    let last = next >= text.len();
    let line = |fields, state| Repaired { end, next, lines: u64::from(next > end), fields, state };
    let mut best: Option<Vec<Field>> = None;
    for reading in [Reading::Inner, Reading::Undoubled, Reading::Literal] {
        let (fields, closed) = split(text, syntax, start, end, reading);
        if fields.len() == syntax.width && (closed || reading == Reading::Literal) {
            return Some(line(fields, State::Repaired));
        }
        let off = |f: &Vec<Field>| f.len().abs_diff(syntax.width);
        if best.as_ref().is_none_or(|b| off(&fields) < off(b)) {
            best = Some(fields);
        }
    }
    if let Some(fields) = fit(text, syntax, start, end) {
        return Some(line(fields, State::Repaired));
    }
    if last && !whole {
        return None;
    }
    if last || sound(text, syntax, next, whole)? {
        return Some(line(best.unwrap_or_default(), State::Broken));
    }
    if regular.is_some() {
        return regular;
    }
    match over_lines(text, syntax, start, whole) {
        Reach::Record(found) => Some(found),
        Reach::Nowhere => Some(line(best.unwrap_or_default(), State::Broken)),
        Reach::MoreText => None,
    }
}

/// End of the line at `start` and start of the next; `None` when the text ends first and more may come.
fn line_end(text: &[u8], syntax: &Syntax, start: usize, whole: bool) -> Option<(usize, usize)> {
    let Some(length) = text[start..].iter().position(|b| syntax.ends_line(*b)) else {
        return whole.then_some((text.len(), text.len()));
    };
    let stop = start + length;
    if text[stop] == b'\r' && syntax.newline == Newline::Mixed {
        return match text.get(stop + 1) {
            Some(b'\n') => Some((stop, stop + 2)),
            None if !whole => None,
            _ => Some((stop, stop + 1)),
        };
    }
    let end = if text[stop] == b'\n' && stop > start && text[stop - 1] == b'\r' { stop - 1 } else { stop };
    Some((end, stop + 1))
}

/// The fields of one line under one reading, and whether every field that opens with a quote closes with one.
fn split(text: &[u8], syntax: &Syntax, start: usize, end: usize, reading: Reading) -> (Vec<Field>, bool) {
    let mut fields = Vec::new();
    let mut at = start;
    let mut closed = true;
    loop {
        while syntax.trim && at < end && text[at] == b' ' {
            at += 1;
        }
        let quoted = at < end && Some(text[at]) == syntax.quote;
        let (field, stop) = quoted.then(|| close(text, syntax, at, end, reading)).flatten().unwrap_or_else(|| {
            closed &= !quoted;
            let stop = memchr::memchr(syntax.delimiter, &text[at..end]).map_or(end, |n| at + n);
            (Field::new(at, stop, false), stop)
        });
        fields.push(field);
        if stop >= end {
            return (fields, closed);
        }
        at = stop + 1;
    }
}

/// A quoted field within `end` under one reading: its range and the byte that ends it. `None` when it does not close.
fn close(text: &[u8], syntax: &Syntax, open: usize, end: usize, reading: Reading) -> Option<(Field, usize)> {
    let mut at = open + 1;
    let mut escaped = false;
    while at < end {
        let byte = text[at];
        if Some(byte) == syntax.escape && reading != Reading::Undoubled {
            escaped = true;
            at += 2;
            continue;
        }
        if Some(byte) != syntax.quote {
            at += 1;
            continue;
        }
        let mut stop = at + 1;
        while stop < end && text[stop] == b' ' && syntax.delimiter != b' ' {
            stop += 1;
        }
        let proper = stop >= end || text[stop] == syntax.delimiter;
        let doubled = at + 1 < end && text[at + 1] == byte;
        match reading {
            Reading::Inner | Reading::Literal if doubled => {
                escaped = true;
                at += 2;
            }
            _ if proper => return Some((Field::new(open + 1, at, escaped), stop)),
            Reading::Literal => return None,
            Reading::Inner | Reading::Undoubled => at += 1,
        }
    }
    None
}

/// The fields of one line when some closing quotes are taken for text, so that there are as many as there should be.
/// Gives up after a bounded search.
fn fit(text: &[u8], syntax: &Syntax, start: usize, end: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut steps = SEARCH;
    place(text, syntax, start, end, &mut fields, &mut steps).then_some(fields)
}

fn place(text: &[u8], syntax: &Syntax, start: usize, end: usize, fields: &mut Vec<Field>, steps: &mut u32) -> bool {
    if *steps == 0 || fields.len() >= syntax.width || fields.len() >= WIDEST_SEARCHED {
        return false;
    }
    *steps -= 1;
    let next = |field: Field, stop: usize, fields: &mut Vec<Field>, steps: &mut u32| {
        fields.push(field);
        let done = if stop >= end { fields.len() == syntax.width } else { place(text, syntax, stop + 1, end, fields, steps) };
        if !done {
            fields.pop();
        }
        done
    };
    if start < end && Some(text[start]) == syntax.quote {
        let quotes = (start + 1..end).filter(|at| Some(text[*at]) == syntax.quote);
        for at in quotes {
            let proper = at + 1 >= end || text[at + 1] == syntax.delimiter;
            if proper && next(Field::new(start + 1, at, false), at + 1, fields, steps) {
                return true;
            }
        }
        return false;
    }
    let stop = memchr::memchr(syntax.delimiter, &text[start..end]).map_or(end, |n| start + n);
    next(Field::new(start, stop, false), stop, fields, steps)
}

/// True when the line at `start` is a record by the rules, with the right number of fields and nothing odd about quotes.
/// `None` when the text ends first and more may come.
fn sound(text: &[u8], syntax: &Syntax, start: usize, whole: bool) -> Option<bool> {
    let (end, _) = line_end(text, syntax, start, whole)?;
    if start == end {
        return Some(false);
    }
    let (fields, _) = split(text, syntax, start, end, Reading::Literal);
    let stray = |f: &Field| !f.escaped() && f.raw(text).iter().any(|b| Some(*b) == syntax.quote);
    Some(fields.len() == syntax.width && !fields.iter().any(stray))
}

/// How far following a record over line ends came.
enum Reach {
    /// The text ends first.
    MoreText,
    /// It does not come to the right number of fields.
    Nowhere,
    Record(Repaired),
}

/// The record read on over line ends, stray quotes being part of quoted fields.
fn over_lines(text: &[u8], syntax: &Syntax, start: usize, whole: bool) -> Reach {
    let horizon = start + LOOK_AHEAD;
    if horizon > text.len() && !whole {
        return Reach::MoreText;
    }
    let mut at = start;
    let mut fields = Vec::new();
    loop {
        while syntax.trim && text.get(at) == Some(&b' ') {
            at += 1;
        }
        let Some((line, next)) = line_end(text, syntax, at, true) else { return Reach::Nowhere };
        let (field, stop) = if text.get(at).copied() == syntax.quote && syntax.quote.is_some() {
            match close_anywhere(text, syntax, at, horizon) {
                Some(found) => found,
                None => return Reach::Nowhere,
            }
        } else {
            let stop = memchr::memchr(syntax.delimiter, &text[at..line]).map_or(line, |n| at + n);
            (Field::new(at, stop, false), stop)
        };
        fields.push(field);
        if fields.len() > syntax.width || stop > horizon {
            return Reach::Nowhere;
        }
        if text.get(stop) == Some(&syntax.delimiter) {
            at = stop + 1;
            continue;
        }
        if fields.len() != syntax.width {
            return Reach::Nowhere;
        }
        let next = if stop == line { next } else { line_end(text, syntax, stop, true).map_or(text.len(), |end| end.1) };
        let lines = count_lines(&text[start..next], syntax);
        return Reach::Record(Repaired { end: stop, next, lines, fields, state: State::Repaired });
    }
}

fn close_anywhere(text: &[u8], syntax: &Syntax, open: usize, horizon: usize) -> Option<(Field, usize)> {
    let most = horizon.min(text.len());
    let mut at = open + 1;
    let mut escaped = false;
    while at < most {
        if Some(text[at]) == syntax.escape {
            escaped = true;
            at += 2;
            continue;
        }
        if Some(text[at]) == syntax.quote {
            if text.get(at + 1).copied() == syntax.quote {
                escaped = true;
                at += 2;
                continue;
            }
            let after = text.get(at + 1).copied();
            let proper = match after {
                None | Some(b'\r') => true,
                Some(byte) => byte == syntax.delimiter || syntax.ends_line(byte),
            };
            if proper {
                return Some((Field::new(open + 1, at, escaped), at + 1));
            }
        }
        at += 1;
    }
    None
}

fn count_lines(text: &[u8], syntax: &Syntax) -> u64 {
    let ends = |at: usize| {
        syntax.ends_line(text[at]) && !(text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') && syntax.newline == Newline::Mixed)
    };
    (0..text.len()).filter(|at| ends(*at)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::super::record::{Parser, Records, unescape};
    use super::*;

    /// Records as their fields joined with `|`, marked with what is odd about them.
    fn check(text: &str, width: usize, expected: &[&str]) {
        let syntax = Syntax {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            trim: false,
            newline: Newline::Lf,
            comment: None,
            width,
            long: None,
        };
        let mut records = Records::default();
        Parser::new(text.as_bytes(), syntax, true, 0, 0).take(&mut records, 1000, usize::MAX);
        let shown: Vec<String> = records
            .places
            .iter()
            .enumerate()
            .map(|(at, record)| {
                let fields = &records.fields[at * width..(at + 1) * width];
                let mut scratch = Vec::new();
                let cells: Vec<String> = fields
                    .iter()
                    .map(|f| {
                        let raw = f.raw(text.as_bytes());
                        if f.escaped() {
                            unescape(raw, &syntax, &mut scratch);
                        }
                        String::from_utf8_lossy(if f.escaped() { &scratch } else { raw }).into_owned()
                    })
                    .collect();
                let mark = match record.state {
                    State::Regular => "",
                    State::Ragged => "?",
                    State::Repaired => "~",
                    State::Broken => "!",
                };
                format!("{}:{mark}{}", record.line + 1, cells.join("|"))
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn regular_records() {
        check("a,b\n1,2\n", 2, &["1:a|b", "2:1|2"]);
        check("\"a,b\",\"c\"\"d\"\r\n,\n", 2, &["1:a,b|c\"d", "2:|"]);
        check("\"x\ny\",1\nz,2", 2, &["1:x\ny|1", "3:z|2"]);
        check("5\" disk,b\n", 2, &["1:5\" disk|b"]);
        check("\n\na,b\n\n", 2, &["3:a|b"]);
        check("a\nb,c,d\n", 2, &["1:?a|", "2:?b|c"]);
        check("\"a\" ,b\n", 2, &["1:a|b"]);
        check("\"\",\"\"", 2, &["1:|"]);
    }

    #[test]
    fn quotes_that_do_not_add_up() {
        // A quote too many at the start of a field.
        check("1,\"02:45,x,\"y\"\n2,a,b,c\n", 4, &["1:~1|\"02:45|x|y", "2:2|a|b|c"]);
        check("1,\"\"Made of, wool.\",2\n", 3, &["1:~1|\"Made of, wool.|2"]);
        check("1,2,\"\n3,4,\"x\"\n", 3, &["1:~1|2|\"", "2:3|4|x"]);
        // Quotes inside that are not doubled.
        check("1,\"he said \"no\", twice\",2\n", 3, &["1:~1|he said \"no\", twice|2"]);
        check("1,\"Round 48\"\",2\n3,4,5\n", 3, &["1:~1|Round 48\"|2", "2:3|4|5"]);
        // A quoted field that goes on, with a stray quote.
        check("1,\"a \"b\" c\nd\",2\n", 3, &["1:~1|a \"b\" c\nd|2"]);
    }

    #[test]
    fn an_open_quote_loses_its_own_line_only() {
        check("1,\"a,2\n3,4,5\n6,7,8\n", 3, &["1:~1|\"a|2", "2:3|4|5", "3:6|7|8"]);
        check("1,\"a\n3,4,5\n6,7,8\n", 3, &["1:!1|\"a|", "2:3|4|5", "3:6|7|8"]);
        check("1,\"a\n3,\"4\",5\n6,7,8\n", 3, &["1:!1|\"a|", "2:3|4|5", "3:6|7|8"]);
        check("1,2,3\n4,5,\"six", 3, &["1:1|2|3", "2:~4|5|\"six"]);
        // Closed properly lines later, but with the wrong number of fields.
        check("1,\"a\n3,\"\",5\n6,\"\"\n", 3, &["1:!1|\"a|", "2:3||5", "3:?6||"]);
    }
}
