//! The records of a table straight from the pages of a database, each value where it lies.
//!
//! The file format: <https://www.sqlite.org/fileformat2.html>, §1.3 (header), §1.6 (b-trees), §2.1 (records). The pages
//! are those SQLite hands out within a transaction, so journals and locks have had their say. Every number in them is
//! checked before it is followed: a page may be damaged.

use trommel_model::{Code, Outcome, Problem};

/// The first bytes of every database.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes before the b-tree header of the first page.
const HEADER: usize = 100;

/// The pages of a database.
#[derive(Debug, Clone, Copy)]
pub struct Pages<'a> {
    bytes: &'a [u8],
    /// Bytes of a page.
    size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
}

/// The bytes of a record.
pub enum Record<'a> {
    /// As they lie in their page.
    Whole(&'a [u8]),
    /// Put together from several pages.
    Gathered(Vec<u8>),
}

/// One value of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating point number.
    Real(f64),
    /// Text, in the encoding of the database.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Pages<'a> {
    /// Takes a database apart into pages.
    pub fn new(bytes: &'a [u8]) -> Outcome<Self> {
        let two = |at: usize| Some(usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
        let size = match two(16).filter(|_| bytes.starts_with(MAGIC)).ok_or_else(|| damaged("it has no header"))? {
            1 => 65_536,
            size => size,
        };
        let usable = size.saturating_sub(bytes.get(20).copied().map_or(0, usize::from));
        if size < 512 || usable < 480 {
            return Err(damaged("its pages have no size"));
        }
        Ok(Self { bytes, size, usable })
    }

    /// Gives every record of the table that begins at page `root`, with its row id, in the order of these.
    pub fn each(&self, root: u32, give: &mut dyn FnMut(i64, Record<'a>) -> Outcome<()>) -> Outcome<()> {
        // Pages begun and not done, each with the child that comes next.
        let mut open = vec![(root, 0_usize)];
        let mut unseen = self.bytes.len() / self.size;
        while let Some((number, next)) = open.pop() {
            if next == 0 {
                unseen = unseen.checked_sub(1).ok_or_else(|| damaged("its pages go round in circles"))?;
            }
            let page = self.page(number)?;
            let head = if number == 1 { HEADER } else { 0 };
            let cells = usize::from(two(page, head + 3)?);
            match byte(page, head)? {
                0x0D => {
                    for cell in 0..cells {
                        let at = usize::from(two(page, head + 8 + 2 * cell)?);
                        let (length, after) = varint(page, at)?;
                        let (id, start) = varint(page, after)?;
                        give(id, self.record(page, start, length)?)?;
                    }
                }
                0x05 if next <= cells => {
                    let child = if next == cells { head + 8 } else { usize::from(two(page, head + 12 + 2 * next)?) };
                    open.push((number, next + 1));
                    open.push((four(page, child)?, 0));
                }
                0x05 => {}
                _ => return Err(damaged("a page of the table is none")),
            }
        }
        Ok(())
    }

    fn page(&self, number: u32) -> Outcome<&'a [u8]> {
        let start = (number as usize).checked_sub(1).and_then(|before| before.checked_mul(self.size));
        start.and_then(|start| self.bytes.get(start..start + self.usable)).ok_or_else(|| damaged("a page is missing"))
    }

    /// The record that starts here: what does not fit into the page goes on in others (§1.6, "cell payload overflow").
    fn record(&self, page: &'a [u8], start: usize, length: i64) -> Outcome<Record<'a>> {
        let length = usize::try_from(length).ok().filter(|l| *l <= self.bytes.len()).ok_or_else(|| damaged("a record has no length"))?;
        let most = self.usable - 35;
        if length <= most {
            return Ok(Record::Whole(slice(page, start, length)?));
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let wanted = least + (length - least) % (self.usable - 4);
        let here = if wanted <= most { wanted } else { least };
        let mut record = Vec::with_capacity(length);
        record.extend_from_slice(slice(page, start, here)?);
        let mut next = four(page, start + here)?;
        while record.len() < length {
            let page = self.page(next)?;
            let part = (length - record.len()).min(self.usable - 4);
            record.extend_from_slice(slice(page, 4, part)?);
            next = four(page, 0)?;
        }
        Ok(Record::Gathered(record))
    }
}

/// Gives the values of a record in the order of its columns, and how many there are.
#[inline]
pub fn values<'r>(record: &'r [u8], mut give: impl FnMut(usize, Value<'r>)) -> Outcome<usize> {
    let (length, mut at) = varint(record, 0)?;
    let header = usize::try_from(length).ok().filter(|h| *h <= record.len()).ok_or_else(|| damaged("a record has no header"))?;
    let mut body = header;
    let mut count = 0;
    while at < header {
        let (serial, after) = varint(record, at)?;
        at = after;
        let (value, bytes) = value(record, body, serial)?;
        body += bytes;
        give(count, value);
        count += 1;
    }
    Ok(count)
}

#[inline]
fn value(record: &[u8], at: usize, serial: i64) -> Outcome<(Value<'_>, usize)> {
    let integer = |bytes: usize| -> Outcome<(Value<'_>, usize)> {
        let raw = slice(record, at, bytes)?;
        let first = i64::from(raw[0] as i8);
        Ok((Value::Integer(raw[1..].iter().fold(first, |value, byte| value << 8 | i64::from(*byte))), bytes))
    };
    match serial {
        0 => Ok((Value::Null, 0)),
        1..=4 => integer(serial as usize),
        5 => integer(6),
        6 => integer(8),
        7 => {
            let raw: [u8; 8] = slice(record, at, 8)?.try_into().map_err(|_| damaged("a number is cut"))?;
            let number = f64::from_be_bytes(raw);
            // SQLite has no NaN: it reads as no value.
            Ok((if number.is_nan() { Value::Null } else { Value::Real(number) }, 8))
        }
        8 => Ok((Value::Integer(0), 0)),
        9 => Ok((Value::Integer(1), 0)),
        12.. => {
            let bytes = usize::try_from((serial - 12) / 2).map_err(|_| damaged("a value has no length"))?;
            let raw = slice(record, at, bytes)?;
            Ok((if serial % 2 == 0 { Value::Blob(raw) } else { Value::Text(raw) }, bytes))
        }
        _ => Err(damaged("a value has no type")),
    }
}

/// A number of variable length, and where it ends (§1.6, "a variable-length integer").
#[inline]
fn varint(bytes: &[u8], at: usize) -> Outcome<(i64, usize)> {
    let mut value = 0_i64;
    for place in 0..8 {
        let byte = byte(bytes, at + place)?;
        value = value << 7 | i64::from(byte & 0x7F);
        if byte < 0x80 {
            return Ok((value, at + place + 1));
        }
    }
    Ok((value << 8 | i64::from(byte(bytes, at + 8)?), at + 9))
}

#[inline]
fn byte(bytes: &[u8], at: usize) -> Outcome<u8> {
    bytes.get(at).copied().ok_or_else(|| damaged("a record is cut"))
}

fn two(bytes: &[u8], at: usize) -> Outcome<u16> {
    Ok(u16::from_be_bytes([byte(bytes, at)?, byte(bytes, at + 1)?]))
}

fn four(bytes: &[u8], at: usize) -> Outcome<u32> {
    Ok(u32::from(two(bytes, at)?) << 16 | u32::from(two(bytes, at + 2)?))
}

#[inline]
fn slice(bytes: &[u8], at: usize, length: usize) -> Outcome<&[u8]> {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or_else(|| damaged("a record is cut"))
}

#[cold]
fn damaged(why: &str) -> Problem {
    Problem::new(Code::BadSqlite, "the database is damaged").why(why).next("restore it from a backup, or try sqlite3 FILE .recover")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_a_record() {
        // Header of 7 bytes: null, 1-byte integer, 0, 1, text of 2, blob of 1.
        let record = [7, 0, 1, 8, 9, 17, 14, 0xFE, b'h', b'i', 0xFF];
        let mut found = Vec::new();
        let count = values(&record, |at, value| found.push((at, value))).unwrap();
        let expected = [Value::Null, Value::Integer(-2), Value::Integer(0), Value::Integer(1), Value::Text(b"hi"), Value::Blob(b"\xFF")];
        assert_eq!(count, 6);
        assert_eq!(found, expected.into_iter().enumerate().collect::<Vec<_>>());
    }

    #[test]
    fn numbers_of_variable_length() {
        for (bytes, value) in [
            (&[0x7F][..], 127),
            (&[0x81, 0x00], 128),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -1),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x05], 5),
        ] {
            assert_eq!(varint(bytes, 0).unwrap(), (value, bytes.len()));
        }
        assert_eq!(varint(&[0x81], 0).unwrap_err().code, Code::BadSqlite);
    }

    proptest! {
        /// Whatever the pages hold, they are read or refused.
        #[test]
        fn any_bytes_end(mut bytes in prop::collection::vec(any::<u8>(), 1024..4096)) {
            bytes[..16].copy_from_slice(MAGIC);
            bytes[16..18].copy_from_slice(&512_u16.to_be_bytes());
            bytes[20] = 0;
            bytes[HEADER] = if bytes[HEADER] % 2 == 0 { 0x0D } else { 0x05 };
            let pages = Pages::new(&bytes).unwrap();
            let _ = pages.each(1, &mut |_, record| {
                let record = match &record { Record::Whole(bytes) => bytes, Record::Gathered(bytes) => bytes.as_slice() };
                values(record, |_, _| ()).map(drop)
            });
        }
    }
}
