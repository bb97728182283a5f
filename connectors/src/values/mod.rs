//! From a piece of text to a typed value, and whether the value gives the text back.
//!
//! The canonical text of a value is what our own writers print: plain integers, the shortest decimal number that
//! reads back to the same float, `true`/`false`, ISO 8601. A value whose source text is not canonical is *inexact*:
//! its record is kept in `_text`.

mod boolean;
mod calendar;
mod column;
mod decimal;
mod float;
mod groups;
mod integer;
mod kind;
mod pattern;
mod temporal;

pub use boolean::boolean;
pub use calendar::{civil, print_date, print_time, print_timestamp};
pub use column::ColumnBuffer;
pub use decimal::{decimal, print_decimal};
pub use float::{float, print_float};
pub use groups::without_groups;
pub use integer::integer;
pub use kind::{Kind, shorten};
pub use pattern::Pattern;
pub use temporal::{date, instant, time, timestamp};

/// A value read from text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parsed<T> {
    /// The value.
    pub value: T,
    /// True when the value's canonical text is the text it was read from.
    pub exact: bool,
}

impl<T> Parsed<T> {
    fn new(value: T, exact: bool) -> Self {
        Self { value, exact }
    }
}

/// The text without ASCII blanks around it.
pub fn trim(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        (Some(first), Some(last)) if *first <= b' ' || *last <= b' ' => text.trim_ascii(),
        _ => text,
    }
}

/// Value of a run of ASCII digits of at most 18; `None` for anything else and for the empty text.
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut value = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}
