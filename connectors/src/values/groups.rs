//! Thousands set apart: `1.234,50`, `12,345`, `1 234 567`, `1'234.5`.

use super::trim;

/// The number without what sets its thousands apart: the other of `.` and `,` than the decimal mark, blanks or `'`.
/// `None` when nothing does, or when the groups are not of three digits each.
///
/// For columns that a contract says are numbers; what is inferred stays text with such values in it.
pub fn without_groups(text: &[u8], mark: u8) -> Option<Vec<u8>> {
    let body = trim(text);
    let end = memchr::memchr(mark, body).unwrap_or(body.len());
    let start = usize::from(matches!(body.first(), Some(b'-' | b'+')));
    let whole = body.get(start..end)?;
    let other = if mark == b',' { b'.' } else { b',' };
    let apart = *whole.iter().find(|b| !b.is_ascii_digit())?;
    if ![other, b' ', b'\''].contains(&apart) {
        return None;
    }
    let mut groups = whole.split(|b| *b == apart);
    let first = groups.next()?;
    let digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    if !(1..=3).contains(&first.len()) || !digits(first) {
        return None;
    }
    let mut plain = body[..start].to_vec();
    plain.extend_from_slice(first);
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        plain.extend_from_slice(group);
    }
    plain.extend_from_slice(&body[end..]);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three_and_nothing_else() {
        for (text, mark, plain) in [
            ("1.234,50", b',', Some("1234,50")),
            ("-12,345.6", b'.', Some("-12345.6")),
            ("1 234 567", b'.', Some("1234567")),
            ("1'234.5", b'.', Some("1234.5")),
            ("1234,50", b',', None),
            ("1.23", b',', None),
            ("12.34.567", b',', None),
            ("1.2345", b',', None),
            (".123", b',', None),
            ("1.234.56,7", b',', None),
            ("1.234 567", b',', None),
            ("x1.234", b',', None),
            ("", b'.', None),
        ] {
            let found = without_groups(text.as_bytes(), mark).map(|t| String::from_utf8(t).unwrap());
            assert_eq!(found.as_deref(), plain, "{text}");
        }
    }
}
