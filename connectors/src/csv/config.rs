//! The dialect of a delimited text: what can be said in `[csv]` of a source, and what is sniffed where nothing is said.

use serde::{Deserialize, Serialize};
use trommel_model::{Code, CsvOptions, FoundOption, Outcome, Problem};

/// How a delimited text is written, complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dialect {
    /// The character between fields.
    pub delimiter: char,
    /// What stands between fields when it is several characters; `delimiter` then stands in for it.
    pub long_delimiter: Option<String>,
    /// The character around fields; `None` when quotes are ordinary characters.
    pub quote: Option<char>,
    /// The character before a quote inside a quoted field; `None` when the quote is doubled.
    pub escape: Option<char>,
    /// True when blanks after a delimiter belong to the delimiter.
    pub trim: bool,
    /// What ends a line.
    pub newline: Newline,
    /// The WHATWG label of the encoding.
    pub encoding: String,
    /// Lines starting with this character are not records.
    pub comment: Option<char>,
    /// Lines before the header (or the first record) that are not data.
    pub skip_lines: u64,
    /// Records that make up the header, 0 without one.
    pub header_rows: u64,
    /// Lines at the end of the file, below the table, that are not data.
    pub footer_lines: u64,
    /// Another table below this one, with other columns.
    pub further: Option<Further>,
    /// Column names, unique and none empty.
    pub columns: Vec<String>,
    /// The names as the header has them, some perhaps empty or alike; the same as `columns` without a header.
    pub labels: Vec<String>,
    /// The decimal mark of numbers.
    pub decimal_mark: char,
    /// How sure we are, from 0 to 1: the score of this dialect over the sum of its score and the runner-up's, doubled
    /// and less one; 1 when everything was told.
    pub confidence: f64,
    /// Each property with how sure we are of it, under the name it is told by.
    #[serde(skip)]
    pub found: Vec<FoundOption>,
}

/// A table below the one that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Further {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Lines from there to the end of the file.
    pub lines: u64,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    /// `\n` throughout.
    Lf,
    /// `\r\n` throughout.
    Crlf,
    /// `\r` throughout.
    Cr,
    /// Several of them.
    Mixed,
}

impl Dialect {
    /// True when the first record (or records) have the column names.
    pub fn header(&self) -> bool {
        self.header_rows > 0
    }

    /// The line the header starts on, from 1; `None` without a header.
    pub fn header_line(&self) -> Option<u64> {
        self.header().then_some(self.skip_lines + 1)
    }

    /// The dialect in a few words, for a note.
    pub fn in_words(&self) -> String {
        let quote = self.quote.map_or("no quotes".to_owned(), |q| format!("quote {}", shown(q)));
        let escape = self.escape.map_or(String::new(), |e| format!(", escape {}", shown(e)));
        let header = match self.header_rows {
            0 => "no header".to_owned(),
            1 => "header".to_owned(),
            n => format!("header of {n} rows"),
        };
        let delimiter = self.long_delimiter.as_ref().map_or_else(|| shown(self.delimiter), |d| format!("`{d}`"));
        format!("delimiter {delimiter}, {quote}{escape}, {}, {header}", self.encoding)
    }

    /// What stands between fields, as it is in the file.
    pub fn separator(&self) -> String {
        self.long_delimiter.clone().unwrap_or_else(|| self.delimiter.to_string())
    }

    /// The long delimiter and what stands in for it.
    pub(crate) fn long(&self) -> Option<Long> {
        let stand_in = u8::try_from(self.delimiter).ok()?;
        Long::new(self.long_delimiter.as_ref()?.as_bytes(), stand_in)
    }
}

