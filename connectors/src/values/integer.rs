//! Whole numbers of 64 bits.

use super::{Parsed, trim};

/// Reads `-12`, `+12`, `0012`. Exact without `+`, leading zeros, `-0` or blanks around.
#[inline]
pub fn integer(text: &[u8]) -> Option<Parsed<i64>> {
    // The common case first: plain digits that cannot overflow.
    if let Some(value) = plain(text) {
        return Some(value);
    }
    let body = trim(text);
    let (negative, digits) = match body.first()? {
        b'-' => (true, &body[1..]),
        b'+' => (false, &body[1..]),
        _ => (false, body),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for &byte in digits {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?;
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    let canonical = body.len() == text.len() && body[0] != b'+' && (digits.len() == 1 || digits[0] != b'0') && !(negative && value == 0);
    Some(Parsed::new(value, canonical))
}

#[inline]
fn plain(text: &[u8]) -> Option<Parsed<i64>> {
    if text.len() > 18 {
        return None;
    }
    let first = *text.first()?;
    let mut value = 0_i64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(Parsed::new(value, first != b'0' || text.len() == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_strangers() {
        for (given, value, exact) in [
            ("0", 0, true),
            ("12", 12, true),
            ("-12", -12, true),
            ("+12", 12, false),
            ("007", 7, false),
            (" 7", 7, false),
            ("-0", 0, false),
            ("9223372036854775807", i64::MAX, true),
            ("-9223372036854775808", i64::MIN, true),
        ] {
            assert_eq!(integer(given.as_bytes()), Some(Parsed { value, exact }), "{given}");
        }
        for bad in ["", " ", "-", "1.0", "1e3", "12x", "1 2", "9223372036854775808", "1,234", "٣"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }
}
