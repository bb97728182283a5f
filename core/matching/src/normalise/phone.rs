//! Telephone numbers without what differs between two ways of writing the same one.

use std::borrow::Cow;

use super::digits;

/// Digits that say which subscriber, whatever stands before them.
const SUBSCRIBER: usize = 9;

/// The last nine digits, without extension and without leading zeros; empty when there are none but zeros.
pub(super) fn phone(text: &str) -> Cow<'_, str> {
    let digits = digits(without_extension(text));
    let tail = &digits[digits.len().saturating_sub(SUBSCRIBER)..];
    Cow::Owned(tail.trim_start_matches('0').to_owned())
}

/// Cuts `ext. 12`, `x12` or `#12` off, when a whole number stands before it.
pub(super) fn without_extension(text: &str) -> &str {
    let cut = text
        .char_indices()
        .find(|(at, c)| matches!(c, 'x' | 'X' | 'e' | 'E' | '#') && text[..*at].bytes().filter(u8::is_ascii_digit).count() >= 7);
    cut.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::phone;

    #[test]
    fn ways_of_writing_a_number_agree() {
        let cases = [
            ("310/246-1501", "102461501"),
            ("310-246-1501", "102461501"),
            ("(310) 246-1501 ext. 12", "102461501"),
            ("+1 310 246 1501", "102461501"),
            ("030 1234567", "301234567"),
            ("+49 30 1234567", "301234567"),
            ("0049 30 1234567", "301234567"),
            ("246-1501", "2461501"),
            ("0000000000", ""),
            ("unknown", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(phone(text), expected, "{text}");
        }
    }
}
