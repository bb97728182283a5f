//! Numbers as people write them.

/// The number in a text: currency signs, units and spaces are ignored, and of two kinds of separators the last
/// is the decimal one; a single separator before exactly three digits parts thousands only when it repeats or is
/// an apostrophe. `None` when there is no number or more than one.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let body = &text[start..end];
    if body.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’') || c.is_whitespace())) {
        return None;
    }
    let last = |c: char| body.rfind(c);
    let decimal = match (last('.'), last(',')) {
        (Some(point), Some(comma)) => Some(point.max(comma)),
        (Some(at), None) | (None, Some(at)) if body.matches(['.', ',']).count() == 1 => Some(at),
        _ => None,
    };
    let mut plain = String::with_capacity(body.len() + 1);
    if text[..start].contains(['-', '−']) {
        plain.push('-');
    }
    for (at, c) in body.char_indices() {
        if c.is_ascii_digit() {
            plain.push(c);
        } else if Some(at) == decimal {
            plain.push('.');
        }
    }
    plain.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read() {
        let cases = [
            ("12.5", Some(12.5)),
            (" -3e2 ", Some(-300.0)),
            ("1,234.50", Some(1234.5)),
            ("1.234,50 €", Some(1234.5)),
            ("€ 12,50", Some(12.5)),
            ("-$7", Some(-7.0)),
            ("1.234.567", Some(1_234_567.0)),
            ("1'234", Some(1234.0)),
            ("1 234", Some(1234.0)),
            ("12x34", None),
            ("NaN", None),
            ("inf", None),
            ("", None),
            ("n/a", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
