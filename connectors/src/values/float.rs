//! Floating point numbers of 64 bits.

use std::borrow::Cow;

use super::{Parsed, trim};

/// Powers of ten that a float holds exactly.
const EXACT_POWERS: [f64; 23] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

/// Reads `1.5`, `-1e-3`, `.5`, `7`; with `,` as the decimal mark also `1,5`. Not `inf`, `nan`, grouped digits or hexadecimal.
///
/// Exact when the shortest decimal form of the value is the text.
#[inline]
pub fn float(text: &[u8], mark: u8) -> Option<Parsed<f64>> {
    if let Some(found) = short(text, mark) {
        return Some(found);
    }
    let body = trim(text);
    if !body.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+') || *b == mark) {
        return None;
    }
    if !body.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'e' | b'E') || *b == mark) {
        return None;
    }
    let plain = with_point(body, mark);
    let value: f64 = fast_float2::parse(&plain).ok()?;
    if !value.is_finite() {
        return None;
    }
    Some(Parsed::new(value, body.len() == text.len() && mark == b'.' && is_shortest(value, text)))
}

/// Clinger's fast path: at most 15 digits and a small power of ten give the correctly rounded value by one division.
/// Up to 15 digits, a number without superfluous zeros is its own shortest form.
#[inline]
fn short(text: &[u8], mark: u8) -> Option<Parsed<f64>> {
    if text.len() > 17 {
        return None;
    }
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    let mut mantissa = 0_u64;
    let mut seen = 0_usize;
    let mut point = usize::MAX;
    for (at, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
            seen += 1;
        } else if byte == mark && point == usize::MAX {
            point = at;
        } else {
            return None;
        }
    }
    if seen == 0 || seen > 15 {
        return None;
    }
    let decimals = if point == usize::MAX { 0 } else { digits.len() - point - 1 };
    let magnitude = mantissa as f64 / EXACT_POWERS[decimals];
    let value = if negative { -magnitude } else { magnitude };
    // One digit before the point, or no zero in front; one after it, or no zero at the end; no exponent when printed.
    let exact = mark == b'.'
        && (point == 1 || (point != usize::MAX && point > 1 && digits[0] != b'0'))
        && (decimals == 1 || (decimals > 1 && digits[digits.len() - 1] != b'0'))
        && (magnitude >= 1e-4 || (mantissa == 0 && !negative));
    Some(Parsed::new(value, exact))
}

fn with_point(body: &[u8], mark: u8) -> Cow<'_, [u8]> {
    if mark == b'.' {
        return Cow::Borrowed(body);
    }
    Cow::Owned(body.iter().map(|&b| if b == mark { b'.' } else { b }).collect())
}

fn is_shortest(value: f64, text: &[u8]) -> bool {
    print_float(value).as_bytes() == text
}

/// The canonical text of a float: the shortest digits that read back to it, with a point, so that it reads back as a
/// float: `12.0`. Very large and very small numbers have an exponent.
pub fn print_float(value: f64) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_strangers() {
        for (given, value, exact) in [
            ("1.5", 1.5, true),
            ("-0.25", -0.25, true),
            ("74.69", 74.69, true),
            ("12", 12.0, false),
            ("12.0", 12.0, true),
            ("12.00", 12.0, false),
            ("0.0", 0.0, true),
            ("-0.0", 0.0, false),
            ("0.00001", 0.00001, false),
            ("123456789012.5", 123_456_789_012.5, true),
            ("12.", 12.0, false),
            (".5", 0.5, false),
            ("0.10", 0.1, false),
            ("007.5", 7.5, false),
            ("1e3", 1000.0, false),
            ("1E-3", 0.001, false),
            ("+1.5", 1.5, false),
            (" 1.5", 1.5, false),
            ("0.1234567890123456", 0.123_456_789_012_345_6, true),
            ("3.5399495374264", 3.539_949_537_426_4, true),
        ] {
            assert_eq!(float(given.as_bytes(), b'.'), Some(Parsed { value, exact }), "{given}");
        }
        for bad in ["", ".", "-", "nan", "inf", "1e", "1.2.3", "0x10", "1,5", "1e999", "1_0", "e5"] {
            assert_eq!(float(bad.as_bytes(), b'.'), None, "{bad}");
        }
        assert_eq!(float(b"1,5", b','), Some(Parsed { value: 1.5, exact: false }));
    }

    #[test]
    fn exact_means_printed_alike() {
        for text in [
            "0.1",
            "0.0",
            "5.0",
            "100.25",
            "99999999999999.5",
            "0.0001",
            "0.00012",
            "1e3",
            "1e16",
            "1e-7",
            "12345678.0",
            "0.30000000000000004",
        ] {
            let found = float(text.as_bytes(), b'.').unwrap();
            assert_eq!(found.exact, print_float(found.value) == text, "{text}");
        }
    }

    #[test]
    fn the_fast_path_is_correctly_rounded() {
        for text in ["0.3", "123456789012.345", "999999999999999", "0.00000000000001", "8.41", "1234.5678"] {
            assert_eq!(short(text.as_bytes(), b'.').map(|p| p.value), text.parse().ok(), "{text}");
        }
    }
}
