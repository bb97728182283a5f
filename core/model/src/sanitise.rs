//! Text from data made safe for a terminal or a log line.

use std::borrow::Cow;

/// Replaces control bytes, escape sequences and bidirectional overrides by visible stand-ins.
///
/// Tabs and newlines become `␉` and `␊`, so one value stays on one line (CWE-150, CWE-117).
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_dangerous(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_dangerous(c) { stand_in(c) } else { c }).collect())
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}

fn stand_in(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1F => char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}'),
        0x7F => '\u{2421}',
        _ => '\u{FFFD}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_survive() {
        for (given, shown) in [("plain é", "plain é"), ("\u{1b}[31m", "␛[31m"), ("a\tb\nc", "a␉b␊c"), ("x\u{202E}y", "x\u{FFFD}y")]
        {
            assert_eq!(sanitise(given), shown);
        }
    }
}
