//! `COPY … TO STDOUT (FORMAT BINARY)` into columns.
//! <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use arrow::array::ArrayRef;
use trommel_model::{Code, Outcome, Problem};

use super::error::{decoded, garbled};
use super::numeric::{Numeric, numeric};
use super::types::{Becomes, Wire};
use crate::database::{Column, Odd};
use crate::values::Kind;

pub const SIGNATURE: &[u8] = b"PGCOPY\n\xFF\r\n\0";
/// Days and microseconds between 1970 and 2000, from where PostgreSQL counts.
pub const DAYS: i32 = 10_957;
pub const MICROS: i64 = DAYS as i64 * MICROS_A_DAY;
const MICROS_A_DAY: i64 = 86_400_000_000;

/// Takes rows out of the stream and into columns.
pub struct Rows<'a> {
    columns: &'a [Becomes],
    arrays: Vec<Column>,
    /// Rows in the columns.
    rows: usize,
    odd: Vec<Odd>,
    /// True once the stream has said what it is.
    begun: bool,
    /// True once the stream has said that no more comes.
    ended: bool,
}

impl<'a> Rows<'a> {
    /// For columns that become these.
    pub fn new(columns: &'a [Becomes]) -> Self {
        let arrays = columns.iter().map(|c| Column::new(c.kind)).collect();
        Self { columns, arrays, rows: 0, odd: Vec::new(), begun: false, ended: false }
    }

    /// How many rows are in the columns, and bytes of text.
    pub fn size(&self) -> (usize, usize) {
        (self.rows, self.arrays.iter().map(Column::size).sum())
    }

    /// True when the stream came to its end.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Takes all complete rows of `bytes` in, but at most `most`; how many bytes these were.
    pub fn take(&mut self, bytes: &[u8], most: usize) -> Outcome<usize> {
        let mut at = 0;
        if !self.begun {
            let Some(head) = header(bytes)? else { return Ok(0) };
            at = head;
            self.begun = true;
        }
        while !self.ended && self.rows < most {
            let Some(count) = word(bytes, at) else { break };
            if count == -1 {
                self.ended = true;
                at += 2;
                break;
            }
            if usize::try_from(count) != Ok(self.columns.len()) {
                return Err(garbled("a row has another number of columns"));
            }
            let Some(end) = end_of_row(bytes, at + 2, self.columns.len())? else { break };
            self.row(&bytes[at + 2..end])?;
            at = end;
        }
        Ok(at)
    }

    /// Hands the columns over with the values that had no place in them, and starts anew.
    pub fn finish(&mut self) -> Outcome<(Vec<ArrayRef>, Vec<Odd>, usize)> {
        let arrays = self.arrays.iter_mut().map(Column::finish).collect::<Result<_, _>>();
        let arrays = arrays.map_err(|e| {
            Problem::new(Code::BadEncoding, "a text of the database is not UTF-8")
                .why(e.to_string())
                .next("check the encoding of the database")
        })?;
        Ok((arrays, std::mem::take(&mut self.odd), std::mem::take(&mut self.rows)))
    }

    #[inline]
    fn row(&mut self, bytes: &[u8]) -> Outcome<()> {
        let mut at = 0;
        for (place, (becomes, column)) in self.columns.iter().zip(&mut self.arrays).enumerate() {
            let length = decoded(long(bytes, at), "a row is cut")?;
            at += 4;
            let Ok(length) = usize::try_from(length) else {
                column.push_null();
                continue;
            };
            let value = &bytes[at..at + length];
            at += length;
            if let Some(raw) = push(column, becomes, value)? {
                column.push_null();
                self.odd.push(Odd { row: self.rows, column: place, raw });
            }
        }
        self.rows += 1;
        Ok(())
    }
}

/// Where the rows begin; `None` while too little is there.
fn header(bytes: &[u8]) -> Outcome<Option<usize>> {
    let fixed = SIGNATURE.len() + 8;
    if bytes.len() < fixed {
        return Ok(None);
    }
    if !bytes.starts_with(SIGNATURE) {
        return Err(garbled("this is no stream of rows"));
    }
    let more = long(bytes, fixed - 4).and_then(|n| usize::try_from(n).ok());
    let end = fixed + decoded(more, "the head of the stream has no length")?;
    Ok((bytes.len() >= end).then_some(end))
}

/// Where a row ends; `None` while it is not all there.
#[inline]
fn end_of_row(bytes: &[u8], mut at: usize, columns: usize) -> Outcome<Option<usize>> {
    for _ in 0..columns {
        let Some(length) = long(bytes, at) else { return Ok(None) };
        at += 4;
        if length >= 0 {
            at += length as usize;
        } else if length != -1 {
            return Err(garbled("a value has no length"));
        }
    }
    Ok((at <= bytes.len()).then_some(at))
}

