//! Exact decimal numbers of up to 38 digits.

use super::{Parsed, trim};

/// Reads a number into units of `10^-scale`. `None` when it has more digits after the point (other than zeros)
/// or more digits in all than the type keeps: a decimal is never rounded.
pub fn decimal(text: &[u8], mark: u8, precision: u8, scale: u8) -> Option<Parsed<i128>> {
    let body = trim(text);
    let (negative, digits) = match body.first()? {
        b'-' => (true, &body[1..]),
        b'+' => (false, &body[1..]),
        _ => (false, body),
    };
    let (whole, after) = match memchr::memchr(mark, digits) {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &digits[digits.len()..]),
    };
    if whole.is_empty() && after.is_empty() {
        return None;
    }
    let scale = usize::from(scale);
    let (kept, rest) = after.split_at(after.len().min(scale));
    if rest.iter().any(|b| *b != b'0') {
        return None;
    }
    let mut value = 0_i128;
    for &byte in whole.iter().chain(kept).chain(std::iter::repeat_n(&b'0', scale - kept.len())) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    if value >= 10_i128.checked_pow(u32::from(precision))? {
        return None;
    }
    let exact = body.len() == text.len()
        && mark == b'.'
        && after.len() == scale
        && body[0] != b'+'
        && !whole.is_empty()
        && (whole.len() == 1 || whole[0] != b'0')
        && !(negative && value == 0)
        && (scale > 0) == (whole.len() < digits.len());
    Some(Parsed::new(if negative { -value } else { value }, exact))
}

/// The canonical text of a decimal: all of its digits after the point.
pub fn print_decimal(value: i128, scale: i8) -> String {
    let Ok(places @ 1..) = usize::try_from(scale) else {
        return value.to_string();
    };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, after) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{after}", if value < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_never_rounded() {
        for (given, value, exact) in [
            ("12.34", 1234, true),
            ("-0.05", -5, true),
            ("12", 1200, false),
            ("12.3", 1230, false),
            ("12.340", 1234, false),
            ("+1.00", 100, false),
            (".50", 50, false),
        ] {
            assert_eq!(decimal(given.as_bytes(), b'.', 6, 2), Some(Parsed { value, exact }), "{given}");
        }
        for bad in ["", ".", "12.345", "12345.00", "1e2", "1,2", "x"] {
            assert_eq!(decimal(bad.as_bytes(), b'.', 6, 2), None, "{bad}");
        }
        assert_eq!(decimal(b"7", b'.', 4, 0), Some(Parsed { value: 7, exact: true }));
        assert_eq!(decimal(b"7,5", b',', 4, 1), Some(Parsed { value: 75, exact: false }));
    }

    #[test]
    fn printing_keeps_every_place() {
        for (value, scale, shown) in [(1234, 2, "12.34"), (-5, 2, "-0.05"), (0, 3, "0.000"), (7, 0, "7")] {
            assert_eq!(print_decimal(value, scale), shown);
        }
    }
}