/// A character as a person can read it.
pub fn shown(character: char) -> String {
    match character {
        '\t' => "tab".to_owned(),
        ' ' => "space".to_owned(),
        c if c.is_control() => format!("U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

/// A delimiter of several characters, and the character that stands in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Long {
    bytes: [u8; 4],
    length: usize,
    /// The character.
    pub stand_in: u8,
}

impl Long {
    /// `None` when it is too long, or not longer than one.
    pub fn new(delimiter: &[u8], stand_in: u8) -> Option<Self> {
        let mut bytes = [0; 4];
        let length = delimiter.len();
        bytes.get_mut(..length).filter(|_| length > 1)?.copy_from_slice(delimiter);
        Some(Self { bytes, length, stand_in })
    }

    /// The delimiter.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Puts the delimiter back where the other character stands for it.
    pub fn put_back(&self, text: &[u8], out: &mut Vec<u8>) {
        out.clear();
        for byte in text {
            if *byte == self.stand_in { out.extend_from_slice(self.bytes()) } else { out.push(*byte) }
        }
    }
}

/// The bytes the parser works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub quote: Option<u8>,
    /// Before a quote inside a quoted field, when it is not the quote itself.
    pub escape: Option<u8>,
    /// True when blanks after a delimiter belong to it.
    pub trim: bool,
    /// What ends a line.
    pub newline: Newline,
    /// First byte of lines that are no records.
    pub comment: Option<u8>,
    /// How many fields a record should have.
    pub width: usize,
    /// Set when the delimiter stands in for a longer one.
    pub long: Option<Long>,
}

impl Syntax {
    /// The bytes of a dialect whose records have `width` fields.
    pub fn of(dialect: &Dialect, width: usize) -> Outcome<Self> {
        Ok(Self {
            delimiter: ascii("delimiter", dialect.delimiter)?,
            quote: dialect.quote.map(|c| ascii("quote", c)).transpose()?,
            escape: dialect.escape.filter(|e| Some(*e) != dialect.quote).map(|c| ascii("escape", c)).transpose()?,
            trim: dialect.trim,
            newline: dialect.newline,
            comment: dialect.comment.map(|c| ascii("comment", c)).transpose()?,
            width,
            long: dialect.long(),
        })
    }

    /// True for the bytes that end a line.
    #[inline]
    pub fn ends_line(&self, byte: u8) -> bool {
        match self.newline {
            Newline::Lf | Newline::Crlf => byte == b'\n',
            Newline::Cr => byte == b'\r',
            Newline::Mixed => byte == b'\n' || byte == b'\r',
        }
    }

    /// The bytes a scan has to stop at.
    pub fn stops(&self) -> Vec<u8> {
        let mut stops = vec![self.delimiter, if self.newline == Newline::Cr { b'\r' } else { b'\n' }];
        stops.extend(self.quote);
        stops.extend(self.escape);
        if self.newline == Newline::Mixed {
            stops.push(b'\r');
        }
        stops
    }
}

/// Fails for options that cannot work together, before a file is opened.
pub fn check(options: &CsvOptions) -> Outcome<()> {
    let given = [("delimiter", options.delimiter), ("quote", options.quote), ("comment", options.comment)];
    for (name, character) in given.into_iter().chain([("escape", options.escape)]) {
        if let Some(c) = character {
            ascii(name, c)?;
            if c == '\n' || c == '\r' {
                return Err(Problem::new(Code::BadConfig, format!("csv.{name} cannot be a line end")));
            }
        }
    }
    for (at, (name, one)) in given.iter().enumerate() {
        if let (Some(c), Some((other, _))) = (one, given[at + 1..].iter().find(|g| g.1.is_some() && g.1 == *one)) {
            return Err(Problem::new(Code::BadConfig, format!("csv.{name} and csv.{other} are both {}", shown(*c))));
        }
    }
    match options.decimal_mark {
        None | Some('.' | ',') => Ok(()),
        Some(c) => Err(Problem::new(Code::BadConfig, format!("csv.decimal_mark cannot be {}", shown(c))).next("write \".\" or \",\"")),
    }
}

fn ascii(name: &str, character: char) -> Outcome<u8> {
    u8::try_from(character)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| Problem::new(Code::BadConfig, format!("csv.{name} cannot be {}", shown(character))).next("write an ASCII character"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_cannot_work() {
        let none = CsvOptions::default();
        assert!(check(&none).is_ok());
        for bad in [
            CsvOptions { delimiter: Some('\n'), ..none.clone() },
            CsvOptions { delimiter: Some('§'), ..none.clone() },
            CsvOptions { delimiter: Some(','), quote: Some(','), ..none.clone() },
            CsvOptions { decimal_mark: Some(';'), ..none },
        ] {
            assert_eq!(check(&bad).unwrap_err().code, Code::BadConfig, "{bad:?}");
        }
    }
}