/// Appends a value. Gives the text of one that has no place in the column, and then appends nothing.
#[inline]
fn push(column: &mut Column, becomes: &Becomes, bytes: &[u8]) -> Outcome<Option<String>> {
    const WHAT: &str = "a value has another length than its type";
    let odd = |text: &str| Ok(Some(text.to_owned()));
    match becomes.wire {
        Wire::Boolean => column.push_boolean(decoded(bytes.first(), WHAT)? != &0),
        Wire::Integer => column.push_long(match *bytes {
            [a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
            [a, b] => i64::from(i16::from_be_bytes([a, b])),
            _ => i64::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?),
        }),
        Wire::Oid => column.push_long(i64::from(u32::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?))),
        Wire::Float => column.push_float(match *bytes {
            [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
            _ => f64::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?),
        }),
        Wire::Numeric => {
            let Some(Kind::Decimal(precision, scale)) = becomes.kind else { return Err(garbled(WHAT)) };
            match decoded(numeric(bytes, precision, scale), WHAT)? {
                Numeric::Units(value) => column.push_decimal(value),
                Numeric::NaN => return odd("NaN"),
                Numeric::Infinity => return odd("Infinity"),
                Numeric::NegativeInfinity => return odd("-Infinity"),
                Numeric::Larger => return Err(garbled("a number has more digits than its type")),
            }
        }
        Wire::Text | Wire::Bytes => column.push_bytes(bytes),
        Wire::Jsonb => match bytes {
            [1, text @ ..] => column.push_bytes(text),
            _ => return Err(garbled("a jsonb value has a version that is not known")),
        },
        Wire::Date => match i32::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?) {
            i32::MAX => return odd("infinity"),
            i32::MIN => return odd("-infinity"),
            day => match day.checked_add(DAYS) {
                Some(day) => column.push_day(day),
                None => return Ok(Some(format!("{day} days after 2000-01-01"))),
            },
        },
        Wire::Time => match i64::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?) {
            MICROS_A_DAY => return odd("24:00:00"),
            time => column.push_long(time),
        },
        Wire::Timestamp => match i64::from_be_bytes(decoded(bytes.try_into().ok(), WHAT)?) {
            i64::MAX => return odd("infinity"),
            i64::MIN => return odd("-infinity"),
            moment => match moment.checked_add(MICROS) {
                Some(moment) => column.push_long(moment),
                None => return Ok(Some(format!("{moment} microseconds after 2000-01-01"))),
            },
        },
        Wire::Uuid => {
            let raw: [u8; 16] = decoded(bytes.try_into().ok(), WHAT)?;
            let mut text = [b'-'; 36];
            for (from, to) in [(0..4, 0), (4..6, 9), (6..8, 14), (8..10, 19), (10..16, 24)] {
                let digits = 2 * from.len();
                hex::encode_to_slice(&raw[from], &mut text[to..to + digits]).map_err(|_| garbled(WHAT))?;
            }
            column.push_bytes(&text);
        }
    }
    Ok(None)
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[inline]
fn long(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(rows: &[&[Option<&[u8]>]]) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        out.extend([0; 8]);
        for row in rows {
            out.extend((row.len() as i16).to_be_bytes());
            for value in *row {
                out.extend(value.map_or(-1, |v| v.len() as i32).to_be_bytes());
                out.extend(value.unwrap_or_default());
            }
        }
        out.extend((-1_i16).to_be_bytes());
        out
    }

    fn columns() -> [Becomes; 2] {
        let of = |wire, kind| Becomes { wire, kind: Some(kind), asked: String::new() };
        [of(Wire::Integer, Kind::Integer), of(Wire::Date, Kind::Date)]
    }

    #[test]
    fn rows_come_whole_wherever_the_stream_is_cut() {
        let bytes = stream(&[
            &[Some(&7_i32.to_be_bytes()), Some(&0_i32.to_be_bytes())],
            &[None, Some(&i32::MAX.to_be_bytes())],
            &[Some(&(-1_i16).to_be_bytes()), None],
        ]);
        let columns = columns();
        for cut in 0..bytes.len() {
            let mut rows = Rows::new(&columns);
            let taken = rows.take(&bytes[..cut], usize::MAX).unwrap();
            let rest = rows.take(&bytes[taken..], usize::MAX).unwrap();
            assert_eq!((taken + rest, rows.ended(), rows.size().0), (bytes.len(), true, 3));
            let (arrays, odd, _) = rows.finish().unwrap();
            assert_eq!(format!("{:?}", arrays[0]).matches("null").count(), 1, "{:?}", arrays[0]);
            assert_eq!(odd, [Odd { row: 1, column: 1, raw: "infinity".to_owned() }]);
        }
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        let columns = columns();
        assert!(Rows::new(&columns).take(&[b'x'; 40], 9).is_err());
        assert!(Rows::new(&columns).take(&stream(&[&[None]]), 9).is_err());
        assert!(Rows::new(&columns).take(&stream(&[&[Some(b"xyz"), None]]), 9).is_err());
    }
}
